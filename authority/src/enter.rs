//! How connections come and go.
//!
//! * A user has one player and at most one connection: the newest replaces the one before.
//! * Whoever is let in gets a new resume token; the one before is of no use from then on.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use protocol::{
    CloseCode, Encoding, ErrorBody, ErrorCode, Limits, PROTOCOL_VERSION, Rates, ServerBody, Welcome,
};
use sim_core::PlayerId;

use crate::characters::Characters;
use crate::connection::Connection;
use crate::input::ConnId;
use crate::limits::{RESUME_TOKEN_MS, USER_ID_BYTES_MAX};
use crate::output::{Note, Output};
use crate::proof::Secret;
use crate::rates::{Bucket, Rate};
use crate::room::Room;
use crate::rows::{TokenRow, UserRows};
use crate::seats::{Absence, Place, Seat};
use crate::snapshot_stream::SnapshotStream;
use crate::time::Millis;
use crate::token::{ResumeHash, spell};
use crate::users::{Token, User};
use crate::visitor::Visitor;

/// How a visitor may come in.
struct Entry {
    /// Whether the player is in the world.
    resumed: bool,
    /// What is to be emptied for it.
    place: Place,
}

impl Room {
    pub(crate) fn connect(
        &mut self,
        now: Millis,
        visitor: Visitor,
        resume: Option<ResumeHash>,
        entropy: [u8; 32],
    ) {
        assert!(
            !self.connections.contains_key(&visitor.conn),
            "a connection's number is never used again"
        );
        let entry = match self.admit(now, &visitor, resume) {
            Ok(entry) => entry,
            Err((error, close)) => return self.turn_away(now, &visitor, error, close),
        };
        self.wake_up(now);
        self.clear(now, entry.place);
        let Visitor {
            conn,
            encoding,
            user_id,
        } = visitor;
        let snapshots = SnapshotStream::new(Secret::of(&entropy), proves(encoding));
        let player = self.take_seat(now, conn, encoding, &user_id, snapshots);
        self.forgive(player);
        self.seats
            .get_mut(player)
            .expect("it was just taken")
            .number_anew();
        let token = spell(&entropy);
        self.rotate_token(now, &user_id, &token);
        self.welcome(now, conn, player, user_id.clone(), token, entry.resumed);
        self.keep(&user_id);
        self.flush_early(now);
    }

    /// A connection that the room before this one let in. Nobody who is in loses the seat for it.
    pub(crate) fn restore(&mut self, now: Millis, visitor: Visitor, entropy: [u8; 32]) {
        if self.connections.contains_key(&visitor.conn) {
            return;
        }
        let known = self.world.step_number();
        let Some(player) = self.users.get(&visitor.user_id).map(|user| user.player) else {
            return self.turn_away(now, &visitor, None, CloseCode::GoingAway);
        };
        let seat = self.seats.get(player);
        // What the driver found may be in any order.
        if seat.is_some_and(|seat| seat.conn > Some(visitor.conn)) {
            let why = ErrorCode::ReplacedByNewerConnection;
            return self.turn_away(now, &visitor, why, CloseCode::ReplacedByNewerConnection);
        }
        let place = match seat.filter(|seat| !seat.given_up) {
            Some(_) => Some(Place::Free),
            None => self.seats.unused(),
        };
        let Some(place) = place else {
            return self.turn_away(now, &visitor, None, CloseCode::GoingAway);
        };
        self.clear(now, place);
        let Visitor {
            conn,
            encoding,
            user_id,
        } = visitor;
        let snapshots = SnapshotStream::outlived(Secret::of(&entropy), proves(encoding), known);
        self.take_seat(now, conn, encoding, &user_id, snapshots);
    }

    pub(crate) fn disconnect(&mut self, now: Millis, conn: ConnId, on_purpose: bool) {
        if !self.connections.contains_key(&conn) {
            return;
        }
        self.wake_up(now);
        if let Some(user_id) = self.unseat(conn, on_purpose) {
            self.keep(&user_id);
            self.flush_early(now);
        }
    }

    /// Closes a connection for a reason of the room's.
    pub(crate) fn close(
        &mut self,
        now: Millis,
        conn: ConnId,
        why: impl Into<Option<ErrorCode>>,
        close: CloseCode,
    ) {
        if let Some(why) = why.into() {
            self.tell(now, conn, error(why));
        }
        self.unseat(conn, false);
        self.shut(conn, close);
    }

