//! The last seconds of players and structures: what a ghost begins from.

use std::collections::VecDeque;
use std::sync::Arc;

use netcode::limits::HISTORY_STEPS_MAX;
use sim_core::{Player, PlayerId, Step, Structures, World};

/// Steps that are held. A client waits when a whole history of its inputs is unanswered; as much again is for the way of
/// its last acknowledgement, and for steps that starve.
pub(super) const PAST_STEPS_MAX: usize = 2 * HISTORY_STEPS_MAX;

/// Players and structures after one step.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) step: Step,
    pub(super) players: Vec<Player>,
    /// Shared with the moments before that have the same.
    pub(super) structures: Arc<Structures>,
}

/// Moments, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    moments: VecDeque<Moment>,
}

impl Moment {
    pub(super) fn player(&self, id: PlayerId) -> Option<&Player> {
        let seat = self.players.binary_search_by_key(&id, |player| player.id);
        self.players.get(seat.ok()?)
    }
}

impl Past {
    pub(super) fn push(&mut self, world: &World) {
        let structures = match self.moments.back() {
            Some(before) if before.structures.digest() == world.structures().digest() => {
                Arc::clone(&before.structures)
            }
            Some(_) | None => Arc::new(world.structures().clone()),
        };
        let mut players = Vec::new();
        while self.moments.len() >= PAST_STEPS_MAX {
            // Its memory is used again.
            players = self
                .moments
                .pop_front()
                .map_or_else(Vec::new, |old| old.players);
        }
        players.clear();
        players.extend_from_slice(world.players());
        self.moments.push_back(Moment {
            step: world.step_number(),
            players,
            structures,
        });
    }

    /// The moment after exactly this step.
    pub(super) fn at(&self, step: Step) -> Option<&Moment> {
        let at = self.moments.binary_search_by_key(&step, |one| one.step);
        self.moments.get(at.ok()?)
    }

    pub(super) fn clear(&mut self) {
        self.moments.clear();
    }
}
