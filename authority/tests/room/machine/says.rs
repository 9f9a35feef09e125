//! What messages lead to in the reference model.

use protocol::{Ack, ClientCommand, CloseCode, ErrorCode};
use sim_core::Command;

use super::input_buffer::Asked;
use super::model::{Model, Told};

/// Messages a second, and at once; refusals before a connection ends; characters of a user.
pub(super) const PER_SECOND: u64 = 60;
const AT_ONCE: u64 = 120;
const REFUSALS_MAX: u32 = 60;
const CHARACTERS_MAX: usize = 16;

impl Model {
    pub(crate) fn say(&mut self, conn: u64, command: &ClientCommand) {
        let seq = self.count(conn, 1);
        if !self.is_within_rate(conn) {
            return;
        }
        if !counts_up(command) {
            return self.cannot_read(conn, ErrorCode::OutOfRange);
        }
        if !self.is_next(conn, seq) {
            return;
        }
        match self.obey(conn, seq, command) {
            Ok(()) => self.wake(),
            Err(code) => self.refuse(conn, code, Some(seq)),
        }
    }

    /// A ping whose number is so much above the one before.
    pub(crate) fn ping(&mut self, conn: u64, above: u32) {
        let seq = self.count(conn, above);
        if self.is_within_rate(conn) && self.is_next(conn, seq) {
            self.tell(conn, Told::Pong(seq));
        }
    }

    pub(crate) fn rubbish(&mut self, conn: u64) {
        if self.is_within_rate(conn) {
            self.cannot_read(conn, ErrorCode::Malformed);
        }
    }

    fn cannot_read(&mut self, conn: u64, code: ErrorCode) {
        let connection = self.connections.get_mut(&conn).unwrap();
        connection.undecodable += 1;
        if connection.undecodable > REFUSALS_MAX {
            self.wake();
            return self.close(conn, ErrorCode::Malformed, CloseCode::ProtocolError);
        }
        self.refuse(conn, code, None);
    }

    fn count(&mut self, conn: u64, above: u32) -> u32 {
        let number = self.numbers.entry(conn).or_default();
        *number += above;
        *number
    }

    fn refuse(&mut self, conn: u64, code: ErrorCode, seq: Option<u32>) {
        let error = Told::Error {
            code,
            seq,
            fatal: false,
        };
        self.tell(conn, error);
    }

    fn is_within_rate(&mut self, conn: u64) -> bool {
        let now = self.now;
        let Some(connection) = self.connections.get_mut(&conn) else {
            return false;
        };
        let (left, at) = connection.allowance;
        let left = (left + (now - at) * PER_SECOND).min(AT_ONCE * 1_000);
        if left >= 1_000 {
            connection.allowance = (left - 1_000, now);
            return true;
        }
        connection.allowance = (left, now);
        let (excused, until) = connection.excused;
        if excused >= 1_000 && now <= until {
            connection.excused = (excused - 1_000, until);
            return true;
        }
        connection.too_fast += 1;
        if connection.too_fast > REFUSALS_MAX {
            self.wake();
            self.close(conn, ErrorCode::RateLimited, CloseCode::RateLimited);
        } else {
            self.refuse(conn, ErrorCode::RateLimited, None);
        }
        false
    }

    fn is_next(&mut self, conn: u64, seq: u32) -> bool {
        let connection = self.connections.get_mut(&conn).unwrap();
        if connection.last_seq.is_some_and(|last| seq <= last) {
            self.refuse(conn, ErrorCode::SeqNotIncreasing, Some(seq));
            return false;
        }
        connection.last_seq = Some(seq);
        true
    }

    fn obey(&mut self, conn: u64, seq: u32, command: &ClientCommand) -> Result<(), ErrorCode> {
        let (now, step) = (self.now, self.world.step_number());
        let connection = self.connections.get_mut(&conn).unwrap();
        let seat = self.seats.get_mut(&connection.player).unwrap();
        let user = self.users.get_mut(&seat.user).unwrap();
        let asks = |command| Asked { conn, seq, command };
        match *command {
            ClientCommand::InputBatch { ref inputs, .. } => {
                let next = seat.input_buffer.next;
                connection.dropped += seat.input_buffer.receive(inputs)?;
                if seat.input_buffer.next > next {
                    seat.heard = step;
                }
                connection.acked = step;
                Ok(())
            }
            ClientCommand::Preview(preview) => seat
                .input_buffer
                .ask_at_next_step(asks(Command::Preview(preview))),
            ClientCommand::Act { input_seq, action } => seat
                .input_buffer
                .ask_at_input(input_seq, asks(Command::Act(action))),
            ClientCommand::SelectCharacter { ref character_id } => {
                if !user.characters.contains_key(character_id) {
                    return Err(ErrorCode::UnknownCharacter);
                }
                seat.input_buffer.check_next_step()?;
                if user.active != *character_id && !user.changes.take(now) {
                    return Err(ErrorCode::RateLimited);
                }
                user.has_rows |= user.active != *character_id;
                user.active.clone_from(character_id);
                let asked = asks(Command::SetLook(user.look()));
                seat.input_buffer.ask_at_next_step(asked)
            }
            ClientCommand::SaveCharacter {
                ref character_id,
                ref name,
                look,
            } => {
                let is_new = !user.characters.contains_key(character_id);
                if is_new && user.characters.len() == CHARACTERS_MAX {
                    return Err(ErrorCode::TooManyCharacters);
                }
                seat.input_buffer.check_next_step()?;
                let character = (name.clone(), look);
                let is_same = user.characters.get(character_id) == Some(&character);
                let is_assumed = user.assumed && character_id == "default";
                if (!is_same || is_assumed) && !user.changes.take(now) {
                    return Err(ErrorCode::RateLimited);
                }
                user.has_rows |= !is_same || is_assumed;
                user.assumed &= character_id != "default";
                user.characters.insert(character_id.clone(), character);
                if user.active == *character_id {
                    let asked = asks(Command::SetLook(look));
                    return seat.input_buffer.ask_at_next_step(asked);
                }
                let ack = Ack {
                    seq,
                    structure_id: None,
                    projectile_id: None,
                    durable: false,
                };
                self.tell(conn, Told::Ack(ack));
                Ok(())
            }
        }
    }
}

/// Whether the inputs of a batch are consecutive, without which it is no message.
fn counts_up(command: &ClientCommand) -> bool {
    let ClientCommand::InputBatch { inputs, .. } = command else {
        return true;
    };
    let mut pairs = inputs.windows(2);
    pairs.all(|pair| pair[0].seq + 1 == pair[1].seq)
}
