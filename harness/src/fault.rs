//! What can go wrong in a session, and when.

use serde::{Deserialize, Serialize};

/// Something that goes wrong at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimedFault {
    /// When, in milliseconds from the session's beginning.
    pub at_ms: u32,
    /// The fault.
    pub fault: Fault,
}

/// Something that goes wrong. Seats are named by their place in the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Fault {
    /// The connection breaks; both sides notice within a second.
    Break {
        /// Seat that it happens to, by its place in the script.
        seat: usize,
    },
    /// The connection is dead and nobody says so: the client hears nothing any more, the room hears of it after a minute.
    HalfOpen {
        /// Seat that it happens to, by its place in the script.
        seat: usize,
    },
    /// Nothing arrives, in either direction, and then all at once.
    Stall {
        /// Seat that it happens to, by its place in the script.
        seat: usize,
        /// For how long.
        ms: u32,
    },
    /// What the room sends leaves only slowly, and waits in the room's host.
    Throttle {
        /// Seat that it happens to, by its place in the script.
        seat: usize,
        /// For how long.
        ms: u32,
        /// How much gets through.
        bytes_per_second: u32,
    },
    /// The tab is hidden: its client is woken once a second only.
    Hide {
        /// Seat that it happens to, by its place in the script.
        seat: usize,
        /// For how long.
        ms: u32,
    },
    /// The machine is suspended: its client neither wakes nor hears, and then hears everything at once.
    Freeze {
        /// Seat that it happens to, by its place in the script.
        seat: usize,
        /// For how long.
        ms: u32,
    },
    /// A new client takes the place of the old one, as after a reload of the page or in a second tab.
    Reload {
        /// Seat that it happens to, by its place in the script.
        seat: usize,
        /// Whether it brings the resume token.
        keeps_token: bool,
        /// Whether the old connection is closed; otherwise there are two for a while.
        hangs_up: bool,
    },
    /// The room's host dies. What was stored is left, and the next connection makes the room anew.
    Crash {
        /// At which point.
        point: CrashPoint,
        /// What becomes of the newest block of the log.
        storage: Storage,
    },
    /// The room's host does nothing for a while, and then finds everything that came.
    HostStall {
        /// For how long.
        ms: u32,
    },
    /// Nobody does anything for a while, and then everybody goes on. Who was closed over it comes back.
    Rest {
        /// For how long.
        ms: u32,
    },
    /// The host's timer does not fire for a while, because what comes keeps it busy.
    Starve {
        /// For how long.
        ms: u32,
    },
    /// The room's memory goes while it sleeps; connections stay open. Of no effect on a room that is awake.
    Evict,
    /// The room's host dies, and years pass in which others play: what the room has counted is near its ends when the next
    /// connection makes it anew, and so are the messages of the next connections. Of no effect on a room that has stored
    /// nothing.
    Ages,
}

/// Where in its work a host dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CrashPoint {
    /// Between two events.
    Now,
    /// Within the next event that has consequences, before any of them is stored or sent.
    BeforeCommit,
    /// Within the next event that has consequences: what does not wait for the storage has left, and nothing is stored.
    SentNotStored,
    /// Within the next event that has consequences: everything is stored, but only so many messages leave.
    AfterSends(u16),
}

/// What a restarted host finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Storage {
    /// What was stored.
    Whole,
    /// The same, but of the log's newest block only so many bytes; never all.
    Torn(u16),
    /// The same, but the host runs another version of the rules, to which the log means nothing.
    Upgraded,
}

impl Fault {
    /// The seat that it happens to; none if it happens to the room.
    #[must_use]
    pub const fn seat(&self) -> Option<usize> {
        match *self {
            Self::Break { seat }
            | Self::HalfOpen { seat }
            | Self::Stall { seat, .. }
            | Self::Throttle { seat, .. }
            | Self::Hide { seat, .. }
            | Self::Freeze { seat, .. }
            | Self::Reload { seat, .. } => Some(seat),
            Self::Crash { .. }
            | Self::HostStall { .. }
            | Self::Rest { .. }
            | Self::Starve { .. }
            | Self::Evict
            | Self::Ages => None,
        }
    }

    /// The same in a script from which another seat was taken.
    #[must_use]
    pub(crate) fn without_seat(mut self, gone: usize) -> Self {
        match &mut self {
            Self::Break { seat }
            | Self::HalfOpen { seat }
            | Self::Stall { seat, .. }
            | Self::Throttle { seat, .. }
            | Self::Hide { seat, .. }
            | Self::Freeze { seat, .. }
            | Self::Reload { seat, .. } => *seat -= usize::from(*seat > gone),
            Self::Crash { .. }
            | Self::HostStall { .. }
            | Self::Rest { .. }
            | Self::Starve { .. }
            | Self::Evict
            | Self::Ages => {}
        }
        self
    }
}
