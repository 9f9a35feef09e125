//! A view's entries as the rules know them.

use alloc::vec::Vec;

use protocol::View;
use sim_core::{Player, PlayerId, Structure, StructureId, Structures};

/// The player of a view; `None` if it is not in it.
pub(crate) fn player(view: &View, id: PlayerId) -> Option<Player> {
    let state = view.players.get(&id)?;
    let presence = view.presence.get(&id);
    Some(Player {
        id,
        look: presence.map(|presence| presence.look).unwrap_or_default(),
        pos: state.pos,
        vel: state.vel,
        buttons: state.buttons,
        health: state.health,
        score: presence.map_or(0, |presence| presence.score),
        deaths: presence.map_or(0, |presence| presence.deaths),
        fire_wait: state.fire_wait,
        build_wait: state.build_wait,
        respawn_wait: state.respawn_wait,
        protected: state.protected,
        preview: view.previews.get(&id).copied(),
    })
}

/// Makes `structures` those of the view; returns whether that changed anything. What cannot stand, because its cell is
/// taken or outside, is left out: only a broken room sends it.
pub(crate) fn sync_structures(structures: &mut Structures, view: &View) -> bool {
    let gone: Vec<StructureId> = structures
        .iter()
        .filter(|one| view.structures.get(&one.id) != Some(one))
        .map(|one| one.id)
        .collect();
    let new: Vec<Structure> = view
        .structures
        .values()
        .filter(|one| structures.get(one.id) != Some(one))
        .copied()
        .collect();
    for id in &gone {
        structures.remove(*id);
    }
    let mut changed = !gone.is_empty();
    for structure in new {
        changed |= structures.insert(structure).is_ok();
    }
    changed
}
