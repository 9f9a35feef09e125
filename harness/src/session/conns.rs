//! Connections: what clients and room want, carried over the links between them.

use authority::ConnId;
use netcode::Micros;
use protocol::CloseCode;

use super::faults::HALF_OPEN;
use super::{Conn, Event, Session};
use crate::client_action::{ClientAction, Reaches};
use crate::host::ClientActions;
use crate::link::Way;
use crate::oracle::unread::Sent;
use crate::seat::Player;
use crate::violation::Violation;

/// How often a host looks at how much waits to leave.
const DRAIN_LOOKS: Micros = Micros::from_millis(100);
/// How long it takes from the client's hearing of a close until the platform has heard that it did.
const FAREWELL: Micros = Micros::from_millis(100);
/// Bytes of a handshake, roughly.
const HANDSHAKE_BYTES: usize = 600;
/// More than this must never wait for one client: what the authority lets it leave unread, and what is said in between.
const BACKLOG_BYTES_MAX: usize = authority::limits::UNREAD_BYTES_OVER as usize + (1 << 18);

impl Session {
    /// The seat whose client still holds the connection.
    pub(super) fn holder(&self, conn: ConnId) -> Option<usize> {
        let seat = self.conns.get(&conn)?.seat;
        (self.seats[seat].conn == Some(conn)).then_some(seat)
    }

