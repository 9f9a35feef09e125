//! What a player holds down.

use serde::{Deserialize, Serialize};

/// The four movement buttons as bits; no other bit is ever set.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u8", into = "u8")]
pub struct Buttons(u8);

/// Bits that are no button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:#04x} has bits that are no button")]
pub struct UnknownButton(pub u8);

impl Buttons {
    /// Nothing held.
    pub const NONE: Self = Self(0);
    /// Towards smaller y.
    pub const UP: Self = Self(1);
    /// Towards larger y.
    pub const DOWN: Self = Self(2);
    /// Towards smaller x.
    pub const LEFT: Self = Self(4);
    /// Towards larger x.
    pub const RIGHT: Self = Self(8);
    /// Every button there is.
    pub const ALL: Self = Self(15);

    /// These bits, if each of them is a button.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits <= Self::ALL.0 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// These bits, without those that are no button.
    #[must_use]
    pub const fn from_bits_truncate(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The bits.
    #[must_use]
    pub const fn to_bits(self) -> u8 {
        self.0
    }

    /// From the four booleans of a keyboard.
    #[must_use]
    pub const fn new(up: bool, down: bool, left: bool, right: bool) -> Self {
        Self(up as u8 | (down as u8) << 1 | (left as u8) << 2 | (right as u8) << 3)
    }

    /// Both sets of buttons together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every button of `other` is held.
    #[must_use]
    pub const fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing is held.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The direction on both axes, each -1, 0 or 1; opposite buttons cancel.
    #[must_use]
    pub const fn direction(self) -> (i8, i8) {
        const fn axis(more: bool, less: bool) -> i8 {
            match (more, less) {
                (true, false) => 1,
                (false, true) => -1,
                (true, true) | (false, false) => 0,
            }
        }
        (
            axis(self.holds(Self::RIGHT), self.holds(Self::LEFT)),
            axis(self.holds(Self::DOWN), self.holds(Self::UP)),
        )
    }
}

impl TryFrom<u8> for Buttons {
    type Error = UnknownButton;
    fn try_from(bits: u8) -> Result<Self, UnknownButton> {
        Self::from_bits(bits).ok_or(UnknownButton(bits))
    }
}

impl From<Buttons> for u8 {
    fn from(buttons: Buttons) -> Self {
        buttons.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_buttons_cancel() {
        assert_eq!(Buttons::ALL.direction(), (0, 0));
        assert_eq!(
            Buttons::LEFT
                .with(Buttons::RIGHT)
                .with(Buttons::UP)
                .direction(),
            (0, -1)
        );
        assert_eq!(Buttons::new(false, true, false, true).direction(), (1, 1));
    }

    #[test]
    fn only_four_bits_are_buttons() {
        assert_eq!(Buttons::from_bits(15), Some(Buttons::ALL));
        assert_eq!(Buttons::from_bits(16), None);
        assert_eq!(
            Buttons::from_bits_truncate(0xF9),
            Buttons::UP.with(Buttons::RIGHT)
        );
    }
}
