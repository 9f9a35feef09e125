//! What players build.

use serde::{Deserialize, Serialize};

use crate::geometry::Cell;
use crate::ids::{PlayerId, StructureId};
use crate::rules::{FENCE_HP, GATE_HP, WALL_HP};
use crate::structure_fields;
use crate::table::thing;

/// Kinds of structure; each fills one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StructureKind {
    /// Stops everybody and every shot.
    Wall,
    /// Lets its owner and the owner's shots pass.
    Gate,
    /// Stops everybody, lets every shot pass.
    Fence,
}

impl StructureKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Wall, Self::Gate, Self::Fence];

    /// The number that stands for the kind in encodings.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Wall => 0,
            Self::Gate => 1,
            Self::Fence => 2,
        }
    }

    /// The kind with this code.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Wall),
            1 => Some(Self::Gate),
            2 => Some(Self::Fence),
            _ => None,
        }
    }

    /// Hit points when new.
    #[must_use]
    pub const fn hp_max(self) -> u8 {
        match self {
            Self::Wall => WALL_HP,
            Self::Gate => GATE_HP,
            Self::Fence => FENCE_HP,
        }
    }

    /// Whether one that `owner` built is in the way of `player`.
    #[must_use]
    pub fn blocks(self, owner: PlayerId, player: PlayerId) -> bool {
        match self {
            Self::Wall | Self::Fence => true,
            Self::Gate => owner != player,
        }
    }
}

structure_fields! { thing [
    /// A structure. It has 1 to `kind.hp_max()` hit points.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    Structure(StructureId)
]}

impl Structure {
    /// Whether it is in the way of the player.
    #[must_use]
    pub fn blocks(&self, player: PlayerId) -> bool {
        self.kind.blocks(self.owner, player)
    }

    /// Whether it ends a shot of the player.
    #[must_use]
    pub fn stops_shot(&self, shooter: PlayerId) -> bool {
        match self.kind {
            StructureKind::Wall => true,
            StructureKind::Gate => self.owner != shooter,
            StructureKind::Fence => false,
        }
    }
}
