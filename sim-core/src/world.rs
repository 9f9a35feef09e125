//! Everything the rules know, and how one step changes it.
//!
//! * Players, structures and projectiles are in the order of their ids.
//! * Events, results and scratch memory are no part of the state: they are neither compared, hashed nor encoded.

use alloc::vec::Vec;

use crate::action::Effect;
use crate::decode_error::DecodeError;
use crate::event::{Event, Reject};
use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::player::Player;
use crate::projectile::Projectile;
use crate::rng::Rng;
use crate::structure::Structure;
use crate::structures::Structures;
use crate::units::Step;

/// A room's state.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) step: Step,
    pub(crate) rng: Rng,
    pub(crate) next_structure: StructureId,
    pub(crate) next_projectile: ProjectileId,
    pub(crate) players: Vec<Player>,
    pub(crate) structures: Structures,
    pub(crate) projectiles: Vec<Projectile>,
    pub(crate) events: Vec<Event>,
    pub(crate) results: Vec<Result<Effect, Reject>>,
}

/// What a world is made of when it is made from durable tables: everything that outlives the players.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurableWorld {
    /// Steps done.
    pub step: Step,
    /// Seed of the generator.
    pub seed: u64,
    /// The structures, in any order.
    pub structures: Vec<Structure>,
    /// The next structure's id, above all of `structures`.
    pub next_structure: StructureId,
    /// The next projectile's id.
    pub next_projectile: ProjectileId,
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.step == other.step
            && self.rng == other.rng
            && self.next_structure == other.next_structure
            && self.next_projectile == other.next_projectile
            && self.players == other.players
            && self.projectiles == other.projectiles
            && self.structures == other.structures
    }
}

impl Eq for World {}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            step: Step(0),
            rng: Rng::new(seed),
            next_structure: StructureId(1),
            next_projectile: ProjectileId(1),
            players: Vec::new(),
            structures: Structures::new(),
            projectiles: Vec::new(),
            events: Vec::new(),
            results: Vec::new(),
        }
    }

    /// A world without players, from what was kept of it.
    ///
    /// # Errors
    /// If the structures cannot be in one world: the same checks as [`World::decode`].
    pub fn hydrate(from: DurableWorld) -> Result<Self, DecodeError> {
        let mut world = Self::new(from.seed);
        world.step = from.step;
        world.next_structure = from.next_structure;
        world.next_projectile = from.next_projectile;
        for structure in from.structures {
            world.admit_structure(structure)?;
        }
        world.check_owned()?;
        Ok(world)
    }

    /// Steps done.
    #[must_use]
    pub const fn step_number(&self) -> Step {
        self.step
    }

    /// The generator.
    #[must_use]
    pub const fn rng(&self) -> Rng {
        self.rng
    }

    /// The id that the next structure gets.
    #[must_use]
    pub const fn next_structure(&self) -> StructureId {
        self.next_structure
    }

    /// The id that the next projectile gets.
    #[must_use]
    pub const fn next_projectile(&self) -> ProjectileId {
        self.next_projectile
    }

    /// All players, ids ascending.
    #[must_use]
    pub fn players(&self) -> &[Player] {
        &self.players
    }

    /// The player with this id.
    #[must_use]
    pub fn player(&self, id: PlayerId) -> Option<&Player> {
        self.players.get(self.seat(id)?)
    }

    /// All structures.
    #[must_use]
    pub const fn structures(&self) -> &Structures {
        &self.structures
    }

    /// All projectiles in flight, ids ascending.
    #[must_use]
    pub fn projectiles(&self) -> &[Projectile] {
        &self.projectiles
    }

    /// What became of each command of the last frame, in its order; empty after `new`, `decode`, `hydrate` and `fast_forward`.
    pub fn results(&self) -> &[Result<Effect, Reject>] {
        &self.results
    }

    /// What the last step did, for whoever shows it; empty after `new`, `decode`, `hydrate` and `fast_forward`.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Whether an empty frame would change nothing but the step number: nothing flies or walks, no button is held and no
    /// wait runs.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.projectiles.is_empty()
            && self.players.iter().all(|player| {
                player.vel.is_zero() && player.buttons.is_empty() && player.waits_for_nothing()
            })
    }

    /// The same as `steps` steps of empty frames, at once.
    ///
    /// # Panics
    /// If the world is not quiet: then time alone changes it, and it must be stepped.
    pub fn fast_forward(&mut self, steps: u64) {
        assert!(self.is_quiet(), "only a quiet world can be fast-forwarded");
        self.step = self.step.after(steps);
        self.events.clear();
        self.results.clear();
    }

    /// The same world at another step. No step leads there: whoever records begins another recording.
    #[must_use]
    pub fn at_step(&self, step: Step) -> Self {
        Self {
            step,
            events: Vec::new(),
            results: Vec::new(),
            ..self.clone()
        }
    }

    /// The same world with structures and projectiles numbered from 1 again, in the order that they have. No step leads
    /// there: whoever records begins another recording.
    #[must_use]
    pub fn renumbered(&self) -> Self {
        let mut world = Self {
            structures: Structures::new(),
            next_structure: StructureId(1),
            next_projectile: ProjectileId(1),
            events: Vec::new(),
            results: Vec::new(),
            ..self.clone()
        };
        for (id, structure) in (1..).map(StructureId).zip(self.structures.iter()) {
            world
                .structures
                .insert(Structure { id, ..*structure })
                .expect("another id does not put it in anything's way");
            world.next_structure = StructureId(id.0.saturating_add(1));
        }
        for (id, projectile) in (1..).map(ProjectileId).zip(&mut world.projectiles) {
            projectile.id = id;
            world.next_projectile = ProjectileId(id.0.saturating_add(1));
        }
        world
    }

    /// Where in `players` this id is.
    pub(crate) fn seat(&self, id: PlayerId) -> Option<usize> {
        self.players
            .binary_search_by_key(&id, |player| player.id)
            .ok()
    }
}
