//! Players who mean harm: what they say instead of playing.
//!
//! * An attacker knows what the room told it, as anybody with a client of its own would, and what it has said before.
//! * It speaks in the real encodings, so that most of what it says passes the decoder and has to be refused by the
//!   room; the rest has to be refused by the decoder.
//! * What it says follows from its seed and from what it heard.

mod lies;
mod mangle;
mod seen;

use std::collections::VecDeque;

use netcode::Micros;
use protocol::{ClientCommand, ClientMessage, Encoding, Envelope, Input, encode_client};
use serde::{Deserialize, Serialize};
use sim_core::{Buttons, Rng};

use seen::Seen;

/// In which way a player means harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hostility {
    /// Says more than anybody may, in bursts.
    Flood,
    /// Numbers its messages and inputs as it likes: again, backwards, with holes, to the last number there is.
    LieSeq,
    /// Claims snapshots, moments and steps that are not, were long ago, or are far to come.
    LieStep,
    /// Claims to have predicted what it did not.
    LieHash,
    /// Shoots, builds and demolishes what it cannot reach, does not own, or has no turn for.
    LieAim,
    /// Says byte for byte what it said before, on this connection or an earlier one.
    ReplayOld,
    /// Says what is no message, or is one no more.
    Garbage,
    /// Acknowledges what it has not read, and takes it back.
    FalseAcks,
    /// All of it.
    Everything,
}

impl Hostility {
    /// Every hostility; the last is all the others.
    pub const ALL: [Self; 9] = [
        Self::Flood,
        Self::LieSeq,
        Self::LieStep,
        Self::LieHash,
        Self::LieAim,
        Self::ReplayOld,
        Self::Garbage,
        Self::FalseAcks,
        Self::Everything,
    ];

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flood => "flood",
            Self::LieSeq => "lieSeq",
            Self::LieStep => "lieStep",
            Self::LieHash => "lieHash",
            Self::LieAim => "lieAim",
            Self::ReplayOld => "replayOld",
            Self::Garbage => "garbage",
            Self::FalseAcks => "falseAcks",
            Self::Everything => "everything",
        }
    }
}

/// Messages that an attacker remembers, to say them again.
const SAID_MAX: usize = 256;
/// One in so many things that an attacker says is what an honest client would say: who only lies is soon thrown out, and
/// harms nobody.
const HONEST_ONE_IN: u32 = 2;
/// One in so many bursts of a flood is long enough to be thrown out for.
const DROWNS_ONE_IN: u32 = 40;

/// One hostile player. Tell it of its connection with `opened`, `closed` and `heard`; while the connection is open, ask
/// it with `speak` now and then.
#[derive(Clone, Debug)]
pub(crate) struct Attacker {
    kind: Hostility,
    encoding: Encoding,
    rng: Rng,
    seen: Seen,
    /// Number of the newest message.
    seq: u32,
    /// Number of the next input.
    next_input: u32,
    /// The moment that the honest clock shows, in milliseconds.
    now_ms: u32,
    said: VecDeque<Vec<u8>>,
}

impl Attacker {
    pub(crate) fn new(kind: Hostility, encoding: Encoding, seed: u64) -> Self {
        Self {
            kind,
            encoding,
            rng: Rng::new(seed),
            seen: Seen::default(),
            seq: 0,
            next_input: 1,
            now_ms: 0,
            said: VecDeque::new(),
        }
    }

    /// Whether it brings back what only somebody knows who reads.
    pub(crate) fn reads(&self) -> bool {
        self.kind != Hostility::FalseAcks
    }

    /// The connection is open.
    pub(crate) fn opened(&mut self) {
        self.seen.forget_connection();
        self.seq = 0;
        self.next_input = 1;
    }

    /// The connection is gone.
    pub(crate) fn closed(&mut self) {
        self.seen.forget_connection();
    }

    /// The room said something.
    pub(crate) fn heard(&mut self, bytes: &[u8], text: bool) {
        let encoding = if text { Encoding::Json } else { self.encoding };
        if let Some(next_input) = self.seen.hear(bytes, encoding) {
            self.next_input = next_input;
        }
    }

    /// What it says now, message by message.
    pub(crate) fn speak(&mut self, now: Micros) -> Vec<Vec<u8>> {
        self.now_ms = (now.0 / 1_000) as u32;
        let kind = if self.kind == Hostility::Everything {
            self.any_kind()
        } else {
            self.kind
        };
        let mut says = Vec::new();
        match kind {
            Hostility::Flood => self.flood(&mut says),
            // It never brings a right proof, so nothing of it is honest.
            Hostility::FalseAcks => self.false_acks(&mut says),
            _ if self.rng.chance(1, HONEST_ONE_IN) => {
                let honest = self.next_batch(1, 3);
                says.push(self.encoded(honest));
            }
            Hostility::LieSeq => self.lie_seq(&mut says),
            Hostility::LieStep => self.lie_step(&mut says),
            Hostility::LieHash => self.lie_hash(&mut says),
            Hostility::LieAim => self.lie_aim(&mut says),
            Hostility::ReplayOld => self.replay_old(&mut says),
            Hostility::Garbage | Hostility::Everything => self.garbage(&mut says),
        }
        for bytes in &says {
            if self.said.len() >= SAID_MAX {
                // What is forgotten is drawn, so that some of the oldest stay.
                let forgotten = self.below(self.said.len());
                self.said.swap_remove_back(forgotten);
            }
            self.said.push_back(bytes.clone());
        }
        says
    }

