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
    /// The message of this connection that asked for it.
    command: Option<u32>,
    /// The input that it belongs to.
    seq: u32,
    aim: Aim,
    /// What the authority calls it.
    id: Option<ProjectileId>,
}

/// The own shots of the last seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnShots {
    fired: VecDeque<Fired>,
}

impl OwnShots {
    /// A message asked for a shot; if it is sent again, the new message counts.
    pub(crate) fn add(&mut self, command: u32, seq: u32, aim: Aim) {
        self.fired.retain(|one| one.seq != seq);
        if self.fired.len() >= FIRED_MAX {
            self.fired.pop_front();
        }
        self.fired.push_back(Fired {
            command: Some(command),
            seq,
            aim,
            id: None,
        });
    }

    /// The authority named the shot that the message asked for.
    pub(crate) fn confirm(&mut self, command: u32, id: ProjectileId) {
        for one in &mut self.fired {
            if one.command == Some(command) {
                one.id = Some(id);
            } else if one.id == Some(id) {
                // It was taken for another one with the same direction.
                one.id = None;
            }
        }
    }

    /// The authority refused what the message asked for: there is no shot.
    pub(crate) fn refuse(&mut self, command: u32) {
        self.fired.retain(|one| one.command != Some(command));
    }

    /// The input that fired this shot of the authority's, which has consumed inputs up to `ack`. A shot whose confirmation
    /// is not here yet is known by its direction, and by its age: an input is consumed a step, but for those that found no
    /// input or no place.
    pub(crate) fn fired_by(&mut self, shot: &Projectile, ack: u32) -> Option<u32> {
        if let Some(one) = self.fired.iter().find(|one| one.id == Some(shot.id)) {
            return Some(one.seq);
        }
        let age = u32::from(SHOT_LIFE.0.saturating_sub(shot.life.0));
        let off = |one: &Fired| ack.wrapping_sub(one.seq).abs_diff(age);
        let like_it =
            |one: &&mut Fired| one.id.is_none() && one.aim == shot.aim && !is_after(one.seq, ack);
        let fired = self.fired.iter_mut();
        let one = fired.filter(like_it).min_by_key(|one| off(one))?;
        one.id = Some(shot.id);
        Some(one.seq)
    }

    /// A connection begins: messages are counted anew, and an authority that restarted gives the same ids to others.
    pub(crate) fn begin(&mut self) {
        for one in &mut self.fired {
            one.command = None;
            one.id = None;
        }
    }

    /// Forgets all: the numbers of inputs begin anew.
    pub(crate) fn clear(&mut self) {
        self.fired.clear();
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use sim_core::{PlayerId, Point, Pos, Steps};

    use super::*;

    const EAST: Aim = Aim(0);

    /// A shot to the east that has flown for so many steps.
    fn shot(id: u32, age: u16) -> Projectile {
        let zero = Pos::from_bits(0);
        Projectile {
            id: ProjectileId(id),
            owner: PlayerId(1),
            aim: EAST,
            pos: Point { x: zero, y: zero },
            life: Steps(SHOT_LIFE.0 - age),
        }
    }

    #[test]
    fn a_shot_that_was_refused_gives_no_other_its_name() {
        let mut shots = OwnShots::default();
        shots.add(1, 10, EAST);
        shots.add(2, 12, EAST);
        shots.refuse(1);
        // By its age it would be the one that was refused.
        assert_eq!(shots.fired_by(&shot(5, 2), 12), Some(12));
    }

    #[test]
    fn all_that_may_be_in_flight_or_unconfirmed_are_remembered_and_no_more() {
        let mut shots = OwnShots::default();
        let steps = u32::from(SHOT_LIFE.0) + HISTORY_STEPS_MAX as u32;
        let fired: Vec<u32> = (0..=steps).step_by(FIRE_COOLDOWN.0.into()).collect();
        for seq in &fired {
            shots.add(*seq, *seq, EAST);
        }
        let first = shot(5, SHOT_LIFE.0);
        assert_eq!(shots.fired_by(&first, SHOT_LIFE.0.into()), Some(0));
        shots.add(steps + 1, steps + 1, EAST);
        assert_eq!(shots.fired.len(), fired.len());
    }

    #[test]
    fn of_two_in_one_direction_the_one_of_that_age_is_meant() {
        let mut shots = OwnShots::default();
        shots.add(1, 10, EAST);
        shots.add(2, 40, EAST);
        shots.add(3, 70, EAST);
        assert_eq!(shots.fired_by(&shot(5, 5), 45), Some(40));
        assert_eq!(shots.fired_by(&shot(4, 35), 45), Some(10));
        // It was not consumed yet.
        assert_eq!(shots.fired_by(&shot(6, 0), 45), None);
    }

    #[test]
    fn a_confirmation_is_right_whatever_was_taken_for_it() {
        let mut shots = OwnShots::default();
        shots.add(1, 10, EAST);
        shots.add(2, 12, EAST);
        assert_eq!(shots.fired_by(&shot(5, 3), 12), Some(10));
        shots.confirm(2, ProjectileId(5));
        assert_eq!(shots.fired_by(&shot(5, 3), 12), Some(12));
        assert_eq!(shots.fired_by(&shot(6, 3), 12), Some(10));
    }

    #[test]
    fn a_room_that_restarted_gives_the_same_ids_to_others() {
        let mut shots = OwnShots::default();
        shots.add(1, 10, EAST);
        shots.confirm(1, ProjectileId(5));
        shots.add(2, 300, EAST);
        shots.begin();
        assert_eq!(shots.fired_by(&shot(5, 2), 302), Some(300));
    }

    #[test]
    fn a_message_of_the_connection_before_is_not_meant() {
        let mut shots = OwnShots::default();
        shots.add(1, 10, EAST);
        shots.begin();
        shots.add(1, 300, Aim(7));
        shots.confirm(1, ProjectileId(5));
        assert_eq!(shots.fired_by(&shot(5, 2), 302), Some(300));
    }
}
