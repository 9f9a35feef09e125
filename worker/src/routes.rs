//! What a request asks for: the routes, and the encoding of a socket.
//!
//! * Everything that comes from outside is checked here and in [`crate::claim`], before a room is woken for it.

use protocol::{Encoding, ErrorCode};
use worker::Method;

use crate::refusal::Refusal;

/// Characters of a room code. Long enough to be a secret of 160 bits in base 36, short enough to be typed.
pub(crate) const ROOM_CODE_CHARS_MAX: usize = 32;

/// The largest number that SQLite gives a session: what JavaScript still counts exactly.
const SESSION_ID_MAX: u64 = (1 << 53) - 1;

/// A path that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// An address that the page shows: `/`, `/room/CODE`, `/replay`, also with a slash behind it.
    Page,
    /// Anything else that is not below `/api/`.
    File,
    /// `/api/health`
    Health,
    /// `/api/rooms/CODE/ws`
    Socket {
        /// The room.
        room: String,
    },
    /// Anything that only operators may ask of a room.
    Operator {
        /// The room.
        room: String,
        /// What is asked.
        ask: Ask,
    },
}

/// What operators ask of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// `/api/rooms/CODE/recordings`: which there are.
    Recordings,
    /// `/api/rooms/CODE/recordings/ID`, also `.../recordings/current`: one of them.
    Recording(Session),
    /// `/api/rooms/CODE/stats`: what the room counts.
    Stats,
    /// `/api/rooms/CODE` itself: everything of it is deleted.
    Delete,
    /// `/api/rooms/CODE/panic`: the room panics, for tests.
    Panic,
    /// `/api/rooms/CODE/stall`: the room's timer dies, for tests.
    Stall,
}

/// One of a room's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    /// The newest.
    Current,
    /// The one with this id.
    Id(u64),
}

impl Ask {
    fn parse(rest: &[&str]) -> Option<Self> {
        match rest {
            ["recordings"] => Some(Self::Recordings),
            ["recordings", "current"] => Some(Self::Recording(Session::Current)),
            ["recordings", id] => Some(Self::Recording(Session::Id(session_id(id)?))),
            ["stats"] => Some(Self::Stats),
            [] => Some(Self::Delete),
            ["panic"] => Some(Self::Panic),
            ["stall"] => Some(Self::Stall),
            _ => None,
        }
    }

    /// The path behind the room.
    pub(crate) fn path(self) -> String {
        match self {
            Self::Recordings => "recordings".to_owned(),
            Self::Recording(Session::Current) => "recordings/current".to_owned(),
            Self::Recording(Session::Id(id)) => format!("recordings/{id}"),
            Self::Stats => "stats".to_owned(),
            Self::Delete => String::new(),
            Self::Panic => "panic".to_owned(),
            Self::Stall => "stall".to_owned(),
        }
    }

    /// The method by which it is asked.
    pub(crate) fn method(self) -> Method {
        match self {
            Self::Recordings | Self::Recording(_) | Self::Stats => Method::Get,
            Self::Delete => Method::Delete,
            Self::Panic | Self::Stall => Method::Post,
        }
    }

    /// Whether it is for tests only.
    pub(crate) fn is_chaos(self) -> bool {
        match self {
            Self::Panic | Self::Stall => true,
            Self::Recordings | Self::Recording(_) | Self::Stats | Self::Delete => false,
        }
    }
}

/// A session's id, spelled in the one way that the list spells it.
fn session_id(text: &str) -> Option<u64> {
    let id: u64 = text.parse().ok()?;
    (id <= SESSION_ID_MAX && id.to_string() == text).then_some(id)
}

impl Route {
    /// Reads a path.
    pub(crate) fn parse(path: &str) -> Result<Self, Refusal> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (room, rest) = match parts.as_slice() {
            ["api", "health"] => return Ok(Self::Health),
            ["api", "rooms", room, rest @ ..] => (*room, rest),
            ["api", ..] => return Err(Refusal::no_route(path)),
            _ if is_page(path) => return Ok(Self::Page),
            _ => return Ok(Self::File),
        };
        if !is_room_code(room) {
            let message = format!("a room code is 1 to {ROOM_CODE_CHARS_MAX} of a-z, 0-9 and -");
            return Err(Refusal::out_of_range("roomCode", message));
        }
        let room = room.to_owned();
        match (rest, Ask::parse(rest)) {
            (["ws"], _) => Ok(Self::Socket { room }),
            (_, Some(ask)) => Ok(Self::Operator { room, ask }),
            (_, None) => Err(Refusal::no_route(path)),
        }
    }
}

