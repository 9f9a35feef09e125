//! Hides a correction: the own player is drawn where it was, and slides to where it is in a straight line.
//!
//! It is only ever added to what is drawn; the simulation does not know of it.

use sim_core::units::FRACTION_BITS;
use sim_core::{Point, Pos, Shift};

use crate::time::Micros;

/// How long a correction is hidden: long enough not to be seen as a jump, too short to aim wrong.
pub(crate) const VISUAL_CORRECTION_DECAY: Micros = Micros::from_millis(100);
/// A correction that is larger than this on one axis, in 2^-16 of a cell, is not hidden: three cells.
pub(crate) const VISUAL_CORRECTION_BITS_MAX: i32 = 3 << FRACTION_BITS;

/// What is added to the own player's position when it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct VisualCorrection {
    x: Shift,
    y: Shift,
    since: Micros,
}

impl VisualCorrection {
    /// Draws what is at `to` at `from`, and lets it slide.
    pub(crate) fn hide(&mut self, now: Micros, from: Point, to: Point) {
        let (x, y) = (from.x - to.x, from.y - to.y);
        let far = |shift: Shift| {
            shift.to_bits().unsigned_abs() > VISUAL_CORRECTION_BITS_MAX.unsigned_abs()
        };
        *self = if far(x) || far(y) {
            Self::default()
        } else {
            Self { x, y, since: now }
        };
    }

    /// Nothing is hidden any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Where something is drawn now.
    pub(crate) fn apply(&self, now: Micros, to: Point) -> Point {
        let left = VISUAL_CORRECTION_DECAY
            .0
            .saturating_sub(now.since(self.since).0) as i64;
        let part = |pos: Pos, shift: Shift| {
            pos + Shift::from_bits(
                (i64::from(shift.to_bits()) * left / VISUAL_CORRECTION_DECAY.0 as i64) as i32,
            )
        };
        Point {
            x: part(to.x, self.x),
            y: part(to.y, self.y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: i32, y: i32) -> Point {
        Point {
            x: Pos::from_bits(x),
            y: Pos::from_bits(y),
        }
    }

    #[test]
    fn a_correction_slides_to_nothing_in_its_time() {
        let mut offset = VisualCorrection::default();
        let start = Micros(1_000_000);
        offset.hide(start, point(5_000, 100), point(4_000, 300));
        let drawn = |after: u64| offset.apply(start.after(Micros(after)), point(4_000, 300));
        assert_eq!(drawn(0), point(5_000, 100));
        assert_eq!(drawn(50_000), point(4_500, 200));
        assert_eq!(drawn(VISUAL_CORRECTION_DECAY.0), point(4_000, 300));
        assert_eq!(drawn(10 * VISUAL_CORRECTION_DECAY.0), point(4_000, 300));
    }

    #[test]
    fn what_is_too_far_is_not_hidden() {
        let mut offset = VisualCorrection::default();
        let far = point(10 << 16, 0);
        offset.hide(Micros(5), point(0, 0), far);
        assert_eq!(offset.apply(Micros(5), far), far);
    }
}
