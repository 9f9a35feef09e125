//! A view's entries as the rules know them.

use alloc::vec::Vec;

use protocol::View;
use sim_core::{Player, PlayerId, Structure, StructureId, Structures, player_fields};

macro_rules! of_view {
    (
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        /// The player of a view; `None` if it is not in it.
        pub(crate) fn player(view: &View, id: PlayerId) -> Option<Player> {
            let movement = view.players.get(&id)?;
            let presence = view.presence.get(&id);
            let previews = view.previews.get(&id);
            Some(Player {
                id,
                $($name: shown!($channel $name, movement, presence, previews),)*
            })
        }
    };
}

/// A field as its channel shows it.
macro_rules! shown {
    (movement $name:ident, $movement:ident, $presence:ident, $previews:ident) => {
        $movement.$name
    };
    (presence $name:ident, $movement:ident, $presence:ident, $previews:ident) => {
        $presence.map(|presence| presence.$name).unwrap_or_default()
    };
    (previews $name:ident, $movement:ident, $presence:ident, $previews:ident) => {
        $previews.copied()
    };
}

player_fields!(of_view);

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
