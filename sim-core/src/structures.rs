//! All structures of a world: by id, by cell, and their digest, which is kept up to date with every change.
//!
//! * A cell has at most one structure, and it is in the arena.
//! * The digest is the wrapping sum of the XXH64 of each structure's encoding. It does not depend on the order in which
//!   they came.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec;

use xxhash_rust::xxh64::xxh64;

use crate::geometry::Cell;
use crate::ids::{PlayerId, StructureId};
use crate::record::Record;
use crate::rules::{ARENA_AREA, ARENA_CELLS};
use crate::structure::Structure;

/// The structures of a world, or of a client's idea of it.
#[derive(Clone, Debug)]
pub struct Structures {
    by_id: BTreeMap<StructureId, Cell>,
    by_cell: Box<[Option<Structure>]>,
    digest: u64,
}

/// Why a structure could not be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    /// Its cell is not in the arena.
    #[error("the cell is outside of the arena")]
    OutsideArena,
    /// Its cell has another structure.
    #[error("the cell has a structure")]
    CellTaken,
    /// Another structure has its id.
    #[error("the id is in use")]
    IdTaken,
    /// Its hit points are none or more than its kind has.
    #[error("impossible hit points")]
    HitPoints,
}

/// What a shot did to a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damaged {
    /// It stands, with fewer hit points.
    Standing(Structure),
    /// It is gone; this is what it was.
    Destroyed(Structure),
}

impl Default for Structures {
    fn default() -> Self {
        Self {
            by_id: BTreeMap::new(),
            by_cell: vec![None; ARENA_AREA].into_boxed_slice(),
            digest: 0,
        }
    }
}

impl PartialEq for Structures {
    fn eq(&self, other: &Self) -> bool {
        // The digests differ where the contents do, nearly always, and are equal where the contents are, always.
        self.digest == other.digest
            && self.by_id.len() == other.by_id.len()
            && self.iter().eq(other.iter())
    }
}

impl Eq for Structures {}

impl Structures {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The digest of all of them.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// The structure with this id.
    #[must_use]
    pub fn get(&self, id: StructureId) -> Option<&Structure> {
        self.at(*self.by_id.get(&id)?)
    }

    /// The structure in this cell.
    #[must_use]
    pub fn at(&self, cell: Cell) -> Option<&Structure> {
        if cell.in_arena() {
            self.by_cell.get(index(cell))?.as_ref()
        } else {
            None
        }
    }

    /// All of them, ids ascending.
    pub fn iter(&self) -> impl Iterator<Item = &Structure> {
        self.by_id.values().filter_map(|&cell| self.at(cell))
    }

    /// How many of them the player owns.
    #[must_use]
    pub fn owned_by(&self, player: PlayerId) -> usize {
        self.iter()
            .filter(|structure| structure.owner == player)
            .count()
    }

    /// Adds a structure.
    ///
    /// # Errors
    /// If its cell or id is taken, or its cell or hit points are impossible; then nothing has changed.
    pub fn insert(&mut self, structure: Structure) -> Result<(), InsertError> {
        if !structure.cell.in_arena() {
            return Err(InsertError::OutsideArena);
        }
        if structure.hp == 0 || structure.hp > structure.kind.hp_max() {
            return Err(InsertError::HitPoints);
        }
        if self.by_id.contains_key(&structure.id) {
            return Err(InsertError::IdTaken);
        }
        let slot = &mut self.by_cell[index(structure.cell)];
        if slot.is_some() {
            return Err(InsertError::CellTaken);
        }
        *slot = Some(structure);
        self.by_id.insert(structure.id, structure.cell);
        self.digest = self.digest.wrapping_add(digest_of(&structure));
        Ok(())
    }

    /// Takes a structure away.
    pub fn remove(&mut self, id: StructureId) -> Option<Structure> {
        let cell = self.by_id.remove(&id)?;
        let structure = self.by_cell[index(cell)].take()?;
        self.digest = self.digest.wrapping_sub(digest_of(&structure));
        Some(structure)
    }

    /// Takes hit points from the structure in this cell, if there is one, and the structure with the last of them.
    pub fn damage(&mut self, cell: Cell, amount: u8) -> Option<Damaged> {
        let before = *self.at(cell)?;
        let left = before.hp.saturating_sub(amount);
        if left == 0 {
            return self.remove(before.id).map(Damaged::Destroyed);
        }
        let after = Structure { hp: left, ..before };
        self.by_cell[index(cell)] = Some(after);
        self.digest = self
            .digest
            .wrapping_sub(digest_of(&before))
            .wrapping_add(digest_of(&after));
        Some(Damaged::Standing(after))
    }

    /// Removes all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn index(cell: Cell) -> usize {
    usize::from(cell.y)
        .wrapping_mul(usize::from(ARENA_CELLS))
        .wrapping_add(usize::from(cell.x))
}

fn digest_of(structure: &Structure) -> u64 {
    xxh64(&structure.record::<{ <Structure as Record>::BYTES }>(), 0)
}
