//! What is kept of players and room every second, and its bytes.

use sim_core::{Buttons, PlayerId, ProjectileId, SavedPlayer, Step, StructureId};

/// What is kept of a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Position, velocity, health and score; none of who never entered the world.
    pub saved: Option<SavedPlayer>,
    /// What was held.
    pub buttons: Buttons,
    /// The `seq` that the next input must have.
    pub next_input_seq: u32,
}

/// What is kept of a room in one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomCheckpoint {
    /// After which step.
    pub step: Step,
    /// The next structure's id.
    pub next_structure: StructureId,
    /// The next projectile's id.
    pub next_projectile: ProjectileId,
    /// Everybody who is in, by player.
    pub players: Vec<(PlayerId, Checkpoint)>,
}

/// Why bytes are no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// They end too early.
    #[error("the checkpoint is cut off")]
    Truncated,
    /// Something follows.
    #[error("bytes follow the checkpoint")]
    Trailing,
    /// Written by another build.
    #[error("version {0} of the checkpoint is not known")]
    Version(u8),
    /// No such value is ever written.
    #[error("the checkpoint's {0} stands for nothing")]
    Field(&'static str),
}

impl Checkpoint {
    /// The bytes for a table.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }

    /// From the bytes of a table.
    ///
    /// # Errors
    /// If no checkpoint has these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let _ = bytes;
        todo!()
    }
}

impl RoomCheckpoint {
    /// The bytes for a table.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }

    /// From the bytes of a table.
    ///
    /// # Errors
    /// If no checkpoint has these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let _ = bytes;
        todo!()
    }
}
