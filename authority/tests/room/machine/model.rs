//! The reference: a room as its documentation describes it, with lists instead of anything clever, and without encodings,
//! snapshots, recordings or sleep.

use std::collections::BTreeMap;
use std::fmt;

use protocol::{Ack, CloseCode, ErrorCode, Profile, ServerEvent};
use sim_core::{PlayerId, SavedPlayer, Step, World};

use super::input_buffer::InputBuffer;
use super::moves::Move;
use super::user::{Allowance, User};

/// Steps that a player stays without connection: 30 s.
pub(crate) const GRACE_STEPS: u64 = 1_800;
pub(crate) const LEAVE_STEPS: u64 = 300;
/// Steps without a new input after which a connection is closed: 15 min, and after which somebody else may have its seat:
/// 1 min.
pub(crate) const SILENT_STEPS: u64 = 54_000;
pub(crate) const SEAT_KEPT_STEPS: u64 = 3_600;
/// From one flush to the next: 1 s.
const FLUSH_STEPS: u64 = 60;
/// Changes of a user's characters in a minute, and at once.
pub(crate) const CHANGES: (u64, u64) = (20, 20);
/// Flushes because somebody comes or goes, in a minute and at once.
const EARLY: (u64, u64) = (30, 32);

/// What a connection is told besides snapshots.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Welcome {
        player: PlayerId,
        resumed: bool,
        next: u32,
        character: String,
        characters: Vec<Profile>,
    },
    Ack(Ack),
    Error {
        code: ErrorCode,
        seq: Option<u32>,
        fatal: bool,
    },
    Pong(u32),
    Event(ServerEvent),
}

#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) user: usize,
    pub(crate) conn: Option<u64>,
    pub(crate) in_world: bool,
    pub(crate) until: Option<Step>,
    /// For who left on purpose: how long hits keep the player in the room.
    pub(crate) latest: Option<Step>,
    pub(crate) given_up: bool,
    /// When a new input last came, or the seat was taken.
    pub(crate) heard: Step,
    pub(crate) input_buffer: InputBuffer,
}

#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) player: PlayerId,
    pub(crate) last_seq: Option<u32>,
    /// Messages that may still come at once, times a thousand, and when that was.
    pub(crate) allowance: (u64, u64),
    /// The same for what waited while the room did not run, and until when.
    pub(crate) excused: (u64, u64),
    pub(crate) too_fast: u32,
    pub(crate) undecodable: u32,
    pub(crate) dropped: u32,
    /// When it last said which snapshot it has.
    pub(crate) acked: Step,
}

/// What a restart gives back.
#[derive(Clone)]
struct Durable {
    world: World,
    users: BTreeMap<usize, (Option<SavedPlayer>, u32, Option<u64>)>,
    heard: BTreeMap<PlayerId, Step>,
    /// Whether there is a recording that leads here.
    recorded: bool,
}

/// What a snapshot says besides what it shows: the newest input consumed, how many wait, how many were dropped.
pub(crate) type Report = (Option<u32>, usize, u32);

#[derive(Clone)]
pub(crate) struct Model {
    /// What happened before the first move.
    pub(crate) opening: Vec<Move>,
    pub(crate) world: World,
    pub(crate) users: BTreeMap<usize, User>,
    pub(crate) seats: BTreeMap<PlayerId, Seat>,
    pub(crate) connections: BTreeMap<u64, Connection>,
    /// Number of the newest message that each connection's client has sent.
    pub(crate) numbers: BTreeMap<u64, u32>,
    pub(crate) last_conn: u64,
    pub(crate) now: u64,
    /// Thousandths of a step that have passed without being run; none before the room is first awake.
    pub(crate) clock: Option<u64>,
    pub(crate) next_flush: Step,
    early: Allowance,
    /// The last step in which something happened for sure.
    pub(crate) active: Step,
    /// None while it depends on whether the room sleeps.
    durable: Option<Durable>,
    pub(crate) has_run: bool,
    /// Inputs consumed since the room was made.
    pub(crate) consumed: u64,
    /// What the newest move led to.
    pub(crate) told: BTreeMap<u64, Vec<Told>>,
    pub(crate) closed: BTreeMap<u64, CloseCode>,
    /// Connections that outlived the newest restart, and whose they are.
    pub(crate) outlived: BTreeMap<u64, usize>,
    pub(crate) reports: BTreeMap<(Step, u64), Report>,
}

