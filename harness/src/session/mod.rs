//! The session's time: what happens next, and what follows from it.

mod conns;
mod ending;
mod faults;

use std::collections::BTreeMap;

use authority::ConnId;
use netcode::{Micros, Stats};
use protocol::CloseCode;
use sim_core::Rng;

use crate::client_action::Reaches;
use crate::fault::Fault;
use crate::host::{ClientActions, Host};
use crate::oracle::unread::Sent;
use crate::oracle::views::Views;
use crate::oracle::{VIOLATIONS_MAX, quiet};
use crate::outcome::Outcome;
use crate::script::Script;
use crate::seat::{Player, Seat};
use crate::violation::Violation;

/// Something that happens at a moment.
#[derive(Debug)]
enum Event {
    Enters {
        seat: usize,
    },
    Leaves {
        seat: usize,
        on_purpose: bool,
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
    /// The host looks at how much of what it sent has left.
    Drains {
        conn: ConnId,
    },
    /// The platform forgets a connection that the room has closed.
    Forgotten {
        conn: ConnId,
    },
    GoesWrong(Fault),
    /// Those who rested go on.
    GoesOn,
    Quiet,
    /// Everybody must have settled by now.
    Settled,
}

/// Whether an event waited for its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Postponed {
    Until,
    No,
}

/// One connection, from the client's asking for it on.
#[derive(Debug)]
struct Conn {
    seat: usize,
    token: Option<String>,
    /// The how many-th it was that came to the room; none before it has.
    came: Option<u64>,
    /// Nothing that is on the way arrives any more.
    broken: bool,
    /// Whether the room knows it.
    above: bool,
    /// Nothing that the client says reaches the room any more, not even that it hangs up.
    dead: bool,
    /// The client has ended it, maybe before the room knew of it.
    hung_up: bool,
    /// With the word that its player leaves.
    left: bool,
    /// Whether the host watches how much waits to leave.
    drains: bool,
    sent: Sent,
}

struct Session {
    now: Micros,
    /// By time; what was held up until then comes before what comes only then, each in its order.
    queue: BTreeMap<(Micros, Postponed, u64), Event>,
    queued: u64,
    host: Host,
    /// The host does nothing before this.
    host_stalled_until: Micros,
    /// The host's timer does not fire before this.
    timer_starved_until: Micros,
    seats: Vec<Seat>,
    conns: BTreeMap<ConnId, Conn>,
    conns_made: u64,
    conns_came: u64,
    /// Nobody does anything before this.
    rests_until: Micros,
    views: Views,
    violations: Vec<Violation>,
    /// When nothing goes wrong any more; the end if there is no quiet.
    quiet_from: Micros,
    /// What clients had counted when everything should have settled.
    settled: Vec<Option<Stats>>,
    rng: Rng,
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
        host_stalled_until: Micros(0),
        timer_starved_until: Micros(0),
        seats: Vec::new(),
        conns: BTreeMap::new(),
        conns_made: 0,
        conns_came: 0,
        rests_until: Micros(0),
        views: Views::default(),
        violations: Vec::new(),
        quiet_from: millis(script.quiet_from_ms()),
        settled: Vec::new(),
        rng: Rng::new(!script.seed),
    };
    for (seat, plan) in script.seats.iter().enumerate() {
        session.seats.push(Seat::new(seat, plan, fork()));
        session.at(millis(plan.enters_ms), Event::Enters { seat });
        if let Some(leaves) = plan.leaves_ms {
            let on_purpose = plan.leaves_on_purpose;
            session.at(millis(leaves), Event::Leaves { seat, on_purpose });
        }
    }
    let end = Micros(u64::from(script.seconds) * 1_000_000);
    if script.quiet_seconds > 0 {
        let quiet = millis(script.quiet_from_ms());
        session.at(quiet, Event::Quiet);
        if quiet.after(quiet::SETTLES) <= end {
            session.at(Micros(end.0 - quiet::SETTLED.0), Event::Settled);
        }
    }
    for timed in &script.faults {
        session.at(millis(timed.at_ms), Event::GoesWrong(timed.fault));
    }
    while let Some(((at, ..), event)) = session.queue.pop_first() {
        if at > end {
            break;
        }
        session.now = at;
        session.happen(event);
    }
    session.now = end;
    session.end(script)
}

impl Session {
    fn at(&mut self, at: Micros, event: Event) {
        self.put(at, Postponed::No, event);
    }

    fn put(&mut self, at: Micros, held: Postponed, event: Event) {
        self.queued += 1;
        self.queue.insert((at, held, self.queued), event);
    }

