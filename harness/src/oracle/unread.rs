//! Nothing counts as read that was not, and what is unread is bounded.

use authority::{ConnId, Room, limits};
use protocol::{Encoding, limits::SERVER_MESSAGE_BYTES_MAX};
use sim_core::Step;

use super::Violation;

/// More than this is never unread: the close comes when it is looked at next, after one more message at most.
const UNREAD_BYTES_MAX: u64 = limits::UNREAD_BYTES_OVER + SERVER_MESSAGE_BYTES_MAX as u64;

/// What was sent on a connection in one life of its room.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    /// Which life of the room.
    life: usize,
    bytes: u64,
    /// The step at which it began.
    since: Option<Step>,
}

impl Sent {
    /// The room in its `life` has sent something.
    pub(crate) fn add(&mut self, life: usize, bytes: usize) {
        self.live(life);
        self.bytes += bytes as u64;
    }

    fn live(&mut self, life: usize) {
        if self.life != life {
            *self = Self {
                life,
                ..Self::default()
            };
        }
    }

    /// What the room counts as unread, against what was sent to somebody in this seat who reads nothing or something.
    pub(crate) fn judge(
        &mut self,
        (seat, conn): (usize, ConnId),
        encoding: Encoding,
        reads: bool,
        (life, room): (usize, &Room),
    ) -> Option<Violation> {
        self.live(life);
        let unread = room.unread(conn)?;
        if unread > UNREAD_BYTES_MAX {
            let bytes = unread as usize;
            return Some(Violation::BacklogTooLong { seat, bytes });
        }
        let step = room.world().step_number();
        let since = *self.since.get_or_insert(step);
        let allowed = match encoding {
            Encoding::Binary => 0,
            Encoding::Json | Encoding::Binary1 => {
                step.since(since) * limits::UNPROVEN_BYTES_PER_STEP
            }
        };
        let bytes = self.bytes.saturating_sub(unread);
        (!reads && bytes > allowed).then_some(Violation::BelievedRead { seat, bytes })
    }
}
