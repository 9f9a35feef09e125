//! How often something may happen: a bucket that fills with time.
//!
//! Messages that arrive while the room stalls are delivered all at once afterwards, although their sender kept the rate. A stall
//! therefore gives a credit of as many messages as could have arrived in it, which is valid for a short while.

use crate::limits::{
    CHARACTER_CHANGES_BURST_MAX, CHARACTER_CHANGES_PER_MINUTE_MAX, FLUSHES_EARLY_BURST_MAX,
    FLUSHES_EARLY_PER_MINUTE_MAX, MESSAGES_BURST_MAX, MESSAGES_PER_SECOND_MAX, STALL_CREDIT_MS_MAX,
    STALL_CREDIT_MS_VALID,
};
use crate::time::Millis;

/// A rate limit.
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

/// Token bucket of a rate limit.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    at: Millis,
    /// `rate.per_ms` of them are one time.
    parts: u64,
    /// The same, for what waited while the room did not run.
    credit: u64,
    credit_until: Millis,
}

impl Bucket {
    pub(crate) fn full(rate: Rate, now: Millis) -> Self {
        Self {
            rate,
            at: now,
            parts: rate.burst * rate.per_ms,
            credit: 0,
            credit_until: now,
        }
    }

    /// The room has not run for so long until now: what was sent meanwhile comes in the next moments. Who makes the room
    /// stall gets no more than the rate of that time, and of [`STALL_CREDIT_MS_MAX`] at most.
    pub(crate) fn stalled(&mut self, now: Millis, ms: u64) {
        if now > self.credit_until {
            self.credit = 0;
        }
        let could_have_come = ms.min(STALL_CREDIT_MS_MAX) * self.rate.times;
        // Stalls do not add up, nor does a short one make a long one last: many would become a burst that nobody was kept from
        // sending.
        if could_have_come > self.credit {
            self.credit = could_have_come;
            self.credit_until = Millis(now.0.saturating_add(STALL_CREDIT_MS_VALID));
        }
    }

    /// Takes one token. Returns whether there was one.
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
        if let Some(left) = self.parts.checked_sub(per_ms) {
            self.parts = left;
            return true;
        }
        match self.credit.checked_sub(per_ms) {
            Some(left) if now <= self.credit_until => {
                self.credit = left;
                true
            }
            Some(_) | None => false,
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

    #[test]
    fn the_credit_of_a_stall_ends_with_its_last_moment_and_the_same_stall_again_does_not_prolong_it()
     {
        let stall = 10_000;
        let last = stall + STALL_CREDIT_MS_VALID;
        let taken = |again: u64, at: u64| {
            let mut bucket = Bucket::full(Rate::MESSAGES, Millis(0));
            bucket.stalled(Millis(stall), stall);
            bucket.stalled(Millis(last), again);
            (0..100_000).filter(|_| bucket.take(Millis(at))).count() as u64
        };
        let with_credit = MESSAGES_BURST_MAX + stall / 1_000 * MESSAGES_PER_SECOND_MAX;
        assert_eq!(taken(1, last), with_credit);
        assert_eq!(taken(stall, last), with_credit);
        assert_eq!(taken(stall, last + 1), MESSAGES_BURST_MAX);
    }

    #[test]
    fn what_waited_for_a_stalled_room_passes_and_no_more_than_could_have_come() {
        let taken = |stall: u64, after: u64| {
            let mut bucket = Bucket::full(Rate::MESSAGES, Millis(0));
            bucket.stalled(Millis(stall), stall);
            let at = Millis(stall + after);
            (0..100_000).filter(|_| bucket.take(at)).count() as u64
        };
        assert_eq!(
            taken(10_000, 0),
            MESSAGES_BURST_MAX + 10 * MESSAGES_PER_SECOND_MAX
        );
        // However long the stall was.
        let most = MESSAGES_BURST_MAX + STALL_CREDIT_MS_MAX / 1_000 * MESSAGES_PER_SECOND_MAX;
        assert_eq!(taken(10 * STALL_CREDIT_MS_MAX, 0), most);
        // Whoever did not send meanwhile has nothing left of it.
        assert_eq!(taken(10_000, STALL_CREDIT_MS_VALID + 1), MESSAGES_BURST_MAX);
    }

    #[test]
    fn stalls_on_end_do_not_add_up() {
        let mut bucket = Bucket::full(Rate::MESSAGES, Millis(0));
        for second in 1..=1_000 {
            bucket.stalled(Millis(1_000 * second), 1_000);
        }
        let now = Millis(1_000_000);
        let passed = (0..100_000).filter(|_| bucket.take(now)).count() as u64;
        assert_eq!(passed, MESSAGES_BURST_MAX + MESSAGES_PER_SECOND_MAX);
    }
}
