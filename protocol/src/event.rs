//! What a room tells of the world's events.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{Cell, Event, PlayerId, ProjectileId, StructureId, StructureKind};

use crate::form::{CellForm, KindForm};

/// Something that happened in the world; the message's `step` says when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ServerEvent {
    /// A player entered.
    Joined {
        /// Who.
        #[schemars(with = "u16")]
        player_id: PlayerId,
    },
    /// A player left.
    Left {
        /// Who.
        #[schemars(with = "u16")]
        player_id: PlayerId,
    },
    /// A structure was built.
    Placed {
        /// Who built it.
        #[schemars(with = "u16")]
        player_id: PlayerId,
        /// Which.
        #[schemars(with = "u32")]
        structure_id: StructureId,
        /// Where.
        #[serde(with = "CellForm")]
        cell: Cell,
        /// What.
        #[serde(with = "KindForm")]
        structure: StructureKind,
    },
    /// A structure was taken away by its owner.
    Removed {
        /// Who did it.
        #[schemars(with = "u16")]
        player_id: PlayerId,
        /// Which.
        #[schemars(with = "u32")]
        structure_id: StructureId,
    },
    /// A structure was shot down.
    Destroyed {
        /// Which.
        #[schemars(with = "u32")]
        structure_id: StructureId,
        /// Who shot.
        #[schemars(with = "u16")]
        by: PlayerId,
        /// Where.
        #[serde(with = "CellForm")]
        cell: Cell,
    },
    /// A shot was fired.
    Fired {
        /// Who fired.
        #[schemars(with = "u16")]
        player_id: PlayerId,
        /// The shot.
        #[schemars(with = "u32")]
        projectile_id: ProjectileId,
    },
    /// A player was hit.
    Hit {
        /// Who was hit.
        #[schemars(with = "u16")]
        player_id: PlayerId,
        /// Who shot.
        #[schemars(with = "u16")]
        by: PlayerId,
        /// Health lost.
        damage: u8,
        /// Health left.
        health: u8,
    },
    /// A player was shot down.
    Died {
        /// Who.
        #[schemars(with = "u16")]
        player_id: PlayerId,
        /// Who shot.
        #[schemars(with = "u16")]
        by: PlayerId,
    },
    /// A player is back in play.
    Respawned {
        /// Who.
        #[schemars(with = "u16")]
        player_id: PlayerId,
    },
}

impl ServerEvent {
    /// The event as clients hear of it. A rejection is none: it goes to who asked, as an error.
    #[must_use]
    pub const fn from_sim(event: &Event) -> Option<Self> {
        Some(match *event {
            Event::Joined { player } => Self::Joined { player_id: player },
            Event::Left { player } => Self::Left { player_id: player },
            Event::Placed {
                player,
                id,
                cell,
                kind,
            } => Self::Placed {
                player_id: player,
                structure_id: id,
                cell,
                structure: kind,
            },
            Event::Removed { player, id } => Self::Removed {
                player_id: player,
                structure_id: id,
            },
            Event::Destroyed { id, by, cell } => Self::Destroyed {
                structure_id: id,
                by,
                cell,
            },
            Event::Fired { player, id } => Self::Fired {
                player_id: player,
                projectile_id: id,
            },
            Event::Hit {
                player,
                by,
                damage,
                health,
            } => Self::Hit {
                player_id: player,
                by,
                damage,
                health,
            },
            Event::Died { player, by } => Self::Died {
                player_id: player,
                by,
            },
            Event::Respawned { player } => Self::Respawned { player_id: player },
            Event::Rejected { .. } => return None,
        })
    }

    /// The feature and the name of every event, in the order of the variants; the name is the variant's.
    pub const NAMES: [(&'static str, &'static str); 9] = [
        ("presence", "joined"),
        ("presence", "left"),
        ("build", "placed"),
        ("build", "removed"),
        ("build", "destroyed"),
        ("projectile", "fired"),
        ("projectile", "hit"),
        ("projectile", "died"),
        ("movement", "respawned"),
    ];

    /// The feature and the name of the event.
    #[must_use]
    pub const fn names(&self) -> (&'static str, &'static str) {
        Self::NAMES[match self {
            Self::Joined { .. } => 0,
            Self::Left { .. } => 1,
            Self::Placed { .. } => 2,
            Self::Removed { .. } => 3,
            Self::Destroyed { .. } => 4,
            Self::Fired { .. } => 5,
            Self::Hit { .. } => 6,
            Self::Died { .. } => 7,
            Self::Respawned { .. } => 8,
        }]
    }
}