impl fmt::Debug for Model {
    /// Only where it begins: the moves say the rest.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "after {} moves", self.opening.len())
    }
}

impl Model {
    pub(crate) fn beginning(seed: u64, opening: Vec<Move>) -> Self {
        let world = World::new(seed);
        let mut model = Self {
            durable: Some(Durable {
                world: world.clone(),
                users: BTreeMap::new(),
                heard: BTreeMap::new(),
                recorded: false,
            }),
            world,
            opening: opening.clone(),
            users: BTreeMap::new(),
            seats: BTreeMap::new(),
            connections: BTreeMap::new(),
            numbers: BTreeMap::new(),
            last_conn: 0,
            now: 0,
            clock: None,
            next_flush: Step(FLUSH_STEPS),
            early: Allowance::full(EARLY.0, EARLY.1, 0),
            active: Step(0),
            has_run: false,
            consumed: 0,
            told: BTreeMap::new(),
            closed: BTreeMap::new(),
            outlived: BTreeMap::new(),
            reports: BTreeMap::new(),
        };
        for one in &opening {
            model.act(one);
        }
        model
    }

    pub(crate) fn apply(&mut self, one: &Move) {
        self.told.clear();
        self.closed.clear();
        self.reports.clear();
        self.act(one);
    }

    fn act(&mut self, one: &Move) {
        match one {
            Move::Pass(ms) => self.pass(*ms),
            Move::Jump(ms) => self.jump(*ms),
            Move::Connect { user, token, .. } => self.connect(*user, *token),
            Move::Hangup { conn, on_purpose } => {
                if self.connections.contains_key(conn) {
                    self.wake();
                    self.unseat(*conn, *on_purpose);
                    self.flush_early();
                }
            }
            Move::Say(conn, command) => self.say(*conn, command),
            Move::Pings(conn, count) => {
                for _ in 0..*count {
                    self.ping(*conn, 1);
                }
            }
            Move::Rubbish(conn, count) => {
                for _ in 0..*count {
                    self.rubbish(*conn);
                }
            }
            Move::Again(conn) => {
                let is_first = self.numbers.get(conn).is_none_or(|number| *number == 0);
                self.ping(*conn, u32::from(is_first));
            }
            Move::Repeat(..) | Move::Siege { .. } => {
                for part in one.parts().unwrap() {
                    self.act(&part);
                }
            }
            Move::Flush => {
                // A room that sleeps stores the step that it fell asleep at, so it must be awake for sure.
                if self.is_awake() {
                    self.flush();
                }
            }
            Move::Restart { exact, outlive } => self.restart(*exact, *outlive),
        }
    }

    /// Whether a move is one whose outcome the model knows.
    pub(crate) fn allows(&self, one: &Move) -> bool {
        match one {
            Move::Pass(ms) => self.is_heard_from(*ms),
            Move::Jump(ms) => self.is_awake() && self.is_heard_from(*ms),
            Move::Siege { conn, shots, .. } => {
                (1..=self.last_conn).contains(conn)
                    && self.is_heard_from(u64::from(*shots) * 267 + 1_600)
            }
            // Of whom nothing is stored yet, the next room knows at most the characters.
            Move::Restart { .. } => self
                .durable
                .as_ref()
                .is_some_and(|durable| durable.users.len() == self.users.len()),
            Move::Say(conn, _) | Move::Repeat(conn, ..) => (1..=self.last_conn).contains(conn),
            Move::Connect { .. }
            | Move::Hangup { .. }
            | Move::Pings(..)
            | Move::Rubbish(..)
            | Move::Again(_)
            | Move::Flush => true,
        }
    }

    /// Whether it cannot have fallen asleep: it does so when nothing has happened for two seconds.
    pub(crate) fn is_awake(&self) -> bool {
        let waits = self.seats.values().any(|seat| seat.conn.is_none());
        let since = self.world.step_number().since(self.active);
        self.clock.is_some() && (waits || since < 120)
    }

    /// Whether no client will have been silent for so long that it counts as slow.
    fn is_heard_from(&self, ms: u64) -> bool {
        let then = self.world.step_number().after(ms * 60 / 1_000 + 10);
        let mut silent = self
            .connections
            .values()
            .map(|connection| then.since(connection.acked));
        silent.all(|steps| steps < 2_900)
    }

