//! Seats: one for each player who is in the world or joins with the next step.
//!
//! * A seat outlives its connection by the grace period, so that a player who comes back finds everything as it was.
//! * In a full room a newcomer gets the seat whose connection has been gone longest, or else the one whose connection has been
//!   silent longest.

use alloc::collections::BTreeMap;
use alloc::string::String;

use sim_core::rules::PLAYERS_MAX;
use sim_core::{PlayerId, Step};

use crate::input::ConnId;
use crate::limits::{GRACE_STEPS, LEAVE_STEPS, SEAT_KEPT_STEPS, SILENT_STEPS_MAX};
use crate::lobby::commands::Pending;
use crate::lobby::input_buffer::{InputBuffer, first_of_connection};
use crate::stats::SeatCounts;

/// A player's place in the room.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) user_id: String,
    /// The player's connection.
    pub(crate) conn: Option<ConnId>,
    /// Whether the player is in the world, or joins with the next step.
    pub(crate) in_world: bool,
    /// Grace period; present exactly while there is no connection.
    pub(crate) absence: Option<Absence>,
    /// The seat was given up: the player leaves with the next step.
    pub(crate) given_up: bool,
    /// Step of the newest input; before the first input, of the taking of the seat. A reconnect does not change it.
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
    /// When it leaves at the latest, however often it is hit.
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

    /// Extends the stay because the player was hit.
    fn hit(&mut self, step: Step) {
        self.until = self.until.max(step.after(LEAVE_STEPS)).min(self.latest);
    }

    /// Whether a newcomer may get the seat. A player who left on purpose goes soon, and must not vanish from a fight because of a
    /// newcomer.
    fn may_be_given_up(self) -> bool {
        self.until == self.latest
    }

    /// The same with its steps mapped to another count.
    pub(crate) fn at(self, count: impl Fn(Step) -> Step) -> Self {
        Self {
            until: count(self.until),
            latest: count(self.latest),
        }
    }
}

/// A seat for a newcomer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Free,
    /// The seat of this player, who must give it up.
    Of(PlayerId),
}

/// All seats of a room.
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

    /// The seat of a player who is in the world of a hydrated room, without a connection.
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

    /// The connection is gone.
    pub(crate) fn let_go(&mut self, absence: Absence) {
        self.conn = None;
        self.absence = Some(absence);
        self.input_buffer.let_go();
        self.pending.forget_from(self.input_buffer.next());
    }

    /// A connection takes the seat.
    pub(crate) fn take(&mut self, conn: ConnId) {
        self.conn = Some(conn);
        self.absence = None;
        self.given_up = false;
    }

    /// Restarts the input numbers if they are too near their end. Inputs that waited under the old numbers are dropped, because the
    /// new connection does not know of them.
    pub(crate) fn number_anew(&mut self) {
        let next = self.input_buffer.next();
        let first = first_of_connection(next);
        if first != next {
            self.input_buffer = InputBuffer::starting(first);
            self.pending.forget_from(0);
        }
    }

    /// Extends the stay because the player was hit.
    pub(crate) fn hit(&mut self, step: Step) {
        if let Some(absence) = &mut self.absence {
            absence.hit(step);
        }
    }

    /// Whether the connection has been silent for too long at this step.
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

    /// A seat without a connection: a free one, or the one whose connection has been gone longest.
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

    /// The seat whose connection has been silent longest, if long enough to lose the seat.
    pub(crate) fn silent_longest(&self, present: Step) -> Option<Place> {
        let silent = self.iter().filter(|(_, seat)| {
            seat.conn.is_some() && present.since(seat.heard) >= SEAT_KEPT_STEPS
        });
        let longest = silent.min_by_key(|(_, seat)| seat.heard);
        longest.map(|(player, _)| Place::Of(player))
    }

    /// Number of seats without those that are given up.
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
