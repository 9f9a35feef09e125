//! What players do besides moving.

use serde::{Deserialize, Serialize};

use crate::aim::Aim;
use crate::geometry::Cell;
use crate::ids::{ProjectileId, StructureId};
use crate::player::{Look, Preview};
use crate::structure::{Structure, StructureKind};

/// What a player does on the step of an input. Clients predict it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Shoot.
    Fire {
        /// In this direction.
        aim: Aim,
    },
    /// Build.
    Place {
        /// Where.
        cell: Cell,
        /// What.
        kind: StructureKind,
    },
    /// Take away an own structure.
    Remove {
        /// Which.
        id: StructureId,
    },
}

impl Action {
    /// Whether it may add or take away structures.
    #[must_use]
    pub const fn changes_structures(self) -> bool {
        match self {
            Self::Place { .. } | Self::Remove { .. } => true,
            Self::Fire { .. } => false,
        }
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
    /// The player looks otherwise: another preview or another look.
    Shown,
}

/// A command as files have it. The order of the variants is that of their numbers there: new ones come last.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Command")]
enum Stored {
    Fire { aim: Aim },
    Place { cell: Cell, kind: StructureKind },
    Remove { id: StructureId },
    Preview(Option<Preview>),
    SetLook(Look),
}

impl From<Command> for Stored {
    fn from(command: Command) -> Self {
        match command {
            Command::Act(Action::Fire { aim }) => Self::Fire { aim },
            Command::Act(Action::Place { cell, kind }) => Self::Place { cell, kind },
            Command::Act(Action::Remove { id }) => Self::Remove { id },
            Command::Preview(preview) => Self::Preview(preview),
            Command::SetLook(look) => Self::SetLook(look),
        }
    }
}

impl From<Stored> for Command {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Fire { aim } => Self::Act(Action::Fire { aim }),
            Stored::Place { cell, kind } => Self::Act(Action::Place { cell, kind }),
            Stored::Remove { id } => Self::Act(Action::Remove { id }),
            Stored::Preview(preview) => Self::Preview(preview),
            Stored::SetLook(look) => Self::SetLook(look),
        }
    }
}
