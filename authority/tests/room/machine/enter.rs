//! How connections come and go in the reference model.

use std::collections::BTreeMap;

use protocol::{CloseCode, ErrorCode, Profile};
use sim_core::rules::PLAYERS_MAX;
use sim_core::{Look, PlayerId};

use super::input_buffer::InputBuffer;
use super::model::{
    CHANGES, Connection, GRACE_STEPS, LEAVE_STEPS, Model, SEAT_KEPT_STEPS, SILENT_STEPS, Seat, Told,
};
use super::user::{Allowance, User};

impl Model {
    pub(crate) fn connect(&mut self, user: usize, token: Option<u64>) {
        self.last_conn += 1;
        let conn = self.last_conn;
        self.numbers.insert(conn, 0);
        let known = self.users.get(&user);
        if token.is_some() && known.and_then(|known| known.token) != token {
            return self.turn_away(conn, ErrorCode::BadResumeToken, CloseCode::BadResumeToken);
        }
        let seat = known.and_then(|known| self.seats.get(&known.player));
        let resumed = seat.is_some_and(|seat| seat.in_world);
        if !self.has_seat(user) && !self.make_place() && !self.is_somebody_silent() {
            return self.turn_away(conn, ErrorCode::RoomFull, CloseCode::RoomFull);
        }
        if !self.users.contains_key(&user) {
            self.meet(user);
        }
        self.wake();
        if !self.has_seat(user) && !self.make_place() {
            self.close_silent_longest();
        }
        let player = self.take_seat(user, conn);
        let step = self.world.step_number();
        let seat = self.seats.get_mut(&player).unwrap();
        if step.since(seat.heard) >= SILENT_STEPS {
            seat.heard = step;
        }
        let known = self.users.get_mut(&user).unwrap();
        known.token = Some(conn);
        let welcome = Told::Welcome {
            player,
            resumed,
            next: self.seats[&player].input_buffer.next,
            character: known.active.clone(),
            characters: known
                .characters
                .iter()
                .map(|(id, (name, look))| Profile {
                    character_id: id.clone(),
                    name: name.clone(),
                    look: *look,
                })
                .collect(),
        };
        self.tell(conn, welcome);
        self.flush_early();
    }

    fn turn_away(&mut self, conn: u64, code: ErrorCode, close: CloseCode) {
        let error = Told::Error {
            code,
            seq: None,
            fatal: true,
        };
        self.told.entry(conn).or_default().push(error);
        self.closed.insert(conn, close);
    }

    /// Whether the user has a seat.
    pub(crate) fn has_seat(&self, user: usize) -> bool {
        let known = self.users.get(&user);
        let seat = known.and_then(|known| self.seats.get(&known.player));
        seat.is_some_and(|seat| !seat.given_up)
    }

    /// Whether there is a seat for one more; one whose connection is gone longest is given up for it.
    pub(crate) fn make_place(&mut self) -> bool {
        if self.seats.values().filter(|seat| !seat.given_up).count() < PLAYERS_MAX {
            return true;
        }
        let left = self.seats.values_mut();
        // Who left on purpose is gone soon, and does not vanish sooner because another knocks.
        let lost = |seat: &Seat| seat.latest.is_none() || seat.latest == seat.until;
        let left = left.filter(|seat| seat.conn.is_none() && !seat.given_up && lost(seat));
        let longest = left.min_by_key(|seat| seat.until);
        if let Some(seat) = longest {
            seat.given_up = true;
            return true;
        }
        false
    }

    fn is_somebody_silent(&self) -> bool {
        let step = self.world.step_number();
        let mut in_use = self.seats.values().filter(|seat| seat.conn.is_some());
        in_use.any(|seat| step.since(seat.heard) >= SEAT_KEPT_STEPS)
    }

    fn close_silent_longest(&mut self) {
        let in_use = self.seats.iter().filter(|(_, seat)| seat.conn.is_some());
        let longest = in_use.min_by_key(|(_, seat)| seat.heard).unwrap();
        self.give_up(*longest.0);
    }

    /// Closes who was silent for too long.
    pub(crate) fn close_silent(&mut self) {
        let step = self.world.step_number();
        let players: Vec<PlayerId> = self.seats.keys().copied().collect();
        for player in players {
            let seat = &self.seats[&player];
            if seat.conn.is_some() && step.since(seat.heard) >= SILENT_STEPS {
                self.give_up(player);
            }
        }
    }

    fn give_up(&mut self, player: PlayerId) {
        let conn = self.seats[&player].conn.unwrap();
        self.close(conn, ErrorCode::IdleTimeout, CloseCode::IdleTimeout);
        self.seats.get_mut(&player).unwrap().given_up = true;
    }

    fn meet(&mut self, user: usize) {
        let mut numbers = (1..).map(PlayerId);
        let player = numbers.find(|player| {
            let is_taken = self.users.values().any(|known| known.player == *player);
            !is_taken && self.world.structures().iter().all(|at| at.owner != *player)
        });
        let player = player.unwrap();
        let look = Look {
            body: (player.0 % 8) as u8,
            colour: (player.0 % 16) as u8,
        };
        let default = "default".to_owned();
        let known = User {
            player,
            saved: None,
            next: 1,
            token: None,
            characters: BTreeMap::from([(default.clone(), (format!("Player {player}"), look))]),
            active: default,
            assumed: true,
            has_rows: false,
            changes: Allowance::full(CHANGES.0, CHANGES.1, self.now),
        };
        self.users.insert(user, known);
    }

    pub(crate) fn take_seat(&mut self, user: usize, conn: u64) -> PlayerId {
        let known = &self.users[&user];
        let (player, next) = (known.player, known.next);
        let step = self.world.step_number();
        if let Some(older) = self.seats.get(&player).and_then(|seat| seat.conn) {
            let code = ErrorCode::ReplacedByNewerConnection;
            self.close(older, code, CloseCode::ReplacedByNewerConnection);
        }
        let seat = self.seats.entry(player).or_insert_with(|| Seat {
            user,
            conn: None,
            in_world: false,
            until: None,
            latest: None,
            given_up: false,
            heard: step,
            input_buffer: InputBuffer::starting(next),
        });
        seat.conn = Some(conn);
        seat.until = None;
        seat.latest = None;
        seat.given_up = false;
        let connection = Connection {
            player,
            last_seq: None,
            allowance: (120_000, self.now),
            excused: (0, self.now),
            too_fast: 0,
            undecodable: 0,
            dropped: 0,
            acked: self.world.step_number(),
        };
        self.connections.insert(conn, connection);
        self.active = self.world.step_number();
        player
    }

    pub(crate) fn unseat(&mut self, conn: u64, on_purpose: bool) {
        let connection = self.connections.remove(&conn).unwrap();
        let step = self.world.step_number();
        let seat = self.seats.get_mut(&connection.player).unwrap();
        seat.conn = None;
        let grace = step.after(GRACE_STEPS);
        if on_purpose {
            seat.until = Some(step.after(LEAVE_STEPS));
            seat.latest = Some(grace);
        } else {
            seat.until = Some(grace);
        }
        seat.input_buffer.let_go();
        self.active = step;
    }

    pub(crate) fn close(&mut self, conn: u64, code: ErrorCode, close: CloseCode) {
        let error = Told::Error {
            code,
            seq: None,
            fatal: true,
        };
        self.tell(conn, error);
        self.unseat(conn, false);
        self.closed.insert(conn, close);
    }
}