fn is_page(path: &str) -> bool {
    let plain = path.strip_suffix('/').unwrap_or(path);
    matches!(plain, "" | "/index.html" | "/replay")
        || plain.strip_prefix("/room/").is_some_and(is_room_code)
}

fn is_room_code(code: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=ROOM_CODE_CHARS_MAX).contains(&code.len()) && code.bytes().all(known)
}

/// Picks the first encoding that the client offers and that is spoken; JSON when it offers nothing. The flag says
/// whether the answer must name it.
pub(crate) fn negotiate(offered: Option<&str>) -> Result<(Encoding, bool), Refusal> {
    let Some(offered) = offered else {
        return Ok((Encoding::Json, false));
    };
    for name in offered.split(',').map(str::trim) {
        if let Some(encoding) = Encoding::ALL
            .into_iter()
            .find(|encoding| encoding.subprotocol() == name)
        {
            return Ok((encoding, true));
        }
    }
    let spoken = Encoding::ALL.map(Encoding::subprotocol).join(", ");
    Err(Refusal {
        status: 400,
        code: ErrorCode::UnsupportedVersion.as_str(),
        field: Some("Sec-WebSocket-Protocol"),
        message: format!("none of the subprotocols is spoken here; these are: {spoken}"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn the_routes_are_read() {
        let room = || "den-42".to_owned();
        assert_eq!(Route::parse("/api/health"), Ok(Route::Health));
        assert_eq!(
            Route::parse("/api/rooms/den-42/ws"),
            Ok(Route::Socket { room: room() })
        );
        for ask in [
            Ask::Recordings,
            Ask::Recording(Session::Current),
            Ask::Recording(Session::Id(1)),
            Ask::Recording(Session::Id(SESSION_ID_MAX)),
            Ask::Stats,
            Ask::Delete,
            Ask::Panic,
            Ask::Stall,
        ] {
            assert_eq!(
                Route::parse(&format!("/api/rooms/den-42/{}", ask.path())),
                Ok(Route::Operator { room: room(), ask })
            );
        }
    }

    #[test]
    fn a_bad_room_code_is_refused_before_a_room_is_woken() {
        let long = "a".repeat(ROOM_CODE_CHARS_MAX + 1);
        for code in ["", "Den", "d%20n", "d.n", "ü", &long] {
            let refusal = Route::parse(&format!("/api/rooms/{code}/ws")).unwrap_err();
            assert_eq!(
                (refusal.status, refusal.field),
                (400, Some("roomCode")),
                "{code}"
            );
        }
        assert!(
            Route::parse(&format!(
                "/api/rooms/{}/ws",
                "a".repeat(ROOM_CODE_CHARS_MAX)
            ))
            .is_ok()
        );
    }

    #[test]
    fn what_is_not_served_is_not_found() {
        for path in [
            "/api",
            "/api/",
            "/api/rooms",
            "/api/rooms/den/ws/more",
            "/api/rooms/den/log",
            "/api/rooms/den/recording",
            "/api/rooms/den/recordings/01",
            "/api/rooms/den/recordings/-1",
            "/api/rooms/den/recordings/9007199254740992",
            "/api/rooms/den/recordings/1/blocks",
        ] {
            assert_eq!(Route::parse(path).unwrap_err().status, 404, "{path}");
        }
    }

    #[test]
    fn the_page_has_its_addresses_and_all_else_are_files() {
        for path in [
            "/",
            "/index.html",
            "/room/den-42",
            "/room/den-42/",
            "/replay",
            "/replay/",
        ] {
            assert_eq!(Route::parse(path), Ok(Route::Page), "{path}");
        }
        for path in [
            "/room/",
            "/room/Den",
            "/room/den/more",
            "/room/den//",
            "/main.js",
            "/apis/health",
            "//",
        ] {
            assert_eq!(Route::parse(path), Ok(Route::File), "{path}");
        }
    }

    #[test]
    fn the_first_spoken_subprotocol_wins() {
        assert_eq!(negotiate(None), Ok((Encoding::Json, false)));
        assert_eq!(
            negotiate(Some("bitfort.v2.bin2")),
            Ok((Encoding::Binary, true))
        );
        assert_eq!(
            negotiate(Some("bitfort.v2.bin")),
            Ok((Encoding::Binary1, true))
        );
        assert_eq!(
            negotiate(Some("bitfort.v9.bin, bitfort.v2.json,bitfort.v2.bin")),
            Ok((Encoding::Json, true))
        );
        assert_eq!(negotiate(Some("chat")).unwrap_err().status, 400);
    }
}
