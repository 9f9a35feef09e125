//! What the object counts of itself since it came into memory: what is billed, and what went over the line.

use std::cell::Cell;

use authority::Millis;

use crate::cost::Used;

/// The counters.
pub(crate) struct Meter {
    since: Millis,
    requests: Cell<u64>,
    messages_in: Cell<u64>,
    bytes_in: Cell<u64>,
    bytes_out: Cell<u64>,
    rows_written: Cell<u64>,
}

fn add(counter: &Cell<u64>, more: u64) {
    counter.set(counter.get() + more);
}

impl Meter {
    /// Of an object that comes into memory now.
    pub(crate) fn new(since: Millis) -> Self {
        Self {
            since,
            requests: Cell::new(0),
            messages_in: Cell::new(0),
            bytes_in: Cell::new(0),
            bytes_out: Cell::new(0),
            rows_written: Cell::new(0),
        }
    }

    /// A request came.
    pub(crate) fn request(&self) {
        add(&self.requests, 1);
    }

    /// A socket brought a message.
    pub(crate) fn message_in(&self, bytes: usize) {
        add(&self.messages_in, 1);
        add(&self.bytes_in, bytes as u64);
    }

    /// A socket was given a message.
    pub(crate) fn message_out(&self, bytes: usize) {
        add(&self.bytes_out, bytes as u64);
    }

    /// Rows were written.
    pub(crate) fn rows_written(&self, rows: u64) {
        add(&self.rows_written, rows);
    }

    /// Bytes of messages that came, and of those that went.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.bytes_in.get(), self.bytes_out.get())
    }

    /// What is billed.
    pub(crate) fn used(&self, now: Millis) -> Used {
        Used {
            memory_ms: now.0.saturating_sub(self.since.0),
            requests: self.requests.get(),
            messages: self.messages_in.get(),
            rows_written: self.rows_written.get(),
        }
    }
}
