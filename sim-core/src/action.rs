//! What players do besides moving.

use serde::{Deserialize, Serialize};

use crate::aim::Aim;
use crate::geometry::Cell;
use crate::ids::{ProjectileId, StructureId};
use crate::player::{Look, Preview};
use crate::structure::{Structure, StructureKind};

/// Defines the actions, and how commands stand in files: enums by number, first these, then the other commands, then the actions
/// that came later.
macro_rules! actions {
    (
        first { $($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $type:ty,)* })* }
        later { $($(#[$new_doc:meta])* $new:ident { $($(#[$new_of:meta])* $new_field:ident: $new_type:ty,)* })* }
    ) => {
        /// What a player does on the step of an input. Clients predict it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $name { $($(#[$of])* $field: $type,)* },)*
            $($(#[$new_doc])* $new { $($(#[$new_of])* $new_field: $new_type,)* },)*
        }

        impl Action {
            /// The names of all there are.
            pub const NAMES: &[&str] = &[$(stringify!($name),)* $(stringify!($new),)*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name { .. } => stringify!($name),)*
                    $(Self::$new { .. } => stringify!($new),)*
                }
            }
        }

        #[derive(Serialize, Deserialize)]
        #[serde(rename = "Command")]
        enum Stored {
            $($name { $($field: $type,)* },)*
            Preview(Option<Preview>),
            SetLook(Look),
            $($new { $($new_field: $new_type,)* },)*
        }

        impl From<Command> for Stored {
            fn from(command: Command) -> Self {
                match command {
                    $(Command::Act(Action::$name { $($field,)* }) => Self::$name { $($field,)* },)*
                    Command::Preview(preview) => Self::Preview(preview),
                    Command::SetLook(look) => Self::SetLook(look),
                    $(Command::Act(Action::$new { $($new_field,)* }) => Self::$new { $($new_field,)* },)*
                }
            }
        }

        impl From<Stored> for Command {
            fn from(stored: Stored) -> Self {
                match stored {
                    $(Stored::$name { $($field,)* } => Self::Act(Action::$name { $($field,)* }),)*
                    Stored::Preview(preview) => Self::Preview(preview),
                    Stored::SetLook(look) => Self::SetLook(look),
                    $(Stored::$new { $($new_field,)* } => Self::Act(Action::$new { $($new_field,)* }),)*
                }
            }
        }
    };
}

actions! {
    first {
        /// Shoot.
        Fire {
            /// In this direction.
            aim: Aim,
        }
        /// Build.
        Place {
            /// Cell that it stands in.
            cell: Cell,
            /// Kind of structure.
            kind: StructureKind,
        }
        /// Take away an own structure.
        Remove {
            /// The structure.
            id: StructureId,
        }
    }
    later {}
}

impl Action {
    /// Whether it may add or take away structures.
    #[must_use]
    pub const fn changes_structures(self) -> bool {
        matches!(self, Self::Place { .. } | Self::Remove { .. })
    }
}

/// Whatever a player asks of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub enum Command {
    /// Act.
    Act(Action),
    /// Show, move or hide the preview.
    Preview(Option<Preview>),
    /// Change appearance.
    SetLook(Look),
}

impl From<Action> for Command {
    fn from(action: Action) -> Self {
        Self::Act(action)
    }
}

/// What became of a command that was possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A shot flies.
    Fired(ProjectileId),
    /// A structure stands.
    Placed(Structure),
    /// A structure is gone.
    Removed(StructureId),
    /// The player is another than before, and nothing else is.
    Changed,
}
