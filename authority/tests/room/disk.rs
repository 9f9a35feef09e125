//! What a room has stored, in memory.

use std::collections::BTreeMap;

use authority::{Hydration, Persist, Tables, UserRows};

/// What the room stored, as the tables would have it.
#[derive(Clone, Default)]
pub(crate) struct Disk {
    pub(crate) tables: Tables,
    pub(crate) users: BTreeMap<String, UserRows>,
    /// Name and value.
    pub(crate) meta: Vec<(&'static str, String)>,
    pub(crate) recordings: Vec<Vec<u8>>,
    pub(crate) batches: usize,
    /// Rows written or removed, the recording's not counted.
    pub(crate) rows: usize,
}

impl Disk {
    pub(crate) fn store(&mut self, batch: Persist) {
        let tables = &mut self.tables;
        self.batches += 1;
        self.rows += batch.meta.len()
            + batch.structures.len()
            + batch.structures_removed.len()
            + batch.checkpoints.len()
            + batch.profiles.len()
            + batch.active.len()
            + batch.tokens.len()
            + batch.users_removed.len();
        let meta = batch.meta.into_iter().map(|row| (row.name, row.value));
        self.meta.extend(meta);
        tables.room = batch.room.or(tables.room.take());
        let gone = |id| batch.structures_removed.contains(&id);
        let new = |id| batch.structures.iter().any(|row| row.id == id);
        tables
            .structures
            .retain(|row| !gone(row.id) && !new(row.id));
        tables.structures.extend(&batch.structures);
        tables.checkpoints.retain(|row| {
            let is_new = |new: &authority::CheckpointRow| new.user_id == row.user_id;
            !batch.users_removed.contains(&row.user_id) && !batch.checkpoints.iter().any(is_new)
        });
        tables.checkpoints.extend(batch.checkpoints);
        for user_id in &batch.users_removed {
            self.users.remove(user_id);
        }
        for new in batch.profiles {
            let of = self.users.entry(new.user_id.clone()).or_default();
            of.profiles
                .retain(|row| row.character_id != new.character_id);
            of.partial_profiles
                .retain(|row| row.character_id != new.character_id);
            of.profiles.push(new);
        }
        for new in batch.active {
            self.users.entry(new.user_id).or_default().active = Some(new.character_id);
        }
        for new in batch.tokens {
            let of = self.users.entry(new.user_id.clone()).or_default();
            of.token = Some(new);
        }
    }

    pub(crate) fn of(&self, user_id: &str) -> UserRows {
        self.users.get(user_id).cloned().unwrap_or_default()
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
