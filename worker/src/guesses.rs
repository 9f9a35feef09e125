//! Wrong secrets: how often an address may send one.
//!
//! * A secret that is sent too soon after wrong ones is not looked at. Otherwise an answer would tell whether it was right.
//! * What is counted is bounded: of too many addresses those go that may send again soonest.
//! * It is counted for each isolate. A secret's length keeps it from being guessed; this keeps guessing from costing much.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Wrong secrets that an address may send at once.
const AT_ONCE: u64 = 10;
/// How long it takes until one more may be sent.
const EACH_MILLIS: u64 = 6_000;
/// Addresses that are counted.
const ADDRESSES_MAX: usize = 1_024;

/// Bits of an IPv6 address that tell customers apart: each has the rest for itself.
const IPV6_KEPT: u128 = !0 << 64;

thread_local! {
    static GUESSES: RefCell<Guesses> = const { RefCell::new(Guesses(BTreeMap::new())) };
}

/// How many seconds an address has to wait before a secret of its is looked at again. None when it need not.
pub(crate) fn wait(address: Option<&str>, now: u64) -> Option<u64> {
    GUESSES.with_borrow(|guesses| guesses.wait(&place(address), now))
}

/// An address has sent a wrong secret.
pub(crate) fn wrong(address: Option<&str>, now: u64) {
    GUESSES.with_borrow_mut(|guesses| guesses.wrong(place(address), now));
}

/// Whose guesses are counted together. Without an address, as where there is no platform that tells it, everybody's.
fn place(address: Option<&str>) -> String {
    match address.and_then(|address| address.trim().parse::<IpAddr>().ok()) {
        Some(IpAddr::V6(address)) => {
            std::net::Ipv6Addr::from_bits(address.to_bits() & IPV6_KEPT).to_string()
        }
        Some(IpAddr::V4(address)) => address.to_string(),
        None => String::new(),
    }
}

/// For each place, the moment in milliseconds at which its wrong secrets will have been waited for.
#[derive(Default)]
struct Guesses(BTreeMap<String, u64>);

impl Guesses {
    fn wait(&self, place: &str, now: u64) -> Option<u64> {
        let waited_for = *self.0.get(place)?;
        let free_at = waited_for.saturating_sub((AT_ONCE - 1) * EACH_MILLIS);
        (free_at > now).then(|| (free_at - now).div_ceil(1_000))
    }

    fn wrong(&mut self, place: String, now: u64) {
        if self.0.len() >= ADDRESSES_MAX && !self.0.contains_key(&place) {
            self.0.retain(|_, waited_for| *waited_for > now);
        }
        if self.0.len() >= ADDRESSES_MAX && !self.0.contains_key(&place) {
            let soonest = self.0.iter().min_by_key(|(_, waited_for)| **waited_for);
            if let Some(soonest) = soonest.map(|(place, _)| place.clone()) {
                self.0.remove(&soonest);
            }
        }
        let waited_for = self.0.entry(place).or_insert(now);
        *waited_for = (*waited_for).max(now) + EACH_MILLIS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn guess(guesses: &mut Guesses, place: &str, now: u64) -> bool {
        let may = guesses.wait(place, now).is_none();
        if may {
            guesses.wrong(place.to_owned(), now);
        }
        may
    }

    #[test]
    fn ten_are_looked_at_and_then_one_in_six_seconds() {
        let mut guesses = Guesses::default();
        let mut looked_at = 0;
        // Ten a second, for ten minutes.
        for tenth in 0..6_000 {
            looked_at += u32::from(guess(&mut guesses, "a", NOW + tenth * 100));
        }
        assert_eq!(looked_at, 10 + 99);
        assert!(guess(&mut guesses, "b", NOW), "others do not notice");
    }

    #[test]
    fn who_waits_as_told_is_looked_at_again() {
        let mut guesses = Guesses::default();
        while guess(&mut guesses, "a", NOW) {}
        let wait = guesses.wait("a", NOW);
        assert_eq!(wait, Some(6));
        assert_eq!(guesses.wait("a", NOW + 5_999), Some(1));
        assert_eq!(guesses.wait("a", NOW + 6_000), None);
    }

    #[test]
    fn only_so_many_addresses_are_counted() {
        let mut guesses = Guesses::default();
        for _ in 0..3 {
            guesses.wrong("persistent".to_owned(), NOW);
        }
        for number in 0..3 * ADDRESSES_MAX {
            guesses.wrong(format!("{number}"), NOW);
        }
        assert_eq!(guesses.0.len(), ADDRESSES_MAX);
        assert!(guesses.0.contains_key("persistent"));
    }

    #[test]
    fn addresses_of_one_customer_are_one() {
        let place = |address: &str| place(Some(address));
        assert_eq!(place("2001:db8:1:2:3::4"), place("2001:db8:1:2:ffff::1"));
        assert_ne!(place("2001:db8:1:2::"), place("2001:db8:1:3::"));
        assert_ne!(place("192.0.2.1"), place("192.0.2.2"));
        assert_eq!(place("somewhere"), super::place(None));
    }
}
