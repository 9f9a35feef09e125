//! What a room tells of the world's events.

use sim_core::{Cell, Event, PlayerId, ProjectileId, StructureId, StructureKind};

/// Something that happened in the world; the message's `step` says when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// A player entered.
    Joined {
        /// Who.
        player_id: PlayerId,
    },
    /// A player left.
    Left {
        /// Who.
        player_id: PlayerId,
    },
    /// A structure was built.
    Placed {
        /// Who built it.
        player_id: PlayerId,
        /// Which.
        structure_id: StructureId,
        /// Where.
        cell: Cell,
        /// What.
        structure: StructureKind,
    },
    /// A structure was taken away by its owner.
    Removed {
        /// Who did it.
        player_id: PlayerId,
        /// Which.
        structure_id: StructureId,
    },
    /// A structure was shot down.
    Destroyed {
        /// Which.
        structure_id: StructureId,
        /// Who shot.
        by: PlayerId,
        /// Where.
        cell: Cell,
    },
    /// A shot was fired.
    Fired {
        /// Who fired.
        player_id: PlayerId,
        /// The shot.
        projectile_id: ProjectileId,
    },
    /// A player was hit.
    Hit {
        /// Who was hit.
        player_id: PlayerId,
        /// Who shot.
        by: PlayerId,
        /// Health lost.
        damage: u8,
        /// Health left.
        health: u8,
    },
    /// A player was shot down.
    Died {
        /// Who.
        player_id: PlayerId,
        /// Who shot.
        by: PlayerId,
    },
    /// A player is back in play.
    Respawned {
        /// Who.
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

    /// The feature and the name of the event.
    #[must_use]
    pub const fn names(&self) -> (&'static str, &'static str) {
        match self {
            Self::Joined { .. } => ("presence", "joined"),
            Self::Left { .. } => ("presence", "left"),
            Self::Placed { .. } => ("build", "placed"),
            Self::Removed { .. } => ("build", "removed"),
            Self::Destroyed { .. } => ("build", "destroyed"),
            Self::Fired { .. } => ("projectile", "fired"),
            Self::Hit { .. } => ("projectile", "hit"),
            Self::Died { .. } => ("projectile", "died"),
            Self::Respawned { .. } => ("movement", "respawned"),
        }
    }
}
