//! The session's time: what happens next, and what follows from it.

use std::collections::BTreeMap;

use authority::ConnId;
use netcode::Micros;
use protocol::CloseCode;
use sim_core::Rng;

use crate::host::{Host, Wishes};
use crate::link::Way;
use crate::oracle::Oracle;
use crate::outcome::Outcome;
use crate::script::{Happening, Script};
use crate::seat::{Seat, Wish};

/// Something that happens at a moment.
#[derive(Debug)]
enum Event {
    Enters {
        seat: usize,
    },
    Leaves {
        seat: usize,
    },
    /// The client asked to be woken.
    SeatTimer {
        seat: usize,
    },
    RoomTimer,
    /// A connection reaches the room.
    Arrives {
        conn: ConnId,
    },
    /// The client hears that it is open.
    Opens {
        conn: ConnId,
    },
    Up {
        conn: ConnId,
        bytes: Vec<u8>,
    },
    Down {
        conn: ConnId,
        bytes: Vec<u8>,
        text: bool,
    },
    /// The client hears that it is gone.
    ClosedBelow {
        conn: ConnId,
        code: Option<CloseCode>,
    },
    /// The room hears that it is gone.
    ClosedAbove {
        conn: ConnId,
    },
    Breaks {
        conn: ConnId,
    },
    Happens(Happening),
}

/// One connection, from the client's asking for it on.
#[derive(Debug)]
struct Conn {
    seat: usize,
    token: Option<String>,
    /// Nothing that is on the way arrives any more.
    broken: bool,
    /// Whether the room knows it.
    above: bool,
}

struct Session {
    now: Micros,
    queue: BTreeMap<(Micros, u64), Event>,
    queued: u64,
    host: Host,
    seats: Vec<Seat>,
    conns: BTreeMap<ConnId, Conn>,
    conns_made: u64,
    oracle: Oracle,
}

/// Plays the script.
#[must_use]
pub fn run(script: &Script) -> Outcome {
    let mut rng = Rng::new(script.seed);
    let mut fork = || Rng::new(rng.next_u64());
    let mut session = Session {
        now: Micros(0),
        queue: BTreeMap::new(),
        queued: 0,
        host: Host::new(script, fork()),
        seats: Vec::new(),
        conns: BTreeMap::new(),
        conns_made: 0,
        oracle: Oracle::default(),
    };
    for (seat, plan) in script.seats.iter().enumerate() {
        session.seats.push(Seat::new(seat, plan, fork()));
        session.at(plan.enters, Event::Enters { seat });
        if let Some(leaves) = plan.leaves {
            session.at(leaves, Event::Leaves { seat });
        }
    }
    for &(at, happening) in &script.happenings {
        session.at(at, Event::Happens(happening));
    }
    let end = Micros(u64::from(script.seconds) * 1_000_000);
    while let Some(((at, _), event)) = session.queue.pop_first() {
        if at > end {
            break;
        }
        session.now = at;
        session.happen(event);
    }
    session.now = end;
    session.end()
}

impl Session {
    fn at(&mut self, at: Micros, event: Event) {
        self.queued += 1;
        self.queue.insert((at, self.queued), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Enters { seat } => self.wake_seat(seat),
            Event::Leaves { seat } => {
                self.hang_up(seat);
                self.seats[seat].leave();
            }
            Event::SeatTimer { seat } => {
                if self.seats[seat].timer == Some(self.now) {
                    self.wake_seat(seat);
                }
            }
            Event::RoomTimer => {
                if self.host.timer() == Some(self.now) {
                    let wishes = self.host.wake(self.now);
                    self.grant(wishes);
                }
            }
            Event::Arrives { conn } => self.arrives(conn),
            Event::Opens { conn } => {
                if let Some(seat) = self.holder(conn) {
                    let wishes = self.seats[seat].opened(self.now);
                    self.fulfil(seat, wishes);
                }
            }
            Event::Up { conn, bytes } => {
                let known = self.conns.get(&conn);
                if known.is_some_and(|conn| conn.above && !conn.broken) {
                    let wishes = self.host.message(self.now, conn, &bytes);
                    self.grant(wishes);
                }
            }
            Event::Down { conn, bytes, text } => self.down(conn, &bytes, text),
            Event::ClosedBelow { conn, code } => {
                if let Some(seat) = self.holder(conn) {
                    let wishes = self.seats[seat].closed(self.now, code);
                    self.fulfil(seat, wishes);
                }
            }
            Event::ClosedAbove { conn } => {
                if let Some(gone) = self.conns.get_mut(&conn).filter(|conn| conn.above) {
                    gone.above = false;
                    let wishes = self.host.disconnect(self.now, conn);
                    self.grant(wishes);
                }
            }
            Event::Breaks { conn } => self.breaks(conn),
            Event::Happens(happening) => self.goes_wrong(happening),
        }
    }

