//! Why a request is refused, as the peer is told.

use protocol::ErrorCode;
use worker::Method;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) field: Option<&'static str>,
    pub(crate) message: String,
}

impl Refusal {
    /// Something is longer, shorter or spelled otherwise than it may be.
    pub(crate) fn out_of_range(field: &'static str, message: String) -> Self {
        Self {
            status: 400,
            code: ErrorCode::OutOfRange.as_str(),
            field: Some(field),
            message,
        }
    }

    /// There is nothing here.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self {
            status: 404,
            code: "not_found",
            field: None,
            message: message.into(),
        }
    }

    /// There is no such path, or it is as if there were none.
    pub(crate) fn no_route(path: &str) -> Self {
        Self::not_found(format!("no route {path}"))
    }

    /// The operators' secret is missing or another one.
    pub(crate) fn not_an_operator() -> Self {
        Self {
            status: 401,
            code: ErrorCode::Unauthorized.as_str(),
            field: Some("Authorization"),
            message: "this route is for operators, who send the secret as a bearer token".into(),
        }
    }

    /// The operators' secret can be guessed. What to do about it is no secret.
    pub(crate) fn operators_misconfigured(message: String) -> Self {
        Self {
            status: 503,
            code: "operators_misconfigured",
            field: None,
            message,
        }
    }

    /// Too many wrong secrets came from where this one comes from.
    pub(crate) fn too_many_guesses(seconds: u64) -> Self {
        Self {
            status: 429,
            code: ErrorCode::RateLimited.as_str(),
            field: Some("Authorization"),
            message: format!("too many wrong secrets came from this address: wait {seconds} s"),
        }
    }

    /// The route is asked by another method.
    pub(crate) fn method_not_allowed(method: &Method) -> Self {
        Self {
            status: 405,
            code: "method_not_allowed",
            field: None,
            message: format!("this route is asked by {}", method.as_ref()),
        }
    }

    /// A socket's route was asked for something else.
    pub(crate) fn upgrade_required() -> Self {
        Self {
            status: 426,
            code: "upgrade_required",
            field: Some("Upgrade"),
            message: "this route is a WebSocket".into(),
        }
    }

    /// Connections of the user were closed and are still there.
    pub(crate) fn too_many_held() -> Self {
        Self {
            status: 429,
            code: "too_many_connections",
            field: None,
            message: "too many connections of yours were closed and have not ended; end them, or try again in a minute"
                .into(),
        }
    }

    /// A user or an address connects more often than it may.
    pub(crate) fn too_many_connections() -> Self {
        Self {
            status: 429,
            code: ErrorCode::RateLimited.as_str(),
            field: None,
            message: "You connect too often. Wait a moment.".into(),
        }
    }

    /// A user, an address or all of them together make more rooms than they may.
    pub(crate) fn too_many_rooms() -> Self {
        Self {
            status: 429,
            code: ErrorCode::RateLimited.as_str(),
            field: Some("roomCode"),
            message: "There is no such room, and too many new ones are made. Wait a moment.".into(),
        }
    }

    /// What is stored of the room cannot be read or written, or it gives no answer.
    pub(crate) fn room_unavailable() -> Self {
        Self {
            status: 503,
            code: "room_unavailable",
            field: None,
            message: "This room cannot be opened now. Its operator is told why. Try another one."
                .into(),
        }
    }

    /// A fault of ours. What it was stands in the room's own log.
    pub(crate) fn internal() -> Self {
        Self {
            status: 500,
            code: ErrorCode::Internal.as_str(),
            field: None,
            message: "the room has a fault".into(),
        }
    }

    /// The page is of another origin than those that may play here.
    pub(crate) fn origin_not_allowed() -> Self {
        Self {
            status: 403,
            code: ErrorCode::OriginNotAllowed.as_str(),
            field: Some("Origin"),
            message: "This page may not play here.".into(),
        }
    }

    /// Nobody can be told apart. What is wrong stands in the health route and the log.
    pub(crate) fn misconfigured() -> Self {
        Self {
            status: 503,
            code: "identity_misconfigured",
            field: None,
            message: "Nobody can sign in here right now. Try again in a moment.".into(),
        }
    }
}

impl From<identity::Refusal> for Refusal {
    fn from(refusal: identity::Refusal) -> Self {
        Self {
            status: refusal.http_status(),
            code: refusal.code(),
            field: Some("token"),
            message: refusal.sentence().into(),
        }
    }
}
