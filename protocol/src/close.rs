//! Why a WebSocket ends: close codes.

/// The code of a close frame. Codes from 4000 are ours; the others are those of RFC 6455, section 7.4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// The client closed the connection, and may come back.
    Normal,
    /// The room's host restarts, or the numbers of the connection or the room are used up.
    GoingAway,
    /// Bytes that are no message, too often.
    ProtocolError,
    /// No valid proof of who the user is.
    Unauthorized,
    /// The resume token is unknown, used or expired.
    BadResumeToken,
    /// The same player connected again.
    ReplacedByNewerConnection,
    /// No seat is free.
    RoomFull,
    /// Messages faster than allowed.
    RateLimited,
    /// The client did not take what was sent to it.
    SlowConsumer,
    /// Nothing came for too long.
    IdleTimeout,
    /// The client's protocol version is not spoken.
    UnsupportedVersion,
    /// The room ends.
    RoomClosed,
    /// The page's origin is not on the list.
    OriginNotAllowed,
    /// A fault of the room.
    Internal,
    /// The proof of who the user is cannot be checked right now.
    IdentityUnavailable,
    /// A client's word: its player leaves the room.
    Left,
}

impl CloseCode {
    /// Every code.
    pub const ALL: [Self; 16] = [
        Self::Normal,
        Self::GoingAway,
        Self::ProtocolError,
        Self::Unauthorized,
        Self::BadResumeToken,
        Self::ReplacedByNewerConnection,
        Self::RoomFull,
        Self::RateLimited,
        Self::SlowConsumer,
        Self::IdleTimeout,
        Self::UnsupportedVersion,
        Self::RoomClosed,
        Self::OriginNotAllowed,
        Self::Internal,
        Self::IdentityUnavailable,
        Self::Left,
    ];

    /// The number in the close frame.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::GoingAway => 1001,
            Self::ProtocolError => 4000,
            Self::Unauthorized => 4001,
            Self::BadResumeToken => 4002,
            Self::ReplacedByNewerConnection => 4003,
            Self::RoomFull => 4004,
            Self::RateLimited => 4005,
            Self::SlowConsumer => 4006,
            Self::IdleTimeout => 4007,
            Self::UnsupportedVersion => 4008,
            Self::RoomClosed => 4009,
            Self::OriginNotAllowed => 4010,
            Self::Internal => 4011,
            Self::IdentityUnavailable => 4012,
            Self::Left => 4013,
        }
    }

    /// The code with this number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }

    /// The reason in the close frame.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::GoingAway => "going_away",
            Self::ProtocolError => "protocol_error",
            Self::Unauthorized => "unauthorized",
            Self::BadResumeToken => "bad_resume_token",
            Self::ReplacedByNewerConnection => "replaced_by_newer_connection",
            Self::RoomFull => "room_full",
            Self::RateLimited => "rate_limited",
            Self::SlowConsumer => "slow_consumer",
            Self::IdleTimeout => "idle_timeout",
            Self::UnsupportedVersion => "unsupported_version",
            Self::RoomClosed => "room_closed",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::Internal => "internal",
            Self::IdentityUnavailable => "identity_unavailable",
            Self::Left => "left",
        }
    }

    /// Whether a client should come back by itself. After `BadResumeToken`, without the token.
    #[must_use]
    pub const fn may_reconnect(self) -> bool {
        match self {
            Self::GoingAway
            | Self::BadResumeToken
            | Self::RateLimited
            | Self::SlowConsumer
            | Self::Internal
            | Self::IdentityUnavailable => true,
            Self::Normal
            | Self::Left
            | Self::ProtocolError
            | Self::Unauthorized
            | Self::ReplacedByNewerConnection
            | Self::RoomFull
            | Self::IdleTimeout
            | Self::UnsupportedVersion
            | Self::RoomClosed
            | Self::OriginNotAllowed => false,
        }
    }
}
