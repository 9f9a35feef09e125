//! What goes wrong, done to the parts that it happens to.

use authority::ConnId;
use netcode::Micros;

use super::{Event, Session, millis};
use crate::fault::{CrashPoint, Fault};
use crate::seat::Player;

/// How long a room believes in a connection that is dead: what keep-alives of the platform take.
pub(super) const HALF_OPEN: Micros = Micros::from_millis(60_000);

/// How long a goodbye takes on a good link.
const GOODBYE: Micros = Micros::from_millis(100);

impl Session {
    pub(super) fn goes_wrong(&mut self, fault: Fault) {
        if fault.seat().is_some_and(|seat| seat >= self.seats.len()) {
            return;
        }
        let lasts = |ms: u32| Micros(millis(ms).0.min(self.quiet_from.since(self.now).0));
        match fault {
            Fault::Break { seat } => {
                if let Some(conn) = self.seats[seat].conn {
                    self.breaks(conn);
                }
            }
            Fault::HalfOpen { seat } => self.goes_silent(seat),
            Fault::Stall { seat, ms } => self.seats[seat].link.stall(self.now, lasts(ms)),
            Fault::Throttle {
                seat,
                ms,
                bytes_per_second,
            } => {
                let length = lasts(ms);
                let link = &mut self.seats[seat].link;
                link.throttle(self.now, length, bytes_per_second);
            }
            Fault::Hide { seat, ms } => self.seats[seat].hide(self.now, lasts(ms)),
            Fault::Freeze { seat, ms } => self.seats[seat].freeze(self.now, lasts(ms)),
            Fault::Reload {
                seat,
                keeps_token,
                hangs_up,
            } => self.reloads(seat, keeps_token, hangs_up),
            Fault::Crash {
                point: CrashPoint::Now,
                storage,
            } => {
                self.host.die(storage);
                self.host_died();
            }
            Fault::Crash { point, storage } => self.host.doom(point, storage),
            // What came meanwhile waits for one moment, in order; a longer wait in between would stir it.
            Fault::HostStall { .. } if self.host_stalled_until > self.now => {}
            Fault::HostStall { ms } => {
                self.host_stalled_until = self.now.after(lasts(ms));
                self.host.stalled(lasts(ms));
            }
            Fault::Rest { ms } => {
                self.rests_until = self.rests_until.max(self.now.after(lasts(ms)));
                self.seats.iter_mut().for_each(|seat| seat.pause(true));
                self.at(self.rests_until, Event::GoesOn);
            }
            Fault::Starve { .. } if self.timer_starved_until > self.now => {}
            Fault::Starve { ms } => {
                self.timer_starved_until = self.now.after(lasts(ms));
                // Where nothing comes, nothing runs the ticks.
                self.host.stalled(lasts(ms));
            }
            Fault::Evict => self.host.evict(),
            Fault::Ages => {
                if self.host.age() {
                    self.host_died();
                }
            }
        }
    }

    /// The connection is dead, and only the room hears of it, a minute later.
    fn goes_silent(&mut self, seat: usize) {
        let Some(id) = self.seats[seat].conn else {
            return;
        };
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.broken = true;
            conn.dead = true;
            // By the time of the quiet everything that is dead is known to be.
            let heard = self.now.after(HALF_OPEN).min(self.quiet_from);
            self.at(heard, Event::ClosedAbove { conn: id });
        }
    }

    /// The rest is over. Who was closed for it meanwhile comes back, as people do who find a page that says so.
    pub(super) fn goes_on(&mut self) {
        if self.now < self.rests_until {
            return;
        }
        for seat in 0..self.seats.len() {
            self.seats[seat].pause(false);
            if let Player::Honest(honest) = &self.seats[seat].player
                && honest.was_silent()
            {
                self.reloads(seat, true, true);
            }
        }
    }

    fn reloads(&mut self, seat: usize, keeps_token: bool, hangs_up: bool) {
        let seat_of = &self.seats[seat];
        let Player::Honest(honest) = &seat_of.player else {
            return;
        };
        if !seat_of.is_here() || honest.client.stats().connects == 0 {
            return;
        }
        // A page that is replaced before its connection is there could only be overtaken by its own past.
        let conn = seat_of.conn.and_then(|id| self.conns.get(&id));
        if conn.is_some_and(|conn| !conn.above) {
            return;
        }
        let found = self.seats[seat].reload(seat, keeps_token);
        self.found(found);
        if hangs_up {
            self.hang_up(seat);
        } else {
            self.seats[seat].conn = None;
        }
        self.wake_seat(seat);
    }

    /// Every connection is gone with the host.
    pub(super) fn host_died(&mut self) {
        self.views.room_restarted();
        let all: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in all {
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.above = false;
            }
            self.breaks(id);
        }
    }

    /// From now on nothing goes wrong and nobody does anything.
    pub(super) fn falls_quiet(&mut self) {
        self.host.spare();
        // Whoever has few messages left begins again while there is time for it.
        for conn in self.host.worn.conns().collect::<Vec<_>>() {
            self.breaks(conn);
        }
        for seat in 0..self.seats.len() {
            self.seats[seat].calm_down(self.now);
            if matches!(self.seats[seat].player, Player::Hostile(_)) {
                self.hang_up(seat);
            }
        }
        // Whoever has left is known to have, however long the word of it was held up, and does not come any more.
        let known = self.now.after(GOODBYE);
        let all: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in all {
            if self.holder(id).is_some() {
                continue;
            }
            if let Some(conn) = self.conns.get_mut(&id).filter(|conn| !conn.above) {
                conn.broken = true;
            }
            self.at(known, Event::ClosedAbove { conn: id });
        }
    }
}
