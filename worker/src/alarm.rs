//! The object's one alarm: when it is due next, for whichever of its purposes comes first.
//!
//! * A room that is awake has it as a watchdog. The alarm comes also when the timer died with its instance, and then the
//!   room goes on. It is set anew only when it has come, so it costs a row and a request every half a minute.
//! * A room that sleeps has it for what is due in its sleep, and else has none. Nothing else wakes it.
//! * Nothing is set for a room of which nothing is stored.

use std::cell::Cell;

use authority::Millis;

/// From one look of the watchdog to the next.
pub(crate) const WATCHDOG_MS: u64 = 30_000;

/// A timer that is overdue for so long is dead.
pub(crate) const TIMER_LATE_MS: u64 = 2_000;

/// What the platform was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// An instance before this one may have set an alarm.
    Nothing,
    /// There is none.
    Unset,
    /// It comes then.
    Set(Millis),
}

/// What is to be told to the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// It is right as it is.
    Leave,
    /// The alarm is to come then, and at no other time.
    Set(Millis),
    /// No alarm is to come.
    Unset,
}

/// The alarm.
#[derive(Debug)]
pub(crate) struct Alarm {
    known: Cell<Known>,
}

impl Alarm {
    /// That of an object which comes into memory.
    pub(crate) fn new() -> Self {
        Self {
            known: Cell::new(Known::Nothing),
        }
    }

    /// It has come, or everything was deleted and the alarm with it.
    pub(crate) fn is_gone(&self) {
        self.known.set(Known::Unset);
    }

    /// For a room that is awake.
    pub(crate) fn watch(&self, now: Millis) -> Order {
        let due = Millis(now.0 + WATCHDOG_MS);
        match self.known.get() {
            Known::Set(at) if at <= due => Order::Leave,
            Known::Nothing | Known::Unset | Known::Set(_) => self.set(due),
        }
    }

    /// For a room that sleeps, in which this is due next.
    pub(crate) fn sleep_until(&self, due: Option<Millis>) -> Order {
        match (self.known.get(), due) {
            (Known::Set(at), Some(due)) if at == due => Order::Leave,
            (Known::Unset, None) => Order::Leave,
            (_, Some(due)) => self.set(due),
            (_, None) => {
                self.known.set(Known::Unset);
                Order::Unset
            }
        }
    }

    fn set(&self, at: Millis) -> Order {
        self.known.set(Known::Set(at));
        Order::Set(at)
    }
}

/// How long an empty room is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Until an operator deletes it.
    Forever,
    /// For so many milliseconds since it fell asleep with nobody in it.
    For(u64),
}

impl Kept {
    /// Without a setting: 30 days.
    pub(crate) const DEFAULT: Self = Self::For(30 * DAY_MS);

    /// Reads a setting: a whole number and `d`, `h`, `m` or `s`; `0` is for ever.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "0" {
            return Some(Self::Forever);
        }
        let unit = match text.chars().next_back()? {
            'd' => DAY_MS,
            'h' => 3_600_000,
            'm' => 60_000,
            's' => 1_000,
            _ => return None,
        };
        let count: u64 = text[..text.len() - 1].parse().ok()?;
        // The platform's times are exact to 2^53 milliseconds.
        let ms = count.checked_mul(unit).filter(|ms| *ms < 1 << 50)?;
        (ms > 0).then_some(Self::For(ms))
    }

    /// When a room that fell asleep then is deleted.
    pub(crate) fn ends(self, asleep_since: Millis) -> Option<Millis> {
        match self {
            Self::Forever => None,
            Self::For(ms) => Some(Millis(asleep_since.0.saturating_add(ms))),
        }
    }
}

const DAY_MS: u64 = 24 * 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_a_room_is_awake_its_watchdog_is_set_once_in_half_a_minute() {
        let alarm = Alarm::new();
        assert_eq!(
            alarm.watch(Millis(5)),
            Order::Set(Millis(5 + WATCHDOG_MS)),
            "of an alarm before this instance nothing is known"
        );
        for ms in 6..WATCHDOG_MS {
            assert_eq!(alarm.watch(Millis(ms)), Order::Leave);
        }
        alarm.is_gone();
        let now = Millis(WATCHDOG_MS + 5);
        assert_eq!(alarm.watch(now), Order::Set(Millis(now.0 + WATCHDOG_MS)));
    }

    #[test]
    fn a_room_that_sleeps_has_an_alarm_only_for_what_is_due() {
        let alarm = Alarm::new();
        alarm.watch(Millis(0));
        let due = Millis(9_000_000);
        assert_eq!(alarm.sleep_until(Some(due)), Order::Set(due));
        assert_eq!(alarm.sleep_until(Some(due)), Order::Leave);
        // Awake again: what comes much later is no watchdog.
        assert_eq!(alarm.watch(Millis(7)), Order::Set(Millis(7 + WATCHDOG_MS)));
        assert_eq!(alarm.sleep_until(None), Order::Unset);
        assert_eq!(alarm.sleep_until(None), Order::Leave);
        assert_eq!(Alarm::new().sleep_until(None), Order::Unset);
    }

    #[test]
    fn how_long_a_room_is_kept_is_read() {
        assert_eq!(Kept::parse("30d"), Some(Kept::DEFAULT));
        assert_eq!(Kept::parse(" 0 "), Some(Kept::Forever));
        assert_eq!(Kept::parse("90s"), Some(Kept::For(90_000)));
        assert_eq!(Kept::parse("2h"), Some(Kept::For(7_200_000)));
        for text in [
            "",
            "d",
            "30",
            "-1d",
            "0d",
            "1.5h",
            "30 d",
            "9999999999999d",
            "3ü",
        ] {
            assert_eq!(Kept::parse(text), None, "{text:?}");
        }
        assert_eq!(Kept::Forever.ends(Millis(1)), None);
        assert_eq!(Kept::For(2).ends(Millis(1)), Some(Millis(3)));
    }
}
