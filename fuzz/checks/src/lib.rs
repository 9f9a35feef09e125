//! What each fuzz target checks: bytes in, a panic when something does not hold.
//!
//! * Every target is total: any bytes are an input, what is missing at the end is zero, and the work that an input can
//!   cause is bounded.
//! * The formats are made of short records that are read from the front, so that a change of a byte is a change of one
//!   thing, and so that [`seeds`] can write inputs from recordings.
//! * Nothing here needs libFuzzer: the committed corpora run as plain tests.
#![forbid(unsafe_code)]

mod bytes;
mod delta_merge;
mod driver;
mod forged;
mod frames;
mod happenings;
mod hostile_room;
mod hydrate;

mod messages;
mod reconcile;
mod recordings;
pub mod seeds;
mod sim_step;
mod views;

pub use delta_merge::delta_merge;
pub use hostile_room::hostile_room;
pub use hydrate::hydrate;
pub use messages::messages;
pub use reconcile::reconcile;
pub use recordings::input_log;
pub use sim_step::sim_step;

/// A target: the name of its binary, its corpus and its regressions, and what it checks.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// Panics when something does not hold.
    pub check: fn(&[u8]),
}

/// Every target.
pub const TARGETS: [Target; 7] = [
    target("messages", messages),
    target("delta_merge", delta_merge),
    target("input_log", input_log),
    target("sim_step", sim_step),
    target("hydrate", hydrate),
    target("hostile_room", hostile_room),
    target("reconcile", reconcile),
];

const fn target(name: &'static str, check: fn(&[u8])) -> Target {
    Target { name, check }
}
