//! The last seconds of a world as snapshots show it: what a ghost begins from.

use std::collections::VecDeque;

use kernel::Translate;
use netcode::limits::HISTORY_STEPS_MAX;
use sim_core::Step;

/// Steps that are held. A client waits when a whole history of its inputs is unanswered; as much again is for the way of
/// its last acknowledgement, and for steps that starve.
pub(super) const PAST_STEPS_MAX: usize = 2 * HISTORY_STEPS_MAX;

/// What a snapshot after one step shows.
#[derive(Clone, Debug)]
pub(super) struct Moment<K: Translate> {
    pub(super) step: Step,
    pub(super) snapshot: K::Snapshot,
}

/// Moments, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Past<K: Translate> {
    moments: VecDeque<Moment<K>>,
}

impl<K: Translate> Past<K> {
    pub(super) fn new() -> Self {
        Self {
            moments: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, kernel: &K, world: &K::World) {
        let before = self.moments.back().map(|before| &before.snapshot);
        let moment = Moment {
            step: kernel.step_number(world),
            snapshot: kernel.snapshot(world, before),
        };
        while self.moments.len() >= PAST_STEPS_MAX {
            self.moments.pop_front();
        }
        self.moments.push_back(moment);
    }

    /// The moment after exactly this step.
    pub(super) fn at(&self, step: Step) -> Option<&Moment<K>> {
        let at = self.moments.binary_search_by_key(&step, |one| one.step);
        self.moments.get(at.ok()?)
    }

    pub(super) fn clear(&mut self) {
        self.moments.clear();
    }
}
