//! Any entry of a snapshot, field by field.

use proptest::prelude::*;
use protocol::{PlayerState, Presence};
use sim_core::{
    Aim, Buttons, Cell, Look, PlayerId, Point, Preview, Projectile, ProjectileId, Steps, Structure,
    StructureId, StructureKind, Vel, Velocity, player_fields, preview_fields, projectile_fields,
    structure_fields,
};

use super::{buttons, cell, kind, look, name, point};

/// Any value of a field's type.
trait Field: Sized {
    fn any() -> BoxedStrategy<Self>;
}

impl Field for u8 {
    fn any() -> BoxedStrategy<Self> {
        any::<u8>().boxed()
    }
}

impl Field for Steps {
    fn any() -> BoxedStrategy<Self> {
        any::<u16>().prop_map(Steps).boxed()
    }
}

impl Field for Point {
    fn any() -> BoxedStrategy<Self> {
        point().boxed()
    }
}

impl Field for Velocity {
    fn any() -> BoxedStrategy<Self> {
        let axes = any::<(i32, i32)>();
        axes.prop_map(|(x, y)| Velocity {
            x: Vel::from_bits(x),
            y: Vel::from_bits(y),
        })
        .boxed()
    }
}

impl Field for Buttons {
    fn any() -> BoxedStrategy<Self> {
        buttons().boxed()
    }
}

impl Field for u16 {
    fn any() -> BoxedStrategy<Self> {
        any::<u16>().boxed()
    }
}

impl Field for Aim {
    fn any() -> BoxedStrategy<Self> {
        any::<u16>().prop_map(Aim).boxed()
    }
}

impl Field for PlayerId {
    fn any() -> BoxedStrategy<Self> {
        any::<u16>().prop_map(PlayerId).boxed()
    }
}

impl Field for Look {
    fn any() -> BoxedStrategy<Self> {
        look().boxed()
    }
}

impl Field for Cell {
    fn any() -> BoxedStrategy<Self> {
        cell().boxed()
    }
}

impl Field for StructureKind {
    fn any() -> BoxedStrategy<Self> {
        kind().boxed()
    }
}

/// Any entry of a kind, with what its table has no row for.
macro_rules! any_entry {
    ([$entry:ident $of:ident $({ $own:ident: $known:expr })?]
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $how:ident, [$($bound:tt)*];)*
    ) => {
        pub(super) fn $of() -> impl Strategy<Value = $entry> {
            ($(<$type as Field>::any(),)*).prop_map(|($($name,)*)| $entry { $($own: $known,)? $($name,)* })
        }
    };
}
player_fields!(in movement: any_entry[PlayerState state]);
preview_fields!(any_entry[Preview preview]);
structure_fields!(any_entry[Structure structure { id: StructureId(0) }]);
projectile_fields!(any_entry[Projectile shot { id: ProjectileId(0) }]);

macro_rules! any_presence {
    ($($(#[$doc:meta])* $field:ident: $type:ty, $channel:ident, $how:ident, [$($bound:tt)*];)*) => {
        pub(super) fn presence() -> impl Strategy<Value = Presence> {
            (name(), any::<bool>(), $(<$type as Field>::any(),)*)
                .prop_map(|(name, connected, $($field,)*)| Presence { name, connected, $($field,)* })
        }
    };
}
player_fields!(in presence: any_presence);
