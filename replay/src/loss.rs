//! What a recording no longer holds, and whether that is damage.

use input_log::{Kernel, LostReason, Recording};
use serde::Serialize;
use sim_core::Step;

/// What a recording no longer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The first step that is not held.
    pub from_step: Step,
    /// Where the first bytes are that were not used.
    pub at_byte: u64,
    /// Bytes from there on.
    pub bytes: u64,
    /// Why they were not used.
    pub reason: String,
    /// Whether bytes are bad or missing. Otherwise every byte is good, and only the end was not written: the session still
    /// runs, or its process ended without one.
    pub is_damage: bool,
}

impl Loss {
    /// What a recording of so many bytes has lost.
    pub(crate) fn of<K: Kernel>(recording: &Recording<'_, K>, bytes: usize) -> Option<Self> {
        recording.lost().map(|lost| Self {
            from_step: lost.first_missing_step,
            at_byte: lost.at_byte as u64,
            bytes: bytes.saturating_sub(lost.at_byte) as u64,
            reason: lost.reason.to_string(),
            is_damage: lost.reason != LostReason::NoEnd,
        })
    }

    /// Counts bytes behind the damage that were not even read.
    pub(crate) fn add_unread(lost: &mut Option<Self>, unread: u64) {
        if let Some(lost) = lost {
            lost.bytes = lost.bytes.saturating_add(unread);
        }
    }

    /// Says it to people.
    pub(crate) fn tell(&self) {
        if self.is_damage {
            say!(
                "lost: everything from step {} on ({} bytes from byte {}): {}",
                self.from_step,
                self.bytes,
                self.at_byte,
                self.reason
            );
        } else {
            let last = self.from_step.0.saturating_sub(1);
            say!("not ended after step {last}: {}", self.reason);
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LossShape {
    from_step: u64,
    at_byte: u64,
    bytes: u64,
    reason: String,
    damage: bool,
}

impl From<&Loss> for LossShape {
    fn from(of: &Loss) -> Self {
        Self {
            from_step: of.from_step.0,
            at_byte: of.at_byte,
            bytes: of.bytes,
            reason: of.reason.clone(),
            damage: of.is_damage,
        }
    }
}
