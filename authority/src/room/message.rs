//! What a message leads to. One that is refused is answered with its own error, and that is all.

use alloc::string::String;

use protocol::{
    Ack, ClientCommand, ClientMessage, CloseCode, Envelope, ErrorCode, Input, KEEPALIVE,
    KEEPALIVE_ANSWER, Predicted, Profile, ServerBody, decode_client,
};
use sim_core::{Command, PlayerId};

use crate::feed::snapshot_stream::Acknowledgement;
use crate::input::ConnId;
use crate::limits::{MESSAGES_PER_SECOND_MAX, TOO_FAST_MAX, UNDECODABLE_MAX};
use crate::lobby::commands::Asked;
use crate::refusal::Refusal;
use crate::room::Room;
use crate::time::Millis;

impl Room {
    pub(super) fn message(&mut self, now: Millis, conn: ConnId, bytes: &[u8]) {
        self.hear(now, conn, bytes);
        // Snapshots are held in time; answers are not, and a room that sleeps has no next step.
        let connection = self.feed.get(conn);
        if connection.is_some_and(|connection| connection.snapshots.unread.is_over()) {
            self.wake_up(now);
            self.close(now, conn, ErrorCode::SlowConsumer, CloseCode::SlowConsumer);
        }
    }

    fn hear(&mut self, now: Millis, conn: ConnId, bytes: &[u8]) {
        // What was on its way when the room closed the connection.
        let Some(connection) = self.feed.receive(conn, bytes.len()) else {
            return;
        };
        if !connection.bucket.take(now) {
            connection.too_fast += 1;
            if connection.too_fast > TOO_FAST_MAX {
                // Its player's grace period counts only in a room that is awake.
                self.wake_up(now);
                return self.close(now, conn, ErrorCode::RateLimited, CloseCode::RateLimited);
            }
            let per_second = MESSAGES_PER_SECOND_MAX;
            return self.refuse(now, conn, None, &Refusal::RateLimited { per_second });
        }
        if bytes == KEEPALIVE.as_bytes() {
            let answer = KEEPALIVE_ANSWER.as_bytes().to_vec();
            return self.feed.send_bytes(conn, answer, true, &mut self.outputs);
        }
        let message = match decode_client(bytes, connection.encoding) {
            Ok(message) => message,
            // Nothing else that it says will be understood.
            Err(error) if error.code() == ErrorCode::UnsupportedVersion => {
                self.wake_up(now);
                let (why, close) = (ErrorCode::UnsupportedVersion, CloseCode::UnsupportedVersion);
                return self.close(now, conn, why, close);
            }
            Err(error) => return self.refuse(now, conn, None, &Refusal::Decode(error)),
        };
        let seq = message.seq();
        let player = connection.player;
        if let Err(refusal) = connection.number(seq) {
            return self.refuse(now, conn, Some(seq), &refusal);
        }
        match message {
            ClientMessage::Ping { seq, client_time } => {
                self.tell(now, conn, ServerBody::Pong { seq, client_time });
            }
            ClientMessage::Command(Envelope { command, .. }) => {
                let from = Sender { conn, player, seq };
                match self.obey(now, from, command) {
                    Ok(()) => self.wake_up(now),
                    Err(refusal) => self.refuse(now, conn, Some(seq), &refusal),
                }
            }
        }
        self.renew(now, conn, player, seq);
    }

    /// Closes a connection whose numbers are used up. Who comes back counts from the beginning.
    fn renew(&mut self, now: Millis, conn: ConnId, player: PlayerId, seq: u32) {
        if self.lobby.is_out_of_numbers(player, seq) {
            self.wake_up(now);
            self.close(now, conn, None, CloseCode::GoingAway);
        }
    }

    fn refuse(&mut self, now: Millis, conn: ConnId, seq: Option<u32>, refusal: &Refusal) {
        if refusal.is_nonsense()
            && let Some(connection) = self.feed.get_mut(conn)
        {
            connection.nonsense += 1;
            if connection.nonsense > UNDECODABLE_MAX {
                self.wake_up(now);
                let why = ErrorCode::Malformed;
                return self.close(now, conn, why, CloseCode::ProtocolError);
            }
        }
        let at = self.at(now.0 as f64);
        let body = ServerBody::Error(refusal.body(seq));
        self.feed.send_refusal(at, conn, body, &mut self.outputs);
    }

