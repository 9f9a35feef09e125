//! Lengths in a world's encoding, for who stores or compresses it without knowing what is in it.
//!
//! [`World::encode`](crate::World::encode) writes [`FRONT_BYTES`], then the records of the players; [`COUNT_BYTES`] and the
//! records of the structures; [`COUNT_BYTES`] and the records of the projectiles. Nothing follows.

use crate::player::Player;
use crate::projectile::Projectile;
use crate::record::Record;
use crate::rules::{PLAYERS_MAX, PROJECTILES_MAX, STRUCTURES_MAX};
use crate::structure::Structure;

/// Version of a world's bytes, in front of them. It rises with every change of the encoding, and with nothing else: rules that
/// change and need no other bytes only raise [`SIM_VERSION`](crate::SIM_VERSION). Files of `SIM_VERSION` 1 say no other number for
/// both, so there it is 1.
pub const WORLD_VERSION: u32 = 1;

/// Version, step, generator, the next two ids, and the number of players.
pub const FRONT_BYTES: usize = 4 + 8 + 8 + 4 + 4 + COUNT_BYTES;
/// The number of records that follow.
pub const COUNT_BYTES: usize = 4;
/// The record of a player; it begins with the id.
pub const PLAYER_BYTES: usize = <Player as Record>::BYTES;
/// The record of a structure; it begins with the id.
pub const STRUCTURE_BYTES: usize = <Structure as Record>::BYTES;
/// The record of a projectile; it begins with the id.
pub const PROJECTILE_BYTES: usize = <Projectile as Record>::BYTES;

/// Bytes of the largest world that the rules allow.
pub const WORLD_BYTES_MAX: usize = FRONT_BYTES
    + PLAYERS_MAX * PLAYER_BYTES
    + COUNT_BYTES
    + STRUCTURES_MAX * STRUCTURE_BYTES
    + COUNT_BYTES
    + PROJECTILES_MAX * PROJECTILE_BYTES;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frame, Join, Look, PlayerId, World};

    #[test]
    fn the_lengths_are_those_of_the_encoding() {
        let mut world = World::new(1);
        let empty = FRONT_BYTES + 2 * COUNT_BYTES;
        assert_eq!(world.encode().len(), empty);
        let join = |player| Join {
            player: PlayerId(player),
            look: Look::default(),
            saved: None,
        };
        let mut frame = Frame::default();
        frame.joins.extend((1..=4).map(join));
        world.step(&frame);
        assert_eq!(world.encode().len(), empty + 4 * PLAYER_BYTES);
    }
}
