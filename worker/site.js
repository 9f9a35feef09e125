// Stands in for the platform's assets where there is no platform: it serves files by their names, and the page by "/". The
// worker comes before it, here for every address; wrangler.toml tells the platform for which.

const TYPES = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
};

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("only GET and HEAD are answered here", { status: 405, headers: { Allow: "GET, HEAD" } });
    }
    const path = pathname === "/" ? "/index.html" : pathname;
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
    return new Response(file.body, { status: file.status, headers });
  },
};
