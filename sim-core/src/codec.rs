//! The canonical encoding of a world, and the hash over it.
//!
//! Little-endian and without padding:
//!
//! | bytes | field |
//! |---|---|
//! | 4 | [`WORLD_VERSION`] |
//! | 8, 8 | step, state of the generator |
//! | 4, 4 | next structure's id, next projectile's id |
//! | 4, [`PLAYER_BYTES`] each | number of players, players |
//! | 4, [`STRUCTURE_BYTES`] each | number of structures, structures |
//! | 4, [`PROJECTILE_BYTES`] each | number of projectiles, projectiles |
//!
//! Ids ascend in each list. The hash is the XXH64 of the same bytes, with the structures' digest (8 bytes) in the place
//! of the structures.

use alloc::vec::Vec;

use xxhash_rust::xxh64::xxh64;

use crate::decode_error::DecodeError;
use crate::geometry::Point;
use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::layout::{
    COUNT_BYTES, FRONT_BYTES, PLAYER_BYTES, PROJECTILE_BYTES, STRUCTURE_BYTES, WORLD_VERSION,
};
use crate::player::Player;
use crate::projectile::Projectile;
use crate::record::{Record as _, Short, Taking};
use crate::rng::Rng;
use crate::rules::{
    self, PLAYER_POS_MAX, PLAYER_POS_MIN, PLAYERS_MAX, PROJECTILES_MAX, STRUCTURES_MAX,
    STRUCTURES_PER_PLAYER_MAX,
};
use crate::structure::Structure;
use crate::units::Step;
use crate::world::World;
use crate::{player_fields, projectile_fields};

const DIGEST_BYTES: usize = 8;

impl From<Short> for DecodeError {
    fn from(Short: Short) -> Self {
        Self::Truncated
    }
}

