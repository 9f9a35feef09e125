//! One client of a room as a state machine without I/O: what is shown is guessed ahead of the authority, and repaired.
//!
//! * Time enters only as `now`, in [`Micros`]; nothing here reads a clock. The same inputs give the same outputs.
//! * [`Client::handle`] gives an iterator that borrows the client, so outputs are taken before the next input. Outputs that are
//!   not taken stay until they are.
//! * The local player is predicted by `sim_core`'s own functions and compared with the authority bit for bit. What is
//!   drawn is derived from that and never flows back into it.
//! * Every buffer and every loop that catches up has a named bound. Bytes from the authority never panic.
//!
//! A driver advances the client when it is due, hands in what the player and the socket do, and does what the client asks for:
//!
//! ```
//! use netcode::{Client, ClientConfig, Event, Input, Micros, Output};
//!
//! /// Hands in an input. Gives what is to be sent; a real driver has a socket instead.
//! fn drive(client: &mut Client, now: Micros, input: Input<'_>) -> Vec<Vec<u8>> {
//!     let mut sent = Vec::new();
//!     for output in client.handle(now, input) {
//!         match output {
//!             Output::Connect { .. } | Output::Close { .. } => {} // open or close the socket
//!             Output::Send { bytes, .. } => sent.push(bytes),
//!             Output::Event(Event::Welcomed { player, .. }) => println!("this is player {}", player.0),
//!             Output::Stepped { .. } | Output::Corrected(_) | Output::Event(_) => {}
//!         }
//!     }
//!     sent
//! }
//!
//! let config = ClientConfig { seed: 1, json: true, resume_token: None };
//! let mut client = Client::new(config);
//! let now = Micros(0);
//! // The first output asks for a connection.
//! drive(&mut client, now, Input::Advance);
//! let sent = drive(&mut client, now, Input::Opened);
//! assert!(sent.is_empty(), "the authority speaks first, with a welcome");
//! // Wait until then, or until something happens; then look at `client.scene(now)` and draw it.
//! let due = client.due().expect("a client that is not welcomed in time tries again");
//! drive(&mut client, due, Input::Advance);
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod characters;
pub mod client;
mod config;
mod controls;
pub mod correction;
pub mod input;
pub mod limits;
mod link;
pub mod output;
mod prediction;
mod presentation;
mod replica;
pub mod scene;
mod seq;
pub mod stats;
pub mod time;

pub use client::Client;
pub use config::ClientConfig;
pub use correction::{Cause, Circumstances, Correction};
pub use input::Input;
pub use output::{Event, Output, Outputs};
pub use scene::{DrawnPlayer, DrawnShot, Scene, ShotKey};
pub use stats::Stats;
pub use time::Micros;
