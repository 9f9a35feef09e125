//! What players and drivers can count on of a room.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod commands;
mod costs;
mod counters;
mod disk;
mod entering;
mod hostile;
mod inputs;
mod laws;
mod leaving;
mod machine;
mod names;
mod reading;
mod restored;
mod rig;
mod silence;
mod sleep;
mod snapshots;
mod stalls;
mod stats;
mod storage;
mod stored;
