// Stands in for the platform's assets where there is no platform: everything below /api/ is the worker's, all else are
// files, and the page's own routes lead to the page. What wrangler.toml says to the platform, this does.

const TYPES = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
};

// The same as in game-client/web/public/_headers, which the platform reads.
const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' https:; connect-src 'self' ws: wss: https:; img-src 'self' data: blob: https:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; frame-src https:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// Routes that the page shows by itself.
const PAGE = /^\/(|room\/[a-z0-9-]{1,32}|replay)$/;

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/api/")) {
      return env.WORKER.fetch(request);
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("only GET and HEAD are answered here", { status: 405, headers: { Allow: "GET, HEAD" } });
    }
    const path = PAGE.test(pathname) ? "/index.html" : pathname;
    const file = await env.FILES.fetch(new Request(new URL(path, request.url), { method: request.method }));
    const ending = path.slice(path.lastIndexOf(".") + 1);
    // A folder is answered with a list of what is in it, and a name without an ending is one.
    if (!file.ok || !(ending in TYPES)) {
      return new Response(`there is no ${pathname} here`, { status: 404, headers: { "Content-Type": "text/plain; charset=utf-8" } });
    }
    const headers = new Headers(file.headers);
    headers.set("Content-Type", TYPES[ending]);
    headers.set("Cache-Control", "no-cache");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Content-Security-Policy", POLICY);
    return new Response(file.body, { status: file.status, headers });
  },
};
