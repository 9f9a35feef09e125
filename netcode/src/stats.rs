//! What a client counts and measures.

use sim_core::{Shift, Step};

use crate::correction::Cause;
use crate::time::Micros;

/// Counts since the client was made, and the newest measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Local steps predicted.
    pub steps: u64,
    /// Corrections by cause, in the order of [`Cause::ALL`].
    pub corrections_by_cause: [u64; Cause::ALL.len()],
    /// The largest correction's distance.
    pub correction_max: Shift,
    /// Snapshots whose player differed from the prediction only in waits; repaired, but nothing moved.
    pub retimed: u64,
    /// Local steps predicted again.
    pub replayed_steps: u64,
    /// Snapshots applied, full ones among them.
    pub snapshots: u64,
    /// Full snapshots applied.
    pub snapshots_full: u64,
    /// Snapshots against a baseline that is not held any more.
    pub snapshots_unknown_base: u64,
    /// Messages that could not be decoded or applied.
    pub messages_bad: u64,
    /// Times that time was skipped instead of caught up with.
    pub stalls: u64,
    /// Times that prediction began anew because the history did not reach back.
    pub resyncs: u64,
    /// Connections asked for.
    pub connects: u64,
    /// Inputs sent again after a reconnect.
    pub inputs_resent: u64,
    /// Step of the newest snapshot.
    pub step: Step,
    /// Round trip of the newest answered ping; `None` before the first.
    pub rtt: Option<Micros>,
    /// Spread of the snapshots' delays.
    pub jitter: Micros,
    /// Inputs that waited at the authority, as of the newest snapshot.
    pub buffer_depth: u16,
    /// Inputs that should wait there.
    pub buffer_target: u16,
    /// Steps that the authority had no input for, as of the newest snapshot.
    pub starved: u32,
    /// Inputs that the authority had no room for, as of the newest snapshot.
    pub dropped: u32,
    /// Local step rate over the nominal one, in parts per million; -50,000 to 50,000.
    pub rate_ppm: i32,
    /// Inputs that the authority has not consumed yet, as of the newest snapshot.
    pub unacked: u16,
    /// How far in the past others are drawn.
    pub interpolation_delay: Micros,
}

impl Stats {
    /// Corrections of all causes.
    #[must_use]
    pub fn corrections(&self) -> u64 {
        self.corrections_by_cause.iter().sum()
    }

    /// Corrections of one cause.
    #[must_use]
    pub const fn corrections_by(&self, cause: Cause) -> u64 {
        self.corrections_by_cause[cause as usize]
    }
}
