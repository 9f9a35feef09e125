//! What can happen to a client.

use alloc::string::String;

use protocol::CloseCode;
use sim_core::{Action, Buttons, Look, Preview};

/// An event for the client, handled at the time `now`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The connection asked for by `Output::Connect` is open.
    Opened,
    /// The connection brought a message.
    Message {
        /// Its bytes.
        bytes: &'a [u8],
        /// Whether it was a text message: JSON.
        text: bool,
    },
    /// The connection is gone, or could not be made.
    Closed {
        /// What the close frame said; `None` if there was none or its number is not ours.
        code: Option<CloseCode>,
    },
    /// These buttons are held from the next local step on.
    Buttons(Buttons),
    /// Shoot, build or take away, on the next local step.
    Act(Action),
    /// Show, move or hide what is about to be built.
    Preview(Option<Preview>),
    /// Play as another of the user's characters.
    SelectCharacter {
        /// The character.
        character_id: String,
    },
    /// Make or change a character.
    SaveCharacter {
        /// The character.
        character_id: String,
        /// Its name.
        name: String,
        /// Its appearance.
        look: Look,
    },
    /// The player leaves the room: the client closes the connection and does not reconnect.
    Leave,
    /// Time has passed. Called at any cadence, best at each frame drawn or at [`Client::due`](crate::Client::due).
    Advance,
}
