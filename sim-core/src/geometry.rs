//! Places and directions in the arena: x grows to the right, y grows downwards.

use serde::{Deserialize, Serialize};

use crate::rules::{ARENA_CELLS, PLAYER_SPEED_MAX};
use crate::units::{Pos, Shift, Vel};

/// A place, in cells.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Point {
    /// From the left edge.
    pub x: Pos,
    /// From the upper edge.
    pub y: Pos,
}

impl Point {
    /// Whether the point is in the arena; its right and lower edges are not.
    #[must_use]
    pub const fn in_arena(self) -> bool {
        inside(self.x) && inside(self.y)
    }

    /// The cell that contains the point, if it is in the arena.
    #[must_use]
    pub const fn cell(self) -> Option<Cell> {
        if self.in_arena() {
            Some(Cell {
                x: self.x.cell() as u8,
                y: self.y.cell() as u8,
            })
        } else {
            None
        }
    }

    /// Whether the two points are at most `reach` apart.
    #[must_use]
    pub fn within(self, reach: Shift, of: Self) -> bool {
        let square = |shift: Shift| {
            u64::from(shift.to_bits().unsigned_abs())
                .wrapping_mul(u64::from(shift.to_bits().unsigned_abs()))
        };
        // Two squares of at most 2^31 each: the sum is at most 2^63.
        square(self.x - of.x).wrapping_add(square(self.y - of.y)) <= square(reach)
    }
}

const fn inside(axis: Pos) -> bool {
    0 <= axis.to_bits() && axis.to_bits() < Pos::of_cell(ARENA_CELLS).to_bits()
}

/// A velocity, in cells a step.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Velocity {
    /// To the right.
    pub x: Vel,
    /// Downwards.
    pub y: Vel,
}

impl Velocity {
    /// At rest.
    pub const ZERO: Self = Self {
        x: Vel::ZERO,
        y: Vel::ZERO,
    };

    /// Whether nothing moves.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.x.to_bits() == 0 && self.y.to_bits() == 0
    }

    /// Whether a player can have it: not faster than `rules::PLAYER_SPEED_MAX` in any direction.
    #[must_use]
    pub fn is_walkable(self) -> bool {
        let square = |vel: Vel| {
            u64::from(vel.to_bits().unsigned_abs())
                .wrapping_mul(u64::from(vel.to_bits().unsigned_abs()))
        };
        square(self.x).wrapping_add(square(self.y)) <= square(PLAYER_SPEED_MAX)
    }
}

/// A square of the grid. Any two bytes are a `Cell`; whether it is in the arena is asked with [`Cell::in_arena`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Cell {
    /// Column.
    pub x: u8,
    /// Row.
    pub y: u8,
}

impl Cell {
    /// Whether the cell is in the arena.
    #[must_use]
    pub const fn in_arena(self) -> bool {
        self.x < ARENA_CELLS && self.y < ARENA_CELLS
    }

    /// The middle of the cell.
    #[must_use]
    pub const fn centre(self) -> Point {
        const HALF: i32 = 1 << 15;
        Point {
            x: Pos::from_bits(Pos::of_cell(self.x).to_bits() | HALF),
            y: Pos::from_bits(Pos::of_cell(self.y).to_bits() | HALF),
        }
    }
}
