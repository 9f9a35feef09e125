//! What is known about a prediction that was wrong.

use sim_core::{Shift, Step, Vel};

/// A repaired prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The authority's step at which it was seen.
    pub step: Step,
    /// The input after which prediction and authority differed; the newest one if only the present changed.
    pub seq: u32,
    /// By how much the predicted present was moved, on the axis with more of it.
    pub distance: Shift,
    /// By how much its velocity changed, on the axis with more of it.
    pub velocity: Vel,
    /// What is to blame, as far as the client can tell.
    pub cause: Cause,
}

/// Why a prediction was wrong, as far as the client can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The authority had no input for a step and repeated the last.
    Starved,
    /// The authority's buffer was full and inputs were lost.
    Dropped,
    /// Structures had changed that the prediction could not know of.
    UnseenStructure,
    /// The player was shot down.
    Hit,
    /// The player came back into play.
    Respawn,
    /// The client stalled and skipped steps.
    ClockSlip,
    /// None of these.
    Unknown,
}

impl Cause {
    /// Every cause, in the order in which [`crate::Stats`] counts them.
    pub const ALL: [Self; 7] = [
        Self::Starved,
        Self::Dropped,
        Self::UnseenStructure,
        Self::Hit,
        Self::Respawn,
        Self::ClockSlip,
        Self::Unknown,
    ];

    /// Its name, in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starved => "starved",
            Self::Dropped => "dropped",
            Self::UnseenStructure => "unseen structure",
            Self::Hit => "hit",
            Self::Respawn => "respawn",
            Self::ClockSlip => "clock slip",
            Self::Unknown => "unknown",
        }
    }
}
