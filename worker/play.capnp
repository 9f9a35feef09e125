# What `cargo xtask play` serves: the worker of config.capnp, and the page's files as the platform would serve them beside it.
# Start it like that one, with `--directory-path files=DIR` besides.
using Workerd = import "/workerd/workerd.capnp";
using Bitfort = import "config.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = Bitfort.bitfort),
    (name = "assets", worker = .site),
    (name = "files", disk = (writable = false)),
    (name = "do-disk", disk = (writable = true)),
    (name = "internet", network = (allow = ["public", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);

const site :Workerd.Worker = (
  modules = [(name = "site.js", esModule = embed "site.js")],
  compatibilityDate = "2026-11-17",
  compatibilityFlags = ["no_web_socket_compression"],
  bindings = [
    (name = "FILES", service = "files"),
  ],
);
