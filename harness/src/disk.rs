//! The room's disk: the tables and recordings as its driver stores them.
//!
//! What the room keeps in blobs is kept as their bytes, so that a restart reads what was really written.

use std::collections::{BTreeMap, BTreeSet};

use authority::{
    ActiveProfileRow, Checkpoint, CheckpointRow, Hydration, Persist, ProfileRow, RecoverError,
    ResumeHash, RoomCheckpoint, StructureRow, Tables, TokenRow, recover,
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
    /// Length of the newest block of the newest recording.
    newest_block: usize,
    torn: BTreeSet<usize>,
    /// The newest recording cannot give the room back: it was torn, or made with other rules.
    spoiled: bool,
    /// Rows written so far: what a room pays for.
    rows_written: u64,
}

impl Disk {
    /// A recording begins.
    pub fn start_log(&mut self, header: Vec<u8>) {
        self.rows_written += 1;
        self.recordings.push(header);
        self.newest_block = 0;
        self.spoiled = false;
    }

    /// Appends to the newest recording.
    pub fn append_log(&mut self, block: &[u8]) {
        self.rows_written += 1;
        let newest = self
            .recordings
            .last_mut()
            .expect("a recording begins before its blocks");
        newest.extend_from_slice(block);
        self.newest_block = block.len();
    }

    /// Of the log's newest block only so many bytes are left; never all of them.
    pub(crate) fn tear(&mut self, bytes: usize) {
        let number = self.recordings.len().saturating_sub(1);
        if let Some(newest) = self.recordings.last_mut()
            && self.newest_block > 0
        {
            let left = bytes % self.newest_block;
            self.torn.insert(number);
            self.spoiled = true;
            newest.truncate(newest.len() - self.newest_block + left);
            self.newest_block = 0;
        }
    }

    /// Stores a batch of rows.
    pub fn store(&mut self, batch: Persist) {
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

    /// What a restarted room is made from: the exact world of the last flush if the log gives it back, or the tables. With
    /// the reason if the log should and does not.
    ///
    /// # Panics
    /// If a checkpoint that the room wrote cannot be read back.
    #[must_use]
    pub fn hydration(&self) -> (Hydration, Option<RecoverError>) {
        let tables = self.tables();
        let Some(newest) = self.recordings.last() else {
            return (Hydration::Tables(tables), None);
        };
        match recover(newest) {
            // Whether it is torn, the room must see for itself; of other rules it would be told by the header.
            Ok(_) if self.spoiled && !self.newest_is_torn() => (Hydration::Tables(tables), None),
            Ok(recovered) => (Hydration::Log { recovered, tables }, None),
            Err(error) => {
                let error = Some(error).filter(|_| !self.spoiled);
                (Hydration::Tables(tables), error)
            }
        }
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
            partial_profiles: Vec::new(),
            presence: Vec::new(),
        }
    }

    /// A structure's row.
    #[must_use]
    pub fn structure(&self, id: StructureId) -> Option<&StructureRow> {
        self.structures.get(&id)
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

    /// The host runs other rules from now on, to which the newest recording means nothing.
    pub(crate) fn upgrade(&mut self) {
        self.spoiled = !self.recordings.is_empty();
    }

    /// Whether there is a recording that must give the room back.
    #[must_use]
    pub fn has_log(&self) -> bool {
        !self.recordings.is_empty() && !self.spoiled
    }

    /// Whether this recording lost a part of a block.
    #[must_use]
    pub fn is_torn(&self, number: usize) -> bool {
        self.torn.contains(&number)
    }

    /// Whether the newest recording lost a part of a block.
    #[must_use]
    pub fn newest_is_torn(&self) -> bool {
        let newest = self.recordings.len().checked_sub(1);
        newest.is_some_and(|newest| self.is_torn(newest))
    }

    /// Rows written so far, blocks of recordings included.
    #[must_use]
    pub const fn rows_written(&self) -> u64 {
        self.rows_written
    }
}
