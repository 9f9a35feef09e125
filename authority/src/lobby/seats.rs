//! Who is in: every player who is in the world, or will be with the next step.
//!
//! * A seat outlives its connection by the grace period, so that a player who comes back finds everything as it was.
//! * A room without a free seat gives up the seat whose connection is gone longest, or else, to somebody who asks for
//!   it, the one whose connection was silent longest.

use alloc::collections::BTreeMap;
use alloc::string::String;

use sim_core::rules::PLAYERS_MAX;
use sim_core::{PlayerId, Step};

use crate::input::ConnId;
use crate::limits::{GRACE_STEPS, LEAVE_STEPS, SEAT_KEPT_STEPS, SILENT_STEPS_MAX};
use crate::lobby::commands::Pending;
use crate::lobby::input_buffer::{InputBuffer, first_of_connection};
use crate::stats::SeatCounts;

/// A player who is in.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) user_id: String,
    /// The connection that steers the player.
    pub(crate) conn: Option<ConnId>,
    /// Whether the player is in the world, or joins with the next step.
    pub(crate) in_world: bool,
    /// How long somebody is waited for: exactly if there is no connection.
    pub(crate) absence: Option<Absence>,
    /// The seat was given up: the player leaves with the next step.
    pub(crate) given_up: bool,
    /// The step after which the newest input came, or, before the first, the seat was taken. Another connection is no
    /// input.
    pub(crate) heard: Step,
    pub(crate) input_buffer: InputBuffer,
    pub(crate) pending: Pending,
    pub(crate) counts: SeatCounts,
}

/// How long a player without connection stays in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Absence {
    /// When the player leaves, if nobody comes back.
    until: Step,
    /// When it does at the latest, whatever hits it.
    latest: Step,
}

impl Absence {
    pub(crate) fn of_a_lost_line(step: Step) -> Self {
        let until = step.after(GRACE_STEPS);
        Self {
            until,
            latest: until,
        }
    }

    pub(crate) fn of_who_left(step: Step) -> Self {
        Self {
            until: step.after(LEAVE_STEPS),
            latest: step.after(GRACE_STEPS),
        }
    }

    /// Somebody hits the player.
    fn hit(&mut self, step: Step) {
        self.until = self.until.max(step.after(LEAVE_STEPS)).min(self.latest);
    }

    /// Whether somebody else may have the seat: who left on purpose goes soon, and is not to vanish from a fight because another
    /// knocks.
    fn may_be_given_up(self) -> bool {
        self.until == self.latest
    }

    /// The same on another count of steps.
    pub(crate) fn at(self, count: impl Fn(Step) -> Step) -> Self {
        Self {
            until: count(self.until),
            latest: count(self.latest),
        }
    }
}

/// Where somebody who has no seat may sit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Free,
    /// Where this player sits now.
    Of(PlayerId),
}

/// Everybody who is in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats {
    by_player: BTreeMap<PlayerId, Seat>,
}

impl Seat {
    /// A seat that a connection takes after this step.
    pub(crate) fn taken(user_id: String, conn: ConnId, next_input_seq: u32, step: Step) -> Self {
        Self {
            user_id,
            conn: Some(conn),
            in_world: false,
            absence: None,
            given_up: false,
            heard: step,
            input_buffer: InputBuffer::starting(next_input_seq),
            pending: Pending::default(),
            counts: SeatCounts::default(),
        }
    }

    /// The seat of a player who is in the world, and whose connection went with the room that was.
    pub(crate) fn left_behind(
        user_id: String,
        next_input_seq: u32,
        absence: Absence,
        heard: Step,
    ) -> Self {
        Self {
            user_id,
            conn: None,
            in_world: true,
            absence: Some(absence),
            given_up: false,
            heard,
            input_buffer: InputBuffer::starting(next_input_seq),
            pending: Pending::default(),
            counts: SeatCounts::default(),
        }
    }

    /// Nobody steers any more.
    pub(crate) fn let_go(&mut self, absence: Absence) {
        self.conn = None;
        self.absence = Some(absence);
        self.input_buffer.let_go();
        self.pending.forget_from(self.input_buffer.next());
    }

