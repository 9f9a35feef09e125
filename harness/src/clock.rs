//! A client's own clock: it began at another moment and does not run at quite the same rate.

use netcode::Micros;

/// How a client's clock relates to the session's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalClock {
    /// What it shows when the session begins.
    pub(crate) start: Micros,
    /// How much faster it runs, in parts per million.
    pub(crate) drift_ppm: i32,
}

impl LocalClock {
    /// What it shows at this moment of the session.
    pub(crate) fn shows(self, at: Micros) -> Micros {
        let drift = i128::from(at.0) * i128::from(self.drift_ppm) / 1_000_000;
        let shown = i128::from(self.start.0) + i128::from(at.0) + drift;
        Micros(u64::try_from(shown).unwrap_or(0))
    }

    /// The first moment of the session at which it shows at least this.
    pub(crate) fn when(self, shown: Micros) -> Micros {
        let elapsed = i128::from(shown.0) - i128::from(self.start.0);
        let about = elapsed * 1_000_000 / (1_000_000 + i128::from(self.drift_ppm));
        // The quotient is off by less than two microseconds, rounding of `shows` included.
        let mut at = Micros(u64::try_from(about - 2).unwrap_or(0));
        while self.shows(at) < shown {
            at = at.after(Micros(1));
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_is_the_first_that_shows_it() {
        for drift_ppm in [-400, -1, 0, 7, 400] {
            let clock = LocalClock {
                start: Micros(77_000_123),
                drift_ppm,
            };
            for shown in (77_000_123..900_000_000).step_by(12_345_679).map(Micros) {
                let at = clock.when(shown);
                assert!(clock.shows(at) >= shown);
                assert!(
                    at.0 == 0 || clock.shows(Micros(at.0 - 1)) < shown,
                    "{drift_ppm} {shown:?}"
                );
            }
        }
    }
}
