//! What a step did that somebody may want to hear of. Events follow from the state; they are not part of it.

use serde::{Deserialize, Serialize};

use crate::geometry::Cell;
use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::structure::StructureKind;

/// The `command_index` of a [`Event::Rejected`] that is not about a command but about a join, leave or button change.
pub const NOT_A_COMMAND: u16 = u16::MAX;

/// Something that happened in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are named by their types")]
pub enum Event {
    /// A player entered.
    Joined { player: PlayerId },
    /// A player left.
    Left { player: PlayerId },
    /// A structure was built.
    Placed {
        player: PlayerId,
        id: StructureId,
        cell: Cell,
        kind: StructureKind,
    },
    /// A structure was taken away by its owner.
    Removed { player: PlayerId, id: StructureId },
    /// A structure was shot down; `by` is who shot.
    Destroyed {
        id: StructureId,
        by: PlayerId,
        cell: Cell,
    },
    /// A shot was fired.
    Fired { player: PlayerId, id: ProjectileId },
    /// A player was hit; `health` is what is left.
    Hit {
        player: PlayerId,
        by: PlayerId,
        damage: u8,
        health: u8,
    },
    /// A player was shot down.
    Died { player: PlayerId, by: PlayerId },
    /// A player is back in play.
    Respawned { player: PlayerId },
    /// Something in the frame was not allowed and changed nothing. `command_index` is the place in `Frame::commands`,
    /// or [`NOT_A_COMMAND`].
    Rejected {
        player: PlayerId,
        command_index: u16,
        reason: Reject,
    },
}

/// Why something in a frame was not allowed; one variant a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum Reject {
    /// No player has this id.
    #[error("no such player")]
    UnknownPlayer,
    /// A player has this id already.
    #[error("the player is already in the room")]
    AlreadyJoined,
    /// `rules::PLAYERS_MAX` players are in.
    #[error("the room is full")]
    RoomFull,
    /// No such body or colour.
    #[error("no such look")]
    UnknownLook,
    /// Only the living act.
    #[error("the player is dead")]
    Dead,
    /// The last shot was too short ago.
    #[error("the next shot is not ready")]
    FireCooldown,
    /// `rules::PROJECTILES_MAX` are in flight.
    #[error("too many projectiles")]
    ProjectileLimit,
    /// The last placing was too short ago.
    #[error("the next structure is not ready")]
    BuildCooldown,
    /// The cell is not in the arena.
    #[error("the cell is outside of the arena")]
    OutsideArena,
    /// The cell is further than `rules::REACH`.
    #[error("the cell is out of reach")]
    OutOfReach,
    /// A structure stands there.
    #[error("the cell has a structure")]
    CellTaken,
    /// A living player stands there.
    #[error("a player stands in the cell")]
    CellOccupied,
    /// The player has `rules::STRUCTURES_PER_PLAYER_MAX`.
    #[error("the player has too many structures")]
    PlayerStructureLimit,
    /// The room has `rules::STRUCTURES_MAX`.
    #[error("the room has too many structures")]
    RoomStructureLimit,
    /// No structure has this id.
    #[error("no such structure")]
    UnknownStructure,
    /// The structure is somebody else's.
    #[error("the structure belongs to another player")]
    NotOwner,
    /// The room has used every id there is.
    #[error("no ids are left")]
    IdsExhausted,
}
