//! The durable tables in memory: what storing one [`Persist`] after the other leads to.
//!
//! * It is what the rows of a [`Persist`] mean; a database that stores them comes to the same.
//! * It checks nothing. A room leaves out rows that contradict each other when it starts from them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;

use crate::input::Tables;
use crate::rows::{Persist, UserRows, put};

/// Everything that the tables hold.
#[derive(Clone, Debug, Default)]
pub struct StoredRows {
    /// `room_meta`: name and value.
    pub meta: BTreeMap<&'static str, String>,
    /// The tables that a room starts from.
    pub tables: Tables,
    /// The tables that are read when their user comes, by user.
    pub users: BTreeMap<String, UserRows>,
}

impl StoredRows {
    /// Stores a batch of rows: users are removed first, then rows replace those with the same key.
    pub fn store(&mut self, batch: Persist) {
        let Persist {
            meta,
            room,
            structures,
            structures_removed,
            checkpoints,
            profiles,
            active,
            tokens,
            users_removed,
        } = batch;
        let tables = &mut self.tables;
        let removed: BTreeSet<_> = structures_removed.into_iter().collect();
        tables.structures.retain(|row| !removed.contains(&row.id));
        for user_id in &users_removed {
            tables.checkpoints.retain(|row| row.user_id != *user_id);
            self.users.remove(user_id);
        }
        self.meta
            .extend(meta.into_iter().map(|row| (row.name, row.value)));
        tables.room = room.or(tables.room.take());
        put(&mut tables.structures, structures, |row| row.id);
        put(&mut tables.checkpoints, checkpoints, |row| {
            row.user_id.clone()
        });
        for row in profiles {
            let user = self.users.entry(row.user_id.clone()).or_default();
            let is_other = |id: &String| *id != row.character_id;
            user.profiles.retain(|one| is_other(&one.character_id));
            user.partial_profiles
                .retain(|one| is_other(&one.character_id));
            user.profiles.push(row);
        }
        for row in active {
            let user = self.users.entry(row.user_id).or_default();
            user.active = Some(row.character_id);
        }
        for row in tokens {
            let user = self.users.entry(row.user_id.clone()).or_default();
            user.token = Some(row);
        }
    }

    /// What the tables hold of a user, beside the checkpoint.
    #[must_use]
    pub fn of(&self, user_id: &str) -> UserRows {
        self.users.get(user_id).cloned().unwrap_or_default()
    }
}
