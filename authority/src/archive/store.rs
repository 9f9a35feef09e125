//! What the tables hold of a room, and the rows that the next flush writes.
//!
//! * Structures are compared with the stored rows, so no change of them can be forgotten.

use alloc::collections::BTreeMap;

use sim_core::{Structure, StructureId, Structures};

use crate::checkpoint::RoomCheckpoint;
use crate::rows::Persist;

/// What the tables hold, and rows for the next flush.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    structures: BTreeMap<StructureId, Structure>,
    room: Option<RoomCheckpoint>,
    /// Rows for the next flush.
    pub(crate) rows: Persist,
}

impl Store {
    /// Of a room whose tables hold these structures and this checkpoint.
    pub(crate) fn holding(structures: &[Structure], room: Option<RoomCheckpoint>) -> Self {
        Self {
            structures: structures.iter().map(|at| (at.id, *at)).collect(),
            room,
            rows: Persist::default(),
        }
    }

    /// Adds rows for what differs from what is stored.
    pub(crate) fn compare(&mut self, now: &Structures, checkpoint: RoomCheckpoint) {
        if self.room.as_ref() != Some(&checkpoint) {
            self.room = Some(checkpoint.clone());
            self.rows.room = Some(checkpoint);
        }
        for structure in now.iter() {
            if self.structures.insert(structure.id, *structure) != Some(*structure) {
                self.rows.structures.push(*structure);
            }
        }
        if self.structures.len() > now.len() {
            let removed = &mut self.rows.structures_removed;
            self.structures.retain(|id, _| {
                let stands = now.get(*id).is_some();
                if !stands {
                    removed.push(*id);
                }
                stands
            });
        }
        assert_eq!(self.structures.len(), now.len());
    }
}
