//! A whole session in virtual time: one room, its disk, clients that play, and the links between them, from one seed.
//!
//! * Nothing here does I/O, reads a clock or uses floats of its own: a [`Script`] leads to the same [`Outcome`], byte for
//!   byte, on every machine and in every build profile.
//! * Everything that clients and room tell each other passes through the real codecs, everything that the room stores
//!   through the real rows, and a restarted room is rebuilt from nothing else.
//! * Whatever must hold in every session is checked in every session; see [`Violation`].
#![forbid(unsafe_code)]

mod aiming;
mod bot;
mod clock;
mod disk;
pub mod goldens;
mod host;
mod link;
mod oracle;
mod outcome;
mod script;
mod seat;
mod session;

pub use bot::{Behaviour, BotBrain};
pub use disk::Disk;
pub use link::{LinkProfile, Stalls};
pub use oracle::Violation;
pub use outcome::{Outcome, SeatOutcome};
pub use script::{Happening, Script, SeatScript};
pub use session::run;
