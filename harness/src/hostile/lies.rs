//! Messages that are well made and not true.

use protocol::limits::{CHARACTER_ID_BYTES_MAX, CLOCK_MS_MAX};
use protocol::{ClientCommand, ClientMessage, Encoding, Envelope, Predicted, Receipt};
use sim_core::rules::ARENA_CELLS;
use sim_core::{Action, Aim, Cell, Look, Preview, StructureId, StructureKind};

use super::Attacker;

impl Attacker {
    /// Wrong numbers of inputs and messages.
    pub(super) fn lie_seq(&mut self, says: &mut Vec<Vec<u8>>) {
        let count = 1 + self.rng.below(12);
        let next = self.next_input;
        match self.rng.below(8) {
            // Two batches in the wrong order.
            0 => {
                let (first, second) = (self.next_batch(2, 4), self.next_batch(2, 4));
                says.push(self.encoded(second));
                says.push(self.encoded(first));
            }
            // The same twice, once as it was and once with another number.
            1 => {
                let mut batch = self.next_batch(2, 4);
                says.push(self.encoded(batch.clone()));
                says.push(self.encoded(batch.clone()));
                if let ClientMessage::Command(envelope) = &mut batch {
                    envelope.seq = self.next_seq();
                }
                says.push(self.encoded(batch));
            }
            // A message with a number from elsewhere.
            2 => {
                let mut batch = self.next_batch(1, 1);
                if let ClientMessage::Command(envelope) = &mut batch {
                    envelope.seq = self.seq.wrapping_sub(1 + self.rng.below(40));
                }
                says.push(self.encoded(batch));
            }
            // Then no message can follow; the connection is good for nothing more.
            3 if self.rng.chance(1, 100) => {
                self.seq = u32::MAX;
                says.push(self.ping());
            }
            // Inputs with holes between them.
            4 => {
                let mut inputs = self.inputs(next, count);
                let hole = 1 + self.rng.below(3);
                let from = self.below(inputs.len());
                for input in &mut inputs[from..] {
                    input.seq = input.seq.wrapping_add(hole);
                }
                self.say_inputs(inputs, None, None, None, says);
            }
            _ => {
                let first = match self.rng.below(6) {
                    0 => 0,
                    1 => u32::MAX - self.rng.below(13),
                    2 => next.wrapping_add(1 + self.rng.below(600)),
                    3 => self.rng.next_u32(),
                    _ => next.saturating_sub(self.rng.below(40)),
                };
                let inputs = self.inputs(first, count);
                self.say_inputs(inputs, None, None, None, says);
            }
        }
    }

    /// Snapshots that were never sent, clocks that run back, actions for steps that are gone or far.
    pub(super) fn lie_step(&mut self, says: &mut Vec<Vec<u8>>) {
        match self.rng.below(3) {
            0 => {
                let newest = self.seen.newest_snapshot().unwrap_or(0);
                let ack = match self.rng.below(5) {
                    0 => 0,
                    1 => u32::MAX,
                    2 => newest.wrapping_add(1 + self.rng.below(100)),
                    3 => self.seen.oldest_snapshot().unwrap_or(0),
                    _ => newest.wrapping_sub(self.rng.below(100)),
                };
                let inputs = self.inputs(self.next_input, 1);
                // The proof is right if there is one; now and then it is not.
                let proof = match self.rng.below(4) {
                    0 => Some(Receipt(self.rng.next_u32())),
                    _ => self.seen.proof(ack),
                };
                self.say_inputs(inputs, Some(ack), proof, None, says);
            }
            1 => {
                let client_time = match self.rng.below(4) {
                    0 => 0.0,
                    1 => CLOCK_MS_MAX,
                    2 => CLOCK_MS_MAX * 2.0,
                    _ => -self.clock(),
                };
                let ping = ClientMessage::Ping {
                    seq: self.next_seq(),
                    client_time,
                };
                says.push(self.encoded(ping));
            }
            _ => {
                let input_seq = self.another_input();
                let command = self.act(input_seq);
                let message = self.command(command);
                says.push(self.encoded(message));
            }
        }
    }

    /// Snapshots that are said to be read, without what would prove it, or not to be there after all. How they are numbered
    /// can be known without reading any.
    pub(super) fn false_acks(&mut self, says: &mut Vec<Vec<u8>>) {
        let newest = self.seen.newest_snapshot();
        let back = self.rng.below(3);
        let ack = newest
            .filter(|_| self.rng.chance(2, 3))
            .map(|id| id.saturating_sub(back));
        let guesses = match self.encoding {
            Encoding::Json => self.rng.chance(1, 64),
            Encoding::Binary => self.rng.chance(3, 4),
            Encoding::Binary1 => false,
        };
        let guess = Receipt(self.rng.next_u32());
        let proof = ack.filter(|_| guesses).map(|_| guess);
        let inputs = self.inputs(self.next_input, 1);
        let is_let_pass = ack.is_none() || proof.is_none() && self.encoding != Encoding::Binary;
        if is_let_pass {
            self.next_input = self.next_input.saturating_add(1);
        }
        self.say_inputs(inputs, ack, proof, None, says);
    }

