//! The durable tables in memory: what storing one [`Persist`] after the other leads to.
//!
//! * It is what the rows of a [`Persist`] mean; a database that stores them comes to the same.
//! * It checks nothing. A room leaves out rows that contradict each other when it starts from them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::input::Tables;
use crate::rows::{Persist, UserRows};

/// Everything that the tables hold.
#[derive(Clone, Debug, Default)]
pub struct StoredRows {
    /// `room_meta`: name and value.
    pub meta: BTreeMap<&'static str, String>,
    /// The tables that a room starts from, in the order of their keys.
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
        upsert(&mut tables.structures, structures, |row| row.id);
        upsert(&mut tables.checkpoints, checkpoints, |row| {
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

/// Puts rows in place of those with the same key, one after the other, in the order of their keys.
fn upsert<T, K: Ord>(table: &mut Vec<T>, rows: Vec<T>, key: impl Fn(&T) -> K) {
    table.sort_by_key(&key);
    for row in rows {
        match table.binary_search_by_key(&key(&row), &key) {
            Ok(at) => table[at] = row,
            Err(at) => table.insert(at, row),
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::{Cell, PlayerId, StructureId, StructureKind};

    use super::*;
    use crate::rows::StructureRow;

    #[test]
    fn of_rows_with_the_same_key_the_last_one_is_stored() {
        let wall = |id, hp| StructureRow {
            id: StructureId(id),
            owner: PlayerId(1),
            kind: StructureKind::Wall,
            cell: Cell { x: 1, y: 1 },
            hp,
        };
        let mut stored = StoredRows::default();
        stored.tables.structures = alloc::vec![wall(7, 1), wall(3, 1)];
        stored.store(Persist {
            structures: alloc::vec![wall(5, 1), wall(3, 2), wall(5, 3)],
            structures_removed: alloc::vec![StructureId(7)],
            ..Persist::default()
        });
        assert_eq!(stored.tables.structures, [wall(3, 2), wall(5, 3)]);
    }
}
