//! Estimates the authority's clock, and decides at which of its times the others are drawn.
//!
//! * The shortest delay of the last seconds is the delay of the link; what is longer is jitter. Both expire, so that the
//!   estimate follows a drifting clock or a changed route.
//! * The drawn time is slewed towards the estimate by at most 5 %, and jumps if it is far off.

use crate::time::{Micros, SNAPSHOT_MICROS};

/// How long the extremes of the delay are remembered, at least; twice that at most.
const WINDOW: Micros = Micros::from_millis(4_000);
/// How far in the past others are drawn beyond the interval, at least, in microseconds.
const MARGIN_MIN: i64 = 10_000;
/// The same at most. A player whose snapshots are later than this is drawn frozen.
const MARGIN_MAX: i64 = 300_000;
/// The drawn clock is slewed by at most one part in so many of the time that passes.
const SLEW_PART: i64 = 20;
/// An estimate that is further off than this, in microseconds, is jumped to.
const JUMP: i64 = 250_000;
/// A snapshot that is later than this, in microseconds, counts as a stall and not as jitter.
const HELD_UP: i64 = 250_000;
/// Snapshots that follow each other faster than this were held up together.
const BURST: Micros = Micros::from_millis(30);
/// So many late snapshots in a row, for two seconds, mean that the route or a clock has changed.
const HELD_UP_MAX: u32 = 20;
/// Snapshots after which the jitter counts as known.
const SNAPSHOTS_KNOWN: u32 = 10;

/// The least and the most of the last seconds.
#[derive(Clone, Copy, Debug)]
struct Extremes {
    since: Micros,
    before: Option<(i64, i64)>,
    current: Option<(i64, i64)>,
}

impl Extremes {
    const fn new() -> Self {
        Self {
            since: Micros(0),
            before: None,
            current: None,
        }
    }

    fn add(&mut self, now: Micros, value: i64) {
        if self.current.is_some() && now.since(self.since) >= WINDOW {
            self.before = self.current.take();
        }
        match &mut self.current {
            Some((least, most)) => {
                *least = value.min(*least);
                *most = value.max(*most);
            }
            None => {
                self.current = Some((value, value));
                self.since = now;
            }
        }
    }

    fn least_and_most(&self) -> Option<(i64, i64)> {
        match (self.before, self.current) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        }
    }
}

/// The authority's clock as the client sees it.
#[derive(Clone, Debug)]
pub(crate) struct ServerClock {
    /// Local time of arrival minus the authority's time of sending, in microseconds.
    delays: Extremes,
    seen: u32,
    /// Snapshots in a row that were held up.
    held_up: u32,
    held_up_at: Micros,
    /// Local time minus the time that is drawn, in microseconds, at `since`.
    behind: Option<i64>,
    since: Micros,
    /// What `behind` is slewed to.
    wanted: i64,
}

impl ServerClock {
    pub(crate) fn new() -> Self {
        Self {
            delays: Extremes::new(),
            seen: 0,
            held_up: 0,
            held_up_at: Micros(0),
            behind: None,
            since: Micros(0),
            wanted: 0,
        }
    }

    /// A connection begins: it may be another route.
    pub(crate) fn begin(&mut self) {
        self.delays = Extremes::new();
        self.seen = 0;
        self.held_up = 0;
    }

    /// A snapshot of the authority's time `sent` arrived.
    pub(crate) fn observe(&mut self, now: Micros, sent: Micros) {
        let delay = now.0.wrapping_sub(sent.0) as i64;
        let held_up = self
            .delays
            .least_and_most()
            .is_some_and(|(least, _)| delay.saturating_sub(least) > HELD_UP);
        // Behind one that was held up come the others that were, each a little less.
        let behind_one = self.held_up > 0 && now.since(self.held_up_at) < BURST;
        if (held_up || behind_one) && self.held_up < HELD_UP_MAX {
            self.held_up += u32::from(!behind_one);
            self.held_up_at = now;
            return;
        }
        if held_up {
            // It stays like that: the link has changed.
            self.delays = Extremes::new();
        }
        self.held_up = 0;
        self.delays.add(now, delay);
        self.seen = self.seen.saturating_add(1);
        let Some((least, _)) = self.delays.least_and_most() else {
            return;
        };
        let wanted = least.saturating_add(self.delay());
        let behind = self.behind_at(now);
        self.behind = Some(match behind {
            Some(behind) if behind.saturating_sub(wanted).saturating_abs() <= JUMP => behind,
            Some(_) | None => wanted,
        });
        self.since = now;
        self.wanted = wanted;
    }