    /// Hashes of what was not predicted.
    pub(super) fn lie_hash(&mut self, says: &mut Vec<Vec<u8>>) {
        let count = 1 + self.rng.below(4);
        let first = self.next_input;
        let inputs = self.inputs(first, count);
        let seq = match self.rng.below(4) {
            0 => self.rng.next_u32(),
            1 => first.wrapping_sub(1),
            _ => first.saturating_add(self.rng.below(count)),
        };
        let hash = self.rng.next_u32();
        self.next_input = first.saturating_add(count);
        let predicted = Some(Predicted { seq, hash });
        self.say_inputs(inputs, None, None, predicted, says);
    }

    /// Deeds at places out of reach, against the property of others, without pause.
    pub(super) fn lie_aim(&mut self, says: &mut Vec<Vec<u8>>) {
        let times = 1 + self.rng.below(2);
        // All for the same input: whoever waits between them is left behind.
        let input_seq = self.next_input;
        for _ in 0..times {
            let command = self.act(input_seq);
            let message = self.command(command);
            says.push(self.encoded(message));
        }
        if self.rng.chance(1, 2) {
            let batch = self.next_batch(1, 2);
            says.push(self.encoded(batch));
        }
    }

    /// Anything that can be done to the world, for this input.
    pub(super) fn act(&mut self, input_seq: u32) -> ClientCommand {
        match self.rng.below(8) {
            0..=2 => ClientCommand::Act {
                input_seq,
                action: Action::Fire {
                    aim: Aim(self.rng.next_u32() as u16),
                },
            },
            3 | 4 => ClientCommand::Act {
                input_seq,
                action: Action::Place {
                    cell: self.cell(),
                    kind: self.kind(),
                },
            },
            5 => ClientCommand::Act {
                input_seq,
                action: Action::Remove {
                    id: self.structure_of_another(),
                },
            },
            6 => ClientCommand::Preview(Some(Preview {
                cell: self.cell(),
                kind: self.kind(),
            })),
            _ => self.appearance(),
        }
    }

    /// Characters that it has, has not, and has too many of.
    pub(super) fn appearance(&mut self) -> ClientCommand {
        let token = self.rng.below(self.seen.tokens.len() as u32) as usize;
        let character_id = match self.rng.below(4) {
            0 => "default".to_owned(),
            1 => "x".repeat(CHARACTER_ID_BYTES_MAX + self.below(2)),
            2 => match self.seen.tokens.get(token) {
                // Its own secret, to be found where it should not be.
                Some(token) => token.chars().take(CHARACTER_ID_BYTES_MAX).collect(),
                None => String::new(),
            },
            _ => format!("c{}", self.rng.below(40)),
        };
        if self.rng.chance(1, 2) {
            return ClientCommand::SelectCharacter { character_id };
        }
        ClientCommand::SaveCharacter {
            name: character_id.clone(),
            character_id,
            look: Look {
                body: self.rng.below(10) as u8,
                colour: self.rng.below(20) as u8,
            },
        }
    }

    fn say_inputs(
        &mut self,
        inputs: Vec<protocol::Input>,
        snapshot_ack: Option<u32>,
        snapshot_proof: Option<Receipt>,
        predicted: Option<Predicted>,
        says: &mut Vec<Vec<u8>>,
    ) {
        let message = ClientMessage::Command(Envelope {
            seq: self.next_seq(),
            client_time: self.clock(),
            command: ClientCommand::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted,
            },
        });
        says.push(self.encoded(message));
    }

    fn another_input(&mut self) -> u32 {
        let next = self.next_input;
        match self.rng.below(6) {
            0 => 0,
            1 => u32::MAX,
            2 => next.saturating_add(self.rng.below(20)),
            3 => next.saturating_add(1_000 + self.rng.below(1_000_000)),
            _ => next.saturating_sub(self.rng.below(30)),
        }
    }

    /// Where somebody stands, near there, or anywhere, in the arena and a little out of it.
    fn cell(&mut self) -> Cell {
        let standing = self.seen.cells();
        if standing.is_empty() || self.rng.chance(1, 3) {
            let mut axis = || self.rng.below(u32::from(ARENA_CELLS) + 2) as u8;
            return Cell {
                x: axis(),
                y: axis(),
            };
        }
        let picked = standing[self.below(standing.len())];
        let mut near = |axis: u8| {
            axis.saturating_add(self.rng.below(5) as u8)
                .saturating_sub(2)
        };
        Cell {
            x: near(picked.x),
            y: near(picked.y),
        }
    }

    fn kind(&mut self) -> StructureKind {
        let all = StructureKind::ALL;
        all[self.below(all.len())]
    }

    fn structure_of_another(&mut self) -> StructureId {
        let all = self.seen.structures_of_others();
        if all.is_empty() || self.rng.chance(1, 4) {
            return match self.rng.below(3) {
                0 => StructureId(u32::MAX),
                1 => StructureId(0),
                _ => StructureId(self.rng.below(1_000)),
            };
        }
        all[self.below(all.len())]
    }
}
