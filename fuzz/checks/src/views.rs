//! Views as records: entries that change, so that any two views are a few records from each other.

use protocol::{PlayerState, Presence, View};
use sim_core::rules::{PLAYERS_MAX, PROJECTILES_MAX, STRUCTURES_MAX};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, Frame, Join, Look, PlayerId, Point, Preview, Projectile,
    ProjectileId, Step, Steps, Structure, StructureId, StructureKind, Velocity, World,
    player_fields, preview_fields, projectile_fields, structure_fields,
};

use crate::bytes::{Fields, Seed};

const PRESENCE: u8 = 0;
const PLAYER: u8 = 1;
const STRUCTURE: u8 = 2;
const PREVIEW: u8 = 3;
const SHOT: u8 = 4;
const GONE: u8 = 5;
const LATER: u8 = 6;
/// Codes of records; the target that reads them gives the ones above a meaning of its own.
pub(crate) const CODES: u8 = 7;

/// Reads the record with this code into the view, which stays within what a snapshot may hold.
pub(crate) fn read(code: u8, from: &mut Fields<'_>, view: &mut View) {
    match code {
        PRESENCE => {
            let (player, presence) = (from.player(), presence(from));
            if view.presence.len() < PLAYERS_MAX {
                view.presence.insert(player, presence);
            }
        }
        PLAYER => {
            let (player, state) = (from.player(), state(from));
            if view.players.len() < PLAYERS_MAX {
                view.players.insert(player, state);
            }
        }
        STRUCTURE => {
            let structure = structure(from);
            if view.structures.len() < STRUCTURES_MAX {
                view.structures.insert(structure.id, structure);
            }
        }
        PREVIEW => {
            let player = from.player();
            let preview = preview(from);
            if view.previews.len() < PLAYERS_MAX {
                view.previews.insert(player, preview);
            }
        }
        SHOT => {
            let shot = shot(from);
            if view.projectiles.len() < PROJECTILES_MAX {
                view.projectiles.insert(shot.id, shot);
            }
        }
        GONE => {
            let (list, id) = (from.u8() % 5, from.u32());
            let player = PlayerId(id as u16);
            match list {
                0 => drop(view.presence.remove(&player)),
                1 => drop(view.players.remove(&player)),
                2 => drop(view.structures.remove(&StructureId(id))),
                3 => drop(view.previews.remove(&player)),
                _ => drop(view.projectiles.remove(&ProjectileId(id))),
            }
        }
        _ => {
            let steps = u64::from(from.u8());
            // Only if nothing of the order of steps is at its end: a room would run for nine billion years.
            if view.step.0 <= u64::MAX - steps {
                view.dead_reckon(view.step.after(steps));
            }
        }
    }
}

/// The records that make `now` of `before`.
pub(crate) fn write(to: &mut Seed, before: &View, now: &View) {
    let mut moving = before.clone();
    let mut left = now.step.since(before.step);
    while left > 0 {
        let steps = left.min(u8::MAX.into());
        to.u8(LATER);
        to.u8(steps as u8);
        moving.dead_reckon(moving.step.after(steps));
        left -= steps;
    }
    let mut gone = |list, id| {
        to.put([GONE, list]);
        to.u32(id);
    };
    let missing = |id: &&PlayerId| !now.presence.contains_key(id);
    moving
        .presence
        .keys()
        .filter(missing)
        .for_each(|id| gone(0, id.0.into()));
    let missing = |id: &&PlayerId| !now.players.contains_key(id);
    moving
        .players
        .keys()
        .filter(missing)
        .for_each(|id| gone(1, id.0.into()));
    let missing = |id: &&StructureId| !now.structures.contains_key(id);
    moving
        .structures
        .keys()
        .filter(missing)
        .for_each(|id| gone(2, id.0));
    let missing = |id: &&PlayerId| !now.previews.contains_key(id);
    moving
        .previews
        .keys()
        .filter(missing)
        .for_each(|id| gone(3, id.0.into()));
    let missing = |id: &&ProjectileId| !now.projectiles.contains_key(id);
    moving
        .projectiles
        .keys()
        .filter(missing)
        .for_each(|id| gone(4, id.0));
    for (id, entry) in &now.presence {
        if moving.presence.get(id) != Some(entry) {
            to.u8(PRESENCE);
            to.u16(id.0);
            write_presence(to, entry);
        }
    }
    for (id, entry) in &now.players {
        if moving.players.get(id) != Some(entry) {
            to.u8(PLAYER);
            to.u16(id.0);
            write_state(to, entry);
        }
    }
    for (id, entry) in &now.structures {
        if moving.structures.get(id) != Some(entry) {
            to.u8(STRUCTURE);
            write_structure(to, entry);
        }
    }
    for (id, entry) in &now.previews {
        if moving.previews.get(id) != Some(entry) {
            to.u8(PREVIEW);
            to.u16(id.0);
            write_preview(to, entry);
        }
    }
    for (id, entry) in &now.projectiles {
        if moving.projectiles.get(id) != Some(entry) {
            to.u8(SHOT);
            write_shot(to, entry);
        }
    }
}

