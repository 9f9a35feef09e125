# Opens the rooms' databases; see storage.js.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .storage),
    (name = "do-disk", disk = (writable = true)),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);

const storage :Workerd.Worker = (
  modules = [(name = "storage.js", esModule = embed "storage.js")],
  compatibilityDate = "2026-11-17",
  compatibilityFlags = ["no_web_socket_compression"],
  durableObjectNamespaces = [(className = "RoomObject", uniqueKey = "bitfort-RoomObject", enableSql = true)],
  durableObjectStorage = (localDisk = "do-disk"),
  bindings = [(name = "ROOMS", durableObjectNamespace = "RoomObject")],
);
