//! What a client says.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{Action, Buttons, Look, Preview};

use crate::command::{CommandForm, InputForm};
use crate::form::Hex;
use crate::receipt::Receipt;

/// A message from a client.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// Something to do.
    Command(Envelope),
    /// A question that a `pong` answers at once.
    Ping {
        /// Counted together with the commands' `seq`.
        seq: u32,
        /// The client's clock, in milliseconds.
        client_time: f64,
    },
}

/// A command with what every command carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Number of the message on its connection, strictly increasing.
    pub seq: u32,
    /// The client's clock, in milliseconds.
    pub client_time: f64,
    /// What to do.
    pub command: ClientCommand,
}

/// What a client can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CommandForm", into = "CommandForm")]
pub enum ClientCommand {
    /// Movement: what was held in consecutive steps.
    InputBatch {
        /// Consecutive `seq`, ascending, at least one.
        inputs: Vec<Input>,
        /// The newest snapshot that the client has applied.
        snapshot_ack: Option<u32>,
        /// The proof that stood in that snapshot.
        snapshot_proof: Option<Receipt>,
        /// What the client predicts of its own player, to be compared by whoever reads the recording.
        predicted: Option<Predicted>,
    },
    /// Act on the step that consumes `input_seq`.
    Act {
        /// The input that it belongs to.
        input_seq: u32,
        /// What to do.
        action: Action,
    },
    /// Build: show the others what is about to be built, or hide it.
    Preview(Option<Preview>),
    /// Presence: play as this character from now on.
    SelectCharacter {
        /// Which of the user's characters.
        character_id: String,
    },
    /// Presence: make or change a character.
    SaveCharacter {
        /// Which of the user's characters.
        character_id: String,
        /// What others read.
        name: String,
        /// What others see.
        look: Look,
    },
}

/// What was held in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "InputForm", into = "InputForm")]
pub struct Input {
    /// Number of the input, one higher with every step that the client predicts.
    pub seq: u32,
    /// What was held.
    pub buttons: Buttons,
}

/// What a client predicts of its own player after one of its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Predicted {
    /// The input.
    pub seq: u32,
    /// `Player::predicted_hash` after it.
    #[serde(with = "Hex::<8>")]
    pub hash: u32,
}

impl ClientMessage {
    /// The message's number on its connection.
    #[must_use]
    pub const fn seq(&self) -> u32 {
        match self {
            Self::Command(envelope) => envelope.seq,
            Self::Ping { seq, .. } => *seq,
        }
    }
}
