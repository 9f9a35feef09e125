//! The room's disk: the tables and recordings as its driver stores them.
//!
//! What the room keeps in blobs goes through their bytes, so that a restart reads what a database would give.

use std::collections::BTreeSet;

use authority::{
    Checkpoint, Hydration, PartialProfileRow, Persist, RecoverError, RoomCheckpoint, StoredRows,
    StructureRow, Tables, UserRows, recover,
};
use sim_core::StructureId;

/// Everything that outlives the room's memory.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    rows: StoredRows,
    recordings: Vec<Vec<u8>>,
    /// Length of the newest block of the newest recording.
    newest_block: usize,
    torn: BTreeSet<usize>,
    /// The newest recording is of other rules.
    is_foreign: bool,
    /// Rows written so far: what a room pays for.
    rows_written: u64,
}

impl Disk {
    /// A recording begins.
    pub fn start_log(&mut self, header: Vec<u8>) {
        self.rows_written += 1;
        self.recordings.push(header);
        self.newest_block = 0;
        self.is_foreign = false;
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
            newest.truncate(newest.len() - self.newest_block + left);
            self.newest_block = 0;
        }
    }

    /// Stores a batch of rows.
    pub fn store(&mut self, batch: Persist) {
        self.rows_written += batch.rows() as u64;
        self.rows.store(batch);
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
        if self.is_foreign {
            // Its header would say so.
            return (Hydration::Tables(tables), None);
        }
        match recover(newest) {
            // Whether it is torn, the room must see for itself.
            Ok(recovered) => (Hydration::Log { recovered, tables }, None),
            Err(error) => {
                let error = Some(error).filter(|_| !self.newest_is_torn());
                (Hydration::Tables(tables), error)
            }
        }
    }

    /// The rows that a room begins with.
    ///
    /// # Panics
    /// If a checkpoint that the room wrote cannot be read back.
    #[must_use]
    pub fn tables(&self) -> Tables {
        let readable = "the room encoded it";
        let mut tables = self.rows.tables.clone();
        if let Some(room) = &mut tables.room {
            *room = RoomCheckpoint::decode(&room.encode()).expect(readable);
        }
        for row in &mut tables.checkpoints {
            row.checkpoint = Checkpoint::decode(&row.checkpoint.encode()).expect(readable);
        }
        tables
    }

    /// A structure's row.
    #[must_use]
    pub fn structure(&self, id: StructureId) -> Option<&StructureRow> {
        self.rows.tables.structures.iter().find(|row| row.id == id)
    }

    /// What is stored of a user, beside the checkpoint.
    #[must_use]
    pub fn rows_of(&self, user_id: &str) -> UserRows {
        self.rows.of(user_id)
    }

    /// A database of an older shape has such a row.
    pub fn put_partial(&mut self, row: PartialProfileRow) {
        let user = self.rows.users.entry(row.user_id.clone()).or_default();
        user.partial_profiles.push(row);
    }

    /// Every recording, oldest first.
    #[must_use]
    pub fn recordings(&self) -> &[Vec<u8>] {
        &self.recordings
    }

    /// The host runs other rules from now on, to which the newest recording means nothing.
    pub(crate) fn upgrade(&mut self) {
        self.is_foreign = !self.recordings.is_empty();
    }

    /// Whether there is a recording that must give the room back.
    #[must_use]
    pub fn has_log(&self) -> bool {
        !self.recordings.is_empty() && !self.is_foreign && !self.newest_is_torn()
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
