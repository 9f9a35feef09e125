//! Commands as the wire has them: each action under its own name, with its fields beside the input that it belongs to.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use sim_core::{Action, Aim, Buttons, Cell, Look, Preview, StructureId, StructureKind};

use crate::client::{ClientCommand, Input, Predicted};
use crate::form::{ButtonsForm, CellForm, KindForm, LookForm, serialised};
use crate::limits::{CHARACTER_ID_BYTES_MAX, INPUTS_PER_BATCH_MAX, NAME_CHARS_MAX};
use crate::receipt::Receipt;

/// What a client can ask for. The order of the variants is that of their numbers in the binary encoding: new ones come last.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
#[schemars(rename = "ClientCommand")]
pub(crate) enum CommandShape {
    /// Movement: what was held in consecutive steps.
    InputBatch {
        /// Consecutive `seq`, ascending, at least one.
        #[schemars(length(min = 1, max = INPUTS_PER_BATCH_MAX))]
        inputs: Vec<Input>,
        /// The newest snapshot that the client has applied.
        #[serde(skip_serializing_if = "Option::is_none")]
        snapshot_ack: Option<u32>,
        /// The proof that stood in that snapshot.
        #[serde(skip_serializing_if = "Option::is_none")]
        snapshot_proof: Option<Receipt>,
        /// What the client predicts of its own player, to be compared by whoever reads the recording.
        #[serde(skip_serializing_if = "Option::is_none")]
        predicted: Option<Predicted>,
    },
    /// Build: show the others what is about to be built.
    Preview {
        /// Where.
        #[serde(with = "CellForm")]
        cell: Cell,
        /// What.
        #[serde(with = "KindForm")]
        structure: StructureKind,
    },
    /// Build: hide the preview.
    PreviewClear,
    /// Build: place a structure on the step that consumes `input_seq`.
    Place {
        /// The input that it belongs to.
        input_seq: u32,
        /// Where.
        #[serde(with = "CellForm")]
        cell: Cell,
        /// What.
        #[serde(with = "KindForm")]
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
        #[serde(with = "LookForm")]
        look: Look,
    },
}

impl ClientCommand {
    /// The feature and the action of every command, in the order of the variants on the wire.
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
            Self::Preview(Some(_)) => 1,
            Self::Preview(None) => 2,
            Self::Act { action, .. } => match action {
                Action::Place { .. } => 3,
                Action::Remove { .. } => 4,
                Action::Fire { .. } => 5,
            },
            Self::SelectCharacter { .. } => 6,
            Self::SaveCharacter { .. } => 7,
        }
    }
}

impl From<CommandShape> for ClientCommand {
    fn from(shape: CommandShape) -> Self {
        let act = |input_seq, action| Self::Act { input_seq, action };
        match shape {
            CommandShape::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted,
            } => Self::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted,
            },
            CommandShape::Preview { cell, structure } => Self::Preview(Some(Preview {
                cell,
                kind: structure,
            })),
            CommandShape::PreviewClear => Self::Preview(None),
            CommandShape::Place {
                input_seq,
                cell,
                structure: kind,
            } => act(input_seq, Action::Place { cell, kind }),
            CommandShape::Remove {
                input_seq,
                structure_id: id,
            } => act(input_seq, Action::Remove { id }),
            CommandShape::Fire { input_seq, aim } => act(input_seq, Action::Fire { aim }),
            CommandShape::SelectCharacter { character_id } => {
                Self::SelectCharacter { character_id }
            }
            CommandShape::SaveCharacter {
                character_id,
                name,
                look,
            } => Self::SaveCharacter {
                character_id,
                name,
                look,
            },
        }
    }
}

impl From<ClientCommand> for CommandShape {
    fn from(command: ClientCommand) -> Self {
        match command {
            ClientCommand::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted,
            } => Self::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted,
            },
            ClientCommand::Preview(Some(Preview { cell, kind })) => Self::Preview {
                cell,
                structure: kind,
            },
            ClientCommand::Preview(None) => Self::PreviewClear,
            ClientCommand::Act { input_seq, action } => match action {
                Action::Place { cell, kind } => Self::Place {
                    input_seq,
                    cell,
                    structure: kind,
                },
                Action::Remove { id } => Self::Remove {
                    input_seq,
                    structure_id: id,
                },
                Action::Fire { aim } => Self::Fire { input_seq, aim },
            },
            ClientCommand::SelectCharacter { character_id } => {
                Self::SelectCharacter { character_id }
            }
            ClientCommand::SaveCharacter {
                character_id,
                name,
                look,
            } => Self::SaveCharacter {
                character_id,
                name,
                look,
            },
        }
    }
}

serialised!(ClientCommand as CommandShape);
serialised!(Input as InputShape);

/// What was held in one step.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Input")]
pub(crate) struct InputShape {
    /// Number of the input, one higher with every step that the client predicts.
    seq: u32,
    /// Towards smaller y.
    up: bool,
    /// Towards larger y.
    down: bool,
    /// Towards smaller x.
    left: bool,
    /// Towards larger x.
    right: bool,
}

impl From<Input> for InputShape {
    fn from(input: Input) -> Self {
        let ButtonsForm {
            up,
            down,
            left,
            right,
        } = input.buttons.into();
        Self {
            seq: input.seq,
            up,
            down,
            left,
            right,
        }
    }
}

impl From<InputShape> for Input {
    fn from(shape: InputShape) -> Self {
        let InputShape {
            seq,
            up,
            down,
            left,
            right,
        } = shape;
        Self {
            seq,
            buttons: Buttons::new(up, down, left, right),
        }
    }
}

impl JsonSchema for Input {
    fn schema_name() -> Cow<'static, str> {
        "Input".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        InputShape::json_schema(generator)
    }
}