    pub(super) fn arrives(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| !conn.broken) else {
            return;
        };
        conn.above = true;
        self.conns_came += 1;
        conn.came = Some(self.conns_came);
        let (seat, token) = (conn.seat, conn.token.clone());
        if conn.hung_up {
            self.at(self.now, Event::ClosedAbove { conn: id });
        }
        let seat_of = &mut self.seats[seat];
        let opens = seat_of.link.arrival(self.now, Way::Down, HANDSHAKE_BYTES);
        let holds = seat_of.link.holds_for();
        let (encoding, user_id) = (seat_of.encoding, seat_of.user_id.clone());
        self.at(opens, Event::Opens { conn: id });
        if let Some(holds) = holds {
            self.at(opens.after(holds), Event::Breaks { conn: id });
        }
        let wishes = self
            .host
            .connect(self.now, id, encoding, &user_id, token.as_deref());
        self.grant(wishes);
    }

    pub(super) fn down(&mut self, conn: ConnId, bytes: &[u8], text: bool) {
        let broken = self.conns.get(&conn).is_none_or(|conn| conn.broken);
        let Some(seat) = self.holder(conn).filter(|_| !broken) else {
            return;
        };
        let message = Reaches::Message { bytes, text };
        let (wishes, found) = self.seats[seat].handle(seat, self.now, message);
        self.found(found);
        if let Player::Honest(honest) = &self.seats[seat].player
            && honest.merged
        {
            let found = self.views.client_merged(seat, &honest.client);
            self.found(found);
        }
        self.fulfil(seat, wishes);
    }

    /// Does what a client asks for.
    pub(super) fn fulfil(&mut self, seat: usize, wishes: Vec<ClientAction>) {
        for wish in wishes {
            match wish {
                ClientAction::Connect { token } => self.connects(seat, token),
                ClientAction::Send { bytes } => {
                    let seat_of = &mut self.seats[seat];
                    if let Some(conn) = seat_of.conn {
                        let arrives = seat_of.link.arrival(self.now, Way::Up, bytes.len());
                        self.at(arrives, Event::Up { conn, bytes });
                    }
                }
                ClientAction::Close => self.hang_up(seat),
            }
        }
        if let Some(timer) = self.seats[seat].timer {
            self.at(timer, Event::SeatTimer { seat });
        }
    }

    fn connects(&mut self, seat: usize, token: Option<String>) {
        self.hang_up(seat);
        self.conns_made += 1;
        let id = ConnId(self.conns_made);
        let conn = Conn {
            seat,
            token,
            came: None,
            broken: false,
            above: false,
            dead: false,
            hung_up: false,
            left: false,
            drains: false,
            sent: Sent::default(),
        };
        self.conns.insert(id, conn);
        let seat_of = &mut self.seats[seat];
        seat_of.conn = Some(id);
        seat_of.link.connects(self.now);
        // There and back for the transport's handshake, and there again with the request.
        let mut at = self.now;
        for way in [Way::Up, Way::Down, Way::Up] {
            at = seat_of.link.arrival(at, way, HANDSHAKE_BYTES);
        }
        self.at(at, Event::Arrives { conn: id });
    }

    /// The client ends its connection, if it has one.
    pub(super) fn hang_up(&mut self, seat: usize) {
        let seat_of = &mut self.seats[seat];
        if let Some(conn) = seat_of.conn.take() {
            if let Some(conn) = self.conns.get_mut(&conn) {
                conn.hung_up = true;
                if conn.dead {
                    return;
                }
            }
            let heard = seat_of.link.arrival(self.now, Way::Up, HANDSHAKE_BYTES);
            self.at(heard, Event::ClosedAbove { conn });
        }
    }

    /// Carries what the room sent and closed.
    pub(super) fn pass_on(&mut self, wishes: ClientActions) {
        for view in wishes.views {
            self.views.room_sent(view);
        }
        let life = self.host.lives();
        for (conn, bytes, text) in wishes.sends {
            if let Some(known) = self.conns.get_mut(&conn) {
                let seat = known.seat;
                known.sent.add(life, bytes.len());
                let link = &mut self.seats[seat].link;
                let arrives = link.arrival(self.now, Way::Down, bytes.len());
                let waits = link.waiting(self.now);
                self.at(arrives, Event::Down { conn, bytes, text });
                if waits.is_some() {
                    self.watch_drain(conn);
                }
            }
        }
        self.look_at_unread();
        for (id, code) in wishes.closes {
            self.judge_close(id, code);
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.above = false;
                let link = &mut self.seats[conn.seat].link;
                let heard = link.arrival(self.now, Way::Down, HANDSHAKE_BYTES);
                let code = CloseCode::from_number(code);
                // The platform lists it until the client's side of it has ended, too.
                let (broken, lasts) = (conn.broken, heard.after(FAREWELL));
                let forgotten = if broken {
                    self.now.after(HALF_OPEN)
                } else {
                    lasts
                };
                self.at(heard, Event::ClosedBelow { conn: id, code });
                self.at(forgotten, Event::Forgotten { conn: id });
            }
        }
        if let Some(timer) = self.host.timer() {
            self.at(timer, Event::RoomTimer);
        }
    }

    /// Only a newer connection of the same player replaces one: one that was made later, or that came later, as an attempt
    /// does that was given up while the line stood still.
    fn judge_close(&mut self, id: ConnId, code: u16) {
        let Some(seat) = self.conns.get(&id).map(|conn| conn.seat) else {
            return;
        };
        let came = self.conns.get(&id).and_then(|conn| conn.came);
        let is_newest = self
            .conns
            .iter()
            .filter(|(_, conn)| conn.seat == seat)
            .all(|(other, conn)| *other <= id && conn.came <= came);
        if is_newest && code == CloseCode::ReplacedByNewerConnection.number() {
            self.found([Violation::NewestReplaced { seat }]);
        }
    }

    fn look_at_unread(&mut self) {
        let life = self.host.lives();
        let Some(room) = self.host.room() else {
            return;
        };
        let mut found = Vec::new();
        for (id, conn) in self.conns.iter_mut().filter(|(_, conn)| conn.above) {
            let seat = &self.seats[conn.seat];
            let reads = seat.reads();
            let whose = (conn.seat, *id);
            found.extend(conn.sent.judge(whose, seat.encoding, reads, (life, room)));
        }
        self.found(found);
    }

    fn watch_drain(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(&id)
            && !conn.drains
        {
            conn.drains = true;
            self.at(self.now.after(DRAIN_LOOKS), Event::Drains { conn: id });
        }
    }

    /// How much still waits for this connection.
    pub(super) fn drains(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.above) else {
            return;
        };
        let seat = conn.seat;
        conn.drains = false;
        let waits = self.seats[seat].link.waiting(self.now);
        let bytes = waits.unwrap_or(0);
        if bytes > BACKLOG_BYTES_MAX {
            self.found([Violation::BacklogTooLong { seat, bytes }]);
        }
        if waits.is_some() {
            self.watch_drain(id);
        }
    }

    pub(super) fn breaks(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| !conn.broken) else {
            return;
        };
        conn.broken = true;
        let link = &mut self.seats[conn.seat].link;
        let below = self.now.after(link.unnoticed_for());
        let above = self.now.after(link.unnoticed_for());
        self.at(
            below,
            Event::ClosedBelow {
                conn: id,
                code: None,
            },
        );
        self.at(above, Event::ClosedAbove { conn: id });
    }
}
