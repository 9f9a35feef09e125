//! How often users, addresses and an isolate may cause something: what is left for each, in memory alone.
//!
//! * Whoever has not been seen has a full allowance, so it is as good to forget one that is full as to keep it.
//! * Of too many, the one that is nearest to being full is forgotten.

use std::collections::BTreeMap;
use std::net::IpAddr;

use authority::Millis;

/// Keys that are kept apart. Each is some tens of bytes.
const KEYS_MAX: usize = 4_096;

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// At once.
    pub(crate) burst: u64,
    /// And for long once in so many milliseconds.
    pub(crate) every_ms: u64,
}

/// What is left, by whom.
#[derive(Debug)]
pub(crate) struct Allowances {
    rate: Rate,
    /// When each will be full again.
    full_at: BTreeMap<String, Millis>,
}

impl Allowances {
    /// Everybody's is full.
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            full_at: BTreeMap::new(),
        }
    }

    /// Takes one. False, and nothing taken, if nothing is left.
    pub(crate) fn take(&mut self, key: &str, now: Millis) -> bool {
        let Rate { burst, every_ms } = self.rate;
        let known = self.full_at.get(key).copied().unwrap_or(now);
        let after = known.0.max(now.0) + every_ms;
        // A clock that jumped back must not shut anybody out for longer than the allowance takes.
        let most = burst * every_ms;
        if after - now.0 > most && known.0 <= now.0 + most {
            return false;
        }
        let after = Millis(after.min(now.0 + most));
        if self.full_at.len() >= KEYS_MAX && !self.full_at.contains_key(key) {
            self.make_place(now);
        }
        self.full_at.insert(key.to_owned(), after);
        true
    }

    /// Gives one back.
    pub(crate) fn give_back(&mut self, key: &str) {
        if let Some(at) = self.full_at.get_mut(key) {
            at.0 = at.0.saturating_sub(self.rate.every_ms);
        }
    }

    fn make_place(&mut self, now: Millis) {
        self.full_at.retain(|_, at| *at > now);
        if self.full_at.len() >= KEYS_MAX
            && let Some(key) = self.full_at.iter().min_by_key(|(_, at)| **at)
        {
            let key = key.0.clone();
            self.full_at.remove(&key);
        }
    }
}

/// By what an address counts: one of IPv6 by its first 64 bits, of which a line has all that follow.
pub(crate) fn address_key(address: &str) -> Option<String> {
    match address.trim().parse().ok()? {
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}:{d:x}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 3,
        every_ms: 1_000,
    };

    fn taken(allowances: &mut Allowances, key: &str, now: u64) -> usize {
        (0..10)
            .filter(|_| allowances.take(key, Millis(now)))
            .count()
    }

    #[test]
    fn a_burst_passes_and_then_only_the_rate() {
        let mut allowances = Allowances::new(RATE);
        assert_eq!(taken(&mut allowances, "ann", 50), 3);
        assert_eq!(taken(&mut allowances, "ann", 1_049), 0);
        assert_eq!(taken(&mut allowances, "ann", 1_050), 1);
        assert_eq!(taken(&mut allowances, "bob", 1_050), 3);
        assert_eq!(taken(&mut allowances, "ann", 60_000), 3);
    }

    #[test]
    fn what_was_given_back_can_be_taken_again() {
        let mut allowances = Allowances::new(RATE);
        assert_eq!(taken(&mut allowances, "ann", 0), 3);
        allowances.give_back("ann");
        allowances.give_back("bob");
        assert_eq!(taken(&mut allowances, "ann", 0), 1);
        assert_eq!(taken(&mut allowances, "bob", 0), 3);
    }

    #[test]
    fn a_clock_that_jumps_back_shuts_nobody_out() {
        let mut allowances = Allowances::new(RATE);
        assert_eq!(taken(&mut allowances, "ann", 1_000_000), 3);
        assert_eq!(taken(&mut allowances, "ann", 0), 1);
        assert_eq!(taken(&mut allowances, "ann", 1_000), 1);
    }

    #[test]
    fn no_more_keys_are_kept_than_there_may_be() {
        let mut allowances = Allowances::new(RATE);
        assert_eq!(taken(&mut allowances, "ann", 0), 3);
        for number in 0..2 * KEYS_MAX {
            assert!(allowances.take(&number.to_string(), Millis(0)));
        }
        assert_eq!(allowances.full_at.len(), KEYS_MAX);
        // Who has taken most is kept.
        assert_eq!(taken(&mut allowances, "ann", 0), 0);
    }

    #[test]
    fn a_line_counts_as_one_address() {
        let key = |address| address_key(address).unwrap_or_default();
        assert_eq!(key("192.0.2.7"), "192.0.2.7");
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(address_key("somewhere"), None);
    }
}
