//! How often somebody may come: to one room, and to all rooms of an isolate.
//!
//! * Users are counted everywhere, addresses where the platform tells them.
//! * Isolates do not know of each other: what holds for all of them are the platform's own rules.

use std::cell::RefCell;

use authority::Millis;

use crate::allowance::{Allowances, Rate};

/// Connections of a user to one room. Whoever has a bad line comes back every few seconds.
const TO_A_ROOM_BY_USER: Rate = Rate {
    burst: 20,
    every_ms: 5_000,
};

/// Connections of an address to one room. Two full rooms may come from one house.
const TO_A_ROOM_BY_ADDRESS: Rate = Rate {
    burst: 64,
    every_ms: 1_000,
};

/// Connections of a user to any room.
const BY_USER: Rate = Rate {
    burst: 40,
    every_ms: 2_000,
};

/// Connections of an address to any room, also those that are not let in.
const BY_ADDRESS: Rate = Rate {
    burst: 128,
    every_ms: 250,
};

/// New rooms of a user.
const ROOMS_BY_USER: Rate = Rate {
    burst: 8,
    every_ms: 60_000,
};

/// New rooms of an address.
const ROOMS_BY_ADDRESS: Rate = Rate {
    burst: 32,
    every_ms: 20_000,
};

/// New rooms of everybody together.
const ROOMS: Rate = Rate {
    burst: 64,
    every_ms: 5_000,
};

/// The only key of what all share.
const ALL: &str = "";

/// Who comes to one room.
pub(crate) struct Visitors {
    by_user: Allowances,
    by_address: Allowances,
}

impl Visitors {
    /// Of a room that comes into memory.
    pub(crate) fn of_a_room() -> Self {
        Self {
            by_user: Allowances::new(TO_A_ROOM_BY_USER),
            by_address: Allowances::new(TO_A_ROOM_BY_ADDRESS),
        }
    }

    /// Whether a user may connect now.
    pub(crate) fn may_come(&mut self, now: Millis, user: &str, address: Option<&str>) -> bool {
        self.by_user.take(user, now)
            && address.is_none_or(|address| self.by_address.take(address, now))
    }
}

/// Who comes through an isolate's entrance.
pub(crate) struct Entries {
    by_user: Allowances,
    by_address: Allowances,
    rooms_by_user: Allowances,
    rooms_by_address: Allowances,
    rooms: Allowances,
}

thread_local! {
    static ENTRIES: RefCell<Entries> = RefCell::new(Entries::new());
}

impl Entries {
    fn new() -> Self {
        Self {
            by_user: Allowances::new(BY_USER),
            by_address: Allowances::new(BY_ADDRESS),
            rooms_by_user: Allowances::new(ROOMS_BY_USER),
            rooms_by_address: Allowances::new(ROOMS_BY_ADDRESS),
            rooms: Allowances::new(ROOMS),
        }
    }

    /// Those of this isolate.
    pub(crate) fn of_this_isolate<T>(ask: impl FnOnce(&mut Self) -> T) -> T {
        ENTRIES.with_borrow_mut(ask)
    }

    /// Whether somebody of this address may ask to be let in. Without an address anybody may.
    pub(crate) fn may_knock(&mut self, now: Millis, address: Option<&str>) -> bool {
        address.is_none_or(|address| self.by_address.take(address, now))
    }

    /// Whether a user may connect now.
    pub(crate) fn may_enter(&mut self, now: Millis, user: &str) -> bool {
        self.by_user.take(user, now)
    }

    /// Whether the room may be a new one. It counts as if it were.
    pub(crate) fn may_make_room(&mut self, now: Millis, user: &str, address: Option<&str>) -> bool {
        if !self.rooms_by_user.take(user, now) {
            return false;
        }
        let has_address = address.is_none_or(|address| self.rooms_by_address.take(address, now));
        if has_address && self.rooms.take(ALL, now) {
            return true;
        }
        if has_address && let Some(address) = address {
            self.rooms_by_address.give_back(address);
        }
        self.rooms_by_user.give_back(user);
        false
    }

    /// The room was there already, or is not made.
    pub(crate) fn made_none(&mut self, user: &str, address: Option<&str>) {
        self.rooms_by_user.give_back(user);
        if let Some(address) = address {
            self.rooms_by_address.give_back(address);
        }
        self.rooms.give_back(ALL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(5);
    const HOME: Option<&str> = Some("192.0.2.7");

    #[test]
    fn a_user_or_an_address_that_comes_back_all_the_time_is_kept_out() {
        let mut room = Visitors::of_a_room();
        let let_in = |room: &mut Visitors, user: &dyn Fn(usize) -> String, address| {
            (0..1_000)
                .filter(|number| room.may_come(NOW, &user(*number), address))
                .count() as u64
        };
        let ann = |_: usize| "ann".to_owned();
        assert_eq!(let_in(&mut room, &ann, None), TO_A_ROOM_BY_USER.burst);
        assert_eq!(
            let_in(&mut room, &|number| number.to_string(), HOME),
            TO_A_ROOM_BY_ADDRESS.burst
        );
        // Others do not notice.
        assert!(room.may_come(NOW, "bob", Some("192.0.2.8")));
    }

    #[test]
    fn only_rooms_that_are_made_count() {
        let mut entries = Entries::new();
        for _ in 0..10_000 {
            assert!(entries.may_make_room(NOW, "ann", HOME));
            entries.made_none("ann", HOME);
        }
        let made = (0..100).filter(|_| entries.may_make_room(NOW, "ann", HOME));
        assert_eq!(made.count() as u64, ROOMS_BY_USER.burst);
    }

    #[test]
    fn many_users_of_one_address_make_as_many_rooms_as_one_address_may() {
        let mut entries = Entries::new();
        let made = |entries: &mut Entries, from: usize, address: Option<&str>| {
            (from..from + 1_000)
                .filter(|number| entries.may_make_room(NOW, &number.to_string(), address))
                .count() as u64
        };
        assert_eq!(made(&mut entries, 0, HOME), ROOMS_BY_ADDRESS.burst);
        // And all addresses together no more than all may.
        let rest = ROOMS.burst - ROOMS_BY_ADDRESS.burst;
        assert_eq!(made(&mut entries, 1_000, None), rest);
        // Who was refused for the others has lost nothing.
        assert!(entries.rooms_by_user.take("1999", NOW));
    }
}
