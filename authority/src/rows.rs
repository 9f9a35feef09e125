//! Rows of the durable tables, as plain values.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use protocol::check_name;
use protocol::limits::CHARACTER_ID_BYTES_MAX;
use sim_core::{Look, PlayerId, Step, Structure, StructureId};

use crate::checkpoint::{Checkpoint, RoomCheckpoint};
use crate::time::Millis;
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
    /// `character_profiles`: upserts.
    pub profiles: Vec<ProfileRow>,
    /// `active_character_profiles`: upserts.
    pub active: Vec<ActiveProfileRow>,
    /// `session_tokens`: upserts. A user has one.
    pub tokens: Vec<TokenRow>,
    /// Users whom the room has forgotten: every row of theirs goes, in each of the tables by user. Before the upserts.
    pub users_removed: Vec<String>,
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
    /// Key: user that the row belongs to.
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
    /// Key: user that the row belongs to.
    pub user_id: String,
    /// Key: which of the user's.
    pub character_id: String,
    /// What others read.
    pub name: String,
    /// What others see.
    pub look: Look,
}

impl ProfileRow {
    /// Whether a room can have such a character.
    pub(crate) fn is_possible(&self) -> bool {
        (1..=CHARACTER_ID_BYTES_MAX).contains(&self.character_id.len())
            && !self.character_id.chars().any(char::is_control)
            && check_name(&self.name).is_ok()
            && self.look.exists()
    }
}

/// A row of `character_profiles` in a database of an older shape: any part may be missing or make no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialProfileRow {
    /// Key: user that the row belongs to.
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

/// A row of `active_character_profiles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveProfileRow {
    /// Key: user that the row belongs to.
    pub user_id: String,
    /// Which of the user's characters is played.
    pub character_id: String,
}

/// A row of `session_tokens`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Key: user that the row belongs to.
    pub user_id: String,
    /// Of the token.
    pub hash: ResumeHash,
    /// When it is of no use any more.
    pub expires_at: Millis,
}

/// What the tables hold of one user, beside the row of `player_checkpoints`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserRows {
    /// Of `character_profiles`.
    pub profiles: Vec<ProfileRow>,
    /// Of `character_profiles`, and not whole.
    pub partial_profiles: Vec<PartialProfileRow>,
    /// Of `active_character_profiles`: which character is played.
    pub active: Option<String>,
    /// Of `session_tokens`.
    pub token: Option<TokenRow>,
}

impl UserRows {
    /// Whether any of them is of a character.
    pub(crate) fn has_characters(&self) -> bool {
        !self.profiles.is_empty() || !self.partial_profiles.is_empty() || self.active.is_some()
    }
}

impl Persist {
    /// Takes out what is to be stored of a user.
    pub(crate) fn withdraw(&mut self, user_id: &str) {
        self.checkpoints.retain(|row| row.user_id != user_id);
        self.profiles.retain(|row| row.user_id != user_id);
        self.active.retain(|row| row.user_id != user_id);
        self.tokens.retain(|row| row.user_id != user_id);
    }

    /// Takes in what is to be stored after this. To store the sum leads to the same rows as to store one after the other.
    pub fn absorb(&mut self, later: Self) {
        let Self {
            meta,
            room,
            structures,
            structures_removed,
            checkpoints,
            profiles,
            active,
            tokens,
            users_removed,
        } = later;
        self.room = room.or(self.room.take());
        self.structures
            .retain(|row| !structures_removed.contains(&row.id));
        self.structures_removed.extend(structures_removed);
        for user_id in users_removed {
            self.withdraw(&user_id);
            self.users_removed.push(user_id);
        }
        put(&mut self.meta, meta, |row| row.name);
        put(&mut self.structures, structures, |row| row.id);
        put(&mut self.checkpoints, checkpoints, |row| {
            row.user_id.clone()
        });
        put(&mut self.profiles, profiles, |row| {
            (row.user_id.clone(), row.character_id.clone())
        });
        put(&mut self.active, active, |row| row.user_id.clone());
        put(&mut self.tokens, tokens, |row| row.user_id.clone());
    }

    /// How many rows are written or removed; all rows of a removed user count as one.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.meta.len()
            + usize::from(self.room.is_some())
            + self.structures.len()
            + self.structures_removed.len()
            + self.checkpoints.len()
            + self.profiles.len()
            + self.active.len()
            + self.tokens.len()
            + self.users_removed.len()
    }

    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Puts rows in place of those with the same keys.
fn put<T, K: Ord>(rows: &mut Vec<T>, later: Vec<T>, key: impl Fn(&T) -> K) {
    let replaced: BTreeSet<K> = later.iter().map(&key).collect();
    rows.retain(|row| !replaced.contains(&key(row)));
    rows.extend(later);
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use sim_core::{Cell, StructureKind};

    use super::*;

    fn wall(id: u32, hp: u8) -> StructureRow {
        StructureRow {
            id: StructureId(id),
            owner: PlayerId(1),
            kind: StructureKind::Wall,
            cell: Cell { x: 1, y: 1 },
            hp,
        }
    }

    fn token(user_id: &str, hash: u8) -> TokenRow {
        TokenRow {
            user_id: user_id.into(),
            hash: ResumeHash([hash; 32]),
            expires_at: Millis(9),
        }
    }

    #[test]
    fn two_batches_are_one() {
        let mut first = Persist {
            structures: vec![wall(1, 3), wall(2, 3), wall(3, 3)],
            structures_removed: vec![StructureId(9)],
            tokens: vec![token("anna", 1), token("bert", 2), token("cleo", 3)],
            ..Persist::default()
        };
        first.absorb(Persist {
            structures: vec![wall(2, 1)],
            structures_removed: vec![StructureId(3)],
            tokens: vec![token("anna", 4), token("cleo", 5)],
            users_removed: vec!["bert".into(), "cleo".into()],
            ..Persist::default()
        });
        assert_eq!(first.structures, [wall(1, 3), wall(2, 1)]);
        assert_eq!(first.structures_removed, [StructureId(9), StructureId(3)]);
        assert_eq!(first.tokens, [token("anna", 4), token("cleo", 5)]);
        assert_eq!(first.users_removed, ["bert", "cleo"]);
    }
}
