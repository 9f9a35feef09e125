//! What a client and its machine say to each other: what the client wants done, and what reaches it.

use protocol::CloseCode;

/// What the player's client wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientAction {
    Connect { token: Option<String> },
    Send { bytes: Vec<u8> },
    Close,
}

/// What reaches a client.
#[derive(Debug)]
pub(crate) enum Reaches<'a> {
    Time,
    Opened,
    Closed { code: Option<CloseCode> },
    Message { bytes: &'a [u8], text: bool },
}
