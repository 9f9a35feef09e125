//! What a session came to.

use authority::Stats as RoomStats;
use netcode::{Correction, Stats};
use protocol::ErrorCode;
use sim_core::{PlayerId, Step};

use crate::violation::Violation;

/// What a session came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The recordings as the disk holds them, oldest first. A session has one, unless a room could not go on with it.
    pub recordings: Vec<Vec<u8>>,
    /// Every seat, in the order of the script; a hostile player's is empty.
    pub seats: Vec<SeatOutcome>,
    /// What each life of the room counted, oldest first: one more than there were restarts.
    pub rooms: Vec<RoomStats>,
    /// Rows that the room had stored.
    pub rows_written: u64,
    /// Merged views that were compared with the room's.
    pub views_compared: u64,
    /// What must hold and did not.
    pub violations: Vec<Violation>,
}

/// What a session was for one bot.
#[derive(Clone, Debug, Default)]
pub struct SeatOutcome {
    /// The player that it steered last; none if it never was in.
    pub player: Option<PlayerId>,
    /// The client's own counts.
    pub stats: Stats,
    /// Every repaired prediction.
    pub corrections: Vec<Correction>,
    /// Steps without input that the room counted after the first [`SeatOutcome::WARM_UP_SNAPSHOTS`] snapshots of each connection.
    pub starved_after_warm_up: u32,
    /// Inputs for which the room had no place, after the same.
    pub dropped_after_warm_up: u32,
    /// Step of the last snapshot of the warm-up; none if there was no snapshot.
    pub warm: Option<Step>,
    /// Bytes of messages to the room.
    pub bytes_up: u64,
    /// Bytes of messages from the room.
    pub bytes_down: u64,
    /// Times that the room let it in.
    pub welcomes: u64,
    /// Times that it took its old seat again.
    pub resumes: u64,
    /// Errors that the room answered with.
    pub errors: Vec<ErrorCode>,
}

impl SeatOutcome {
    /// Snapshots after a welcome in which a client still finds out how early its inputs must be sent: three seconds.
    pub const WARM_UP_SNAPSHOTS: u64 = 30;

    /// Whether the warm-up was over at this step.
    #[must_use]
    pub fn is_warm(&self, step: Step) -> bool {
        self.warm.is_some_and(|warm| warm < step)
    }
}

impl Outcome {
    /// The newest recording.
    ///
    /// # Panics
    /// If the session was so short that nothing was recorded.
    #[must_use]
    pub fn recording(&self) -> &[u8] {
        self.recordings
            .last()
            .expect("a room records from its first connection on")
    }

    /// Corrections of all clients.
    #[must_use]
    pub fn corrections(&self) -> usize {
        self.seats.iter().map(|seat| seat.corrections.len()).sum()
    }
}