    pub(crate) fn good_tokens(&self) -> impl Iterator<Item = (usize, u64)> {
        let users = self.users.iter();
        users.filter_map(|(user, known)| Some((*user, known.token?)))
    }

    pub(crate) fn tell(&mut self, conn: u64, what: Told) {
        if self.connections.contains_key(&conn) {
            self.told.entry(conn).or_default().push(what);
        }
    }

    pub(crate) fn wake(&mut self) {
        self.clock.get_or_insert(0);
    }

    /// Whether it is known when the room flushes by itself.
    pub(crate) fn is_flush_known(&self) -> bool {
        self.durable.is_some()
    }

    pub(crate) fn forget_flush(&mut self) {
        self.durable = None;
    }

    pub(crate) fn flush_early(&mut self) {
        if self.early.take(self.now) {
            self.flush();
        }
    }

    pub(crate) fn flush(&mut self) {
        let of = |user: &User| {
            let seat = self.seats.get(&user.player);
            let next = seat.map_or(user.next, |seat| seat.input_buffer.next_unconsumed());
            let saved = self.world.player(user.player).map(saved).or(user.saved);
            (saved, next, user.token)
        };
        let users = self.users.iter().map(|(id, user)| (*id, of(user)));
        let in_world = self.seats.iter().filter(|(_, seat)| seat.in_world);
        self.durable = Some(Durable {
            users: users.collect(),
            heard: in_world.map(|(id, seat)| (*id, seat.heard)).collect(),
            world: self.world.clone(),
            recorded: self.has_run,
        });
        self.next_flush = self.world.step_number().after(FLUSH_STEPS);
    }

    fn restart(&mut self, exact: bool, outlive: bool) {
        let durable = self.durable.as_mut().unwrap();
        let is_exact = exact && durable.recorded;
        if !is_exact {
            let from = &durable.world;
            durable.world = World::hydrate(sim_core::DurableWorld {
                step: from.step_number(),
                seed: crate::rig::config().seed,
                structures: from.structures().iter().copied().collect(),
                next_structure: from.next_structure(),
                next_projectile: from.next_projectile(),
            })
            .unwrap();
            durable.recorded = false;
        }
        self.world = durable.world.clone();
        self.has_run = durable.recorded;
        self.early = Allowance::full(EARLY.0, EARLY.1, self.now);
        for (user, (saved, next, token)) in &durable.users {
            let known = self.users.get_mut(user).unwrap();
            (known.saved, known.next, known.token) = (*saved, *next, *token);
            known.assumed &= !known.has_rows;
            known.changes = Allowance::full(CHANGES.0, CHANGES.1, self.now);
        }
        let step = self.world.step_number();
        let heard = &durable.heard;
        let in_world = self.users.iter().filter_map(|(id, user)| {
            self.world.player(user.player)?;
            let seat = Seat {
                user: *id,
                conn: None,
                in_world: true,
                until: Some(step.after(GRACE_STEPS)),
                latest: None,
                given_up: false,
                heard: heard.get(&user.player).copied().unwrap_or(step),
                input_buffer: InputBuffer::starting(user.next),
            };
            Some((user.player, seat))
        });
        let conns = std::mem::take(&mut self.connections);
        self.seats = in_world.collect();
        self.clock = (!self.world.is_quiet() || !self.world.players().is_empty()).then_some(0);
        self.next_flush = step.after(FLUSH_STEPS);
        self.active = step;
        self.consumed = 0;
        self.outlived.clear();
        for (conn, connection) in conns.into_iter().filter(|_| outlive) {
            let owner =
                |(id, user): (&usize, &User)| (user.player == connection.player).then_some(*id);
            let user = self.users.iter().find_map(owner).unwrap();
            self.outlived.insert(conn, user);
            if self.has_seat(user) || self.make_place() {
                self.take_seat(user, conn);
            } else {
                self.closed.insert(conn, CloseCode::GoingAway);
            }
        }
    }
}

pub(crate) fn saved(player: &sim_core::Player) -> SavedPlayer {
    SavedPlayer {
        pos: player.pos,
        vel: player.vel,
        health: player.health,
        score: player.score,
        deaths: player.deaths,
    }
}
