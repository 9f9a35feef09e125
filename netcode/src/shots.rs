//! Which input fired which of the own shots, so that a shot keeps its name when the authority confirms it.

use alloc::collections::VecDeque;

use sim_core::rules::{FIRE_COOLDOWN, SHOT_LIFE};
use sim_core::{Aim, Projectile, ProjectileId};

use crate::limits::HISTORY_STEPS_MAX;
use crate::seq::is_after;

/// Shots that are remembered: all that one player can have in flight or unconfirmed.
pub(crate) const FIRED_MAX: usize =
    (SHOT_LIFE.0 as usize + HISTORY_STEPS_MAX).div_ceil(FIRE_COOLDOWN.0 as usize) + 1;

#[derive(Clone, Copy, Debug)]
struct Fired {
    /// The message that asked for it.
    command: u32,
    /// The input that it belongs to.
    seq: u32,
    aim: Aim,
    /// What the authority calls it.
    id: Option<ProjectileId>,
}

/// The own shots of the last seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fires {
    fired: VecDeque<Fired>,
}

impl Fires {
    /// A message asked for a shot; if it is sent again, the new message counts.
    pub(crate) fn add(&mut self, command: u32, seq: u32, aim: Aim) {
        self.fired.retain(|one| one.seq != seq);
        if self.fired.len() >= FIRED_MAX {
            self.fired.pop_front();
        }
        self.fired.push_back(Fired {
            command,
            seq,
            aim,
            id: None,
        });
    }

    /// The authority named the shot that the message asked for.
    pub(crate) fn confirm(&mut self, command: u32, id: ProjectileId) {
        if let Some(one) = self.fired.iter_mut().find(|one| one.command == command) {
            one.id = Some(id);
        }
    }

    /// The input that fired this shot of the authority's, which has consumed inputs up to `ack`. A shot whose confirmation
    /// is not here yet is known by its direction.
    pub(crate) fn fired_by(&mut self, shot: &Projectile, ack: u32) -> Option<u32> {
        if let Some(one) = self.fired.iter().find(|one| one.id == Some(shot.id)) {
            return Some(one.seq);
        }
        let one = self
            .fired
            .iter_mut()
            .find(|one| one.id.is_none() && one.aim == shot.aim && !is_after(one.seq, ack))?;
        one.id = Some(shot.id);
        Some(one.seq)
    }

    /// Forgets all: the numbers of inputs begin anew.
    pub(crate) fn clear(&mut self) {
        self.fired.clear();
    }
}
