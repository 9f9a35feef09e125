//! From one snapshot to the next, as honest players see it.

use std::fmt;
use std::time::{Duration, Instant};

use crate::bot::Bot;

/// From one snapshot to the next if nothing is in the way, and what a timer and a turn of the crowd add to that.
pub(super) const EXPECTED: Duration = Duration::from_millis(150);

/// A turn of the crowd takes a millisecond or two. What one takes beyond this is time that this thread did not get.
const TURN_MAX: Duration = Duration::from_millis(10);

/// Looks at everybody after each turn.
pub(super) struct Watch {
    seen: Vec<Seen>,
    gaps: Vec<Duration>,
    last_look: Instant,
    late: Duration,
    late_max: Duration,
}

/// What is known of one player.
struct Seen {
    snapshots: u64,
    at: Instant,
    /// How long this thread did not run since then.
    late: Duration,
}

impl Watch {
    pub(super) fn of(bots: &[Bot]) -> Self {
        let now = Instant::now();
        let seen = bots.iter().map(|bot| Seen {
            snapshots: bot.client.stats().snapshots,
            at: now,
            late: Duration::ZERO,
        });
        Self {
            seen: seen.collect(),
            gaps: Vec::new(),
            last_look: now,
            late: Duration::ZERO,
            late_max: Duration::ZERO,
        }
    }

    pub(super) fn look(&mut self, bots: &[Bot]) {
        let now = Instant::now();
        let late = now.duration_since(self.last_look).saturating_sub(TURN_MAX);
        self.last_look = now;
        self.late += late;
        self.late_max = self.late_max.max(late);
        for (seen, bot) in self.seen.iter_mut().zip(bots) {
            seen.late += late;
            let snapshots = bot.client.stats().snapshots;
            if snapshots != seen.snapshots {
                self.gaps
                    .push(now.duration_since(seen.at).saturating_sub(seen.late));
                *seen = Seen {
                    snapshots,
                    at: now,
                    late: Duration::ZERO,
                };
            }
        }
    }

    /// Whoever waits now has waited for so long at least.
    pub(super) fn end(mut self) -> Gaps {
        let waits = self
            .seen
            .iter()
            .map(|seen| seen.at.elapsed().saturating_sub(seen.late));
        self.gaps.extend(waits);
        self.gaps.sort_unstable();
        Gaps {
            sorted: self.gaps,
            late: self.late,
            late_max: self.late_max,
        }
    }
}

/// All gaps of all players.
pub(super) struct Gaps {
    sorted: Vec<Duration>,
    late: Duration,
    late_max: Duration,
}

impl Gaps {
    /// The gap that 99 of 100 do not exceed. A gap that would hold several snapshots counts as one only, so it is
    /// weighed by its length: what is asked is how long a player waits, seen from any moment at which one is due.
    pub(super) fn p99(&self) -> Duration {
        self.quantile(99)
    }

    fn quantile(&self, percent: u32) -> Duration {
        let all: Duration = self.sorted.iter().sum();
        let wanted = all / 100 * percent;
        let mut sum = Duration::ZERO;
        for gap in &self.sorted {
            sum += *gap;
            if sum >= wanted {
                return *gap;
            }
        }
        self.longest()
    }

    fn longest(&self) -> Duration {
        self.sorted.last().copied().unwrap_or_default()
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} snapshots, gap p50 {} ms, p99 {} ms, longest {} ms (without {} ms that the measuring thread itself was \
             held up, {} at once)",
            self.sorted.len(),
            self.quantile(50).as_millis(),
            self.p99().as_millis(),
            self.longest().as_millis(),
            self.late.as_millis(),
            self.late_max.as_millis()
        )
    }
}
