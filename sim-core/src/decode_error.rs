//! Why bytes, or rows of a table, are no world.

use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::layout::WORLD_VERSION;
use crate::structures::InsertError;

/// Why bytes, or rows of a table, are no world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end before the world does.
    #[error("the bytes end before the world does")]
    Truncated,
    /// Bytes follow the world.
    #[error("{0} bytes follow the world")]
    Trailing(usize),
    /// The bytes are of a version that is not read.
    #[error("the world's bytes are of version {0}, and {WORLD_VERSION} is read")]
    Version(u32),
    /// More players than a room takes.
    #[error("{0} players")]
    TooManyPlayers(u32),
    /// More structures than a room takes.
    #[error("{0} structures")]
    TooManyStructures(u32),
    /// More projectiles than a room takes.
    #[error("{0} projectiles")]
    TooManyProjectiles(u32),
    /// A player's id is not above the one before.
    #[error("player {0} is out of order")]
    PlayerOrder(PlayerId),
    /// A structure's id is not above the one before.
    #[error("structure {0} is out of order")]
    StructureOrder(StructureId),
    /// A projectile's id is not above the one before.
    #[error("projectile {0} is out of order")]
    ProjectileOrder(ProjectileId),
    /// Buttons or preview of the player in this place stand for nothing.
    #[error("player number {0} has bytes that stand for nothing")]
    PlayerBytes(u32),
    /// The kind of the structure in this place stands for nothing.
    #[error("structure number {0} is of no kind")]
    StructureKind(u32),
    /// No such body or colour.
    #[error("player {0} has a look that does not exist")]
    PlayerLook(PlayerId),
    /// Outside of where a player can be.
    #[error("player {0} is outside of the arena")]
    PlayerPosition(PlayerId),
    /// Faster than a player can be.
    #[error("player {0} is too fast")]
    PlayerVelocity(PlayerId),
    /// More than full health.
    #[error("player {0} has too much health")]
    PlayerHealth(PlayerId),
    /// A wait is longer than the rules make it.
    #[error("player {0} waits too long")]
    PlayerWait(PlayerId),
    /// Dead with health, velocity, protection or preview, or alive without health.
    #[error("player {0} is neither dead nor alive")]
    PlayerLife(PlayerId),
    /// The preview is outside of the arena.
    #[error("player {0} has a preview outside of the arena")]
    PlayerPreview(PlayerId),
    /// A structure that cannot be where it is.
    #[error("structure {0}: {1}")]
    Structure(StructureId, InsertError),
    /// The structure's id has not been given yet.
    #[error("structure {0} is not below the next id")]
    StructureFromFuture(StructureId),
    /// The player has more structures than the rules allow.
    #[error("player {0} has too many structures")]
    TooManyOwned(PlayerId),
    /// The projectile is outside of the arena.
    #[error("projectile {0} is outside of the arena")]
    ProjectilePosition(ProjectileId),
    /// The projectile's life is over, or longer than the rules make it.
    #[error("projectile {0} has an impossible life")]
    ProjectileLife(ProjectileId),
    /// The projectile's id has not been given yet.
    #[error("projectile {0} is not below the next id")]
    ProjectileFromFuture(ProjectileId),
}
