//! Protocol v2: what clients and rooms say to each other, typed once, in two encodings.
//!
//! * [`ClientMessage`] and [`ServerMessage`] are every message there is. JSON is the reference encoding; the binary one
//!   carries the very same values in about a twentieth of the bytes.
//! * A decoder never panics, allocates no more than its [`limits`] allow, and names the field that it refuses.
//! * A [`View`] is what a snapshot shows of a world. Between two views there are [`SnapshotDelta`]: applying
//!   `View::diff(base, now)` to `base` gives `now`, bit for bit, after either encoding.
//! * Nothing here knows about order or time: whether a `seq` is late is the authority's to say.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod binary;
mod changes;
mod client;
mod close;
mod code;
mod command;
mod entries;
mod error;
mod event;
mod form;
mod json;
pub mod limits;
mod name;
mod proof;
mod receipt;
pub mod schema;
mod server;
mod snapshot_delta;
mod validate;
mod view;

pub use changes::Changes;
pub use client::{ClientMessage, Envelope};
pub use close::CloseCode;
pub use code::ErrorCode;
pub use command::{ClientCommand, Input, Predicted};
pub use error::{DecodeError, Reason};
pub use event::ServerEvent;
pub use name::{NameError, check_name, repaired_name};
pub use proof::Proof;
pub use receipt::Receipt;
pub use server::{
    Ack, ErrorBody, Limits, Mode, Profile, Rates, ServerBody, ServerMessage, Snapshot, Timing,
    Welcome,
};
pub use snapshot_delta::{BuildChanges, PlayerState, Presence, SnapshotDelta};
pub use view::{ApplyError, Identity, View};

use alloc::vec::Vec;

use binary::Layout;
use limits::{CLIENT_MESSAGE_BYTES_MAX, SERVER_MESSAGE_BYTES_MAX};

/// The version that this build speaks.
pub const PROTOCOL_VERSION: u8 = 2;
/// The oldest version that this build still understands, so that clients survive a roll-out.
pub const PROTOCOL_VERSION_OLDEST: u8 = PROTOCOL_VERSION - 1;

/// A ping that is always the same, in a text frame whatever encoding was agreed on. It has no number, so that a host can
/// answer it in the room's place with [`KEEPALIVE_ANSWER`], and the room need not be in memory.
pub const KEEPALIVE: &str = r#"{"v":2,"kind":"ping","seq":0,"clientTime":0}"#;
/// The answer to [`KEEPALIVE`]. It says that the line is open, and nothing of the room or its clock.
pub const KEEPALIVE_ANSWER: &str =
    r#"{"v":2,"kind":"pong","serverTime":0,"step":0,"seq":0,"clientTime":0}"#;

/// How messages become bytes; agreed on by WebSocket subprotocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Text frames; the reference and the default.
    Json,
    /// Binary frames, in the newest layout.
    Binary,
    /// Binary frames in layout 1, for clients of the build before: it has no place for proofs.
    Binary1,
}

impl Encoding {
    /// All that a room speaks.
    pub const ALL: [Self; 3] = [Self::Json, Self::Binary, Self::Binary1];
    /// Those that clients of this build speak.
    pub const CURRENT: [Self; 2] = [Self::Json, Self::Binary];

    /// The name of the WebSocket subprotocol.
    #[must_use]
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "bitfort.v2.json",
            Self::Binary => "bitfort.v2.bin2",
            Self::Binary1 => "bitfort.v2.bin",
        }
    }

    /// Whether its messages travel in text frames.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Json)
    }
}

/// A client's message as bytes. Proofs are left out where the encoding has no place for them.
///
/// # Panics
/// If a clock is not a finite number.
#[must_use]
pub fn encode_client(message: &ClientMessage, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Json => json::encode_client(message),
        Encoding::Binary => binary::encode_client(message, Layout::Two),
        Encoding::Binary1 => binary::encode_client(message, Layout::One),
    }
}

/// A client's message from bytes that may be anything.
///
/// # Errors
/// The first check that fails.
pub fn decode_client(bytes: &[u8], encoding: Encoding) -> Result<ClientMessage, DecodeError> {
    no_longer(bytes, CLIENT_MESSAGE_BYTES_MAX)?;
    let message = match encoding {
        Encoding::Json => json::decode_client(bytes),
        Encoding::Binary => binary::decode_client(bytes, Layout::Two),
        Encoding::Binary1 => binary::decode_client(bytes, Layout::One),
    }?;
    validate::client(&message)?;
    Ok(message)
}

/// A room's message as bytes. Proofs are left out where the encoding has no place for them. `base` is the view that a delta snapshot is against: the binary encoding counts from it.
///
/// # Panics
/// If a clock is not a finite number, if a binary delta comes without its base or with one that is not older, or if a
/// cell is not in the arena.
#[must_use]
pub fn encode_server(message: &ServerMessage, encoding: Encoding, base: Option<&View>) -> Vec<u8> {
    match encoding {
        Encoding::Json => json::encode_server(message),
        Encoding::Binary => binary::encode_server(message, Layout::Two, base),
        Encoding::Binary1 => binary::encode_server(message, Layout::One, base),
    }
}

/// A room's message from bytes that may be anything. `base` is asked for the view of the snapshot that a binary delta
/// counts from, by its id.
///
/// # Errors
/// The first check that fails; [`Reason::UnknownBase`] if `base` does not have the view.
pub fn decode_server<'view>(
    bytes: &[u8],
    encoding: Encoding,
    base: impl FnOnce(u32) -> Option<&'view View>,
) -> Result<ServerMessage, DecodeError> {
    no_longer(bytes, SERVER_MESSAGE_BYTES_MAX)?;
    let message = match encoding {
        Encoding::Json => json::decode_server(bytes),
        Encoding::Binary => binary::decode_server(bytes, Layout::Two, base),
        Encoding::Binary1 => binary::decode_server(bytes, Layout::One, base),
    }?;
    validate::server(&message)?;
    Ok(message)
}

fn no_longer(message: &[u8], max: usize) -> Result<(), DecodeError> {
    let bytes = message.len();
    if bytes > max {
        return Err(Reason::TooLong { bytes, max }.into());
    }
    Ok(())
}
