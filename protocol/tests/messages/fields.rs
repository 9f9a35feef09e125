//! Any state of a player, field by field.

use proptest::prelude::*;
use protocol::PlayerState;
use sim_core::{Buttons, Point, Steps, Vel, Velocity, player_fields};

use super::{buttons, point};

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

macro_rules! any_state {
    ($($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*) => {
        pub(super) fn state() -> impl Strategy<Value = PlayerState> {
            ($(<$type as Field>::any(),)*).prop_map(|($($name,)*)| PlayerState { $($name,)* })
        }
    };
}
player_fields!(in movement: any_state);
