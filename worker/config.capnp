# What plain workerd serves for tests and `cargo xtask play`: the same script and class as wrangler.toml.
# Start it with `--socket-addr http=127.0.0.1:PORT --directory-path do-disk=DIR`.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .bitfort),
    # There is no page here; `play.capnp` has one.
    (name = "assets", worker = .nothing),
    (name = "do-disk", disk = (writable = true)),
    # The identity provider; a stand-in for it listens on loopback.
    (name = "internet", network = (allow = ["public", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);

const nothing :Workerd.Worker = (
  modules = [(
    name = "nothing.js",
    esModule = "export default { fetch() { return new Response('there is no page here', { status: 404 }); } };",
  )],
  compatibilityDate = "2026-11-17",
);

const bitfort :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "build/index.js"),
    (name = "index_bg.wasm", wasm = embed "build/index_bg.wasm"),
  ],
  compatibilityDate = "2026-11-17",
  compatibilityFlags = ["no_web_socket_compression"],
  durableObjectNamespaces = [(className = "RoomObject", uniqueKey = "bitfort-RoomObject", enableSql = true)],
  durableObjectStorage = (localDisk = "do-disk"),
  bindings = [
    (name = "ROOMS", durableObjectNamespace = "RoomObject"),
    (name = "ASSETS", service = "assets"),
    (name = "CLERK_SECRET_KEY", fromEnvironment = "CLERK_SECRET_KEY"),
    (name = "CLERK_ISSUER", fromEnvironment = "CLERK_ISSUER"),
    (name = "CLERK_AUTHORIZED_PARTIES", fromEnvironment = "CLERK_AUTHORIZED_PARTIES"),
    (name = "CLERK_PUBLISHABLE_KEY", fromEnvironment = "CLERK_PUBLISHABLE_KEY"),
    (name = "CLERK_API_URL", fromEnvironment = "CLERK_API_URL"),
    (name = "ADMIN_SECRET", fromEnvironment = "ADMIN_SECRET"),
    (name = "ALLOWED_ORIGINS", fromEnvironment = "ALLOWED_ORIGINS"),
    (name = "EMPTY_ROOMS_KEPT", fromEnvironment = "EMPTY_ROOMS_KEPT"),
    (name = "BITFORT_CHAOS", fromEnvironment = "BITFORT_CHAOS"),
  ],
  globalOutbound = "internet",
);
