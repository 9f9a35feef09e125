//! Directions of fire as binary angles, and their table of 1024 directions, made at compile time with integers.

use serde::{Deserialize, Serialize};

use crate::geometry::Velocity;
use crate::units::Vel;

/// A direction: 65536 are a turn, 0 is towards +x, 16384 towards +y (down). Every `u16` is one; the rules tell 1024 of
/// them apart and round towards zero.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Aim(pub u16);

/// Directions that the rules tell apart.
const DIRECTIONS: usize = 1024;
const QUARTER: usize = DIRECTIONS / 4;

/// Sines of all directions, times 2^16.
static SINES: [i32; DIRECTIONS] = sines();

impl Aim {
    /// Velocity of something that moves this way at `speed`; each axis is rounded towards zero.
    #[must_use]
    pub fn at_speed(self, speed: Vel) -> Velocity {
        let along = usize::from(self.0 >> 6);
        let sine = SINES[along];
        let cosine = SINES[along.wrapping_add(QUARTER) % DIRECTIONS];
        let scaled = |factor: i32| {
            let product = i64::from(factor).wrapping_mul(i64::from(speed.to_bits()));
            Vel::from_bits((product / 65_536) as i32)
        };
        Velocity {
            x: scaled(cosine),
            y: scaled(sine),
        }
    }
}

/// The first quarter by its Taylor series; the others mirror it, so that opposite directions are exactly opposite.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "evaluated at compile time, where an overflow is an error"
)]
const fn sines() -> [i32; DIRECTIONS] {
    let mut table = [0; DIRECTIONS];
    let mut direction = 0;
    while direction <= QUARTER {
        let sine = sine_of_quarter(direction as i64);
        table[direction] = sine;
        table[2 * QUARTER - direction] = sine;
        table[2 * QUARTER + direction] = -sine;
        table[(4 * QUARTER - direction) % DIRECTIONS] = -sine;
        direction += 1;
    }
    table
}

/// Sine of `direction` / 256 of a right angle, times 2^16, rounded to nearest. Works with 30 bits behind the point.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "evaluated at compile time, where an overflow is an error"
)]
const fn sine_of_quarter(direction: i64) -> i32 {
    /// Half of pi, times 2^30.
    const RIGHT_ANGLE: i64 = 1_686_629_713;
    let angle = RIGHT_ANGLE * direction / QUARTER as i64;
    let square = (angle * angle) >> 30;
    let mut term = angle;
    let mut sum = angle;
    let mut n = 1;
    while n <= 8 {
        term = -(((term * square) >> 30) / (2 * n * (2 * n + 1)));
        sum += term;
        n += 1;
    }
    ((sum + (1 << 13)) >> 14) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Vel = Vel::from_bits(65_536);

    fn bits(aim: u16, speed: Vel) -> (i32, i32) {
        let velocity = Aim(aim).at_speed(speed);
        (velocity.x.to_bits(), velocity.y.to_bits())
    }

    #[test]
    fn the_axes_and_the_diagonal_are_exact() {
        assert_eq!(bits(0, ONE), (65_536, 0));
        assert_eq!(bits(8_192, ONE), (46_341, 46_341));
        assert_eq!(bits(16_384, ONE), (0, 65_536));
        assert_eq!(bits(32_768, ONE), (-65_536, 0));
        assert_eq!(bits(49_152, ONE), (0, -65_536));
        assert_eq!(bits(49_152 + 8_192, ONE), (46_341, -46_341));
    }

    #[test]
    fn every_direction_has_the_length_of_one_and_an_exact_opposite() {
        for aim in (0..=u16::MAX).step_by(64) {
            let (x, y) = bits(aim, ONE);
            let square = i64::from(x) * i64::from(x) + i64::from(y) * i64::from(y);
            // Half a unit of rounding on each axis moves the square by at most 2 * 2^16 * 1/2 * sqrt 2.
            assert!((square - (1 << 32)).abs() <= 92_682, "{aim}: {square}");
            assert_eq!(bits(aim.wrapping_add(32_768), ONE), (-x, -y));
        }
    }

    #[test]
    fn neighbours_within_a_direction_are_the_same() {
        assert_eq!(bits(63, ONE), bits(0, ONE));
        assert_ne!(bits(64, ONE), bits(0, ONE));
    }
}
