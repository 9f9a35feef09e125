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

/// What went on around a snapshot that may explain a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// More inputs found no place.
    pub dropped: bool,
    /// Inputs that found no place may be missing among the consumed.
    pub dropped_before: bool,
    /// More steps found no input.
    pub starved: bool,
    /// Time was skipped, or is about to be.
    pub slipped: bool,
    /// Structures are not those of the prediction.
    pub structures: bool,
}

impl Circumstances {
    /// What is to blame that the predicted player, who was alive or not, is not the authority's.
    #[must_use]
    pub const fn classify(self, guess_is_alive: bool, is_alive: bool) -> Cause {
        match (guess_is_alive, is_alive) {
            (true, false) => return Cause::Hit,
            (false, true) => return Cause::Respawn,
            (true, true) | (false, false) => {}
        }
        if self.dropped {
            Cause::Dropped
        } else if self.starved && self.slipped {
            Cause::ClockSlip
        } else if self.starved {
            Cause::Starved
        } else if self.dropped_before {
            Cause::Dropped
        } else if self.structures {
            Cause::UnseenStructure
        } else {
            Cause::Unknown
        }
    }
}
