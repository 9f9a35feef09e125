//! What a client says.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{Aim, Buttons, Cell, Look, StructureId, StructureKind};

use crate::limits::{CHARACTER_ID_BYTES_MAX, INPUTS_PER_BATCH_MAX, NAME_CHARS_MAX};
use crate::receipt::Receipt;
use crate::shape::{CellShape, Hex32, InputShape, KindShape, LookShape};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ClientCommand {
    /// Movement: what was held in consecutive steps.
    InputBatch {
        /// Consecutive `seq`, ascending, at least one.
        #[schemars(length(min = 1, max = INPUTS_PER_BATCH_MAX))]
        inputs: Vec<Input>,
        /// The newest snapshot that the client has applied.
        snapshot_ack: Option<u32>,
        /// The proof that stood in that snapshot.
        snapshot_proof: Option<Receipt>,
        /// What the client predicts of its own player, to be compared by whoever reads the recording.
        predicted: Option<Predicted>,
    },
    /// Build: show the others what is about to be built.
    Preview {
        /// Where.
        #[serde(with = "CellShape")]
        cell: Cell,
        /// What.
        #[serde(with = "KindShape")]
        structure: StructureKind,
    },
    /// Build: hide the preview.
    PreviewClear,
    /// Build: place a structure on the step that consumes `input_seq`.
    Place {
        /// The input that it belongs to.
        input_seq: u32,
        /// Where.
        #[serde(with = "CellShape")]
        cell: Cell,
        /// What.
        #[serde(with = "KindShape")]
        structure: StructureKind,
    },
    /// Build: take an own structure away on the step that consumes `input_seq`.
    Remove {
        /// The input that it belongs to.
        input_seq: u32,
        /// Which.
        #[schemars(with = "u32")]
        structure_id: StructureId,
    },
    /// Projectile: fire on the step that consumes `input_seq`.
    Fire {
        /// The input that it belongs to.
        input_seq: u32,
        /// Where to.
        #[schemars(with = "u16")]
        aim: Aim,
    },
    /// Presence: play as this character from now on.
    SelectCharacter {
        /// Which of the user's characters.
        #[schemars(length(min = 1, max = CHARACTER_ID_BYTES_MAX))]
        character_id: String,
    },
    /// Presence: make or change a character.
    SaveCharacter {
        /// Which of the user's characters.
        #[schemars(length(min = 1, max = CHARACTER_ID_BYTES_MAX))]
        character_id: String,
        /// What others read.
        #[schemars(length(min = 1, max = NAME_CHARS_MAX))]
        name: String,
        /// What others see.
        #[serde(with = "LookShape")]
        look: Look,
    },
}

/// What was held in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "InputShape", into = "InputShape")]
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
    #[serde(with = "Hex32")]
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

impl ClientCommand {
    /// The feature and the action of every command, in the order of the variants; the action is the variant's name.
    pub const NAMES: [(&'static str, &'static str); 8] = [
        ("movement", "input_batch"),
        ("build", "preview"),
        ("build", "preview_clear"),
        ("build", "place"),
        ("build", "remove"),
        ("projectile", "fire"),
        ("presence", "select_character"),
        ("presence", "save_character"),
    ];

    /// The feature and the action that name the command.
    #[must_use]
    pub const fn names(&self) -> (&'static str, &'static str) {
        Self::NAMES[self.index()]
    }

    const fn index(&self) -> usize {
        match self {
            Self::InputBatch { .. } => 0,
            Self::Preview { .. } => 1,
            Self::PreviewClear => 2,
            Self::Place { .. } => 3,
            Self::Remove { .. } => 4,
            Self::Fire { .. } => 5,
            Self::SelectCharacter { .. } => 6,
            Self::SaveCharacter { .. } => 7,
        }
    }
}
