//! Quantities that carry their unit, over `I16F16`: one least significant bit is 2^-16 of a cell.
//!
//! * Operators exist only where the dimensions agree, and each says what it does on overflow.
//! * `Display` is the exact decimal: it parses back to the same bits, and no digit in it is rounded.

use core::fmt;
use core::ops::{Add, Neg, Sub};

use fixed::types::I16F16;
use serde::{Deserialize, Serialize};

/// Bits behind the binary point of every fixed-point quantity.
pub const FRACTION_BITS: u32 = 16;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Serialises as its bits, an `i32`.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "i32", into = "i32")]
        pub struct $name(I16F16);

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(I16F16::ZERO);

            /// The quantity with these bits.
            #[must_use]
            pub const fn from_bits(bits: i32) -> Self {
                Self(I16F16::from_bits(bits))
            }

            /// Its bits: the quantity times 2^16.
            #[must_use]
            pub const fn to_bits(self) -> i32 {
                self.0.to_bits()
            }
        }

        impl From<i32> for $name {
            fn from(bits: i32) -> Self {
                Self::from_bits(bits)
            }
        }

        impl From<$name> for i32 {
            fn from(quantity: $name) -> Self {
                quantity.to_bits()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                exact_decimal(self.to_bits(), out)
            }
        }
    };
}

quantity! {
    /// Position on one axis, in cells from the arena's left or upper edge.
    Pos
}
quantity! {
    /// Velocity on one axis, in cells a step.
    Vel
}
quantity! {
    /// Distance on one axis, in cells.
    Shift
}

impl Pos {
    /// The position on the lower edge of column (or row) `cell`.
    #[must_use]
    pub const fn of_cell(cell: u8) -> Self {
        Self::from_bits((cell as i32) << FRACTION_BITS)
    }

    /// The column (or row) that contains the position; negative left of the arena.
    #[must_use]
    pub const fn cell(self) -> i32 {
        self.to_bits() >> FRACTION_BITS
    }
}

impl Add<Vel> for Pos {
    type Output = Self;
    /// Where one step at this velocity leads. Saturates in every build profile; the arena is far smaller than the range.
    fn add(self, by: Vel) -> Self {
        Self(self.0.saturating_add(by.0))
    }
}

impl Add<Shift> for Pos {
    type Output = Self;
    /// Saturates in every build profile; the arena is far smaller than the range.
    fn add(self, by: Shift) -> Self {
        Self(self.0.saturating_add(by.0))
    }
}

impl Sub<Shift> for Pos {
    type Output = Self;
    /// Saturates in every build profile; the arena is far smaller than the range.
    fn sub(self, by: Shift) -> Self {
        Self(self.0.saturating_sub(by.0))
    }
}

impl Sub for Pos {
    type Output = Shift;
    /// Saturates in every build profile; two positions in the arena are far closer than the range.
    fn sub(self, from: Self) -> Shift {
        Shift(self.0.saturating_sub(from.0))
    }
}

impl Add for Vel {
    type Output = Self;
    /// Saturates in every build profile; the terminal speed is far below the range.
    fn add(self, by: Self) -> Self {
        Self(self.0.saturating_add(by.0))
    }
}

impl Neg for Vel {
    type Output = Self;
    /// Saturates in every build profile: the most negative velocity becomes the most positive.
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

/// A duration, in steps.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Steps(pub u16);

impl Steps {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// What is left one step later; nothing stays nothing.
    #[must_use]
    pub const fn one_less(self) -> Self {
        self.less(1)
    }

    /// What is left `steps` later; nothing stays nothing.
    #[must_use]
    pub const fn less(self, steps: u64) -> Self {
        if steps >= self.0 as u64 {
            Self::ZERO
        } else {
            Self(self.0.wrapping_sub(steps as u16))
        }
    }

    /// Whether it is over.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// A moment: how many steps a world has done.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Step(pub u64);

impl Step {
    /// The moment `steps` later. Wraps in every build profile; 2^64 steps are ten billion years.
    #[must_use]
    pub const fn after(self, steps: u64) -> Self {
        Self(self.0.wrapping_add(steps))
    }

    /// Steps from `earlier` to this moment, zero if it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Sixteen binary digits behind the point are exactly sixteen decimal ones: f / 2^16 = f * 5^16 / 10^16.
fn exact_decimal(bits: i32, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    const FIVE_TO_16: u64 = 152_587_890_625;
    let magnitude = bits.unsigned_abs();
    let whole = magnitude >> FRACTION_BITS;
    let mut fraction = u64::from(magnitude & 0xFFFF).wrapping_mul(FIVE_TO_16);
    let sign = if bits < 0 { "-" } else { "" };
    if fraction == 0 {
        return write!(out, "{sign}{whole}");
    }
    let mut digits = 16_usize;
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        digits = digits.saturating_sub(1);
    }
    write!(out, "{sign}{whole}.{fraction:0digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(Pos::from_bits(0).to_string(), "0");
        assert_eq!(Pos::from_bits(1).to_string(), "0.0000152587890625");
        assert_eq!(Pos::from_bits(-1).to_string(), "-0.0000152587890625");
        assert_eq!(Pos::from_bits(3 << 15).to_string(), "1.5");
        assert_eq!(Pos::from_bits(i32::MIN).to_string(), "-32768");
        assert_eq!(
            Pos::from_bits(i32::MAX).to_string(),
            "32767.9999847412109375"
        );
        assert_eq!(Vel::from_bits(-0x0001_4000).to_string(), "-1.25");
    }

    #[test]
    fn overflow_saturates_in_every_profile() {
        let most = Pos::from_bits(i32::MAX);
        assert_eq!(most + Vel::from_bits(1), most);
        assert_eq!(
            Pos::from_bits(i32::MIN) - Shift::from_bits(1),
            Pos::from_bits(i32::MIN)
        );
        assert_eq!(Pos::from_bits(i32::MIN) - most, Shift::from_bits(i32::MIN));
        assert_eq!(-Vel::from_bits(i32::MIN), Vel::from_bits(i32::MAX));
    }

    #[test]
    fn waits_end_at_zero() {
        assert_eq!(Steps(3).less(2), Steps(1));
        assert_eq!(Steps(3).less(u64::MAX), Steps::ZERO);
        assert_eq!(Steps::ZERO.one_less(), Steps::ZERO);
        assert_eq!(Step(5).since(Step(9)), 0);
        assert_eq!(Step(9).since(Step(5)), 4);
    }

    #[test]
    fn a_position_left_of_the_arena_is_in_a_negative_cell() {
        assert_eq!(Pos::from_bits(-1).cell(), -1);
        assert_eq!(Pos::of_cell(7).cell(), 7);
        assert_eq!((Pos::of_cell(7) - Shift::from_bits(1)).cell(), 6);
    }
}
