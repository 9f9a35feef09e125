//! What a client asks for, and how the wire has it: each action under its own name, with its fields beside the input that it
//! belongs to.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{Action, Aim, Buttons, Cell, Look, Preview, StructureId, StructureKind};

use crate::form::{CellForm, Hex, KindForm, LookForm};
use crate::limits::{CHARACTER_ID_BYTES_MAX, INPUTS_PER_BATCH_MAX, NAME_CHARS_MAX};
use crate::receipt::Receipt;

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

/// Defines the form of every command. A row is the command, its feature and its action, and its form.
macro_rules! commands {
    ($(
        $(#[$doc:meta])* [$($command:tt)*] $feature:literal $action:literal
        $form:ident $({ $($(#[$of:meta])* $field:ident: $type:ty,)* })?
    )*) => {
        /// What a client can ask for.
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
        #[schemars(rename = "ClientCommand")]
        pub(crate) enum CommandForm {
            $($(#[$doc])* $form $({ $($(#[$of])* $field: $type,)* })?,)*
        }

        impl From<CommandForm> for ClientCommand {
            fn from(form: CommandForm) -> Self {
                match form {
                    $(CommandForm::$form $({ $($field),* })? => Self::$($command)*,)*
                }
            }
        }

        impl From<ClientCommand> for CommandForm {
            fn from(command: ClientCommand) -> Self {
                match command {
                    $(ClientCommand::$($command)* => Self::$form $({ $($field),* })?,)*
                }
            }
        }

        impl ClientCommand {
            /// The feature and the action of every command, in the order of their numbers on the wire.
            pub const NAMES: &[(&str, &str)] = &[$(($feature, $action)),*];

            /// The feature and the action that name the command.
            #[must_use]
            #[expect(unused_variables, reason = "the patterns are also what commands are made by")]
            pub const fn names(&self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$($command)* => ($feature, $action),)*
                }
            }
        }
    };
}

// The order of the rows is that of the commands' numbers in the binary encoding: new ones come last.
commands! {
    /// Movement: what was held in consecutive steps.
    [InputBatch { inputs, snapshot_ack, snapshot_proof, predicted }] "movement" "input_batch"
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
    }
    /// Build: show the others what is about to be built.
    [Preview(Some(Preview { cell, kind: structure }))] "build" "preview"
    Preview {
        /// Where.
        #[serde(with = "CellForm")]
        cell: Cell,
        /// What.
        #[serde(with = "KindForm")]
        structure: StructureKind,
    }
    /// Build: hide the preview.
    [Preview(None)] "build" "preview_clear"
    PreviewClear
    /// Build: place a structure on the step that consumes `input_seq`.
    [Act { input_seq, action: Action::Place { cell, kind: structure } }] "build" "place"
    Place {
        /// The input that it belongs to.
        input_seq: u32,
        /// Where.
        #[serde(with = "CellForm")]
        cell: Cell,
        /// What.
        #[serde(with = "KindForm")]
        structure: StructureKind,
    }
    /// Build: take an own structure away on the step that consumes `input_seq`.
    [Act { input_seq, action: Action::Remove { id: structure_id } }] "build" "remove"
    Remove {
        /// The input that it belongs to.
        input_seq: u32,
        /// Which.
        #[schemars(with = "u32")]
        structure_id: StructureId,
    }
    /// Projectile: fire on the step that consumes `input_seq`.
    [Act { input_seq, action: Action::Fire { aim } }] "projectile" "fire"
    Fire {
        /// The input that it belongs to.
        input_seq: u32,
        /// Where to.
        #[schemars(with = "u16")]
        aim: Aim,
    }
    /// Presence: play as this character from now on.
    [SelectCharacter { character_id }] "presence" "select_character"
    SelectCharacter {
        /// Which of the user's characters.
        #[schemars(length(min = 1, max = CHARACTER_ID_BYTES_MAX))]
        character_id: String,
    }
    /// Presence: make or change a character.
    [SaveCharacter { character_id, name, look }] "presence" "save_character"
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
    }
}

/// What was held in one step.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Input")]
pub(crate) struct InputForm {
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

impl From<Input> for InputForm {
    fn from(input: Input) -> Self {
        let holds = |button| input.buttons.holds(button);
        Self {
            seq: input.seq,
            up: holds(Buttons::UP),
            down: holds(Buttons::DOWN),
            left: holds(Buttons::LEFT),
            right: holds(Buttons::RIGHT),
        }
    }
}

impl From<InputForm> for Input {
    fn from(form: InputForm) -> Self {
        let buttons = Buttons::new(form.up, form.down, form.left, form.right);
        Self {
            seq: form.seq,
            buttons,
        }
    }
}
