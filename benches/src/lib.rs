//! The budgets of the project and the workloads that they are measured on.
//!
//! * [`w1`] is a session of known size, made from a seed; [`rerun`] and [`snapshots`] measure on it. [`session`] is one
//!   with clients, in the harness.
//! * Bytes come out the same on every machine and are checked by `cargo xtask test`. Speed depends on the machine and is
//!   a figure in `benches/README.md`, with the machine beside it.

pub mod rerun;
pub mod session;
pub mod snapshots;
pub mod w1;