    /// The spread of the delays; `None` until there have been enough.
    pub(crate) fn jitter(&self) -> Option<Micros> {
        let (least, most) = self.delays.least_and_most()?;
        (self.seen >= SNAPSHOTS_KNOWN).then(|| Micros(most.saturating_sub(least) as u64))
    }

    /// How far behind the newest possible snapshot others should be drawn, in microseconds.
    fn delay(&self) -> i64 {
        let jitter = self.jitter().map_or(MARGIN_MIN, |jitter| {
            i64::try_from(jitter.0).unwrap_or(i64::MAX)
        });
        SNAPSHOT_MICROS + jitter.clamp(MARGIN_MIN, MARGIN_MAX)
    }

    /// How far behind the newest possible snapshot others should be drawn.
    pub(crate) fn interpolation_delay(&self) -> Micros {
        Micros(self.delay() as u64)
    }

    /// The authority's time that is drawn now; `None` before the first snapshot.
    pub(crate) fn drawn(&self, now: Micros) -> Option<Micros> {
        let behind = self.behind_at(now)?;
        Some(Micros(now.0.wrapping_sub(behind as u64)))
    }

    fn behind_at(&self, now: Micros) -> Option<i64> {
        let most = now.since(self.since).0.min(JUMP as u64 * 100) as i64 / SLEW_PART;
        self.behind.map(|behind| {
            behind.saturating_add(self.wanted.saturating_sub(behind).clamp(-most, most))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER_AHEAD: u64 = 5_000_000_000;

    fn arrive(clock: &mut ServerClock, sent: u64, delay: u64) {
        clock.observe(Micros(sent + delay), Micros(SERVER_AHEAD + sent));
    }

    #[test]
    fn a_steady_link_is_drawn_110_ms_in_the_past() {
        let mut clock = ServerClock::new();
        for number in 0..100 {
            arrive(&mut clock, number * 100_000, 40_000);
        }
        let now = Micros(9_900_000 + 40_000);
        assert_eq!(
            clock.drawn(now),
            Some(Micros(SERVER_AHEAD + 9_900_000 - 110_000))
        );
    }

    #[test]
    fn jitter_makes_the_delay_longer_without_a_jump() {
        let mut clock = ServerClock::new();
        let mut last = None;
        let mut rng = sim_core::Rng::new(3);
        for number in 1..200_u64 {
            let sent = number * 100_000;
            arrive(&mut clock, sent, 40_000);
            if number > 100 {
                arrive(&mut clock, sent + 1, u64::from(40_000 + rng.below(80_000)));
            }
            // Steps of 10 ms: what is drawn advances by 9.5 to 10.5 ms.
            for tenth in 0..5 {
                let now = Micros(sent + 130_000 + tenth * 10_000);
                let drawn = clock.drawn(now).map(|drawn| drawn.0);
                if let (Some((before, at)), Some(drawn)) = (last, drawn) {
                    let passed = now.0 - at;
                    let moved = drawn.saturating_sub(before);
                    assert!(moved * 20 >= passed * 19 - 20 && moved * 20 <= passed * 21 + 20);
                }
                last = drawn.map(|drawn| (drawn, now.0));
            }
        }
        let delay = clock.interpolation_delay().0;
        assert!((170_000..=180_000).contains(&delay), "{delay}");
    }

    #[test]
    fn the_drawn_clock_is_slewed_by_a_twentieth_of_the_time_that_passes() {
        let mut clock = ServerClock::new();
        for number in 0..100 {
            arrive(&mut clock, number * 100_000, 40_000);
        }
        // 100 ms of jitter, of which 10 were feared anyway.
        arrive(&mut clock, 10_000_000, 140_000);
        let now = 10_140_000;
        let behind = |passed: u64| {
            let drawn = clock.drawn(Micros(now + passed)).unwrap_or_default();
            SERVER_AHEAD + now + passed - drawn.0
        };
        assert_eq!(behind(0), 40_000 + 110_000);
        for passed in [1_000, 100_000, 1_000_000, 1_800_000, 60_000_000] {
            assert_eq!(behind(passed) - behind(0), (passed / 20).min(90_000));
        }
    }

    #[test]
    fn a_stall_is_no_jitter_but_a_new_route_is_followed() {
        let mut clock = ServerClock::new();
        for number in 0..50 {
            arrive(&mut clock, number * 100_000, 40_000);
        }
        for number in 50..80 {
            arrive(&mut clock, number * 100_000, 8_000_000 - number * 100_000);
        }
        assert_eq!(clock.interpolation_delay(), Micros(110_000));
        for number in 80..200 {
            arrive(&mut clock, number * 100_000, 400_000);
        }
        assert_eq!(clock.interpolation_delay(), Micros(110_000));
        let now = 19_900_000 + 400_000;
        let behind = SERVER_AHEAD + 19_900_000 - clock.drawn(Micros(now)).unwrap_or_default().0;
        assert!((100_000..=120_000).contains(&behind), "{behind}");
    }

    #[test]
    fn what_is_later_than_the_bound_is_held_up_and_what_is_as_late_is_jitter() {
        for (late, jitter) in [(HELD_UP, HELD_UP), (HELD_UP + 1, 0)] {
            let mut clock = ServerClock::new();
            for number in 0..50 {
                arrive(&mut clock, number * 100_000, 40_000);
            }
            arrive(&mut clock, 5_000_000, 40_000 + late as u64);
            assert_eq!(clock.jitter(), Some(Micros(jitter as u64)));
        }
    }

    #[test]
    fn what_comes_right_behind_one_that_was_held_up_is_no_jitter_either() {
        for (apart, jitter) in [(BURST.0 - 1, 0), (BURST.0, 230_000)] {
            let mut clock = ServerClock::new();
            for number in 0..50 {
                arrive(&mut clock, number * 100_000, 40_000);
            }
            arrive(&mut clock, 5_000_000, 340_000);
            arrive(&mut clock, 5_100_000, 240_000 + apart);
            assert_eq!(clock.jitter(), Some(Micros(jitter)), "{apart} us apart");
        }
    }

    #[test]
    fn another_connection_is_measured_anew() {
        let mut clock = ServerClock::new();
        for number in 0..50 {
            arrive(&mut clock, number * 100_000, 40_000);
        }
        // The last one is held up, and what comes right behind it comes on another route.
        arrive(&mut clock, 5_000_000, 390_000);
        assert_eq!(clock.jitter(), Some(Micros(0)));
        clock.begin();
        assert_eq!(clock.jitter(), None);
        // On the connection before it would have been held up.
        arrive(&mut clock, 5_000_000, 400_000);
        assert_eq!(
            clock.drawn(Micros(5_400_000)),
            Some(Micros(SERVER_AHEAD + 5_000_000 - 110_000))
        );
    }

    #[test]
    fn a_drifting_clock_is_followed() {
        let mut clock = ServerClock::new();
        // The authority's clock runs 0.1 % fast for ten minutes: 600 ms in the end.
        let mut last = 0;
        for number in 0..6_000_u64 {
            let sent = number * 100_000;
            clock.observe(
                Micros(sent + 50_000),
                Micros(SERVER_AHEAD + sent + sent / 1000),
            );
            last = sent;
        }
        let drawn = clock.drawn(Micros(last + 50_000)).map(|drawn| drawn.0);
        let newest = SERVER_AHEAD + last + last / 1000;
        let behind = newest - drawn.unwrap_or(0);
        assert!((100_000..=125_000).contains(&behind), "{behind}");
    }
}
