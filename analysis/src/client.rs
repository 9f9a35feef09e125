//! What a client knew: how far it had predicted, and from where.

use netcode::limits::{CATCH_UP_STEPS_MAX, HISTORY_STEPS_MAX, UNANSWERED_MAX};
use sim_core::Step;

use crate::seen::Applied;

/// The client's prediction.
#[derive(Clone, Debug)]
pub(crate) struct Local<P> {
    /// The authority's player after `base_seq`.
    pub(crate) base: P,
    pub(crate) base_seq: u32,
    /// Up to this input the client has forgotten what it predicted.
    pub(crate) blind_until: Option<u32>,
}

/// What the client knows.
#[derive(Clone, Debug)]
pub(crate) struct Client<P> {
    pub(crate) local: Option<Local<P>>,
    /// The step of the newest snapshot.
    pub(crate) applied: Step,
    /// The newest input when it came.
    newest: u32,
    /// Whether the history was full then, so that the client could not step.
    pub(crate) is_stalled: bool,
    /// Whether the stall that the client is in was told as a correction.
    pub(crate) stall_is_told: bool,
    /// The first input that the connection could bring.
    pub(crate) first_seq: u32,
    pub(crate) dropped_until: Option<u32>,
    unanswered: u32,
}

impl<P> Client<P> {
    /// Who has heard of nothing.
    pub(crate) const fn new() -> Self {
        Self {
            local: None,
            applied: Step(0),
            newest: 0,
            is_stalled: false,
            stall_is_told: false,
            first_seq: 0,
            dropped_until: None,
            unanswered: 0,
        }
    }

    /// The newest input when a snapshot comes. A client whose history is full does no more steps.
    pub(crate) fn newest_at(&mut self, applied: &Applied) -> u32 {
        let local = self.local.as_ref();
        let full = local.map(|local| local.base_seq.saturating_add(HISTORY_STEPS_MAX as u32));
        // At its own pace it would be here; for a few steps beyond its history it waits without skipping time.
        let pace = u32::try_from(applied.step.since(self.applied)).unwrap_or(u32::MAX);
        let pace = self.newest.saturating_add(pace);
        let waits =
            |full: u32| (full..full.saturating_add(CATCH_UP_STEPS_MAX as u32)).contains(&pace);
        self.is_stalled = full.is_some_and(|full| full <= applied.newest && !waits(full));
        let newest = full.map_or(applied.newest, |full| full.min(applied.newest));
        self.stall_is_told &= newest == self.newest;
        self.newest = newest;
        newest
    }

    /// A connection begins that waits for this input. A history that does not lead there is dropped.
    pub(crate) fn connect(&mut self, next_seq: u32) {
        self.first_seq = next_seq;
        let leads_there = |local: &Local<P>| local.base_seq < next_seq;
        if !self.local.as_ref().is_some_and(leads_there) {
            self.local = None;
            self.dropped_until = None;
        }
    }

    /// A client whose history is full while nothing of it is consumed forgets it in the end.
    pub(crate) fn note_unanswered(&mut self, newest: u32, is_fed: bool) {
        let Some(local) = &mut self.local else { return };
        let unconsumed = newest.saturating_sub(local.base_seq) as usize;
        if unconsumed < HISTORY_STEPS_MAX || is_fed {
            self.unanswered = 0;
            return;
        }
        self.unanswered += 1;
        if self.unanswered >= UNANSWERED_MAX {
            self.unanswered = 0;
            local.blind_until = Some(newest);
        }
    }
}
