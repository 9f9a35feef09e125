//! What the reference keeps of somebody who was ever in, and how often something may happen.

use std::collections::BTreeMap;

use sim_core::{Look, PlayerId, SavedPlayer};

/// In milliseconds.
const MINUTE: u64 = 60_000;

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) player: PlayerId,
    pub(crate) saved: Option<SavedPlayer>,
    pub(crate) next: u32,
    /// The connection that was given the token that is good.
    pub(crate) token: Option<u64>,
    /// Name and look by id.
    pub(crate) characters: BTreeMap<String, (String, Look)>,
    pub(crate) active: String,
    /// No row says what the default character is.
    pub(crate) assumed: bool,
    /// Something of the characters was stored.
    pub(crate) has_rows: bool,
    /// Changes of characters that may still come.
    pub(crate) changes: Allowance,
}

/// How often something may still happen: parts of which each time takes a minute's worth, and when that was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    parts: u64,
    at: u64,
    per_minute: u64,
    at_once: u64,
}

impl Allowance {
    pub(crate) fn full(per_minute: u64, at_once: u64, at: u64) -> Self {
        Self {
            parts: at_once * MINUTE,
            at,
            per_minute,
            at_once,
        }
    }

    pub(crate) fn take(&mut self, now: u64) -> bool {
        let parts = self.parts + (now - self.at) * self.per_minute;
        self.parts = parts.min(self.at_once * MINUTE);
        self.at = now;
        let is_left = self.parts >= MINUTE;
        self.parts -= MINUTE * u64::from(is_left);
        is_left
    }
}

impl User {
    pub(crate) fn look(&self) -> Look {
        self.characters[&self.active].1
    }
}