    fn obey(&mut self, now: Millis, from: Sender, command: ClientCommand) -> Result<(), Refusal> {
        match command {
            ClientCommand::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof: proof,
                predicted,
            } => {
                let ack = snapshot_ack.map(|id| Acknowledgement { id, proof });
                self.take_inputs(now, from, &inputs, ack, predicted)
            }
            ClientCommand::Act { input_seq, action } => {
                let seat = self.lobby.seat_mut(from.player);
                let asked = from.asks(Command::Act(action));
                seat.pending.at_input(&seat.input_buffer, input_seq, asked)
            }
            ClientCommand::Preview(preview) => {
                self.at_next_step(from.player, from.asks(Command::Preview(preview)))
            }
            ClientCommand::SelectCharacter { character_id } => {
                self.select_character(now, from, character_id)
            }
            ClientCommand::SaveCharacter {
                character_id,
                name,
                look,
            } => {
                let profile = Profile {
                    character_id,
                    name,
                    look,
                };
                self.save_character(now, from, profile)
            }
        }
    }

    fn take_inputs(
        &mut self,
        now: Millis,
        from: Sender,
        inputs: &[Input],
        ack: Option<Acknowledgement>,
        predicted: Option<Predicted>,
    ) -> Result<(), Refusal> {
        let step = self.simulation.step_number();
        let present = self.present(now);
        let connection = self.feed.get_mut(from.conn);
        let connection = connection.expect("it brought a message");
        let seat = self.lobby.seat_mut(from.player);
        connection.snapshots.check_ack(ack)?;
        seat.input_buffer.check(inputs, predicted)?;
        let evidence = self.archive.evidence();
        if let Some(snapshot) = connection.snapshots.acknowledge(ack) {
            let newest = inputs.last().map(|input| input.seq);
            let newest = newest.unwrap_or(seat.input_buffer.next().wrapping_sub(1));
            evidence.acked(from.player, step, snapshot, newest);
        }
        let received = seat.input_buffer.receive(inputs, predicted);
        if received.taken + received.dropped > 0 {
            seat.heard = present;
        }
        if received.dropped > 0 {
            connection.dropped = connection.dropped.saturating_add(received.dropped);
            self.simulation.count_dropped(received.dropped);
            seat.counts.dropped += u64::from(received.dropped);
            let lost = inputs.len().saturating_sub(received.dropped as usize);
            for input in inputs.iter().skip(lost) {
                evidence.dropped(from.player, step, input.seq, input.buttons);
            }
        }
        // The first input of a connection was not awaited, so it was neither early nor late.
        if connection.began {
            for nth in 0..received.taken {
                evidence.arrived(from.player, received.first_slack + nth as i16);
            }
        }
        if received.taken > 0 {
            let presses = inputs.iter().any(|input| !input.buttons.is_empty());
            connection.begin(ack.map(|ack| ack.id), presses);
        }
        Ok(())
    }

    fn save_character(
        &mut self,
        now: Millis,
        from: Sender,
        profile: Profile,
    ) -> Result<(), Refusal> {
        let look = profile.look;
        let rows = self.archive.rows();
        let is_active = self.lobby.save_character(now, from.player, profile, rows)?;
        self.put_characters();
        if is_active {
            return self.at_next_step(from.player, from.asks(Command::SetLook(look)));
        }
        self.tell(now, from.conn, ServerBody::Ack(from.ack()));
        Ok(())
    }

    fn select_character(
        &mut self,
        now: Millis,
        from: Sender,
        character_id: String,
    ) -> Result<(), Refusal> {
        let rows = self.archive.rows();
        let look = self
            .lobby
            .select_character(now, from.player, character_id, rows)?;
        self.put_characters();
        self.at_next_step(from.player, from.asks(Command::SetLook(look)))
    }

    fn at_next_step(&mut self, player: PlayerId, asked: Asked) -> Result<(), Refusal> {
        self.lobby.seat_mut(player).pending.at_next_step(asked)
    }
}

/// Where a message comes from.
#[derive(Clone, Copy)]
struct Sender {
    conn: ConnId,
    player: PlayerId,
    seq: u32,
}

impl Sender {
    fn asks(self, command: Command) -> Asked {
        Asked {
            conn: self.conn,
            seq: self.seq,
            command,
        }
    }

    fn ack(self) -> Ack {
        Ack {
            seq: self.seq,
            structure_id: None,
            projectile_id: None,
            durable: false,
        }
    }
}
