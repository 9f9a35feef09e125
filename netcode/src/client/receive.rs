//! What the authority says, message by message.

use protocol::{Ack, ErrorBody, ErrorCode, ServerBody, ServerMessage, Snapshot, Welcome};
use sim_core::{SIM_VERSION, Step, rules_hash};

use crate::client::Client;
use crate::link::{LostBase, MergeError, micros};
use crate::output::{Event, Output};
use crate::time::Micros;

impl Client {
    pub(super) fn receive(&mut self, now: Micros, bytes: &[u8], text: bool) {
        match self.link.receive(now, bytes, text) {
            Ok(Some(message)) => self.obey(now, message),
            Ok(None) => {}
            Err(LostBase) => self.ask_for_full(now),
        }
    }

    fn obey(&mut self, now: Micros, message: ServerMessage) {
        match message.body {
            ServerBody::Welcome(welcome) => self.welcome(now, welcome),
            ServerBody::Ack(ack) => self.acknowledged(ack),
            ServerBody::Snapshot(snapshot) => {
                if self.is_playing() {
                    let sent = micros(message.server_time);
                    self.snapshot(now, &snapshot, message.step, sent);
                }
            }
            ServerBody::Pong { seq, .. } => self.link.pong(now, seq),
            ServerBody::Error(error) => self.refused(now, error),
            ServerBody::Event(event) => self.link.output(Output::Event(Event::Room(event))),
        }
    }

    fn snapshot(&mut self, now: Micros, snapshot: &Snapshot, step: Step, sent: Micros) {
        match self.link.merge(snapshot, step, sent) {
            Ok(()) => {}
            Err(MergeError::NotNewer(_)) => return,
            Err(MergeError::UnknownBase | MergeError::Apply(_)) => return self.ask_for_full(now),
        }
        let reported = self.link.observe(now, snapshot, sent);
        let Self {
            link,
            prediction,
            presentation,
            ..
        } = self;
        prediction.take_snapshot(now, snapshot, reported, link, presentation);
    }

    /// Acknowledges nothing, so that the next snapshot is a full one. Batches say so; if there are none because the history
    /// is full, the newest input is said again.
    fn ask_for_full(&mut self, now: Micros) {
        self.link.ask_for_full();
        if !self.can_step() {
            self.prediction.send_newest_again(now, &mut self.link);
        }
    }

    fn welcome(&mut self, now: Micros, welcome: Welcome) {
        if self.is_playing() {
            return self.link.count_unexpected();
        }
        if welcome.sim_version != SIM_VERSION || welcome.rules_hash != rules_hash() {
            return self.link.outdated();
        }
        let Welcome {
            player_id: player,
            resumed,
            ..
        } = welcome;
        let same_seat = self.prediction.welcomed(player) && resumed;
        self.link.welcomed(now, &welcome);
        let active = welcome.profile.character_id;
        self.characters.welcomed(welcome.characters, active);
        let welcomed = Event::Welcomed { player, resumed };
        self.link.output(Output::Event(welcomed));
        for command in self.characters.waited() {
            self.change_character(now, command);
        }
        let next = welcome.next_input_seq;
        self.prediction.resume(now, next, same_seat, &mut self.link);
    }

    fn acknowledged(&mut self, ack: Ack) {
        if ack.durable {
            if let Some(id) = ack.structure_id {
                self.link.output(Output::Event(Event::Stored { id }));
            }
            return;
        }
        self.characters.acknowledged(ack.seq);
        if let Some(id) = ack.projectile_id {
            self.prediction.confirm_shot(ack.seq, id);
        }
        if let Some(id) = ack.structure_id {
            self.link.output(Output::Event(Event::Placed { id }));
        }
    }

    fn refused(&mut self, now: Micros, error: ErrorBody) {
        if let Some(seq) = error.seq {
            self.characters.refused(seq);
            self.prediction.refuse_shot(seq);
        }
        self.link.output(Output::Event(Event::Failed {
            code: error.code,
            message: error.message,
        }));
        if error.fatal {
            if self.link.fatal(error.code) {
                self.disconnected();
            }
        } else if error.code == ErrorCode::InputSeqGap {
            // The two sides count differently. Only a welcome says how the authority counts.
            self.link.give_up(now);
            self.disconnected();
        }
    }
}
