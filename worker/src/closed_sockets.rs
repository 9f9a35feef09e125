//! Connections that the room has closed, and that the platform may still hold.
//!
//! * A close is a frame. The connection under it ends when the peer answers and, where the peer had never sent a message,
//!   only when the platform collects its garbage; a peer that does not answer keeps it for as long as it likes. The
//!   platform has no way to end it.
//! * So it is counted what one user holds. Who holds too much gets no further socket.

use std::collections::BTreeMap;

use authority::{ConnId, Millis};

/// Closed connections of one user that may be held: more than a line that breaks again and again leaves behind.
const HELD_PER_USER_MAX: usize = 16;

/// How long an answered close counts as held: several of the platform's collections of a busy room.
const ANSWERED_MS: u64 = 60_000;

/// What is held of everybody.
#[derive(Default)]
pub(crate) struct ClosedSockets {
    closed: BTreeMap<ConnId, Closed>,
}

struct Closed {
    user_id: String,
    /// When it came to its end, as far as the platform tells.
    answered: Option<Millis>,
}

impl ClosedSockets {
    /// The room closes a connection.
    pub(crate) fn close(&mut self, conn: ConnId, user_id: String) {
        let answered = None;
        self.closed.insert(conn, Closed { user_id, answered });
    }

    /// The platform tells of the end of a connection.
    pub(crate) fn ended(&mut self, conn: ConnId, now: Millis) {
        if let Some(closed) = self.closed.get_mut(&conn) {
            closed.answered = Some(now);
        }
    }

    /// Whether this user holds as much as one may.
    pub(crate) fn is_too_much(&mut self, user_id: &str, now: Millis) -> bool {
        let counts = |closed: &Closed| {
            closed
                .answered
                .is_none_or(|at| now.0.saturating_sub(at.0) < ANSWERED_MS)
        };
        self.closed.retain(|_, closed| counts(closed));
        let of_user = |closed: &&Closed| closed.user_id == user_id;
        self.closed.values().filter(of_user).count() >= HELD_PER_USER_MAX
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.closed.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_closed_connections_gets_no_more_until_they_have_ended() {
        let mut held = ClosedSockets::default();
        for conn in 1..=HELD_PER_USER_MAX as u64 {
            assert!(!held.is_too_much("anna", Millis(0)));
            held.close(ConnId(conn), "anna".into());
        }
        assert!(held.is_too_much("anna", Millis(1_000_000)));
        assert!(!held.is_too_much("bert", Millis(1_000_000)));
        // An answer is not yet an end, as far as anybody knows.
        held.ended(ConnId(3), Millis(1_000_000));
        assert!(held.is_too_much("anna", Millis(1_000_000 + ANSWERED_MS - 1)));
        assert!(!held.is_too_much("anna", Millis(1_000_000 + ANSWERED_MS)));
        assert_eq!(held.count(), HELD_PER_USER_MAX - 1);
    }
}
