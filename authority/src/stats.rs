//! What a room counts, since it was made, and what it counts of each player.

use sim_core::PlayerId;

use crate::time::Millis;

/// Counters of a room since it was made; none of them affects what it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Steps run.
    pub steps: u64,
    /// Steps slept through.
    pub slept_steps: u64,
    /// Milliseconds dropped because they came too late to be caught up with.
    pub dropped_ms: u64,
    /// Times that milliseconds were dropped.
    pub dropped_times: u64,
    /// Inputs consumed.
    pub consumed: u64,
    /// Steps of connected players that found no input.
    pub starved: u64,
    /// Inputs that found their buffer full.
    pub dropped: u64,
    /// Predictions that were right.
    pub matches: u64,
    /// Predictions that were wrong.
    pub mismatches: u64,
    /// Messages refused.
    pub refused: u64,
    /// Full snapshots sent.
    pub full_snapshots: u64,
    /// Delta snapshots sent.
    pub delta_snapshots: u64,
    /// Snapshots not sent because the client had not taken the ones before.
    pub held_snapshots: u64,
    /// Bytes of snapshots sent.
    pub snapshot_bytes: u64,
    /// Times that the room stored something.
    pub flushes: u64,
    /// Bytes of recording.
    pub log_bytes: u64,
    /// Messages that came, whatever became of them.
    pub messages_in: u64,
    /// Their bytes.
    pub bytes_in: u64,
    /// Bytes of messages sent, snapshots among them.
    pub bytes_out: u64,
    /// How late ticks were.
    pub lateness: Lateness,
}

/// What is counted of a player since the seat was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlayerStats {
    /// Player that it belongs to.
    pub player: PlayerId,
    /// Whether a connection steers the player.
    pub connected: bool,
    /// Steps since the newest input.
    pub silent_steps: u64,
    /// Inputs that wait.
    pub buffer_depth: usize,
    /// The counters.
    pub counts: SeatCounts,
}

/// Counters of a seat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatCounts {
    /// Steps that found no input.
    pub starved: u64,
    /// Inputs that found the buffer full.
    pub dropped: u64,
    /// Predictions that were right.
    pub matches: u64,
    /// Predictions that were wrong: each costs the client a correction.
    pub mismatches: u64,
}

/// Upper bounds of the buckets of [`Lateness`], in milliseconds; the last bucket has none.
pub const LATENESS_BOUNDS_MS: [u64; 10] = [0, 1, 2, 4, 8, 16, 33, 66, 133, 266];

/// How late ticks were: a histogram. Of ticks that are caught up with at once, the first one counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// Ticks in each bucket, as [`LATENESS_BOUNDS_MS`] has them, and those that were later.
    pub counts: [u64; LATENESS_BOUNDS_MS.len() + 1],
}

impl Lateness {
    pub(crate) fn add(&mut self, due: Millis, now: Millis) {
        let late = now.0.saturating_sub(due.0);
        let bucket = LATENESS_BOUNDS_MS.partition_point(|&bound| bound < late);
        self.counts[bucket] += 1;
    }

    /// The upper bound of the bucket in which this part of all ticks, in thousandths, is reached; none if it is the one
    /// without a bound, or there were no ticks.
    #[must_use]
    pub fn quantile(&self, permille: u64) -> Option<u64> {
        let all: u64 = self.counts.iter().sum();
        let wanted = (all * permille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (count, bound) in self.counts.iter().zip(LATENESS_BOUNDS_MS) {
            seen += count;
            if seen >= wanted {
                return Some(bound);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lateness_falls_into_the_first_bucket_that_holds_it() {
        let mut lateness = Lateness::default();
        assert_eq!(lateness.quantile(500), None);
        for late in [0, 0, 0, 1, 3, 33, 34, 10_000] {
            lateness.add(Millis(1_000), Millis(1_000 + late));
        }
        assert_eq!(lateness.counts, [3, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1]);
        assert_eq!(lateness.quantile(1), Some(0));
        assert_eq!(lateness.quantile(500), Some(1));
        assert_eq!(lateness.quantile(875), Some(66));
        assert_eq!(lateness.quantile(1_000), None);
    }
}
