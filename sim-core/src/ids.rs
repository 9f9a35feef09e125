//! Names of things. Structures and projectiles are numbered by counters of the world, players by the authority.

use core::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($bits:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $bits);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    };
}

id! {
    /// A player of the room. Given by the authority; it also names the owner of structures after the player has left.
    PlayerId(u16)
}
id! {
    /// A structure, numbered in the order of placing and not used again for another, unless the room counts anew.
    StructureId(u32)
}
id! {
    /// A projectile, numbered in the order of firing and not used again for another, unless the room counts anew.
    ProjectileId(u32)
}