    fn happen(&mut self, event: Event) {
        let Some(event) = self.held_up(event) else {
            return;
        };
        match event {
            Event::Enters { seat } => self.wake_seat(seat),
            Event::Leaves { seat, on_purpose } => {
                let conn = self.seats[seat].conn;
                if let Some(conn) = conn.and_then(|conn| self.conns.get_mut(&conn)) {
                    conn.left = on_purpose;
                }
                self.hang_up(seat);
                self.seats[seat].leave();
            }
            Event::SeatTimer { seat } => {
                if self.seats[seat].timer == Some(self.now) {
                    self.wake_seat(seat);
                }
            }
            Event::RoomTimer => {
                if self.host.timer().is_some_and(|due| due <= self.now) {
                    let wishes = self.host.wake(self.now);
                    self.grant(wishes);
                }
            }
            Event::Arrives { conn } => self.arrives(conn),
            Event::Opens { conn } => {
                if let Some(seat) = self.holder(conn) {
                    self.reaches(seat, Reaches::Opened);
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
                    self.reaches(seat, Reaches::Closed { code });
                }
            }
            Event::ClosedAbove { conn } => {
                if let Some(gone) = self.conns.get_mut(&conn).filter(|conn| conn.above) {
                    gone.above = false;
                    let left = gone.left;
                    let wishes = self.host.disconnect(self.now, conn, left);
                    self.grant(wishes);
                }
            }
            Event::Breaks { conn } => {
                if self.now < self.quiet_from {
                    self.breaks(conn);
                }
            }
            Event::Drains { conn } => self.drains(conn),
            Event::GoesWrong(fault) => {
                if self.now < self.quiet_from {
                    self.goes_wrong(fault);
                }
            }
            Event::Forgotten { conn } => self.host.forgets(conn),
            Event::GoesOn => self.goes_on(),
            Event::Quiet => self.falls_quiet(),
            Event::Settled => self.notes_settled(),
        }
    }

    /// The event, if whom it reaches is awake; otherwise it comes again when that is so.
    fn held_up(&mut self, event: Event) -> Option<Event> {
        let of_client = |conn: &ConnId| Some(self.seats[self.conns.get(conn)?.seat].frozen_until);
        let until = match &event {
            Event::RoomTimer => Some(self.host_stalled_until.max(self.timer_starved_until)),
            Event::Arrives { .. }
            | Event::Up { .. }
            | Event::ClosedAbove { .. }
            | Event::Drains { .. } => Some(self.host_stalled_until),
            Event::Opens { conn } | Event::Down { conn, .. } | Event::ClosedBelow { conn, .. } => {
                of_client(conn)
            }
            Event::Enters { .. }
            | Event::Leaves { .. }
            | Event::SeatTimer { .. }
            | Event::Breaks { .. }
            | Event::Forgotten { .. }
            | Event::GoesWrong(_)
            | Event::GoesOn
            | Event::Quiet
            | Event::Settled => None,
        };
        match until.filter(|until| *until > self.now) {
            Some(until) => {
                self.put(until, Postponed::Until, event);
                None
            }
            None => Some(event),
        }
    }

    fn wake_seat(&mut self, seat: usize) {
        self.reaches(seat, Reaches::Time);
    }

    /// Something reaches a client, and what it wants over that is done.
    fn reaches(&mut self, seat: usize, what: Reaches<'_>) {
        let (wishes, found) = self.seats[seat].handle(seat, self.now, what);
        self.found(found);
        self.fulfil(seat, wishes);
    }

    fn found(&mut self, violations: impl IntoIterator<Item = Violation>) {
        let room = VIOLATIONS_MAX.saturating_sub(self.violations.len());
        self.violations.extend(violations.into_iter().take(room));
    }

    fn notes_settled(&mut self) {
        let stats = |seat: &Seat| match &seat.player {
            // Who is only just coming back has something to repair.
            Player::Honest(honest) if honest.client.is_playing() => Some(honest.client.stats()),
            Player::Honest(_) | Player::Hostile(_) => None,
        };
        self.settled = self.seats.iter().map(stats).collect();
    }

    /// Does what the room asks for, and looks whether it still lives.
    fn grant(&mut self, wishes: ClientActions) {
        let died = wishes.died;
        self.pass_on(wishes);
        let found = std::mem::take(&mut self.host.violations);
        self.found(found);
        if died {
            self.host_died();
        }
    }
}

fn millis(ms: u32) -> Micros {
    Micros::from_millis(u64::from(ms))
}
