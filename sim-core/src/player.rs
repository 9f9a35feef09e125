//! A player in the world.

use alloc::format;
use alloc::string::ToString as _;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh64::xxh64;

use crate::buttons::Buttons;
use crate::geometry::{Cell, Point, Velocity};
use crate::ids::PlayerId;
use crate::movement::Body;
use crate::record::{Field, Filling, Said, Short, Taking, pair, record};
use crate::rules::{BODIES, COLOURS, PLAYER_HALF_BOX};
use crate::structure::StructureKind;
use crate::table::thing;
use crate::units::Steps;
use crate::{player_fields, preview_fields};

/// How a character looks. The rules only know how many looks there are.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Look {
    /// Which body, below `rules::BODIES`.
    pub body: u8,
    /// Which colour, below `rules::COLOURS`.
    pub colour: u8,
}

impl Look {
    /// Whether there is such a look.
    #[must_use]
    pub const fn exists(self) -> bool {
        self.body < BODIES && self.colour < COLOURS
    }
}

preview_fields! { thing [
    /// What a player is about to build. Shown to the others, never durable, and nothing collides with it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    Preview
]}

player_fields! { thing [
    /// A player. Dead while `respawn_wait` runs: then health is zero, velocity is zero, there is no preview, and `pos` is where it
    /// fell.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
    Player(PlayerId)
]}

player_fields!(record[Player(PlayerId)]);
pair! { Look { body: u8, colour: u8 } }

impl Field for Option<Preview> {
    const BYTES: usize = 4;

    #[inline(always)]
    fn put<const N: usize>(self, record: &mut Filling<N>) {
        record.put(match self {
            None => [0; 4],
            Some(Preview { cell, kind }) => [1, cell.x, cell.y, kind.code()],
        });
    }

    fn take(from: &mut Taking<'_>) -> Result<Option<Self>, Short> {
        Ok(match from.take()? {
            [0, 0, 0, 0] => Some(None),
            [1, x, y, kind] => StructureKind::from_code(kind).map(|kind| {
                Some(Preview {
                    cell: Cell { x, y },
                    kind,
                })
            }),
            _ => None,
        })
    }

    fn say(self, name: &str, said: &mut Said) {
        let value = match self {
            None => "none".to_string(),
            Some(Preview { cell, kind }) => format!("{kind:?} at {},{}", cell.x, cell.y),
        };
        said.push((name.to_string(), value));
    }
}

/// One of two expressions, by the kind of a field; `timed` are all durations that run down.
macro_rules! if_kind {
    (predicted == predicted, $then:expr, $or:expr) => {
        $then
    };
    (wait == wait, $then:expr, $or:expr) => {
        $then
    };
    (wait == timed, $then:expr, $or:expr) => {
        $then
    };
    (respawn == timed, $then:expr, $or:expr) => {
        $then
    };
    (told == told, $then:expr, $or:expr) => {
        $then
    };
    ($known:ident == $kind:ident, $then:expr, $or:expr) => {
        $or
    };
}

/// What the rules do with all fields of one kind.
macro_rules! by_kind {
    (
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        impl Player {
            /// Whether all fields that clients predict are equal: position, velocity, buttons and being alive. Timers are not
            /// compared.
            #[must_use]
            pub fn predicted_fields_match(&self, other: &Self) -> bool {
                self.is_alive() == other.is_alive()
                    $(&& if_kind!($known == predicted, self.$name == other.$name, true))*
            }

            /// Whether all timers are equal: cooldowns, respawn and protection.
            #[must_use]
            pub fn timers_match(&self, other: &Self) -> bool {
                true $(&& if_kind!($known == timed, self.$name == other.$name, true))*
            }

            /// Whether nothing is waited for.
            #[must_use]
            pub(crate) fn waits_for_nothing(&self) -> bool {
                true $(&& if_kind!($known == timed, self.$name.is_zero(), true))*
            }

            /// One step of all waits but the one for respawn.
            pub(crate) fn run_down(&mut self) {
                $(if_kind!($known == wait, self.$name = self.$name.one_less(), ());)*
            }

            /// Takes over what clients are told and do not predict.
            pub fn be_told(&mut self, by: &Self) {
                $(if_kind!($known == told, self.$name = by.$name, ());)*
            }

            /// Hash of what a client predicts of its own player, and of being alive; waits are not in it.
            #[must_use]
            pub fn predicted_hash(&self) -> u32 {
                const BYTES: usize = 1 $(+ if_kind!($known == predicted, <$type as Field>::BYTES, 0))*;
                let mut bytes = Filling::<BYTES>::new();
                $(if_kind!($known == predicted, self.$name.put(&mut bytes), ());)*
                u8::from(self.is_alive()).put(&mut bytes);
                xxh64(&bytes.full(), 0) as u32
            }
        }
    };
}

player_fields!(by_kind);

impl Player {
    /// Whether the player is in play.
    #[must_use]
    pub const fn is_alive(&self) -> bool {
        self.respawn_wait.is_zero()
    }

    /// The part that movement changes.
    #[must_use]
    pub const fn body(&self) -> Body {
        Body {
            pos: self.pos,
            vel: self.vel,
        }
    }

    /// Whether the player's box contains the point; its right and lower edges do not belong to it.
    #[must_use]
    pub fn covers(&self, point: Point) -> bool {
        let half = PLAYER_HALF_BOX;
        self.pos.x - half <= point.x
            && point.x < self.pos.x + half
            && self.pos.y - half <= point.y
            && point.y < self.pos.y + half
    }
}
