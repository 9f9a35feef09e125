//! What a room costs: what it has used, at the platform's published prices.
//!
//! * Prices beyond what a paid plan includes, in USD, as
//!   <https://developers.cloudflare.com/durable-objects/platform/pricing/> had them in 2026.
//! * Rows read and bytes stored are left out: a room reads its rows once in its life in memory, at a thousandth of the
//!   price of writing them, and what it stores is bounded.

/// A request to the object: one that opens a socket, or any other.
const USD_PER_REQUEST: f64 = 0.15e-6;

/// So many messages that a socket brings are billed as one request. Messages sent are free.
const MESSAGES_PER_REQUEST: f64 = 20.0;

/// A gigabyte held in memory for a second.
const USD_PER_GB_SECOND: f64 = 12.50e-6;

/// What an object is billed to hold, in GB, however little it is.
const MEMORY_GB: f64 = 0.128;

/// A row of SQLite written or deleted.
const USD_PER_ROW_WRITTEN: f64 = 1.00e-6;

const SECONDS_PER_HOUR: f64 = 3_600.0;

/// What a room has used since it came into memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// How long that is.
    pub(crate) memory_ms: u64,
    /// Sockets opened and other requests.
    pub(crate) requests: u64,
    /// Messages that sockets brought.
    pub(crate) messages: u64,
    /// Rows written, as the platform counts them.
    pub(crate) rows_written: u64,
}

impl Used {
    /// What an hour of this costs, in USD. None before the first second is over: it says nothing of an hour.
    pub(crate) fn usd_per_hour(self) -> Option<f64> {
        let seconds = self.memory_ms as f64 / 1_000.0;
        let requests = self.requests as f64 + self.messages as f64 / MESSAGES_PER_REQUEST;
        let usd = requests * USD_PER_REQUEST
            + seconds * MEMORY_GB * USD_PER_GB_SECOND
            + self.rows_written as f64 * USD_PER_ROW_WRITTEN;
        (seconds >= 1.0).then(|| usd / seconds * SECONDS_PER_HOUR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_costs_what_its_parts_cost() {
        // Duration 0.00576, rows 0.0036, messages 0.0072, requests next to nothing.
        let hour = Used {
            memory_ms: 3_600_000,
            requests: 8,
            messages: 960_000,
            rows_written: 3_600,
        };
        let usd = hour.usd_per_hour().unwrap_or_default();
        assert!((usd - 0.016_561_2).abs() < 1e-9, "{usd}");
        let half = Used {
            memory_ms: hour.memory_ms / 2,
            requests: hour.requests / 2,
            messages: hour.messages / 2,
            rows_written: hour.rows_written / 2,
        };
        let same = half.usd_per_hour().unwrap_or_default();
        assert!((usd - same).abs() < 1e-12, "{same}");
    }

    #[test]
    fn the_first_second_tells_nothing_of_an_hour() {
        let used = Used {
            memory_ms: 999,
            rows_written: 20,
            ..Used::default()
        };
        assert_eq!(used.usd_per_hour(), None);
    }
}
