//! A whole session in virtual time: one room, its disk, clients that play, and the links between them, from one seed.
//!
//! * Nothing here does I/O, reads a clock or uses floats of its own: a [`Script`] leads to the same [`Outcome`], byte for
//!   byte, on every machine and in every build profile.
//! * Everything that clients and room tell each other passes through the real codecs, everything that the room stores
//!   through the real rows, and a restarted room is rebuilt from nothing else.
//! * Whatever must hold in every session is checked in every session; see [`Violation`].
#![forbid(unsafe_code)]

mod aged;
mod aiming;
mod bot;
mod caught;
mod client_action;
mod clock;
mod disk;
mod entropy;
mod fault;
pub mod goldens;
mod honest;
mod host;
mod hostile;
mod intruder;
mod link;
mod listed;
mod oracle;
mod outcome;
mod profile;
mod random;
mod script;
mod script_bytes;
mod script_file;
mod seat;
mod session;
mod shrink;
mod violation;

pub use bot::{Behaviour, BotBrain};
pub use caught::run_caught;
pub use disk::Disk;
pub use fault::{CrashPoint, Fault, Storage, TimedFault};
pub use hostile::Hostility;
pub use outcome::{Outcome, SeatOutcome};
pub use profile::{LinkProfile, Loss, Stalls};
pub use script::{PlayerScript, Script, SeatScript};
pub use script_file::ScriptError;
pub use session::run;
pub use shrink::{Shrunk, shrink};
pub use violation::Violation;
