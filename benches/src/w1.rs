//! Workload W1: 16 players, 64 projectiles, 512 structures, 10 minutes.
//!
//! * Before the first step 512 structures stand, spread evenly over the arena, 32 of each player. One in 32 is a wall,
//!   one in 32 a gate; the others are fences, which block players and let shots pass, because more walls would end shots
//!   faster than 16 players can fire.
//! * On the first step 16 players join and fire and build for the whole session.
//! * On every step each player's buttons change with probability 1/12, to any other of the 16 sets.
//! * Whenever fewer than 65 shots fly, as many who can fire, roughly towards the middle: one more than 64, because about
//!   one a step ends and is replaced a step later. Whenever fewer than 512 structures stand, who can builds a wall.
//! * [`Census`] says how near to its numbers the session stayed, counted over every step after the first 90.

use sim_core::build::check_place;
use sim_core::rules::{SHOT_LIFE, STEPS_PER_SECOND};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, DurableWorld, Frame, Join, Look, Player, PlayerId,
    ProjectileId, Rng, Step, Structure, StructureId, StructureKind, World,
};

/// Players of W1.
pub const PLAYERS: u16 = 16;
/// Projectiles that W1 keeps in flight.
pub const PROJECTILES: usize = 64;
/// Structures that W1 keeps standing.
pub const STRUCTURES: usize = 512;
/// Length of W1: 10 minutes.
pub const STEPS: u64 = 600 * STEPS_PER_SECOND as u64;
/// A player's buttons change on one of so many steps.
pub const STEPS_PER_CHANGE: u32 = 12;

/// A session that can be played again: where it starts and what happens.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The world before the first frame.
    pub start: World,
    /// What happens in each step.
    pub frames: Vec<Frame>,
    /// `World::hash` after each frame.
    pub hashes: Vec<u64>,
    /// What there was while it was made.
    pub census: Census,
}

/// How many there were, over all steps after the first shots could have run out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    steps: u64,
    projectiles: u64,
    structures: u64,
    players: u64,
    alive: u64,
    changes: u64,
}

impl Census {
    fn count(&mut self, world: &World, frame: &Frame) {
        if world.step_number() <= Step(u64::from(SHOT_LIFE.0)) {
            return;
        }
        self.steps += 1;
        self.projectiles += world.projectiles().len() as u64;
        self.structures += world.structures().len() as u64;
        self.players += world.players().len() as u64;
        self.alive += world
            .players()
            .iter()
            .filter(|player| player.is_alive())
            .count() as u64;
        self.changes += frame.buttons.len() as u64;
    }

    fn mean(self, sum: u64) -> f64 {
        sum as f64 / self.steps.max(1) as f64
    }

    /// Mean number in flight.
    #[must_use]
    pub fn projectiles(self) -> f64 {
        self.mean(self.projectiles)
    }

    /// Mean number standing.
    #[must_use]
    pub fn structures(self) -> f64 {
        self.mean(self.structures)
    }

    /// Mean number of players who were not waiting for respawn.
    #[must_use]
    pub fn alive(self) -> f64 {
        self.mean(self.alive)
    }

    /// Mean number of steps between two changes of one player's buttons.
    #[must_use]
    pub fn steps_per_change(self) -> f64 {
        self.players as f64 / self.changes.max(1) as f64
    }
}

/// Makes the first `steps` steps of W1.
///
/// # Panics
/// If the rules no longer allow 512 structures and 16 players.
#[must_use]
pub fn workload(seed: u64, steps: u64) -> Workload {
    let start =
        World::hydrate(fort(seed)).expect("512 structures in cells of their own are a world");
    make(start, PLAYERS, seed, steps, |frame, world, script| {
        press(frame, world, script);
        fire(frame, world, script);
        rebuild(frame, world, script);
    })
}

/// An empty world in which `players` do nothing but press buttons, as often as in W1.
///
/// # Panics
/// If the rules do not allow so many players.
#[must_use]
pub fn walkers(seed: u64, players: u16, steps: u64) -> Workload {
    make(World::new(seed), players, seed, steps, press)
}

/// Everybody joins on the first step; on each other step `happen` fills the frame.
fn make(
    start: World,
    players: u16,
    seed: u64,
    steps: u64,
    happen: impl Fn(&mut Frame, &World, &mut Rng),
) -> Workload {
    let mut world = start.clone();
    let mut script = Rng::new(seed);
    let mut made = Workload {
        start,
        frames: Vec::new(),
        hashes: Vec::new(),
        census: Census::default(),
    };
    for step in 0..steps {
        let mut frame = Frame::default();
        if step == 0 {
            let look = Look { body: 0, colour: 0 };
            let join = |id| Join {
                player: PlayerId(id),
                look,
                saved: None,
            };
            frame.joins.extend((1..=players).map(join));
        } else {
            happen(&mut frame, &world, &mut script);
        }
        world.step(&frame);
        assert_eq!(
            world.players().len(),
            usize::from(players),
            "everybody is in"
        );
        made.census.count(&world, &frame);
        made.hashes.push(world.hash());
        made.frames.push(frame);
    }
    made
}

