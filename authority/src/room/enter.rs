//! How connections come and go.
//!
//! * A user has one player and at most one connection: the newest replaces the one before.
//! * Whoever is let in gets a new resume token; the one before is of no use from then on.

use alloc::string::String;

use protocol::{CloseCode, Encoding, ErrorBody, ErrorCode, ServerBody};

use crate::feed::connection::Connection;
use crate::feed::proof::Secret;
use crate::feed::snapshot_stream::SnapshotStream;
use crate::input::ConnId;
use crate::lobby::TurnedAway;
use crate::lobby::seats::Absence;
use crate::output::{Note, Output};
use crate::room::Room;
use crate::room::visitor::Visitor;
use crate::time::Millis;
use crate::token::{ResumeHash, spell};

impl Room {
    pub(super) fn connect(
        &mut self,
        now: Millis,
        visitor: Visitor,
        resume: Option<ResumeHash>,
        entropy: [u8; 32],
    ) {
        assert!(
            self.feed.get(visitor.conn).is_none(),
            "a connection's number is never used again"
        );
        let slept = self.schedule.missed_steps(now);
        let world = self.simulation.world();
        let rows = self.archive.rows();
        let user_id = &visitor.user_id;
        let entry = self.lobby.admit(now, user_id, resume, world, slept, rows);
        let entry = match entry {
            Ok(entry) => entry,
            Err(why) => return self.turn_away(now, &visitor, why),
        };
        self.note_left_out(entry.rows_left_out);
        self.wake_up(now);
        self.clear(now, entry.place);
        let snapshots = SnapshotStream::new(Secret::of(&entropy), proves(visitor.encoding));
        self.take_seat(now, &visitor, snapshots);
        let Visitor { conn, user_id, .. } = visitor;
        let player = self.lobby.player_of(&user_id);
        let player = player.expect("who is admitted is known");
        self.lobby
            .forgive_silence(player, self.simulation.step_number());
        self.lobby.renumber_inputs(player);
        let step = self.simulation.step_number();
        let next = self.lobby.seat(player).input_buffer.next();
        self.archive.evidence().connected(player, step, next);
        let token = spell(&entropy);
        let room = self.config.room_code.clone();
        let hash = ResumeHash::of(&room, &token);
        let rows = self.archive.rows();
        self.lobby.rotate_token(now, &user_id, hash, rows);
        let welcome = self
            .lobby
            .welcome(room, user_id.clone(), token, entry.resumed);
        self.tell(now, conn, ServerBody::Welcome(welcome));
        self.keep(&user_id);
        self.flush_early(now);
    }

    /// A connection that the room before this one let in. Nobody who is in loses the seat for it.
    pub(super) fn restore(&mut self, now: Millis, visitor: Visitor, entropy: [u8; 32]) {
        if self.feed.get(visitor.conn).is_some() {
            return;
        }
        let going_away = (None, CloseCode::GoingAway);
        let known = self.world().step_number();
        let Some(player) = self.lobby.player_of(&visitor.user_id) else {
            return self.turn_away(now, &visitor, going_away);
        };
        // What the driver found may be in any order.
        if self.lobby.connection_of(player) > Some(visitor.conn) {
            let why = (
                Some(ErrorCode::ReplacedByNewerConnection),
                CloseCode::ReplacedByNewerConnection,
            );
            return self.turn_away(now, &visitor, why);
        }
        let Some(place) = self.lobby.place_for(player) else {
            return self.turn_away(now, &visitor, going_away);
        };
        self.clear(now, place);
        let secret = Secret::of(&entropy);
        let snapshots = SnapshotStream::outlived(secret, proves(visitor.encoding), known);
        self.take_seat(now, &visitor, snapshots);
    }

    pub(super) fn disconnect(&mut self, now: Millis, conn: ConnId, on_purpose: bool) {
        if self.feed.get(conn).is_none() {
            return;
        }
        self.wake_up(now);
        if let Some(user_id) = self.unseat(conn, on_purpose) {
            self.keep(&user_id);
            self.flush_early(now);
        }
    }

    /// Closes a connection for a reason of the room's.
    pub(super) fn close(
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
    pub(super) fn close_all(&mut self, now: Millis) {
        for conn in self.feed.conns() {
            self.close(now, conn, ErrorCode::RoomClosed, CloseCode::RoomClosed);
        }
    }

    /// Puts an admitted user's connection in place of the one before, in the user's seat or a new one.
    fn take_seat(&mut self, now: Millis, visitor: &Visitor, snapshots: SnapshotStream) {
        let Visitor {
            conn,
            encoding,
            user_id,
        } = visitor;
        let player = self.lobby.player_of(user_id);
        let player = player.expect("who is admitted is known");
        if let Some(older) = self.lobby.connection_of(player) {
            let why = ErrorCode::ReplacedByNewerConnection;
            self.close(now, older, why, CloseCode::ReplacedByNewerConnection);
        }
        let step = self.simulation.step_number();
        self.lobby.take_seat(*conn, user_id, step);
        let connection = Connection::opened(player, *encoding, snapshots, now);
        self.feed.add(*conn, connection);
        self.schedule.note_activity(step, true);
    }

    /// Takes a connection from its seat, which waits for the next.
    fn unseat(&mut self, conn: ConnId, on_purpose: bool) -> Option<String> {
        let connection = self.feed.remove(conn)?;
        let step = self.simulation.step_number();
        self.schedule.note_activity(step, true);
        let absence = if on_purpose {
            Absence::of_who_left(step)
        } else {
            Absence::of_a_lost_line(step)
        };
        Some(self.lobby.unseat(connection.player, conn, absence))
    }

    fn turn_away(&mut self, now: Millis, visitor: &Visitor, (why, close): TurnedAway) {
        if let Some(why) = why {
            let at = self.at(now.0 as f64);
            let out = &mut self.outputs;
            self.feed
                .send_as(at, visitor.conn, visitor.encoding, error(why), out);
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
