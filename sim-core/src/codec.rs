//! The canonical encoding of a world, and the hash over it.

use alloc::vec::Vec;

use crate::frame::Frame;
use crate::structure::Structure;
use crate::structures::InsertError;
use crate::world::World;

/// Why bytes are no world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A structure cannot be added to the others.
    #[error("structure: {0}")]
    Structure(#[from] InsertError),
}

pub(crate) fn structure_record(s: &Structure) -> [u8; 10] {
    let id = s.id.0.to_le_bytes();
    let owner = s.owner.0.to_le_bytes();
    [
        id[0],
        id[1],
        id[2],
        id[3],
        owner[0],
        owner[1],
        s.kind.code(),
        s.cell.x,
        s.cell.y,
        s.hp,
    ]
}

impl World {
    /// One step.
    pub fn step(&mut self, _frame: &Frame) {
        todo!()
    }
    /// The hash.
    #[must_use]
    pub fn hash(&self) -> u64 {
        todo!()
    }
    /// The canonical encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!()
    }
    /// A world from its encoding.
    ///
    /// # Errors
    /// If the bytes are no world.
    pub fn decode(_bytes: &[u8]) -> Result<Self, DecodeError> {
        todo!()
    }
    pub(crate) fn admit_structure(&mut self, structure: Structure) -> Result<(), DecodeError> {
        Ok(self.structures.insert(structure)?)
    }
}
