//! Why a WebSocket ends: close codes.

/// A row is a code with its number, its reason in the close frame, and whether a client should come back by itself.
macro_rules! close_codes {
    (@ again) => { true };
    (@ not again) => { false };
    ($($(#[$doc:meta])* $code:ident = $number:literal, $reason:literal, $($back:ident)+;)*) => {
        /// The code of a close frame. Codes from 4000 are ours; the others are those of RFC 6455, section 7.4.1.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum CloseCode {
            $($(#[$doc])* $code,)*
        }

        impl CloseCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$code),*];

            /// The number in the close frame.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self {
                    $(Self::$code => $number,)*
                }
            }

            /// The reason in the close frame.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Self::$code => $reason,)*
                }
            }

            /// Whether a client should come back by itself. After `BadResumeToken`, without the token.
            #[must_use]
            pub const fn may_reconnect(self) -> bool {
                match self {
                    $(Self::$code => close_codes!(@ $($back)+),)*
                }
            }
        }
    };
}

close_codes! {
    /// The client closed the connection, and may come back.
    Normal = 1000, "normal", not again;
    /// The room's host restarts, or the numbers of the connection or the room are used up.
    GoingAway = 1001, "going_away", again;
    /// Bytes that are no message, too often.
    ProtocolError = 4000, "protocol_error", not again;
    /// No valid proof of who the user is.
    Unauthorized = 4001, "unauthorized", not again;
    /// The resume token is unknown, used or expired.
    BadResumeToken = 4002, "bad_resume_token", again;
    /// The same player connected again.
    ReplacedByNewerConnection = 4003, "replaced_by_newer_connection", not again;
    /// No seat is free.
    RoomFull = 4004, "room_full", not again;
    /// Messages faster than allowed.
    RateLimited = 4005, "rate_limited", again;
    /// The client did not take what was sent to it.
    SlowConsumer = 4006, "slow_consumer", again;
    /// Nothing came for too long.
    IdleTimeout = 4007, "idle_timeout", not again;
    /// The client's protocol version is not spoken.
    UnsupportedVersion = 4008, "unsupported_version", not again;
    /// The room ends.
    RoomClosed = 4009, "room_closed", not again;
    /// The page's origin is not on the list.
    OriginNotAllowed = 4010, "origin_not_allowed", not again;
    /// A fault of the room.
    Internal = 4011, "internal", again;
    /// The proof of who the user is cannot be checked right now.
    IdentityUnavailable = 4012, "identity_unavailable", again;
    /// A client's word: its player leaves the room.
    Left = 4013, "left", not again;
}

impl CloseCode {
    /// The code with this number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.number() == number)
    }
}
