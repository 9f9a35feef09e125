//! What a room has stored, in memory.

use std::ops::{Deref, DerefMut};

use authority::{Hydration, Persist, StoredRows};

/// What the room stored: its rows, its recordings, and how much was written.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub(crate) stored: StoredRows,
    /// Every name and value that was written, in that order.
    pub(crate) said: Vec<(&'static str, String)>,
    pub(crate) recordings: Vec<Vec<u8>>,
    pub(crate) batches: usize,
    /// Rows written or removed, the recording's and the room's checkpoint not counted.
    pub(crate) rows: usize,
}

impl Deref for Disk {
    type Target = StoredRows;

    fn deref(&self) -> &StoredRows {
        &self.stored
    }
}

impl DerefMut for Disk {
    fn deref_mut(&mut self) -> &mut StoredRows {
        &mut self.stored
    }
}

impl Disk {
    pub(crate) fn store(&mut self, batch: Persist) {
        self.batches += 1;
        self.rows += batch.rows() - usize::from(batch.room.is_some());
        let said = batch.meta.iter().map(|row| (row.name, row.value.clone()));
        self.said.extend(said);
        self.stored.store(batch);
    }

    /// How a user's character is called.
    pub(crate) fn name_of(&self, user_id: &str, character_id: &str) -> Option<String> {
        let mut own = self.of(user_id).profiles.into_iter();
        own.find(|row| row.character_id == character_id)
            .map(|row| row.name)
    }

    pub(crate) fn hydration_from_log(&self) -> Hydration {
        Hydration::Log {
            recovered: authority::recover(self.recordings.last().unwrap()).unwrap(),
            tables: self.tables.clone(),
        }
    }
}