/// A field as it is read from an input and written into one.
trait Field {
    fn read(from: &mut Fields<'_>) -> Self;
    fn write(&self, to: &mut Seed);
}

impl Field for u8 {
    fn read(from: &mut Fields<'_>) -> Self {
        from.u8()
    }
    fn write(&self, to: &mut Seed) {
        to.u8(*self);
    }
}

impl Field for Steps {
    fn read(from: &mut Fields<'_>) -> Self {
        Self(from.u16())
    }
    fn write(&self, to: &mut Seed) {
        to.u16(self.0);
    }
}

impl Field for Point {
    fn read(from: &mut Fields<'_>) -> Self {
        from.point()
    }
    fn write(&self, to: &mut Seed) {
        to.point(*self);
    }
}

impl Field for Velocity {
    fn read(from: &mut Fields<'_>) -> Self {
        from.velocity()
    }
    fn write(&self, to: &mut Seed) {
        to.velocity(*self);
    }
}

impl Field for Buttons {
    fn read(from: &mut Fields<'_>) -> Self {
        from.buttons()
    }
    fn write(&self, to: &mut Seed) {
        to.u8(self.to_bits());
    }
}

impl Field for u16 {
    fn read(from: &mut Fields<'_>) -> Self {
        from.u16()
    }
    fn write(&self, to: &mut Seed) {
        to.u16(*self);
    }
}

impl Field for bool {
    fn read(from: &mut Fields<'_>) -> Self {
        from.flag()
    }
    fn write(&self, to: &mut Seed) {
        to.u8(u8::from(*self));
    }
}

impl Field for Look {
    fn read(from: &mut Fields<'_>) -> Self {
        Self {
            body: from.u8() % sim_core::rules::BODIES,
            colour: from.u8() % sim_core::rules::COLOURS,
        }
    }
    fn write(&self, to: &mut Seed) {
        to.look(*self);
    }
}

impl Field for PlayerId {
    fn read(from: &mut Fields<'_>) -> Self {
        from.player()
    }
    fn write(&self, to: &mut Seed) {
        to.u16(self.0);
    }
}

impl Field for StructureId {
    fn read(from: &mut Fields<'_>) -> Self {
        Self(from.u32())
    }
    fn write(&self, to: &mut Seed) {
        to.u32(self.0);
    }
}

impl Field for ProjectileId {
    fn read(from: &mut Fields<'_>) -> Self {
        Self(from.u32())
    }
    fn write(&self, to: &mut Seed) {
        to.u32(self.0);
    }
}

impl Field for Aim {
    fn read(from: &mut Fields<'_>) -> Self {
        from.aim()
    }
    fn write(&self, to: &mut Seed) {
        to.u16(self.0);
    }
}

impl Field for StructureKind {
    fn read(from: &mut Fields<'_>) -> Self {
        from.kind()
    }
    fn write(&self, to: &mut Seed) {
        to.kind(*self);
    }
}

impl Field for Cell {
    fn read(from: &mut Fields<'_>) -> Self {
        from.cell_in_arena()
    }
    fn write(&self, to: &mut Seed) {
        to.cell(*self);
    }
}

/// A record of an entry: what its table has no row for, and its fields.
macro_rules! entry {
    ([$entry:ident $read:ident $write:ident $({ $own:ident })?]
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        pub(crate) fn $read(from: &mut Fields<'_>) -> $entry {
            $entry { $($own: Field::read(from),)? $($name: Field::read(from),)* }
        }

        pub(crate) fn $write(to: &mut Seed, entry: &$entry) {
            $(entry.$own.write(to);)?
            $(entry.$name.write(to);)*
        }
    };
}
player_fields!(in movement: entry[PlayerState state write_state]);
preview_fields!(entry[Preview preview write_preview]);
// In the arena, of any hit points.
structure_fields!(entry[Structure structure write_structure { id }]);
projectile_fields!(entry[Projectile shot write_shot { id }]);

macro_rules! presence {
    (
        $(#[$doc:meta])* $first:ident: $first_type:ty, $_:ident, $first_known:ident, [$($first_bound:tt)*];
        $($(#[$docs:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        fn presence(from: &mut Fields<'_>) -> Presence {
            Presence {
                $first: Field::read(from),
                name: name(from),
                connected: Field::read(from),
                $($name: Field::read(from),)*
            }
        }

        fn write_presence(to: &mut Seed, presence: &Presence) {
            presence.$first.write(to);
            to.text(&presence.name);
            presence.connected.write(to);
            $(presence.$name.write(to);)*
        }
    };
}
player_fields!(in presence: presence);

fn name(from: &mut Fields<'_>) -> String {
    let name = from.text();
    let name = name.chars().filter(|char| !char.is_control());
    name.take(protocol::limits::NAME_CHARS_MAX).collect()
}

/// The view that messages count from: always the same, with something of everything.
pub(crate) fn fixed() -> View {
    let mut world = World::new(3);
    let join = |id| Join {
        player: PlayerId(id),
        look: Look { body: 1, colour: 2 },
        saved: None,
    };
    world.step(&Frame {
        joins: (1..=5).map(join).collect(),
        ..Frame::default()
    });
    for id in 1..=5 {
        let Some(player) = world.player(PlayerId(id)) else {
            continue;
        };
        let (x, y) = (player.pos.x.cell(), player.pos.y.cell());
        let cell = Cell {
            x: (x + 2).min(63) as u8,
            y: y as u8,
        };
        let kind = StructureKind::ALL[usize::from(id) % StructureKind::ALL.len()];
        let aim = Aim(id * 9_000);
        let commands = [
            Command::Act(Action::Place { cell, kind }),
            Command::Act(Action::Fire { aim }),
            Command::Preview(Some(Preview { cell, kind })),
        ];
        world.step(&Frame {
            buttons: vec![(PlayerId(id), Buttons::from_bits_truncate(id as u8))],
            commands: commands.map(|command| (PlayerId(id), command)).to_vec(),
            ..Frame::default()
        });
    }
    View {
        step: Step(100),
        ..View::capture(&world, &Default::default())
    }
}
