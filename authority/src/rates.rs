//! How fast a connection may send: a bucket that fills with time.

use crate::input::Millis;
use crate::limits::{MESSAGES_BURST_MAX, MESSAGES_PER_SECOND_MAX};

const PARTS_PER_MESSAGE: u64 = 1_000;
const PARTS_MAX: u64 = MESSAGES_BURST_MAX * PARTS_PER_MESSAGE;

/// What a connection may still send.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    at: Millis,
    /// Thousandths of a message.
    parts: u64,
}

impl Bucket {
    pub(crate) fn full(now: Millis) -> Self {
        Self {
            at: now,
            parts: PARTS_MAX,
        }
    }

    /// Whether one more message is within the rate.
    pub(crate) fn take(&mut self, now: Millis) -> bool {
        let elapsed = now.0.saturating_sub(self.at.0);
        self.at = now;
        self.parts = self
            .parts
            .saturating_add(elapsed.saturating_mul(MESSAGES_PER_SECOND_MAX))
            .min(PARTS_MAX);
        match self.parts.checked_sub(PARTS_PER_MESSAGE) {
            Some(left) => {
                self.parts = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_only_the_rate() {
        let mut bucket = Bucket::full(Millis(0));
        let passed = (0..1_000).filter(|_| bucket.take(Millis(0))).count();
        assert_eq!(passed as u64, MESSAGES_BURST_MAX);
        let passed = (0..1_000).filter(|_| bucket.take(Millis(1_000))).count();
        assert_eq!(passed as u64, MESSAGES_PER_SECOND_MAX);
    }
}