/// Structures on every other cell of every fourth row.
fn fort(seed: u64) -> DurableWorld {
    let structures = (0..STRUCTURES as u32).map(|index| {
        let kind = match index % 32 {
            3 => StructureKind::Wall,
            19 => StructureKind::Gate,
            _ => StructureKind::Fence,
        };
        let place = |cell: u32| u8::try_from(cell).expect("the arena is 64 cells wide");
        Structure {
            id: StructureId(index + 1),
            owner: PlayerId(u16::try_from(index % u32::from(PLAYERS)).expect("below 16") + 1),
            kind,
            cell: Cell {
                x: place(index % 32 * 2 + index / 32 % 2),
                y: place(index / 32 * 4 + 1),
            },
            hp: kind.hp_max(),
        }
    });
    DurableWorld {
        step: Step(0),
        seed,
        structures: structures.collect(),
        next_structure: StructureId(STRUCTURES as u32 + 1),
        next_projectile: ProjectileId(1),
    }
}

fn press(frame: &mut Frame, world: &World, script: &mut Rng) {
    for player in world.players() {
        if script.chance(1, STEPS_PER_CHANGE) {
            let other = script.below(15) as u8 + 1;
            frame.buttons.push((
                player.id,
                Buttons::from_bits_truncate(player.buttons.to_bits() ^ other),
            ));
        }
    }
}

/// As many as are missing fire, each at most once, starting with somebody else on every step.
fn fire(frame: &mut Frame, world: &World, script: &mut Rng) {
    let missing = (PROJECTILES + 1).saturating_sub(world.projectiles().len());
    let ready = |player: &&Player| player.is_alive() && player.fire_wait.is_zero();
    for player in from_anybody(world.players(), script)
        .filter(ready)
        .take(missing)
    {
        let spread = (script.next_u32() as u16) >> 2;
        let aim = Aim(to_middle(player).wrapping_sub(1 << 13).wrapping_add(spread));
        frame
            .commands
            .push((player.id, Command::Act(Action::Fire { aim })));
    }
}

/// The diagonal that leads into the quarter of the arena opposite to the player's.
fn to_middle(player: &Player) -> u16 {
    let past_middle = |cell: i32| cell >= 32;
    match (
        past_middle(player.pos.x.cell()),
        past_middle(player.pos.y.cell()),
    ) {
        (false, false) => 1 << 13,
        (true, false) => 3 << 13,
        (true, true) => 5 << 13,
        (false, true) => 7 << 13,
    }
}

fn rebuild(frame: &mut Frame, world: &World, script: &mut Rng) {
    let mut missing = STRUCTURES.saturating_sub(world.structures().len());
    let kind = StructureKind::Wall;
    for player in from_anybody(world.players(), script) {
        if missing == 0 {
            return;
        }
        let near = |at: i32, by: u32| u8::try_from(at + by as i32 - 3).ok();
        let (x, y) = (
            near(player.pos.x.cell(), script.below(7)),
            near(player.pos.y.cell(), script.below(7)),
        );
        let (Some(x), Some(y)) = (x, y) else { continue };
        let living = world
            .players()
            .iter()
            .filter(|player| player.is_alive())
            .map(|player| player.pos);
        let cell = Cell { x, y };
        if check_place(world.structures(), living, player, cell, kind).is_ok() {
            frame
                .commands
                .push((player.id, Command::Act(Action::Place { cell, kind })));
            missing -= 1;
        }
    }
}

/// All players, beginning with a random one.
fn from_anybody<'p>(
    players: &'p [Player],
    script: &mut Rng,
) -> impl Iterator<Item = &'p Player> + use<'p> {
    let (before, from) = players.split_at(script.below(players.len() as u32) as usize);
    from.iter().chain(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workload_stays_at_its_size() {
        let census = workload(1, 3_600).census;
        assert!(census.projectiles() >= 63.0, "{census:?}");
        assert!((511.0..=513.0).contains(&census.structures()), "{census:?}");
        assert!(
            (11.5..12.5).contains(&census.steps_per_change()),
            "{census:?}"
        );
    }

    #[test]
    fn the_same_seed_makes_the_same_workload() {
        let (one, two) = (workload(3, 300), workload(3, 300));
        assert_eq!(one.frames, two.frames);
        assert_eq!(one.hashes, two.hashes);
        assert_ne!(one.hashes, workload(4, 300).hashes);
    }
}