    fn wake_seat(&mut self, seat: usize) {
        let wishes = self.seats[seat].advance(self.now);
        self.fulfil(seat, wishes);
    }

    /// The seat whose client still holds the connection.
    fn holder(&self, conn: ConnId) -> Option<usize> {
        let seat = self.conns.get(&conn)?.seat;
        (self.seats[seat].conn == Some(conn)).then_some(seat)
    }

    fn arrives(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| !conn.broken) else {
            return;
        };
        conn.above = true;
        let (seat, token) = (conn.seat, conn.token.clone());
        let seat_of = &mut self.seats[seat];
        let opens = seat_of.link.arrival(self.now, Way::Down);
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

    fn down(&mut self, conn: ConnId, bytes: &[u8], text: bool) {
        let broken = self.conns.get(&conn).is_none_or(|conn| conn.broken);
        let Some(seat) = self.holder(conn).filter(|_| !broken) else {
            return;
        };
        let (wishes, merged) = self.seats[seat].message(self.now, bytes, text);
        if merged {
            self.oracle.client_merged(seat, &self.seats[seat].client);
        }
        self.fulfil(seat, wishes);
    }

    /// Does what a client asks for.
    fn fulfil(&mut self, seat: usize, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Connect { token } => {
                    self.hang_up(seat);
                    self.conns_made += 1;
                    let id = ConnId(self.conns_made);
                    let conn = Conn {
                        seat,
                        token,
                        broken: false,
                        above: false,
                    };
                    self.conns.insert(id, conn);
                    let seat_of = &mut self.seats[seat];
                    seat_of.conn = Some(id);
                    // There and back for the transport's handshake, and there again with the request.
                    let asked = seat_of.link.arrival(self.now, Way::Up);
                    let answered = seat_of.link.arrival(asked, Way::Down);
                    let arrives = seat_of.link.arrival(answered, Way::Up);
                    self.at(arrives, Event::Arrives { conn: id });
                }
                Wish::Send { bytes } => {
                    let seat_of = &mut self.seats[seat];
                    if let Some(conn) = seat_of.conn {
                        seat_of.bytes_up += bytes.len() as u64;
                        let arrives = seat_of.link.arrival(self.now, Way::Up);
                        self.at(arrives, Event::Up { conn, bytes });
                    }
                }
                Wish::Close => self.hang_up(seat),
            }
        }
        if let Some(timer) = self.seats[seat].timer {
            self.at(timer, Event::SeatTimer { seat });
        }
    }

    /// The client ends its connection, if it has one.
    fn hang_up(&mut self, seat: usize) {
        let seat_of = &mut self.seats[seat];
        if let Some(conn) = seat_of.conn.take() {
            let heard = seat_of.link.arrival(self.now, Way::Up);
            self.at(heard, Event::ClosedAbove { conn });
        }
    }

    /// Does what the room asks for.
    fn grant(&mut self, wishes: Wishes) {
        if let Some(view) = wishes.view {
            self.oracle.room_sent(view);
        }
        for (conn, bytes, text) in wishes.sends {
            if let Some(seat) = self.conns.get(&conn).map(|conn| conn.seat) {
                let arrives = self.seats[seat].link.arrival(self.now, Way::Down);
                self.at(arrives, Event::Down { conn, bytes, text });
            }
        }
        for (id, code) in wishes.closes {
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.above = false;
                let heard = self.seats[conn.seat].link.arrival(self.now, Way::Down);
                let code = CloseCode::from_number(code);
                self.at(heard, Event::ClosedBelow { conn: id, code });
            }
        }
        if let Some(timer) = self.host.timer() {
            self.at(timer, Event::RoomTimer);
        }
    }

    fn breaks(&mut self, id: ConnId) {
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

    fn goes_wrong(&mut self, happening: Happening) {
        match happening {
            Happening::Break { seat } => {
                if let Some(conn) = self.seats[seat].conn {
                    self.breaks(conn);
                }
            }
            Happening::Stall { seat, length } => self.seats[seat].link.stall(self.now, length),
            Happening::Restart => {
                self.host.die();
                self.oracle.room_restarted();
                let all: Vec<ConnId> = self.conns.keys().copied().collect();
                for id in all {
                    if let Some(conn) = self.conns.get_mut(&id) {
                        conn.above = false;
                    }
                    self.breaks(id);
                }
            }
        }
    }

    fn end(mut self) -> Outcome {
        let _ = self.host.close(self.now);
        for (seat, of) in self.seats.iter().enumerate() {
            self.oracle.client_ends(seat, &of.client);
        }
        let (rooms, disk) = self.host.into_lives();
        Outcome {
            recordings: disk.recordings().to_vec(),
            seats: self.seats.into_iter().map(Seat::into_outcome).collect(),
            rooms,
            rows_written: disk.rows_written(),
            views_compared: self.oracle.compared,
            violations: self.oracle.violations,
        }
    }
}
