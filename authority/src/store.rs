//! What the tables hold of a room, and the rows that the next flush writes.
//!
//! * Structures are compared with what is stored, so nothing that changes them can forget to say so.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use protocol::Ack;
use sim_core::{Player, SavedPlayer, Step, Structure, StructureId, Structures};

use crate::checkpoint::RoomCheckpoint;
use crate::input::ConnId;
use crate::limits::FLUSH_STEPS;
use crate::rows::Persist;

/// What is stored, and what is to be.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    structures: BTreeMap<StructureId, Structure>,
    pub(crate) room: Option<RoomCheckpoint>,
    /// Rows for the next flush.
    pub(crate) rows: Persist,
    /// Acknowledged again with the next flush, which comes early if they are too many.
    pub(crate) told_when_stored: Vec<(ConnId, Ack)>,
    pub(crate) next_flush: Step,
}

impl Store {
    /// Of a room whose tables hold these structures and this checkpoint.
    pub(crate) fn holding(
        structures: &[Structure],
        room: Option<RoomCheckpoint>,
        step: Step,
    ) -> Self {
        Self {
            structures: structures.iter().map(|at| (at.id, *at)).collect(),
            room,
            rows: Persist::default(),
            told_when_stored: Vec::new(),
            next_flush: step.after(FLUSH_STEPS),
        }
    }

    pub(crate) fn compare(&mut self, now: &Structures) {
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

/// What is kept of a player who leaves the world.
pub(crate) fn saved(player: &Player) -> SavedPlayer {
    SavedPlayer {
        pos: player.pos,
        vel: player.vel,
        health: player.health,
        score: player.score,
        deaths: player.deaths,
    }
}
