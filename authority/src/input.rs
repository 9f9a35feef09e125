//! What a room is made from, and what can happen to it.

use alloc::string::String;
use alloc::vec::Vec;

use input_log::HashDetail;
use protocol::Encoding;

use crate::checkpoint::RoomCheckpoint;
use crate::recover::Recovered;
use crate::rows::{CheckpointRow, StructureRow, UserRows};
use crate::token::ResumeHash;

/// A connection's number, given by the driver. Numbers rise across all lives of the room: a newer connection has a higher
/// number, and none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// Identity of a room, and what the header of its recording says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomConfig {
    /// The room's code.
    pub room_code: String,
    /// Seed of the world's generator, for a world that is not recovered from the log.
    pub seed: u64,
    /// Id of the build, for the recording's header.
    pub build_id: String,
    /// The present time, for the header of a recording that begins.
    pub started_at_ms: u64,
    /// How much of each step's hash the recording keeps.
    pub hash_detail: HashDetail,
}

#[cfg(test)]
impl RoomConfig {
    /// The room of a unit test.
    pub(crate) fn of_a_test() -> Self {
        Self {
            room_code: "test".into(),
            seed: 1,
            build_id: "test".into(),
            started_at_ms: 1_000,
            hash_detail: HashDetail::EveryStep,
        }
    }
}

/// Where the room's world comes from.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one in a room's life")]
pub enum Hydration {
    /// A new room.
    Fresh,
    /// From the tables, without a usable log: structures, users and scores stay, shots and previews do not.
    Tables(Tables),
    /// Exactly the world of the last flush. The tables tell who its players are.
    Log {
        /// From [`recover`](crate::recover()).
        recovered: Recovered,
        /// The tables of the same moment.
        tables: Tables,
    },
}

/// The rows of a room, in any order, without those that are read when their user comes. Rows that contradict each other or the
/// rules are left out.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// `structures`.
    pub structures: Vec<StructureRow>,
    /// The room's own checkpoint, as it came in [`Persist::room`](crate::Persist::room).
    pub room: Option<RoomCheckpoint>,
    /// `player_checkpoints`.
    pub checkpoints: Vec<CheckpointRow>,
}

/// An event for the room, handled at the time `now`.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A connection opened.
    Connect {
        /// The connection.
        conn: ConnId,
        /// The negotiated encoding.
        encoding: Encoding,
        /// The user. The driver has authenticated it, or runs permissively.
        user_id: String,
        /// Hash of the resume token that the client presented.
        resume: Option<ResumeHash>,
        /// 256 random bits for the next resume token and the proofs of snapshots.
        entropy: [u8; 32],
    },
    /// A connection outlived the room's memory, and goes on. These come before any other input, and only to a room from
    /// [`Hydration::Log`] or [`Hydration::Tables`], in any order: of a user's connections the one with the highest number goes
    /// on, and the others are closed. A connection that the room has closed is never restored.
    Restore {
        /// The connection.
        conn: ConnId,
        /// The negotiated encoding.
        encoding: Encoding,
        /// User that the connection belongs to.
        user_id: String,
        /// 256 random bits for the proofs of snapshots.
        entropy: [u8; 32],
    },
    /// A connection brought a message.
    Message {
        /// The connection.
        conn: ConnId,
        /// Its bytes, in the connection's encoding, or whatever the peer sent instead.
        bytes: &'a [u8],
    },
    /// A connection is gone. It has no effect if the room has closed the connection.
    Disconnect {
        /// The connection.
        conn: ConnId,
        /// Whether the player left on purpose, with `CloseCode::Left`. The room waits less long for such a player.
        on_purpose: bool,
    },
    /// The time of [`Output::WakeAt`](crate::Output::WakeAt) has come.
    Wake,
    /// The time of [`Room::idle_deadline`](crate::Room::idle_deadline) has come, or a watchdog looks after the room. The room
    /// closes connections that were silent for too long. At any other time a room that sleeps ignores it, and a room that is
    /// awake takes it for a [`Wake`](Self::Wake).
    Alarm,
    /// What the tables hold of a user, also if that is nothing, where [`Room::lacks_rows_of`](crate::Room::lacks_rows_of)
    /// says so. Right before the user's `Connect` or `Restore`, or for a user who is in.
    UserLoaded {
        /// User that the rows belong to.
        user_id: String,
        /// Every row of the user.
        rows: UserRows,
    },
    /// Store everything up to the last step now, because somebody is about to read it.
    Flush,
    /// The room ends: it ends the recording, closes all connections, and ignores every later input.
    Close,
}
