//! Every constant of the game, with unit and reason.
//!
//! All of them enter [`rules_hash`]: two builds with the same hash and the same [`SIM_VERSION`] play the same game.

use alloc::vec::Vec;

use xxhash_rust::xxh64::Xxh64;

use crate::units::{Pos, Shift, Steps, Vel};

/// A constant as the bits that enter the rules' hash.
trait Rule {
    fn bits(self) -> u64;
}

macro_rules! rule_bits {
    ($($type:ty),*) => { $( impl Rule for $type { fn bits(self) -> u64 { self as u64 } } )* };
}
rule_bits!(u8, u32, usize, i32);

impl Rule for Steps {
    fn bits(self) -> u64 {
        u64::from(self.0)
    }
}
impl Rule for Vel {
    fn bits(self) -> u64 {
        self.to_bits().bits()
    }
}
impl Rule for Shift {
    fn bits(self) -> u64 {
        self.to_bits().bits()
    }
}

macro_rules! rules {
    ($( $(#[$doc:meta])* $name:ident: $type:ty = $value:expr; )*) => {
        $( $(#[$doc])* pub const $name: $type = $value; )*

        /// Every constant's name and bits.
        #[must_use]
        pub fn rules() -> Vec<(&'static str, u64)> {
            alloc::vec![$((stringify!($name), Rule::bits($name))),*]
        }
    };
}

rules! {
    /// Rises with every change of the rules that changes a golden hash. The encoding has a version of its own,
    /// [`WORLD_VERSION`](crate::layout::WORLD_VERSION).
    SIM_VERSION: u32 = 1;

    /// Steps a second: the display rate that clients predict at.
    STEPS_PER_SECOND: u32 = 60;
    /// Steps a tick: the authority works at 30 Hz.
    STEPS_PER_TICK: u32 = 2;
    /// Steps a snapshot: clients hear from the authority at 10 Hz.
    STEPS_PER_SNAPSHOT: u32 = 6;

    /// Cells on each side of the square arena: ten seconds from edge to edge.
    ARENA_CELLS: u8 = 64;
    /// Players in a room: a snapshot of all of them fits one datagram's worth of bytes.
    PLAYERS_MAX: usize = 32;
    /// Structures in a room: less than a fifth of the cells, so there is always a free one to spawn in.
    STRUCTURES_MAX: usize = 768;
    /// Structures of one player: a fort, not a labyrinth.
    STRUCTURES_PER_PLAYER_MAX: usize = 48;
    /// Projectiles in flight.
    PROJECTILES_MAX: usize = 256;

    /// Bodies to choose from.
    BODIES: u8 = 8;
    /// Colours to choose from.
    COLOURS: u8 = 16;

    /// Share of a velocity that friction leaves after a step, times 2^16: 0.85. Speed halves in 71 ms without input.
    FRICTION_KEEPS: i32 = 55_706;
    /// Velocity that a held direction adds in a step: 0.015 cells a step.
    ACCELERATION: Vel = Vel::from_bits(983);
    /// The same on each axis of a diagonal: `ACCELERATION` / sqrt 2, rounded down so that a diagonal is never faster.
    ACCELERATION_DIAGONAL: Vel = Vel::from_bits(695);
    /// Speed that no walking player exceeds, where friction takes as much as acceleration gives: 0.1 cells a step, 6 cells
    /// a second.
    TERMINAL_SPEED: Vel = Vel::from_bits(((983_i64 << 16) / (65_536 - 55_706)) as i32);
    /// Half the side of a player's box: 0.35 cells, so that a gap of one cell is easy to enter.
    PLAYER_HALF_BOX: Shift = Shift::from_bits(22_938);

    /// Speed of a projectile: 0.3 cells a step, three times a walk.
    SHOT_SPEED: Vel = Vel::from_bits(19_661);
    /// How long a projectile flies: 27 cells.
    SHOT_LIFE: Steps = Steps(90);
    /// Health or hit points that a projectile takes.
    SHOT_DAMAGE: u8 = 20;
    /// From one shot to the next: four a second.
    FIRE_COOLDOWN: Steps = Steps(15);

    /// Health of a new player: five shots.
    HEALTH_MAX: u8 = 100;
    /// From death to respawn: 3 s.
    RESPAWN_WAIT: Steps = Steps(180);
    /// How long shots do not hurt after entering: 2 s, or until the first own shot.
    SPAWN_PROTECTION: Steps = Steps(120);

    /// Hit points of a new wall: six shots.
    WALL_HP: u8 = 120;
    /// Hit points of a new gate: four shots, it is the weak point of a fort.
    GATE_HP: u8 = 80;
    /// Hit points of a new fence. Shots pass it, so only its owner takes it away.
    FENCE_HP: u8 = 60;
    /// From one placing to the next: five a second.
    BUILD_COOLDOWN: Steps = Steps(12);
    /// How far from the middle of a player to the middle of the cell a player can build: 4.5 cells.
    REACH: Shift = Shift::from_bits(9 << 15);
}

/// Hash over every constant's name and bits.
#[must_use]
pub fn rules_hash() -> u64 {
    let mut hash = Xxh64::new(0);
    for (name, bits) in rules() {
        hash.update(name.as_bytes());
        hash.update(&bits.to_le_bytes());
    }
    hash.digest()
}

/// Speed that no player exceeds.
pub const PLAYER_SPEED_MAX: Vel = TERMINAL_SPEED;

/// Cells in the arena.
pub const ARENA_AREA: usize = (ARENA_CELLS as usize) * (ARENA_CELLS as usize);

/// Smallest coordinate of a player's middle.
pub const PLAYER_POS_MIN: Pos = Pos::from_bits(PLAYER_HALF_BOX.to_bits());
/// Largest coordinate of a player's middle.
pub const PLAYER_POS_MAX: Pos =
    Pos::from_bits(Pos::of_cell(ARENA_CELLS).to_bits() - PLAYER_HALF_BOX.to_bits());

const HALF_CELL: i32 = 1 << 15;
const _: () = {
    assert!(
        STEPS_PER_SNAPSHOT.is_multiple_of(STEPS_PER_TICK),
        "snapshots fall on ticks"
    );
    assert!(
        STEPS_PER_SECOND.is_multiple_of(STEPS_PER_SNAPSHOT),
        "rates are whole numbers a second"
    );
    assert!(
        TERMINAL_SPEED.to_bits() < HALF_CELL,
        "a step enters at most one column"
    );
    assert!(
        SHOT_SPEED.to_bits() < PLAYER_HALF_BOX.to_bits(),
        "a shot cannot skip a player"
    );
    assert!(
        SHOT_SPEED.to_bits() > TERMINAL_SPEED.to_bits(),
        "nobody outruns a shot"
    );
    assert!(
        PLAYER_HALF_BOX.to_bits() < HALF_CELL,
        "a player in the middle of a cell overlaps no other"
    );
    assert!(
        STRUCTURES_MAX < ARENA_AREA,
        "there is always a free cell to spawn in"
    );
    assert!(FRICTION_KEEPS < 1 << 16, "friction ends every movement");
    let diagonal = ACCELERATION_DIAGONAL.to_bits() as i64;
    let straight = ACCELERATION.to_bits() as i64;
    assert!(
        2 * diagonal * diagonal <= straight * straight,
        "a diagonal is not faster"
    );
    assert!(
        2 * (diagonal + 1) * (diagonal + 1) > straight * straight,
        "a diagonal is not slower than rounding makes it"
    );
    let keeps = FRICTION_KEEPS as i64;
    let terminal = TERMINAL_SPEED.to_bits() as i64;
    assert!(
        terminal * keeps / 65_536 + straight <= terminal,
        "the terminal speed is one"
    );
    assert!(
        PLAYERS_MAX * (SHOT_LIFE.0 as usize).div_ceil(FIRE_COOLDOWN.0 as usize) <= PROJECTILES_MAX,
        "a full room that keeps firing stays within the limit"
    );
    assert!(
        RESPAWN_WAIT.0 > FIRE_COOLDOWN.0 && RESPAWN_WAIT.0 > BUILD_COOLDOWN.0,
        "respawn finds no wait running"
    );
};
