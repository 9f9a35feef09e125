//! The driver's clock and how long things last on it.

use sim_core::rules::{STEPS_PER_SECOND, STEPS_PER_SNAPSHOT};

/// A moment on the driver's monotonic clock, or a duration, in microseconds. Only differences mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u64);

impl Micros {
    /// A duration of this many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// The moment that much later.
    #[must_use]
    pub const fn after(self, by: Self) -> Self {
        Self(self.0.saturating_add(by.0))
    }

    /// How long ago `earlier` was; nothing if it was not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}

/// A step in nanoseconds, rounded to nearest.
pub(crate) const STEP_NANOS: u64 =
    (1_000_000_000 + STEPS_PER_SECOND as u64 / 2) / STEPS_PER_SECOND as u64;
/// Time from one snapshot to the next, in microseconds.
pub(crate) const SNAPSHOT_MICROS: i64 =
    1_000_000 * STEPS_PER_SNAPSHOT as i64 / STEPS_PER_SECOND as i64;
/// A step in microseconds, rounded down.
pub(crate) const STEP_MICROS: u64 = 1_000_000 / STEPS_PER_SECOND as u64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_sixtieth_of_a_second_and_a_snapshot_comes_with_every_sixth() {
        assert_eq!(STEP_NANOS, 16_666_667);
        assert_eq!(STEP_MICROS, 16_666);
        assert_eq!(SNAPSHOT_MICROS, 100_000);
    }
}
