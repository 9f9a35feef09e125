//! The view that takes the most room.

use std::collections::BTreeMap;

use protocol::limits::NAME_CHARS_MAX;
use protocol::{PlayerState, Presence, View};
use sim_core::rules::{ARENA_CELLS, BODIES, COLOURS, PLAYERS_MAX, PROJECTILES_MAX, STRUCTURES_MAX};
use sim_core::{
    Aim, Buttons, Cell, Look, PlayerId, Point, Pos, Preview, Projectile, ProjectileId, Step, Steps,
    Structure, StructureId, StructureKind, Vel, Velocity, player_fields, preview_fields,
    projectile_fields, structure_fields,
};

/// Values of a field that take the most room, each different from the next.
trait Largest {
    fn largest(nth: usize) -> Self;
}

impl Largest for u8 {
    fn largest(_: usize) -> Self {
        Self::MAX
    }
}

impl Largest for Steps {
    fn largest(_: usize) -> Self {
        Self(u16::MAX)
    }
}

impl Largest for Buttons {
    fn largest(_: usize) -> Self {
        Self::from_bits_truncate(u8::MAX)
    }
}

impl Largest for Point {
    fn largest(nth: usize) -> Self {
        let bits = nth as i32 - i32::MAX;
        Self {
            x: Pos::from_bits(bits),
            y: Pos::from_bits(bits),
        }
    }
}

impl Largest for Velocity {
    fn largest(nth: usize) -> Self {
        let bits = nth as i32 - i32::MAX;
        Self {
            x: Vel::from_bits(bits),
            y: Vel::from_bits(bits),
        }
    }
}

impl Largest for u16 {
    fn largest(_: usize) -> Self {
        Self::MAX
    }
}

impl Largest for Look {
    fn largest(_: usize) -> Self {
        Self {
            body: BODIES - 1,
            colour: COLOURS - 1,
        }
    }
}

impl Largest for PlayerId {
    fn largest(_: usize) -> Self {
        Self(u16::MAX)
    }
}

impl Largest for Aim {
    fn largest(_: usize) -> Self {
        Self(u16::MAX)
    }
}

impl Largest for StructureKind {
    fn largest(_: usize) -> Self {
        Self::Fence
    }
}

impl Largest for Cell {
    fn largest(nth: usize) -> Self {
        Self {
            x: (nth % usize::from(ARENA_CELLS)) as u8,
            y: (nth / usize::from(ARENA_CELLS)) as u8,
        }
    }
}

/// The entry of a kind that takes the most room, with what its table has no row for.
macro_rules! largest {
    ([$entry:ident $of:ident $(|$nth:ident| $({ $own:ident: $known:expr })*)?]
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $how:ident, [$($bound:tt)*];)*
    ) => {
        fn $of(nth: usize) -> $entry {
            $(let $nth = nth;)?
            $entry { $($($own: $known,)*)? $($name: <$type>::largest(nth),)* }
        }
    };
}
player_fields!(in movement: largest[PlayerState largest_state]);
player_fields!(in presence: largest[Presence largest_presence |_nth|
    { name: "\u{10FFFD}".repeat(NAME_CHARS_MAX) } { connected: false }
]);
preview_fields!(largest[Preview largest_preview]);
structure_fields!(largest[Structure largest_structure |nth| { id: StructureId(u32::MAX - nth as u32) }]);
projectile_fields!(largest[Projectile largest_shot |nth| { id: ProjectileId(u32::MAX - nth as u32) }]);

/// A room in which there is as much of everything as there can be, each as long as it can be written.
pub(crate) fn crowded() -> View {
    let players: Vec<_> = (0..PLAYERS_MAX)
        .map(|nth| PlayerId(u16::MAX - nth as u16))
        .collect();
    let of_players = || players.iter().copied().enumerate();
    View {
        step: Step(u64::MAX),
        presence: of_players()
            .map(|(nth, id)| (id, largest_presence(nth)))
            .collect(),
        players: of_players()
            .map(|(nth, id)| (id, largest_state(nth)))
            .collect(),
        structures: keyed((0..STRUCTURES_MAX).map(largest_structure), |one| one.id),
        previews: of_players()
            .map(|(nth, id)| (id, largest_preview(4_000 + nth)))
            .collect(),
        projectiles: keyed((0..PROJECTILES_MAX).map(largest_shot), |one| one.id),
    }
}

fn keyed<Id: Ord, Entry>(
    all: impl Iterator<Item = Entry>,
    id: impl Fn(&Entry) -> Id,
) -> BTreeMap<Id, Entry> {
    all.map(|one| (id(&one), one)).collect()
}