    fn any_kind(&mut self) -> Hostility {
        let each = &Hostility::ALL[..Hostility::ALL.len() - 1];
        let kind = each[self.below(each.len())];
        // Who is thrown out all the time has no time for the rest.
        if kind == Hostility::Flood && !self.rng.chance(1, 4) {
            return Hostility::LieAim;
        }
        kind
    }

    fn flood(&mut self, says: &mut Vec<Vec<u8>>) {
        let times = if self.rng.chance(1, DROWNS_ONE_IN) {
            400
        } else {
            self.rng.below(6)
        };
        let what = self.rng.below(5);
        for _ in 0..times {
            let message = match what {
                0 => ClientMessage::Ping {
                    seq: self.next_seq(),
                    client_time: self.clock(),
                },
                1 => self.next_batch(12, 1),
                2 => {
                    let command = self.act(self.next_input);
                    self.command(command)
                }
                3 => {
                    let command = self.appearance();
                    self.command(command)
                }
                _ => {
                    // The longest message that is one, and longer.
                    let longest = protocol::limits::CLIENT_MESSAGE_BYTES_MAX + 2;
                    let mut bytes = self.ping();
                    bytes.resize(longest - self.below(4), b' ');
                    says.push(bytes);
                    continue;
                }
            };
            says.push(self.encoded(message));
        }
    }

    fn replay_old(&mut self, says: &mut Vec<Vec<u8>>) {
        let times = 1 + self.below(3);
        for _ in 0..times.min(self.said.len()) {
            let picked = self.below(self.said.len());
            says.push(self.said[picked].clone());
        }
    }

    fn garbage(&mut self, says: &mut Vec<Vec<u8>>) {
        let valid = match self.rng.below(4) {
            0 => self.ping(),
            1 => {
                let command = self.act(self.next_input);
                let message = self.command(command);
                self.encoded(message)
            }
            2 if !self.said.is_empty() => {
                let picked = self.below(self.said.len());
                self.said[picked].clone()
            }
            _ => {
                let batch = self.next_batch(12, 1);
                self.encoded(batch)
            }
        };
        let other = match self.encoding {
            Encoding::Json => Encoding::Binary,
            Encoding::Binary | Encoding::Binary1 => Encoding::Json,
        };
        let told = self.seen.newest_message.clone();
        let bytes = match self.rng.below(8) {
            0 => mangle::noise(&mut self.rng),
            1 => {
                let batch = self.next_batch(1, 1);
                encode_client(&batch, other)
            }
            2 => mangle::other_version(&mut self.rng, valid),
            // The room's own words.
            3 if !told.is_empty() => told,
            4 => mangle::nested(&mut self.rng),
            _ => mangle::mutated(&mut self.rng, valid, &told),
        };
        says.push(bytes);
    }

    fn ping(&mut self) -> Vec<u8> {
        let ping = ClientMessage::Ping {
            seq: self.next_seq(),
            client_time: self.clock(),
        };
        self.encoded(ping)
    }

    /// A number that counts something in memory.
    fn below(&mut self, bound: usize) -> usize {
        self.rng.below(bound as u32) as usize
    }

    fn next_seq(&mut self) -> u32 {
        self.seq = self.seq.saturating_add(1);
        self.seq
    }

    fn clock(&self) -> f64 {
        f64::from(self.now_ms)
    }

    fn encoded(&self, message: ClientMessage) -> Vec<u8> {
        encode_client(&message, self.encoding)
    }

    fn command(&mut self, command: ClientCommand) -> ClientMessage {
        ClientMessage::Command(Envelope {
            seq: self.next_seq(),
            client_time: self.clock(),
            command,
        })
    }

    /// The next inputs, `least` or some more, as an honest client would send them.
    fn next_batch(&mut self, least: u32, span: u32) -> ClientMessage {
        let count = least + self.rng.below(span);
        let inputs = self.inputs(self.next_input, count);
        self.next_input = self.next_input.saturating_add(count);
        let snapshot_ack = self.seen.newest_snapshot();
        let command = ClientCommand::InputBatch {
            inputs,
            snapshot_ack,
            snapshot_proof: snapshot_ack.and_then(|id| self.seen.proof(id)),
            predicted: None,
        };
        self.command(command)
    }

    /// Inputs that are numbered from `first`; beyond the last number they go on from the first.
    fn inputs(&mut self, first: u32, count: u32) -> Vec<Input> {
        let held = Buttons::from_bits_truncate(self.rng.below(16) as u8);
        let inputs = (0..count).map(|nth| Input {
            seq: first.wrapping_add(nth),
            buttons: held,
        });
        inputs.collect()
    }
}

#[cfg(test)]
mod tests;
