//! What a snapshot holds, in four channels: presence, movement, build, projectile.
//!
//! An upsert always carries the whole entry, so a channel can be read without knowing what was there before. Maps and
//! sets are in the order of their ids; the binary encoding counts on it.

use alloc::string::String;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{
    Buttons, Look, Player, PlayerId, Point, Preview, Projectile, ProjectileId, Steps, Structure,
    StructureId, Velocity, player_fields,
};

use crate::changes::Changes;

/// What a snapshot holds, by feature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Features")]
pub struct SnapshotDelta {
    /// Who is in the room.
    pub presence: Changes<PlayerId, Presence>,
    /// Where they are.
    pub movement: Changes<PlayerId, PlayerState>,
    /// What they built and are about to build.
    pub build: BuildChanges,
    /// What they fired.
    pub projectile: Changes<ProjectileId, Projectile>,
}

/// Changes of what is built and about to be built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BuildChanges {
    /// What stands.
    pub structures: Changes<StructureId, Structure>,
    /// What players are about to build.
    pub previews: Changes<PlayerId, Preview>,
}

macro_rules! presence {
    (
        $(#[$doc:meta])* $first:ident: $first_type:ty, $_:ident, $first_known:ident, [$($first_bound:tt)*];
        $($(#[$docs:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        /// A player as the others know it.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Presence {
            /// What others read.
            pub name: String,
            $(#[$doc])* pub $first: $first_type,
            /// Whether a connection steers the player at the moment.
            pub connected: bool,
            $($(#[$docs])* pub $name: $type,)*
        }

        impl Presence {
            /// That of a player of the world, with what the world does not know.
            pub(crate) fn of(player: &Player, name: String, connected: bool) -> Self {
                Self { name, $first: player.$first, connected, $($name: player.$name,)* }
            }
        }
    };
}
player_fields!(in presence: presence);

macro_rules! player_state {
    ($($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*) => {
        /// The part of a player that the rules change from step to step.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct PlayerState {
            $($(#[$doc])* pub $name: $type,)*
        }

        impl From<&Player> for PlayerState {
            fn from(player: &Player) -> Self {
                Self { $($name: player.$name,)* }
            }
        }

        impl PlayerState {
            /// The same `steps` later, if only time passes: waits run out.
            #[must_use]
            pub const fn after(&self, steps: u64) -> Self {
                Self { $($name: later!($known self.$name, steps),)* }
            }
        }
    };
}

/// A field some steps later, if only time passes.
macro_rules! later {
    (wait $field:expr, $steps:ident) => {
        $field.less($steps)
    };
    (respawn $field:expr, $steps:ident) => {
        $field.less($steps)
    };
    (predicted $field:expr, $steps:ident) => {
        $field
    };
    (told $field:expr, $steps:ident) => {
        $field
    };
}

player_fields!(in movement: player_state);

impl PlayerState {
    /// Whether the player is in play.
    #[must_use]
    pub const fn is_alive(&self) -> bool {
        self.respawn_wait.is_zero()
    }
}

impl SnapshotDelta {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.presence.is_empty()
            && self.movement.is_empty()
            && self.build.structures.is_empty()
            && self.build.previews.is_empty()
            && self.projectile.is_empty()
    }
}
