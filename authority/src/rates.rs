//! How often something may happen: a bucket that fills with time.

use crate::input::Millis;
use crate::limits::{
    CHARACTER_CHANGES_BURST_MAX, CHARACTER_CHANGES_PER_MINUTE_MAX, FLUSHES_EARLY_BURST_MAX,
    FLUSHES_EARLY_PER_MINUTE_MAX, MESSAGES_BURST_MAX, MESSAGES_PER_SECOND_MAX,
};

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// So many times...
    times: u64,
    /// ...in so many milliseconds, for long.
    per_ms: u64,
    /// At once.
    burst: u64,
}

impl Rate {
    /// Messages of a connection.
    pub(crate) const MESSAGES: Self = Self {
        times: MESSAGES_PER_SECOND_MAX,
        per_ms: 1_000,
        burst: MESSAGES_BURST_MAX,
    };
    /// Changes of a user's characters that are stored.
    pub(crate) const CHARACTER_CHANGES: Self = Self {
        times: CHARACTER_CHANGES_PER_MINUTE_MAX,
        per_ms: 60_000,
        burst: CHARACTER_CHANGES_BURST_MAX,
    };
    /// Flushes of a room because somebody comes or goes.
    pub(crate) const FLUSHES_EARLY: Self = Self {
        times: FLUSHES_EARLY_PER_MINUTE_MAX,
        per_ms: 60_000,
        burst: FLUSHES_EARLY_BURST_MAX,
    };
}

/// What is left of a rate.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    at: Millis,
    /// `rate.per_ms` of them are one time.
    parts: u64,
}

impl Bucket {
    pub(crate) fn full(rate: Rate, now: Millis) -> Self {
        Self {
            rate,
            at: now,
            parts: rate.burst * rate.per_ms,
        }
    }

    /// Whether once more is within the rate.
    pub(crate) fn take(&mut self, now: Millis) -> bool {
        let Rate {
            times,
            per_ms,
            burst,
        } = self.rate;
        let elapsed = now.0.saturating_sub(self.at.0);
        self.at = now;
        self.parts = self
            .parts
            .saturating_add(elapsed.saturating_mul(times))
            .min(burst * per_ms);
        match self.parts.checked_sub(per_ms) {
            Some(left) => {
                self.parts = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_only_the_rate() {
        for rate in [Rate::MESSAGES, Rate::CHARACTER_CHANGES, Rate::FLUSHES_EARLY] {
            let mut bucket = Bucket::full(rate, Millis(0));
            let passed = (0..1_000).filter(|_| bucket.take(Millis(0))).count();
            assert_eq!(passed as u64, rate.burst, "{rate:?}");
            let later = Millis(rate.per_ms);
            let passed = (0..1_000).filter(|_| bucket.take(later)).count();
            assert_eq!(passed as u64, rate.times, "{rate:?}");
        }
    }
}
