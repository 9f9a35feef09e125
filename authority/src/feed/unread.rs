//! Bytes that were sent to a connection and may be unread. They wait in the host's memory, so they are bounded.
//!
//! * An acknowledgement with the right proof says what was read. For a client that brings no proofs, a fixed number of bytes
//!   counts as read with every step.
//! * All bytes count, whatever they are: a client can ask for answers as well as for snapshots.

use sim_core::Step;

use crate::limits::{
    UNPROVEN_BYTES_HELD, UNPROVEN_BYTES_MAX, UNPROVEN_BYTES_OVER, UNPROVEN_BYTES_PER_STEP,
    UNREAD_BYTES_HELD, UNREAD_BYTES_OVER,
};

/// The bytes of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Unread {
    /// Sent since the connection began.
    sent: u64,
    /// Bytes of these that count as read.
    read: u64,
    /// Whether the client brings proofs. Once it has, it always does.
    proves: bool,
    /// Up to which step something counts as read without proof.
    believed: Option<Step>,
}

impl Unread {
    /// Of a connection to which nothing was sent.
    pub(crate) fn nothing(proves: bool) -> Self {
        Self {
            sent: 0,
            read: 0,
            proves,
            believed: None,
        }
    }

    /// Whether only acknowledgements with a proof count.
    pub(crate) fn proves(&self) -> bool {
        self.proves
    }

    /// Counts sent bytes. Returns the sum of all, which [`Unread::prove`] takes.
    pub(crate) fn send(&mut self, bytes: usize) -> u64 {
        self.sent += bytes as u64;
        self.sent
    }

    /// Takes a proof that so many of all sent bytes were read.
    pub(crate) fn prove(&mut self, read: u64) {
        self.proves = true;
        self.read = self.read.max(read);
        assert!(self.read <= self.sent, "nobody reads what was not sent");
    }

    /// Time has passed.
    pub(crate) fn pass(&mut self, step: Step) {
        let before = self.believed.replace(step).unwrap_or(step);
        if !self.proves {
            let more = step.since(before).saturating_mul(UNPROVEN_BYTES_PER_STEP);
            self.read = self.read.saturating_add(more).min(self.sent);
        }
    }

    /// Bytes that are not known to be read.
    pub(crate) fn bytes(&self) -> u64 {
        self.sent - self.read
    }

    /// Whether snapshots and events are held back.
    pub(crate) fn is_held(&self) -> bool {
        let held = if self.proves {
            UNREAD_BYTES_HELD
        } else {
            UNPROVEN_BYTES_HELD
        };
        self.bytes() > held
    }

    /// Whether the connection must be closed.
    pub(crate) fn is_over(&self) -> bool {
        if self.proves {
            return self.bytes() > UNREAD_BYTES_OVER;
        }
        self.bytes() > UNPROVEN_BYTES_OVER || self.sent > UNPROVEN_BYTES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_proven_read_makes_place_for_more() {
        let mut unread = Unread::nothing(true);
        let through = unread.send(UNREAD_BYTES_HELD as usize);
        assert!(!unread.is_held());
        unread.send(1);
        assert!(unread.is_held() && !unread.is_over());
        // Time alone proves nothing.
        unread.pass(Step(0));
        unread.pass(Step(1_000_000));
        assert!(unread.is_held());
        unread.prove(through);
        assert_eq!(unread.bytes(), 1);
        // An older proof takes nothing back.
        unread.prove(through - 1);
        assert_eq!(unread.bytes(), 1);
        unread.send(UNREAD_BYTES_OVER as usize);
        assert!(unread.is_over());
    }

    #[test]
    fn who_proves_nothing_is_sent_little_and_not_for_ever() {
        let mut unread = Unread::nothing(false);
        unread.pass(Step(0));
        let mut step = 0;
        let mut sent = 0;
        while !unread.is_over() {
            while !unread.is_held() {
                sent = unread.send(10_000);
            }
            assert!(unread.bytes() <= UNPROVEN_BYTES_HELD + 10_000);
            step += 1;
            unread.pass(Step(step));
        }
        assert!(sent <= UNPROVEN_BYTES_MAX + 10_000);
        let believed = step * UNPROVEN_BYTES_PER_STEP + UNPROVEN_BYTES_HELD + 10_000;
        assert!(sent <= believed, "{sent} bytes after {step} steps");
    }

    #[test]
    fn who_begins_to_prove_is_believed_no_more_without() {
        let mut unread = Unread::nothing(false);
        unread.pass(Step(0));
        let through = unread.send(1_000);
        unread.prove(through);
        unread.send(UNREAD_BYTES_HELD as usize + 1);
        unread.pass(Step(1_000_000));
        assert!(unread.is_held());
    }
}