    /// Closes every connection.
    pub(crate) fn close_all(&mut self, now: Millis) {
        let conns: Vec<ConnId> = self.connections.keys().copied().collect();
        for conn in conns {
            self.close(now, conn, ErrorCode::RoomClosed, CloseCode::RoomClosed);
        }
    }

    /// A user's rows, for the user who comes next, or for now if the user is known.
    pub(crate) fn user_loaded(&mut self, user_id: String, rows: UserRows) {
        match self.users.get(&user_id) {
            Some(user) if user.is_loaded => {}
            Some(_) => self.take_rows(&user_id, &rows),
            None => self.awaited = Some((user_id, rows)),
        }
    }

    /// What the room knows of a user is what these rows say. A token that it has given meanwhile is newer than theirs.
    fn take_rows(&mut self, user_id: &str, rows: &UserRows) {
        let Some(user) = self.users.get_mut(user_id) else {
            return;
        };
        user.is_loaded = true;
        let token = rows.token.as_ref().filter(|row| row.user_id == user_id);
        user.token = user.token.or(token.map(Token::of));
        // A default that nobody has changed needs no row.
        if !rows.has_characters() {
            return;
        }
        let store = &mut self.store.rows;
        let (characters, left_out) = Characters::loaded(user_id, user.player, rows, store);
        user.characters = characters;
        if left_out > 0 {
            let rows = left_out;
            self.outputs
                .push_back(Output::Note(Note::RowsLeftOut { rows }));
        }
    }

    /// Whether a visitor may come in, and where, or what to answer. Makes a player for somebody new, and changes nothing
    /// else.
    fn admit(
        &mut self,
        now: Millis,
        visitor: &Visitor,
        resume: Option<ResumeHash>,
    ) -> Result<Entry, (Option<ErrorCode>, CloseCode)> {
        let full = (Some(ErrorCode::RoomFull), CloseCode::RoomFull);
        if !is_user_id(&visitor.user_id) {
            return Err((Some(ErrorCode::Unauthorized), CloseCode::Unauthorized));
        }
        let user = self.users.get(&visitor.user_id);
        if let Some(hash) = resume
            && !user.is_some_and(|user| user.admits(hash, now))
        {
            return Err((Some(ErrorCode::BadResumeToken), CloseCode::BadResumeToken));
        }
        let player = user.map(|user| user.player);
        let seat = player.and_then(|player| self.seats.get(player));
        let resumed = seat.is_some_and(|seat| seat.in_world);
        let place = match seat.filter(|seat| !seat.given_up) {
            Some(_) => Some(Place::Free),
            None => {
                let unused = self.seats.unused();
                unused.or_else(|| self.seats.silent_longest(self.present(now)))
            }
        };
        let place = place.ok_or(full)?;
        if player.is_none() {
            self.meet(now, &visitor.user_id).ok_or(full)?;
        }
        Ok(Entry { resumed, place })
    }

    /// Makes a player for somebody new. None if there are as many users as there can be, and each of them owns something
    /// or is in.
    fn meet(&mut self, now: Millis, user_id: &str) -> Option<()> {
        if !self.users.has_place() {
            let seats = &self.seats;
            let id = self.users.forget_one(
                |player| seats.get(player).is_some(),
                self.world.structures(),
            )?;
            self.store.rows.withdraw(&id);
            self.store.rows.users_removed.push(id);
        }
        let player = self.users.free_player(self.world.structures())?;
        let user = User {
            player,
            saved: None,
            next_input_seq: 1,
            seen: self.world.step_number(),
            token: None,
            characters: Characters::assumed(player),
            is_loaded: false,
            changes: Bucket::full(Rate::CHARACTER_CHANGES, now),
            kept: None,
        };
        let is_new = self.users.insert(user_id.to_owned(), user);
        assert!(is_new, "there was a place, and the player was free");
        // Whoever was just forgotten has rows that are as the room left them: they stay.
        self.store.rows.users_removed.retain(|id| id != user_id);
        if let Some((_, rows)) = self.awaited.take_if(|(id, _)| id == user_id) {
            self.take_rows(user_id, &rows);
        }
        Some(())
    }

