//! What must hold in every session, whatever goes wrong in it.
//!
//! Each file is one oracle. What it finds is a [`Violation`]; a session without one holds.

pub(crate) mod client;
pub(crate) mod drawn;
pub(crate) mod durable;
pub(crate) mod held;
pub(crate) mod honest;
pub(crate) mod learned;
pub(crate) mod leaving;
pub(crate) mod prediction;
pub(crate) mod quiet;
pub(crate) mod rerun;
pub(crate) mod room;
pub(crate) mod silence;
pub(crate) mod unread;
pub(crate) mod views;
pub(crate) mod watch;

pub(crate) use crate::violation::Violation;

/// Violations that are kept; beyond that they only repeat.
pub(crate) const VIOLATIONS_MAX: usize = 32;
