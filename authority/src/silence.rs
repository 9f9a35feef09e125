//! Silence: connections that bring no input, and what becomes of their seats.
//!
//! * Only an input that was not there before ends it. Keepalives, pings, repeated inputs and another connection do not.
//! * It is counted in the room's steps. Those that the room sleeps through count, also out of memory; time that the room's
//!   host lost does not.
//! * Who is closed for it has no grace period: the player leaves with the next step.

use alloc::vec::Vec;

use protocol::{CloseCode, ErrorCode};
use sim_core::rules::STEPS_PER_TICK;
use sim_core::{PlayerId, Step};

use crate::clock::TickClock;
use crate::limits::SILENT_STEPS_MAX;
use crate::room::Room;
use crate::seats::{Place, Seat};
use crate::time::Millis;

impl Room {
    /// When the first of the connections will have been silent for too long, if the room sleeps. To be asked after every
    /// input that leaves it asleep; at that time it wants an [`Input::Alarm`](crate::Input::Alarm). None without
    /// connections, and none while it is awake: then it looks by itself.
    #[must_use]
    pub fn idle_deadline(&self) -> Option<Millis> {
        let clock = self.clock.as_ref().filter(|_| self.asleep)?;
        let connected = self.seats.iter().filter(|(_, seat)| seat.conn.is_some());
        let heard = connected.map(|(_, seat)| seat.heard).min()?;
        let silent = self.world.step_number().since(heard);
        let left = SILENT_STEPS_MAX.saturating_sub(silent);
        Some(clock.when(left.div_ceil(u64::from(STEPS_PER_TICK))))
    }

    /// Looks whether somebody was silent for too long, also in a room that sleeps.
    pub(crate) fn alarm(&mut self, now: Millis) {
        let present = self.present(now);
        if self.seats.iter().any(|(_, seat)| is_over(seat, present)) {
            self.wake_up(now);
        }
        self.run(now);
    }

    /// The step that the world is at, or would be if the room had not slept.
    pub(crate) fn present(&self, now: Millis) -> Step {
        let slept = self.clock.as_ref().filter(|_| self.asleep);
        let ticks = slept.map_or(0, |clock: &TickClock| clock.missed(now));
        let steps = ticks * u64::from(STEPS_PER_TICK);
        self.world.step_number().after(steps)
    }

    /// Closes who was silent for too long.
    pub(crate) fn close_silent(&mut self, now: Millis) {
        let step = self.world.step_number();
        let over = self.seats.iter().filter(|(_, seat)| is_over(seat, step));
        let over: Vec<PlayerId> = over.map(|(player, _)| player).collect();
        for player in over {
            self.give_up(now, player);
        }
    }

    /// Empties a place for somebody who asked for one.
    pub(crate) fn clear(&mut self, now: Millis, place: Place) {
        match place {
            Place::Free => {}
            Place::Of(player) => self.give_up(now, player),
        }
    }

    /// Somebody has come to a seat in which the silence was too long already: nobody was there to be closed for it.
    pub(crate) fn forgive(&mut self, player: PlayerId) {
        let step = self.world.step_number();
        if let Some(seat) = self.seats.get_mut(player)
            && is_over(seat, step)
        {
            seat.heard = step;
        }
    }

    /// Takes a seat away from a player, and from the connection that was silent in it.
    fn give_up(&mut self, now: Millis, player: PlayerId) {
        if let Some(conn) = self.seats.get(player).and_then(|seat| seat.conn) {
            self.close(now, conn, ErrorCode::IdleTimeout, CloseCode::IdleTimeout);
        }
        let seat = self.seats.get_mut(player).expect("it was just found");
        seat.given_up = true;
    }
}

fn is_over(seat: &Seat, present: Step) -> bool {
    seat.conn.is_some() && present.since(seat.heard) >= SILENT_STEPS_MAX
}