impl World {
    /// The canonical encoding: equal worlds give equal bytes, and different ones different bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let structures = self.structures.len().saturating_mul(STRUCTURE_BYTES);
        let mut bytes = self.with_room_for(structures);
        self.encode_front(&mut bytes);
        for structure in self.structures.iter() {
            bytes.extend_from_slice(&structure.record::<STRUCTURE_BYTES>());
        }
        self.encode_back(&mut bytes);
        bytes
    }

    /// The hash of the whole state. The same on every target and in every build profile.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut bytes = self.with_room_for(DIGEST_BYTES);
        self.encode_front(&mut bytes);
        bytes.extend_from_slice(&self.structures.digest().to_le_bytes());
        self.encode_back(&mut bytes);
        xxh64(&bytes, 0)
    }

    fn with_room_for(&self, structures: usize) -> Vec<u8> {
        let players = self.players.len().saturating_mul(PLAYER_BYTES);
        let projectiles = self.projectiles.len().saturating_mul(PROJECTILE_BYTES);
        let counts = COUNT_BYTES.saturating_mul(2);
        let bytes = [FRONT_BYTES, counts, players, structures, projectiles].into_iter();
        Vec::with_capacity(bytes.fold(0, usize::saturating_add))
    }

    /// Everything before the structures, and their number.
    fn encode_front(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&WORLD_VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.step.0.to_le_bytes());
        bytes.extend_from_slice(&self.rng.state().to_le_bytes());
        bytes.extend_from_slice(&self.next_structure.0.to_le_bytes());
        bytes.extend_from_slice(&self.next_projectile.0.to_le_bytes());
        bytes.extend_from_slice(&count(self.players.len()));
        for player in &self.players {
            bytes.extend_from_slice(&player.record::<PLAYER_BYTES>());
        }
        bytes.extend_from_slice(&count(self.structures.len()));
    }

    /// Everything after the structures.
    fn encode_back(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&count(self.projectiles.len()));
        for shot in &self.projectiles {
            bytes.extend_from_slice(&shot.record::<PROJECTILE_BYTES>());
        }
    }

    /// A world from its encoding. Whatever it accepts is a world that the rules can go on with, and encodes to the same
    /// bytes.
    ///
    /// # Errors
    /// The first check that fails; no bytes make it panic.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut rest = Taking(bytes);
        match rest.u32()? {
            WORLD_VERSION => Self::decode_newest(rest),
            // Bytes of an older version become a world of this one here.
            other => Err(DecodeError::Version(other)),
        }
    }

    /// What follows the version.
    fn decode_newest(mut rest: Taking<'_>) -> Result<Self, DecodeError> {
        let mut world = Self::new(0);
        world.step = Step(rest.u64()?);
        world.rng = Rng::new(rest.u64()?);
        world.next_structure = StructureId(rest.u32()?);
        world.next_projectile = ProjectileId(rest.u32()?);

        let players = limited(rest.u32()?, PLAYERS_MAX, DecodeError::TooManyPlayers)?;
        for place in 0..players {
            let player = Player::take(&mut rest)?.ok_or(DecodeError::PlayerBytes(place))?;
            world.admit_player(player)?;
        }
        let structures = limited(rest.u32()?, STRUCTURES_MAX, DecodeError::TooManyStructures)?;
        let mut before = None;
        for place in 0..structures {
            let structure = Structure::take(&mut rest)?.ok_or(DecodeError::StructureKind(place))?;
            if before.is_some_and(|before| before >= structure.id) {
                return Err(DecodeError::StructureOrder(structure.id));
            }
            before = Some(structure.id);
            world.admit_structure(structure)?;
        }
        world.check_owned()?;
        let projectiles = limited(
            rest.u32()?,
            PROJECTILES_MAX,
            DecodeError::TooManyProjectiles,
        )?;
        for _ in 0..projectiles {
            let shot = Projectile::take(&mut rest)?.expect("any bytes are a projectile");
            world.admit_projectile(shot)?;
        }
        match rest.0.len() {
            0 => Ok(world),
            trailing => Err(DecodeError::Trailing(trailing)),
        }
    }

    fn admit_player(&mut self, player: Player) -> Result<(), DecodeError> {
        let id = player.id;
        let dead = !player.is_alive();
        let check = |holds: bool, error: fn(PlayerId) -> DecodeError| {
            if holds { Ok(()) } else { Err(error(id)) }
        };
        check(
            self.players.last().is_none_or(|before| before.id < id),
            DecodeError::PlayerOrder,
        )?;
        check_player(&player)?;
        check(dead == (player.health == 0), DecodeError::PlayerLife)?;
        let at_rest =
            player.vel.is_zero() && player.protected.is_zero() && player.preview.is_none();
        check(!dead || at_rest, DecodeError::PlayerLife)?;
        self.players.push(player);
        Ok(())
    }

    pub(crate) fn admit_structure(&mut self, structure: Structure) -> Result<(), DecodeError> {
        if structure.id >= self.next_structure {
            return Err(DecodeError::StructureFromFuture(structure.id));
        }
        if self.structures.len() >= STRUCTURES_MAX {
            return Err(DecodeError::TooManyStructures(
                u32::from_le_bytes(count(STRUCTURES_MAX)).saturating_add(1),
            ));
        }
        self.structures
            .insert(structure)
            .map_err(|error| DecodeError::Structure(structure.id, error))
    }

    /// Whether nobody has more structures than the rules allow.
    pub(crate) fn check_owned(&self) -> Result<(), DecodeError> {
        let mut owners: Vec<PlayerId> = self
            .structures
            .iter()
            .map(|structure| structure.owner)
            .collect();
        owners.sort_unstable();
        match owners
            .windows(STRUCTURES_PER_PLAYER_MAX.saturating_add(1))
            .find(|run| run.first() == run.last())
        {
            Some(run) => Err(DecodeError::TooManyOwned(run[0])),
            None => Ok(()),
        }
    }

    fn admit_projectile(&mut self, shot: Projectile) -> Result<(), DecodeError> {
        let check = |holds: bool, error: fn(ProjectileId) -> DecodeError| {
            if holds { Ok(()) } else { Err(error(shot.id)) }
        };
        check(
            self.projectiles
                .last()
                .is_none_or(|before| before.id < shot.id),
            DecodeError::ProjectileOrder,
        )?;
        check(
            shot.id < self.next_projectile,
            DecodeError::ProjectileFromFuture,
        )?;
        check_projectile(&shot)?;
        self.projectiles.push(shot);
        Ok(())
    }
}

/// A function that holds a thing against the bounds of its fields.
macro_rules! bounds {
    ([$check:ident($thing:ty)]
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        fn $check(thing: &$thing) -> Result<(), DecodeError> {
            $(bound!(thing.$name, $name, [$($bound)*]);)*
            Ok(())
        }
    };
}

/// Holds one field against its bound.
macro_rules! bound {
    ($thing:ident.$field:ident, $name:ident, [any]) => {};
    ($thing:ident.$field:ident, $name:ident, [$bound:expr => $error:ident]) => {
        let $name = $thing.$field;
        if !$bound {
            return Err(DecodeError::$error($thing.id));
        }
    };
}
player_fields!(bounds[check_player(Player)]);
projectile_fields!(bounds[check_projectile(Projectile)]);

fn can_stand(pos: Point) -> bool {
    let inside = PLAYER_POS_MIN..=PLAYER_POS_MAX;
    inside.contains(&pos.x) && inside.contains(&pos.y)
}

fn count(len: usize) -> [u8; COUNT_BYTES] {
    u32::try_from(len)
        .expect("every list is limited by the rules")
        .to_le_bytes()
}

fn limited(count: u32, most: usize, error: fn(u32) -> DecodeError) -> Result<u32, DecodeError> {
    match usize::try_from(count) {
        Ok(fits) if fits <= most => Ok(count),
        Ok(_) | Err(_) => Err(error(count)),
    }
}
