//! What stands where, as far as walking is concerned: what the guess of a player's way knows of structures.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use sim_core::rules::{ARENA_AREA, ARENA_CELLS};
use sim_core::{Body, Buttons, Cell, PlayerId, Structure, StructureId, StructureKind, movement};

use crate::changes::Changes;

/// Whose structure is in a cell, and which.
pub(super) struct Grid(Vec<Option<(PlayerId, StructureKind)>>);

impl Grid {
    pub(super) fn new(
        base: &BTreeMap<StructureId, Structure>,
        changes: &Changes<StructureId, Structure>,
    ) -> Self {
        let mut grid = Self(vec![None; ARENA_AREA]);
        let kept = base
            .iter()
            .filter(|(id, _)| !changes.removals.contains(id) && !changes.upserts.contains_key(id));
        for structure in kept.map(|(_, kept)| kept).chain(changes.upserts.values()) {
            if let Some(place) = Self::place(structure.cell) {
                grid.0[place] = Some((structure.owner, structure.kind));
            }
        }
        grid
    }

    fn place(cell: Cell) -> Option<usize> {
        cell.in_arena()
            .then(|| usize::from(cell.y) * usize::from(ARENA_CELLS) + usize::from(cell.x))
    }

    fn blocks(&self, cell: Cell, player: PlayerId) -> bool {
        Self::place(cell)
            .and_then(|place| self.0[place])
            .is_some_and(|(owner, kind)| kind.blocks(owner, player))
    }

    pub(super) fn walk(&self, body: &mut Body, buttons: Buttons, player: PlayerId) {
        movement::walk(body, buttons, |cell| self.blocks(cell, player));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guess_knows_whom_a_structure_blocks() {
        let [ann, bert] = [PlayerId(1), PlayerId(2)];
        let cell = Cell { x: 3, y: 4 };
        for kind in StructureKind::ALL {
            let structure = Structure {
                id: StructureId(1),
                owner: ann,
                kind,
                cell,
                hp: 1,
            };
            let here = BTreeMap::from([(structure.id, structure)]);
            let new = Changes {
                upserts: here.clone(),
                ..Changes::default()
            };
            for grid in [
                Grid::new(&here, &Changes::default()),
                Grid::new(&BTreeMap::new(), &new),
            ] {
                for player in [ann, bert] {
                    assert_eq!(grid.blocks(cell, player), structure.blocks(player));
                }
                assert!(!grid.blocks(Cell { x: 4, y: 3 }, bert));
            }
            let gone = Changes {
                removals: [structure.id].into(),
                ..Changes::default()
            };
            assert!(!Grid::new(&here, &gone).blocks(cell, bert));
        }
    }
}
