//! Rows of the durable tables, as plain values.

use alloc::string::String;
use alloc::vec::Vec;

use sim_core::{Look, PlayerId, Step, Structure, StructureId};

use crate::checkpoint::{Checkpoint, RoomCheckpoint};
use crate::input::Millis;
use crate::token::ResumeHash;

/// Rows to store in one transaction. Upserts replace the row with the same key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Persist {
    /// `room_meta`: upserts.
    pub meta: Vec<MetaRow>,
    /// The room's own checkpoint, one row that each replaces the one before. It holds the checkpoints of everybody who
    /// is in, so a busy room's second costs one row.
    pub room: Option<RoomCheckpoint>,
    /// `structures`: upserts.
    pub structures: Vec<StructureRow>,
    /// `structures`: removals.
    pub structures_removed: Vec<StructureId>,
    /// `player_checkpoints`: upserts, of who came or went.
    pub checkpoints: Vec<CheckpointRow>,
    /// `player_checkpoints`: removals, by user.
    pub checkpoints_removed: Vec<String>,
    /// `character_profiles`: upserts.
    pub profiles: Vec<ProfileRow>,
    /// `active_character_profiles`: upserts.
    pub active: Vec<ActiveProfileRow>,
    /// `session_tokens`: removals. Before the upserts.
    pub tokens_removed: Vec<ResumeHash>,
    /// `session_tokens`: upserts.
    pub tokens: Vec<TokenRow>,
}

/// A row of `structures`.
pub type StructureRow = Structure;

/// A row of `room_meta`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaRow {
    /// Key.
    pub name: &'static str,
    /// In decimal if it is a number.
    pub value: String,
}

/// A row of `player_checkpoints`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRow {
    /// Key: whose.
    pub user_id: String,
    /// The user's player in this room.
    pub player_id: PlayerId,
    /// After which step.
    pub step: Step,
    /// Whether a connection steered the player.
    pub connected: bool,
    /// Everything else; [`Checkpoint::encode`] gives its bytes.
    pub checkpoint: Checkpoint,
}

/// A row of `character_profiles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileRow {
    /// Key: whose.
    pub user_id: String,
    /// Key: which of the user's.
    pub character_id: String,
    /// What others read.
    pub name: String,
    /// What others see.
    pub look: Look,
}

/// A row of `character_profiles` in a database of an older shape: any part may be missing or make no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialProfileRow {
    /// Key: whose.
    pub user_id: String,
    /// Key: which of the user's.
    pub character_id: String,
    /// What others read.
    pub name: Option<String>,
    /// Of the look.
    pub body: Option<i64>,
    /// Of the look.
    pub colour: Option<i64>,
}

/// A row of `presence_players`, which only older databases have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceRow {
    /// Key: who was ever in the room.
    pub user_id: String,
    /// What others read.
    pub name: Option<String>,
}

/// A row of `active_character_profiles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveProfileRow {
    /// Key: whose.
    pub user_id: String,
    /// Which of the user's characters is played.
    pub character_id: String,
}

/// A row of `session_tokens`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Key.
    pub hash: ResumeHash,
    /// Whose.
    pub user_id: String,
    /// When it is of no use any more.
    pub expires_at: Millis,
}

impl Persist {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
