//! Where two worlds differ, and what is in one, in words.

use alloc::string::String;
use alloc::vec::Vec;

use crate::world::World;

/// The first difference between two worlds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDiff {
    /// Which field, like `players[3].pos.x`.
    pub path: String,
    /// Its value in the expected world.
    pub expected: String,
    /// Its value in the actual world.
    pub actual: String,
}

/// The first differing field in canonical order; none if the worlds are equal.
#[must_use]
pub fn diff(_expected: &World, _actual: &World) -> Option<FieldDiff> {
    todo!()
}

/// Every field of the world in canonical order, as path and value.
#[must_use]
pub fn fields(_world: &World) -> Vec<(String, String)> {
    todo!()
}
