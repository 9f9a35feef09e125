//! What the authority says, message by message.

use protocol::limits::INPUTS_PER_BATCH_MAX;
use protocol::{
    Ack, CloseCode, DecodeError, Encoding, ErrorBody, ErrorCode, KEEPALIVE_ANSWER, ServerBody,
    ServerMessage, Timing, Welcome, decode_server,
};
use sim_core::{SIM_VERSION, rules_hash};

use crate::client::Client;
use crate::output::{Event, Output};
use crate::seq::ahead;
use crate::session::{ConnectionState, micros};
use crate::time::Micros;

/// Inputs that are sent again after a reconnect: what the authority has room for.
pub(crate) const RESEND_MAX: usize = INPUTS_PER_BATCH_MAX;

impl Client {
    pub(crate) fn receive(&mut self, now: Micros, bytes: &[u8], text: bool) {
        match self.session.state {
            ConnectionState::Greeting { .. } | ConnectionState::Playing => {}
            ConnectionState::Idle
            | ConnectionState::Connecting { .. }
            | ConnectionState::Waiting { .. }
            | ConnectionState::Ended => return,
        }
        if text && bytes == KEEPALIVE_ANSWER.as_bytes() {
            return self.session.kept_alive(now);
        }
        let encoding = if text {
            Encoding::Json
        } else {
            Encoding::Binary
        };
        match decode_server(bytes, encoding, |id| self.views.base(id)) {
            Ok(message) => self.obey(now, message),
            Err(DecodeError::UnknownBase { .. }) => self.lost_base(now),
            Err(_) => self.counts.messages_bad += 1,
        }
    }

    fn obey(&mut self, now: Micros, message: ServerMessage) {
        self.session.heard(now);
        match message.body {
            ServerBody::Welcome(welcome) => self.welcome(now, welcome),
            ServerBody::Ack(ack) => self.acknowledged(ack),
            ServerBody::Snapshot(snapshot) => {
                if self.session.is_playing() {
                    let sent = micros(message.server_time);
                    self.snapshot(now, &snapshot, message.step, sent);
                }
            }
            ServerBody::Pong { seq, .. } => self.session.pong(now, seq),
            ServerBody::Error(error) => self.refused(now, error),
            ServerBody::Event(event) => self.outputs.push_back(Output::Event(Event::Room(event))),
        }
    }

    /// A delta came against a view that is not held: acknowledging nothing makes the next snapshot a full one.
    pub(crate) fn lost_base(&mut self, now: Micros) {
        self.counts.snapshots_unknown_base += 1;
        self.ask_for_full(now);
    }

    /// Acknowledges nothing. Batches say so; if there are none because the history is full, the newest input is said again.
    pub(crate) fn ask_for_full(&mut self, now: Micros) {
        self.views.ask_for_full();
        if !self.can_step() {
            self.send_newest_again(now);
        }
    }

    fn welcome(&mut self, now: Micros, welcome: Welcome) {
        if self.session.is_playing() {
            self.counts.messages_bad += 1;
            return;
        }
        if welcome.sim_version != SIM_VERSION || welcome.rules_hash != rules_hash() {
            self.outputs.push_back(Output::Event(Event::Outdated));
            self.outputs.push_back(Output::Close {
                code: CloseCode::Normal,
            });
            self.session.end(&mut self.outputs);
            return;
        }
        let same_player = self.player == Some(welcome.player_id);
        self.player = Some(welcome.player_id);
        self.session.welcomed(now, welcome.resume_token);
        let active = welcome.profile.character_id;
        self.characters.welcomed(welcome.characters, active);
        self.views.begin();
        self.fires.begin();
        self.clock.begin();
        self.pace.begin();
        self.timing = Timing::default();
        self.outputs.push_back(Output::Event(Event::Welcomed {
            player: welcome.player_id,
            resumed: welcome.resumed,
        }));
        self.send_characters(now);
        self.resume(now, welcome.next_input_seq, welcome.resumed && same_player);
    }

    /// Goes on with this input. If the history leads there, what the authority has not received is sent again, as far as
    /// it has room; otherwise the history is dropped, and the first snapshot begins a new one.
    fn resume(&mut self, now: Micros, next: u32, same_seat: bool) {
        self.first_seq = next;
        let leads_there = same_seat
            && self.local.as_ref().is_some_and(|local| {
                next == self.next_seq || local.history.records().any(|record| record.seq == next)
            });
        if !leads_there {
            self.local = None;
            self.fires.clear();
            self.dropped_until = None;
            self.next_seq = next;
            return;
        }
        let end = next.wrapping_add(RESEND_MAX as u32);
        if ahead(self.next_seq, end) > 0 {
            self.next_seq = end;
            if let Some(local) = &mut self.local {
                local.history.truncate(end);
            }
            self.counts.resyncs += 1;
            self.resimulate();
        }
        let waiting = self.send_again(now, next);
        self.pace.start(now, waiting);
    }

    fn acknowledged(&mut self, ack: Ack) {
        if ack.durable {
            let stored = ack
                .structure_id
                .map(|id| Output::Event(Event::Stored { id }));
            self.outputs.extend(stored);
            return;
        }
        self.characters.acknowledged(ack.seq);
        if let Some(id) = ack.projectile_id {
            self.fires.confirm(ack.seq, id);
        }
        if let Some(id) = ack.structure_id {
            self.outputs.push_back(Output::Event(Event::Placed { id }));
        }
    }

    fn refused(&mut self, now: Micros, error: ErrorBody) {
        if let Some(seq) = error.seq {
            self.characters.refused(seq);
            self.fires.refuse(seq);
        }
        self.outputs.push_back(Output::Event(Event::Failed {
            code: error.code,
            message: error.message,
        }));
        let before = self.session.state;
        if error.fatal {
            self.session.fatal(error.code, &mut self.outputs);
        } else if error.code == ErrorCode::InputSeqGap {
            // The two sides count differently. Only a welcome says how the authority counts.
            self.session.give_up(now, &mut self.outputs);
        }
        if self.session.state != before {
            self.disconnected();
        }
    }
}
