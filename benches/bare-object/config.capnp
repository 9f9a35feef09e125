# Served beside the worker by `cargo xtask load`, for a ratio.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .bare),
    (name = "do-disk", disk = (writable = true)),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);

const bare :Workerd.Worker = (
  modules = [(name = "object.js", esModule = embed "object.js")],
  compatibilityDate = "2026-11-17",
  compatibilityFlags = ["no_web_socket_compression"],
  durableObjectNamespaces = [(className = "BareObject", uniqueKey = "bare-BareObject", enableSql = true)],
  durableObjectStorage = (localDisk = "do-disk"),
  bindings = [(name = "OBJECTS", durableObjectNamespace = "BareObject")],
);
