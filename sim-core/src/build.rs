//! What may be built and taken away. The client asks the same questions before the authority does.

use crate::event::Reject;
use crate::geometry::{Cell, Point};
use crate::ids::StructureId;
use crate::movement::overlaps;
use crate::player::{Player, Preview};
use crate::rules::{REACH, STRUCTURES_MAX, STRUCTURES_PER_PLAYER_MAX};
use crate::structure::StructureKind;
use crate::structures::Structures;

/// Whether the player may place a structure now. `others` are the middles of all other living players.
///
/// # Errors
/// The first check that fails.
pub fn check_place(
    structures: &Structures,
    others: impl IntoIterator<Item = Point>,
    player: &Player,
    cell: Cell,
    kind: StructureKind,
) -> Result<(), Reject> {
    // Every kind fills its cell alike; a kind that people may stand in would differ here.
    let (StructureKind::Wall | StructureKind::Gate | StructureKind::Fence) = kind;
    if !player.is_alive() {
        return Err(Reject::Dead);
    }
    if !player.build_wait.is_zero() {
        return Err(Reject::BuildCooldown);
    }
    if !cell.in_arena() {
        return Err(Reject::OutsideArena);
    }
    if !player.pos.within(REACH, cell.centre()) {
        return Err(Reject::OutOfReach);
    }
    if structures.at(cell).is_some() {
        return Err(Reject::CellTaken);
    }
    let mut living = others.into_iter().chain([player.pos]);
    if living.any(|middle| overlaps(middle, cell)) {
        return Err(Reject::CellOccupied);
    }
    if structures.len() >= STRUCTURES_MAX {
        return Err(Reject::RoomStructureLimit);
    }
    if structures.owned_by(player.id) >= STRUCTURES_PER_PLAYER_MAX {
        return Err(Reject::PlayerStructureLimit);
    }
    Ok(())
}

/// Whether the player may take the structure away now.
///
/// # Errors
/// The first check that fails.
pub(crate) fn check_remove(
    structures: &Structures,
    player: &Player,
    id: StructureId,
) -> Result<(), Reject> {
    if !player.is_alive() {
        return Err(Reject::Dead);
    }
    let structure = structures.get(id).ok_or(Reject::UnknownStructure)?;
    if structure.owner != player.id {
        return Err(Reject::NotOwner);
    }
    if !player.pos.within(REACH, structure.cell.centre()) {
        return Err(Reject::OutOfReach);
    }
    Ok(())
}

/// Whether the player may show this preview. Anywhere in the arena: it follows a pointer, and reach is asked at placing.
///
/// # Errors
/// The first check that fails.
pub(crate) fn check_preview(player: &Player, preview: Option<Preview>) -> Result<(), Reject> {
    if !player.is_alive() {
        return Err(Reject::Dead);
    }
    match preview {
        Some(preview) if !preview.cell.in_arena() => Err(Reject::OutsideArena),
        Some(_) | None => Ok(()),
    }
}