    /// Puts an admitted user's connection in place of the one before, in the user's seat or a new one.
    fn take_seat(
        &mut self,
        now: Millis,
        conn: ConnId,
        encoding: Encoding,
        user_id: &str,
        snapshots: SnapshotStream,
    ) -> PlayerId {
        let user = self.users.get(user_id).expect("who is admitted is known");
        let (player, next_input_seq) = (user.player, user.next_input_seq);
        if let Some(older) = self.seats.get(player).and_then(|seat| seat.conn) {
            let why = ErrorCode::ReplacedByNewerConnection;
            self.close(now, older, why, CloseCode::ReplacedByNewerConnection);
        }
        match self.seats.get_mut(player) {
            Some(seat) => seat.take(conn),
            None => {
                let step = self.world.step_number();
                let seat = Seat::taken(user_id.to_owned(), conn, next_input_seq, step);
                self.seats.insert(player, seat);
            }
        }
        let connection = Connection::opened(player, encoding, snapshots, now);
        self.connections.insert(conn, connection);
        self.active = self.world.step_number();
        self.stirred = self.active;
        player
    }

    /// Takes a connection from its seat, which waits for the next.
    fn unseat(&mut self, conn: ConnId, on_purpose: bool) -> Option<String> {
        let connection = self.connections.remove(&conn)?;
        let step = self.world.step_number();
        self.active = step;
        self.stirred = step;
        let seat = self
            .seats
            .get_mut(connection.player)
            .expect("a connection has a seat");
        assert_eq!(seat.conn, Some(conn), "a seat has one connection");
        seat.let_go(if on_purpose {
            Absence::of_who_left(step)
        } else {
            Absence::of_a_lost_line(step)
        });
        let user_id = seat.user_id.clone();
        Some(user_id)
    }

    fn rotate_token(&mut self, now: Millis, user_id: &str, token: &str) {
        let hash = ResumeHash::of(&self.config.room_code, token);
        let expires_at = Millis(now.0.saturating_add(RESUME_TOKEN_MS));
        let user = self
            .users
            .get_mut(user_id)
            .expect("who is admitted is known");
        user.token = Some(Token { hash, expires_at });
        let rows = &mut self.store.rows.tokens;
        rows.retain(|row| row.user_id != user_id);
        rows.push(TokenRow {
            user_id: user_id.to_owned(),
            hash,
            expires_at,
        });
    }

    fn welcome(
        &mut self,
        now: Millis,
        conn: ConnId,
        player_id: PlayerId,
        user_id: String,
        resume_token: String,
        resumed: bool,
    ) {
        let user = self.users.get(&user_id).expect("who is welcome is known");
        let seat = self
            .seats
            .get(player_id)
            .expect("who is welcome has a seat");
        let welcome = Welcome {
            room: self.config.room_code.clone(),
            player_id,
            profile: user.characters.active(),
            characters: user.characters.all(),
            next_input_seq: seat.input_buffer.next(),
            user_id,
            resume_token,
            resumed,
            sim_version: sim_core::SIM_VERSION,
            rules_hash: sim_core::rules_hash(),
            protocol: PROTOCOL_VERSION,
            rates: Rates::CURRENT,
            limits: Limits::CURRENT,
        };
        self.tell(now, conn, ServerBody::Welcome(welcome));
    }

    fn turn_away(
        &mut self,
        now: Millis,
        visitor: &Visitor,
        why: impl Into<Option<ErrorCode>>,
        close: CloseCode,
    ) {
        if let Some(why) = why.into() {
            self.send(visitor.conn, visitor.encoding, now.0 as f64, error(why));
        }
        self.shut(visitor.conn, close);
    }

    fn shut(&mut self, conn: ConnId, code: CloseCode) {
        self.outputs.push_back(Output::Close {
            conn,
            code: code.number(),
            reason: code.reason(),
        });
        self.outputs
            .push_back(Output::Note(Note::Closed { conn, code }));
    }
}

/// Whether whoever speaks this is known to bring proofs.
fn proves(encoding: Encoding) -> bool {
    match encoding {
        Encoding::Binary => true,
        Encoding::Json | Encoding::Binary1 => false,
    }
}

fn error(code: ErrorCode) -> ServerBody {
    ServerBody::Error(ErrorBody {
        code,
        message: code.as_str().replace('_', " "),
        field: None,
        seq: None,
        fatal: true,
    })
}

/// Whether a user may have this id. A welcome names the user, and no text of a message has control characters.
pub(crate) fn is_user_id(id: &str) -> bool {
    (1..=USER_ID_BYTES_MAX).contains(&id.len()) && !id.chars().any(char::is_control)
}
