//! The room's disk: the tables and recordings as its driver stores them.
//!
//! What the room keeps in blobs is kept as their bytes, so that a restart reads what was really written.

use std::collections::BTreeMap;

use authority::{
    ActiveProfileRow, Checkpoint, CheckpointRow, Hydration, Persist, ProfileRow, ResumeHash,
    RoomCheckpoint, StructureRow, Tables, TokenRow, recover,
};
use sim_core::StructureId;

/// Everything that outlives the room's memory.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    meta: BTreeMap<&'static str, String>,
    room: Option<Vec<u8>>,
    structures: BTreeMap<StructureId, StructureRow>,
    /// With the encoded checkpoint beside the row.
    checkpoints: BTreeMap<String, (CheckpointRow, Vec<u8>)>,
    profiles: BTreeMap<(String, String), ProfileRow>,
    active: BTreeMap<String, ActiveProfileRow>,
    tokens: BTreeMap<ResumeHash, TokenRow>,
    recordings: Vec<Vec<u8>>,
    /// Rows written so far: what a room pays for.
    rows_written: u64,
}

impl Disk {
    /// A recording begins.
    pub(crate) fn start_log(&mut self, header: Vec<u8>) {
        self.rows_written += 1;
        self.recordings.push(header);
    }

    /// Appends to the newest recording.
    pub(crate) fn append_log(&mut self, block: &[u8]) {
        self.rows_written += 1;
        let newest = self
            .recordings
            .last_mut()
            .expect("a recording begins before its blocks");
        newest.extend_from_slice(block);
    }

    /// Stores a batch of rows.
    pub(crate) fn store(&mut self, batch: Persist) {
        let Persist {
            meta,
            room,
            structures,
            structures_removed,
            checkpoints,
            checkpoints_removed,
            profiles,
            active,
            tokens_removed,
            tokens,
        } = batch;
        let rows = meta.len()
            + usize::from(room.is_some())
            + structures.len()
            + structures_removed.len()
            + checkpoints.len()
            + checkpoints_removed.len()
            + profiles.len()
            + active.len()
            + tokens_removed.len()
            + tokens.len();
        self.rows_written += rows as u64;
        self.meta
            .extend(meta.into_iter().map(|row| (row.name, row.value)));
        self.room = room.map(|room| room.encode()).or(self.room.take());
        for id in &structures_removed {
            self.structures.remove(id);
        }
        self.structures
            .extend(structures.into_iter().map(|row| (row.id, row)));
        for user in &checkpoints_removed {
            self.checkpoints.remove(user);
        }
        for row in checkpoints {
            let bytes = row.checkpoint.encode();
            self.checkpoints.insert(row.user_id.clone(), (row, bytes));
        }
        let key = |row: &ProfileRow| (row.user_id.clone(), row.character_id.clone());
        self.profiles
            .extend(profiles.into_iter().map(|row| (key(&row), row)));
        self.active
            .extend(active.into_iter().map(|row| (row.user_id.clone(), row)));
        for hash in &tokens_removed {
            self.tokens.remove(hash);
        }
        self.tokens
            .extend(tokens.into_iter().map(|row| (row.hash, row)));
    }

    /// What a restarted room is made from: the exact world of the last flush if there is a recording, and the tables.
    ///
    /// # Panics
    /// If what the room wrote cannot be read back: then a restart would lose it.
    #[must_use]
    pub fn hydration(&self) -> Hydration {
        let tables = self.tables();
        let Some(newest) = self.recordings.last() else {
            return Hydration::Tables(tables);
        };
        let recovered = recover(newest).expect("the room wrote it and nothing was lost");
        Hydration::Log { recovered, tables }
    }

    /// The rows of all tables.
    ///
    /// # Panics
    /// If a checkpoint that the room wrote cannot be read back.
    #[must_use]
    pub fn tables(&self) -> Tables {
        let readable = "the room encoded it";
        let checkpoint = |(row, bytes): &(CheckpointRow, Vec<u8>)| CheckpointRow {
            checkpoint: Checkpoint::decode(bytes).expect(readable),
            ..row.clone()
        };
        Tables {
            structures: self.structures.values().copied().collect(),
            room: self
                .room
                .as_deref()
                .map(|bytes| RoomCheckpoint::decode(bytes).expect(readable)),
            checkpoints: self.checkpoints.values().map(checkpoint).collect(),
            profiles: self.profiles.values().cloned().collect(),
            active: self.active.values().cloned().collect(),
            tokens: self.tokens.values().cloned().collect(),
        }
    }

    /// A user's characters, and which is active.
    #[must_use]
    pub fn profiles_of(&self, user_id: &str) -> (Vec<ProfileRow>, Option<String>) {
        let all = self.profiles.values();
        let own = all.filter(|row| row.user_id == user_id).cloned().collect();
        let active = self.active.get(user_id);
        (own, active.map(|row| row.character_id.clone()))
    }

    /// Every recording, oldest first.
    #[must_use]
    pub fn recordings(&self) -> &[Vec<u8>] {
        &self.recordings
    }

    /// Rows written so far, blocks of recordings included.
    #[must_use]
    pub const fn rows_written(&self) -> u64 {
        self.rows_written
    }
}
