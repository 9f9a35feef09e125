//! Silence: connections that bring no input, and what becomes of their seats.
//!
//! * Only an input that was not there before ends it. Keepalives, pings, repeated inputs and another connection do not.
//! * It is counted in the room's steps. Those that the room sleeps through count, also out of memory; time that the room's
//!   host lost does not.
//! * Who is closed for it has no grace period: the player leaves with the next step.

use protocol::{CloseCode, ErrorCode};
use sim_core::{PlayerId, Step};

use crate::limits::SILENT_STEPS_MAX;
use crate::lobby::seats::Place;
use crate::room::Room;
use crate::time::Millis;

impl Room {
    /// When the first of the connections will have been silent for too long, if the room sleeps. To be asked after every
    /// input that leaves it asleep; at that time it wants an [`Input::Alarm`](crate::Input::Alarm). None without
    /// connections, and none while it is awake: then it looks by itself.
    #[must_use]
    pub fn idle_deadline(&self) -> Option<Millis> {
        let silent = self
            .world()
            .step_number()
            .since(self.lobby.longest_silence_since()?);
        self.schedule
            .time_after(SILENT_STEPS_MAX.saturating_sub(silent))
    }

    /// Looks whether somebody was silent for too long, also in a room that sleeps.
    pub(super) fn alarm(&mut self, now: Millis) {
        if !self.lobby.silent_players(self.present(now)).is_empty() {
            self.wake_up(now);
        }
        self.run(now);
    }

    /// The step that the world is at, or would be if the room had not slept.
    pub(super) fn present(&self, now: Millis) -> Step {
        let slept = self.schedule.missed_steps(now);
        self.world().step_number().after(slept)
    }

    /// Closes who was silent for too long.
    pub(super) fn close_silent(&mut self, now: Millis) {
        for player in self.lobby.silent_players(self.world().step_number()) {
            self.give_up(now, player);
        }
    }

    /// Empties a place for somebody who asked for one.
    pub(super) fn clear(&mut self, now: Millis, place: Place) {
        match place {
            Place::Free => {}
            Place::Of(player) => self.give_up(now, player),
        }
    }

    /// Takes a seat away from a player, and from the connection that was silent in it.
    fn give_up(&mut self, now: Millis, player: PlayerId) {
        if let Some(conn) = self.lobby.connection_of(player) {
            self.close(now, conn, ErrorCode::IdleTimeout, CloseCode::IdleTimeout);
        }
        self.lobby.give_up_seat(player);
    }
}
