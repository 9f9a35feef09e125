// Stands in for the platform's assets where there is no platform: it serves files by their names, and the page by "/". The
// worker comes before it, here for every address; wrangler.toml tells the platform for which.
//
// As on the platform, what a browser has kept is answered with 304, and what is sent is compressed for whoever takes that.

const TYPES = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
  zlib: "application/zlib",
};

/** Pictures and archived kernels are compressed already. */
const COMPRESSED_ALREADY = new Set(["png", "zlib"]);

/** What was compressed, by its path, and what it was then: the game takes a second. */
const compressed = new Map();

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
    const tag = `W/"${file.headers.get("Content-Length")}-${Date.parse(file.headers.get("Last-Modified"))}"`;
    const headers = new Headers({
      "Content-Type": TYPES[ending],
      "Cache-Control": "no-cache",
      ETag: tag,
      Vary: "Accept-Encoding",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    });
    if (isKept(request.headers.get("If-None-Match"), tag)) {
      await file.body?.cancel();
      return new Response(null, { status: 304, headers });
    }
    if (request.method === "HEAD" || COMPRESSED_ALREADY.has(ending) || !takesGzip(request.headers.get("Accept-Encoding"))) {
      headers.set("Content-Length", file.headers.get("Content-Length"));
      return new Response(file.body, { headers });
    }
    headers.set("Content-Encoding", "gzip");
    return new Response(await gzipped(path, tag, file.body), { headers, encodeBody: "manual" });
  },
};

/** Whether one of the validators is this one. */
function isKept(validators, tag) {
  const all = (validators ?? "").split(",").map((one) => one.trim());
  return all.includes("*") || all.includes(tag);
}

/** Whether the coding stands there, and not with the weight 0. */
function takesGzip(codings) {
  return (codings ?? "").split(",").some((coding) => /^\s*gzip\s*(;\s*q\s*=\s*(1|0\.0*[1-9]).*)?$/i.test(coding));
}

async function gzipped(path, tag, body) {
  const known = compressed.get(path);
  if (known?.tag === tag) {
    await body.cancel();
    return known.bytes;
  }
  const bytes = await new Response(body.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  compressed.set(path, { tag, bytes });
  return bytes;
}