    /// Somebody steers again.
    pub(crate) fn take(&mut self, conn: ConnId) {
        self.conn = Some(conn);
        self.absence = None;
        self.given_up = false;
    }

    /// Begins the numbers of inputs again if they are too near to their end. What waited under the old ones is forgotten: the
    /// connection that begins does not know of it.
    pub(crate) fn number_anew(&mut self) {
        let next = self.input_buffer.next();
        let first = first_of_connection(next);
        if first != next {
            self.input_buffer = InputBuffer::starting(first);
            self.pending.forget_from(0);
        }
    }

    /// Somebody hits the player.
    pub(crate) fn hit(&mut self, step: Step) {
        if let Some(absence) = &mut self.absence {
            absence.hit(step);
        }
    }

    /// Whether somebody is connected and was silent for too long at this step.
    pub(crate) fn is_silent(&self, step: Step) -> bool {
        self.conn.is_some() && step.since(self.heard) >= SILENT_STEPS_MAX
    }

    /// Whether the player leaves with the step after this one.
    pub(crate) fn is_over(&self, step: Step) -> bool {
        self.given_up || self.absence.is_some_and(|absence| absence.until <= step)
    }
}

impl Seats {
    pub(crate) fn get(&self, player: PlayerId) -> Option<&Seat> {
        self.by_player.get(&player)
    }

    pub(crate) fn get_mut(&mut self, player: PlayerId) -> Option<&mut Seat> {
        self.by_player.get_mut(&player)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (PlayerId, &Seat)> {
        self.by_player.iter().map(|(player, seat)| (*player, seat))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (PlayerId, &mut Seat)> {
        self.by_player
            .iter_mut()
            .map(|(player, seat)| (*player, seat))
    }

    pub(crate) fn insert(&mut self, player: PlayerId, seat: Seat) {
        let before = self.by_player.insert(player, seat);
        assert!(before.is_none(), "a player has one seat");
        assert!(
            self.remaining() <= PLAYERS_MAX,
            "no more seats than players"
        );
    }

    pub(crate) fn remove(&mut self, player: PlayerId) -> Option<Seat> {
        self.by_player.remove(&player)
    }

    /// The room slept: nobody's grace period has passed meanwhile.
    pub(crate) fn slept(&mut self, steps: u64) {
        for seat in self.by_player.values_mut() {
            seat.absence = seat
                .absence
                .map(|absence| absence.at(|step| step.after(steps)));
        }
    }

    /// A place for one more that is in nobody's use: a free one, or the seat whose connection is gone longest.
    pub(crate) fn unused(&self) -> Option<Place> {
        if self.remaining() < PLAYERS_MAX {
            return Some(Place::Free);
        }
        let is_waiting = |seat: &Seat| seat.absence.is_some_and(Absence::may_be_given_up);
        let waiting = self
            .iter()
            .filter(|(_, seat)| is_waiting(seat) && !seat.given_up);
        let longest = waiting.min_by_key(|(_, seat)| seat.absence);
        longest.map(|(player, _)| Place::Of(player))
    }

    /// The seat whose connection was silent longest, if it was for long enough to lose it.
    pub(crate) fn silent_longest(&self, present: Step) -> Option<Place> {
        let silent = self.iter().filter(|(_, seat)| {
            seat.conn.is_some() && present.since(seat.heard) >= SEAT_KEPT_STEPS
        });
        let longest = silent.min_by_key(|(_, seat)| seat.heard);
        longest.map(|(player, _)| Place::Of(player))
    }

    /// Seats after those that are given up are free.
    fn remaining(&self) -> usize {
        self.by_player
            .values()
            .filter(|seat| !seat.given_up)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_hold_who_left_for_no_longer_than_a_lost_line_and_who_lost_the_line_not_at_all() {
        let mut left = Absence::of_who_left(Step(100));
        left.hit(Step(110));
        assert_eq!(left.until, Step(110 + LEAVE_STEPS));
        left.hit(Step(100 + GRACE_STEPS - 1));
        assert_eq!(left.until, Step(100 + GRACE_STEPS));
        let mut lost = Absence::of_a_lost_line(Step(100));
        lost.hit(Step(100 + GRACE_STEPS - 1));
        assert_eq!(lost.until, Step(100 + GRACE_STEPS));
    }
}
