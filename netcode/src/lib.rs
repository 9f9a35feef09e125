//! One client of a room as a state machine without I/O: what is shown is guessed ahead of the authority, and repaired.
//!
//! * Time enters only as `now`, in [`Micros`]; nothing here reads a clock. The same inputs give the same outputs.
//! * [`Client::handle`] returns an iterator that borrows the client, so outputs are drained before the next input.
//! * The local player is predicted by `sim_core`'s own functions and compared with the authority bit for bit. What is
//!   drawn is derived from that and never flows back into it.
//! * Every buffer and every loop that catches up has a named bound. Bytes from the authority never panic.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod characters;
pub mod client;
mod clock;
pub mod correction;
mod history;
pub mod input;
mod interpolate;
pub mod limits;
mod merge;
pub mod output;
mod pace;
mod predict;
mod receive;
mod reconcile;
mod replica;
mod saving;
pub mod scene;
mod seq;
mod session;
mod shots;
pub mod stats;
mod steps;
pub mod time;
mod visual_correction;

pub use client::{Client, ClientConfig};
pub use correction::{Cause, Correction};
pub use input::Input;
pub use output::{Event, Output, Outputs};
pub use scene::{DrawnPlayer, DrawnShot, Scene, ShotKey};
pub use stats::Stats;
pub use time::Micros;
