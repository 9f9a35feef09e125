//! How elapsed time becomes ticks.
//!
//! * Time is kept in thousandths of a step, so nothing is ever rounded away: 60 of them a millisecond.
//! * Time that jumps back counts as none.

use sim_core::rules::{STEPS_PER_SECOND, STEPS_PER_TICK};

use crate::limits::CATCH_UP_TICKS_MAX;
use crate::time::Millis;

const PARTS_PER_MS: u64 = STEPS_PER_SECOND as u64;
const PARTS_PER_TICK: u64 = 1_000 * STEPS_PER_TICK as u64;

/// The room's clock.
#[derive(Clone, Debug)]
pub(crate) struct TickClock {
    at: Millis,
    parts: u64,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// Ticks to run, at most [`CATCH_UP_TICKS_MAX`].
    pub(crate) ticks: u64,
    /// What is beyond that and will not be run.
    pub(crate) dropped_ms: u64,
}

impl TickClock {
    pub(crate) fn starting(now: Millis) -> Self {
        Self { at: now, parts: 0 }
    }

    /// When the last tick was due, to the millisecond.
    pub(crate) fn last(&self) -> Millis {
        Millis(self.at.0.saturating_sub(self.parts / PARTS_PER_MS))
    }

    /// Whether a whole tick has passed since the next one was due: nobody has looked for so long.
    pub(crate) fn is_overdue(&self, now: Millis) -> bool {
        self.missed(now) >= 2
    }

    fn pass(&mut self, now: Millis) {
        let elapsed = now.0.saturating_sub(self.at.0);
        self.parts = self
            .parts
            .saturating_add(elapsed.saturating_mul(PARTS_PER_MS));
        self.at = now;
    }

    /// What is due by now. Each tick is then taken with [`TickClock::tick`].
    pub(crate) fn due(&mut self, now: Millis) -> Due {
        self.pass(now);
        let ticks = self.parts / PARTS_PER_TICK;
        let beyond = ticks.saturating_sub(CATCH_UP_TICKS_MAX) * PARTS_PER_TICK;
        self.parts -= beyond;
        Due {
            ticks: ticks.min(CATCH_UP_TICKS_MAX),
            dropped_ms: beyond / PARTS_PER_MS,
        }
    }

    /// Takes a tick that is due. Returns the time, in milliseconds, that its second step ends at.
    pub(crate) fn tick(&mut self) -> f64 {
        self.parts = self
            .parts
            .checked_sub(PARTS_PER_TICK)
            .expect("only ticks that are due are run");
        self.at.0 as f64 - self.parts as f64 / PARTS_PER_MS as f64
    }

    /// Takes all ticks that are due, however many.
    pub(crate) fn skip(&mut self, now: Millis) -> u64 {
        self.pass(now);
        let ticks = self.parts / PARTS_PER_TICK;
        self.parts %= PARTS_PER_TICK;
        ticks
    }

    /// How many ticks are due by now, none of them taken.
    pub(crate) fn missed(&self, now: Millis) -> u64 {
        let mut ahead = self.clone();
        ahead.pass(now);
        ahead.parts / PARTS_PER_TICK
    }

    /// When the next tick is due.
    pub(crate) fn next(&self) -> Millis {
        self.when(1)
    }

    /// When so many ticks are due.
    pub(crate) fn when(&self, ticks: u64) -> Millis {
        let missing = ticks
            .saturating_mul(PARTS_PER_TICK)
            .saturating_sub(self.parts);
        Millis(self.at.0.saturating_add(missing.div_ceil(PARTS_PER_MS)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_wakes_on_time_loses_no_tick() {
        let mut clock = TickClock::starting(Millis(5));
        let mut ticks = 0;
        while clock.next() <= Millis(5 + 3_600_000) {
            let due = clock.due(clock.next());
            assert_eq!((due.ticks, due.dropped_ms), (1, 0));
            clock.tick();
            ticks += 1;
        }
        assert_eq!(ticks, 108_000);
    }

    #[test]
    fn a_tick_ends_when_it_was_due_whenever_it_is_run() {
        let mut clock = TickClock::starting(Millis(1_000));
        assert_eq!(clock.due(Millis(1_110)).ticks, 3);
        for due in [1_033.3, 1_066.7, 1_100.0] {
            assert!((clock.tick() - due).abs() < 0.1);
        }
    }

    #[test]
    fn what_cannot_be_caught_up_with_is_dropped_and_the_phase_stays() {
        let mut clock = TickClock::starting(Millis(0));
        let due = clock.due(Millis(10_010));
        assert_eq!(due.ticks, CATCH_UP_TICKS_MAX);
        assert_eq!(due.dropped_ms, (300 - CATCH_UP_TICKS_MAX) * 100 / 3);
        for _ in 0..due.ticks {
            clock.tick();
        }
        assert_eq!(clock.next(), Millis(10_034));
    }

    #[test]
    fn as_many_ticks_are_missed_as_were_told_to_be_due() {
        let mut clock = TickClock::starting(Millis(5));
        clock.due(Millis(22));
        for ticks in [0, 1, 2, 3, 1_000, 27_000] {
            let at = clock.when(ticks);
            assert_eq!(clock.missed(at), ticks);
            if ticks > 0 {
                assert_eq!(clock.missed(Millis(at.0 - 1)), ticks - 1);
            }
        }
        assert_eq!(clock.skip(clock.when(27_000)), 27_000);
    }

    #[test]
    fn a_tick_is_overdue_when_the_one_after_it_is_due() {
        let mut clock = TickClock::starting(Millis(1_000));
        assert_eq!(clock.next(), Millis(1_034));
        assert!(!clock.is_overdue(Millis(1_066)) && clock.is_overdue(Millis(1_067)));
        clock.due(Millis(1_067));
        clock.tick();
        // The second of the two is due, and not overdue.
        assert!(!clock.is_overdue(Millis(1_067)));
        assert!(!clock.is_overdue(Millis(5)));
    }

    #[test]
    fn time_that_jumps_back_is_no_time() {
        let mut clock = TickClock::starting(Millis(1_000));
        assert_eq!(clock.due(Millis(10)).ticks, 0);
        assert_eq!(clock.due(Millis(44)).ticks, 1);
    }

    #[test]
    fn the_last_tick_was_due_where_the_phase_says_whoever_looks_later() {
        let mut clock = TickClock::starting(Millis(1_000));
        assert_eq!(clock.last(), Millis(1_000));
        // Ticks are due every 33 1/3 ms: at 1,033 1/3 and 1,066 2/3.
        clock.skip(Millis(1_050));
        assert_eq!(clock.last(), Millis(1_034));
        clock.skip(Millis(1_090));
        assert_eq!(clock.last(), Millis(1_067));
        clock.skip(Millis(1_100));
        assert_eq!(clock.last(), Millis(1_100));
    }
}
