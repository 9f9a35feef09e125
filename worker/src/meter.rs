//! What the object counts of itself since it came into memory, beside what its room counts.

use std::cell::Cell;

use authority::{Millis, Stats};

use crate::cost::Used;

/// The counters.
pub(crate) struct Meter {
    since: Millis,
    requests: Cell<u64>,
    rows_written: Cell<u64>,
    messages_after_close: Cell<u64>,
    bytes_after_close: Cell<u64>,
}

impl Meter {
    /// Of an object that comes into memory now.
    pub(crate) fn new(since: Millis) -> Self {
        Self {
            since,
            requests: Cell::new(0),
            rows_written: Cell::new(0),
            messages_after_close: Cell::new(0),
            bytes_after_close: Cell::new(0),
        }
    }

    /// A request came.
    pub(crate) fn request(&self) {
        self.requests.set(self.requests.get() + 1);
    }

    /// Rows were written.
    pub(crate) fn rows_written(&self, rows: u64) {
        self.rows_written.set(self.rows_written.get() + rows);
    }

    /// A socket that the room has closed brought a message.
    pub(crate) fn message_after_close(&self, bytes: usize) {
        let messages = self.messages_after_close.get() + 1;
        self.messages_after_close.set(messages);
        let all = self.bytes_after_close.get() + bytes as u64;
        self.bytes_after_close.set(all);
    }

    /// Messages and bytes that came after a close.
    pub(crate) fn after_close(&self) -> (u64, u64) {
        (
            self.messages_after_close.get(),
            self.bytes_after_close.get(),
        )
    }

    /// What is billed, with what the room has counted.
    pub(crate) fn used(&self, stats: &Stats, now: Millis) -> Used {
        Used {
            memory_ms: now.0.saturating_sub(self.since.0),
            requests: self.requests.get(),
            messages: stats.messages_in + self.messages_after_close.get(),
            rows_written: self.rows_written.get(),
        }
    }
}
