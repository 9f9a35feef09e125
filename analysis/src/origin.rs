//! What was behind a correction: whom to ask.

use netcode::Cause;

/// What was behind a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The player's line: messages came late, or in one go.
    Line,
    /// The connection had just begun: until then nobody was heard.
    Connection,
    /// The room itself was late.
    Room,
    /// The client stood still.
    Client,
    /// Another player.
    Others,
    /// The rules alone: only the room knows when and where players come back.
    Rules,
    /// It is not known: a client of other rules, or an altered one.
    Unknown,
}

impl Origin {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Line,
        Self::Connection,
        Self::Room,
        Self::Client,
        Self::Others,
        Self::Rules,
        Self::Unknown,
    ];

    /// Its name, in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "the player's line",
            Self::Connection => "a new connection",
            Self::Room => "the room",
            Self::Client => "the client",
            Self::Others => "another player",
            Self::Rules => "the rules",
            Self::Unknown => "unknown",
        }
    }

    /// What was behind a cause.
    pub(crate) const fn of(cause: Cause, is_new: bool, room_was_late: bool) -> Self {
        match cause {
            Cause::Starved if is_new => Self::Connection,
            Cause::Starved | Cause::Dropped if room_was_late => Self::Room,
            Cause::Starved | Cause::Dropped => Self::Line,
            Cause::ClockSlip => Self::Client,
            Cause::UnseenStructure | Cause::Hit => Self::Others,
            Cause::Respawn => Self::Rules,
            Cause::Unknown => Self::Unknown,
        }
    }
}
