//! A workerd of one's own: started on loopback with a state folder, asked over HTTP, killed with the value.

mod http;
mod server;

pub use http::{Answer, Ask, ask, free_port};
pub use server::{SETTINGS, Serve, Server, kill_running};
