//! Who leaves on purpose is gone soon, but not out of a fight.

use std::collections::{BTreeMap, BTreeSet};

use authority::{PlayerStats, Room, Waiting, limits};
use sim_core::rules::STEPS_PER_TICK;
use sim_core::{PlayerId, Step};

use super::Violation;

/// What a room may do between two looks, and the step with which somebody goes.
const SLACK: u64 = limits::CATCH_UP_TICKS_MAX * STEPS_PER_TICK as u64 + 1;

/// Who has left, and is still in the world.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    left: BTreeMap<PlayerId, Left>,
    connected: BTreeSet<PlayerId>,
    /// When the room was last looked at.
    step: Step,
}

#[derive(Clone, Copy, Debug)]
struct Left {
    at: Step,
    health: u8,
    /// Before this the player is not gone.
    earliest: Step,
    /// After this it is.
    latest: Step,
}

impl Leaving {
    /// The room has handled something; `on_purpose` if it was that a player leaves.
    pub(crate) fn watch(
        &mut self,
        room: &Room,
        seats: &[(Waiting, PlayerStats)],
        on_purpose: bool,
    ) -> Vec<Violation> {
        let world = room.world();
        let step = world.step_number();
        let before = std::mem::replace(&mut self.step, step);
        let connected: BTreeSet<PlayerId> = seats
            .iter()
            .filter(|(_, seat)| seat.connected)
            .map(|(_, seat)| seat.player)
            .collect();
        let was = std::mem::replace(&mut self.connected, connected);
        if step < before {
            // The room counts its steps anew.
            self.left.clear();
            return Vec::new();
        }
        let mut found = Vec::new();
        let connected = &self.connected;
        self.left.retain(|&player, left| {
            if connected.contains(&player) {
                return false;
            }
            let steps = step.since(left.at);
            let Some(is) = world.player(player) else {
                if step < left.earliest {
                    found.push(Violation::LeftTooSoon { player, steps });
                }
                return false;
            };
            let ends = |step: Step| {
                let ends = step.after(limits::LEAVE_STEPS);
                ends.min(left.at.after(limits::GRACE_STEPS))
            };
            if is.health < left.health {
                // It was hit at some step since the last look.
                left.earliest = ends(before.after(1));
                left.latest = ends(step);
            }
            left.health = is.health;
            if step > left.latest.after(SLACK) {
                found.push(Violation::StaysTooLong { player, steps });
                return false;
            }
            true
        });
        let gone: Vec<PlayerId> = was.difference(&self.connected).copied().collect();
        // Whoever else was closed in the same moment has lost the line.
        if on_purpose
            && let [player] = gone[..]
            && let Some(is) = world.player(player)
        {
            let left = Left {
                at: step,
                health: is.health,
                earliest: step.after(limits::LEAVE_STEPS),
                latest: step.after(limits::LEAVE_STEPS),
            };
            self.left.insert(player, left);
        }
        found
    }
}
