//! A connection to a room, as the game uses it, whatever the platform makes it of.

use netcode::Micros;
use protocol::CloseCode;

/// Makes connections.
pub trait Dial {
    /// What it makes.
    type Socket: Socket;

    /// Begins to connect. It never waits: how it went is the first thing that arrives.
    fn dial(&mut self, resume_token: Option<&str>) -> Self::Socket;
}

/// A connection that is made or being made. Dropped, it is closed.
pub trait Socket: Sized {
    /// Sends a message. On a connection that is not open nothing happens.
    fn send(&mut self, bytes: Vec<u8>, text: bool);

    /// Closes it with this code. Dropped, it is closed with [`CloseCode::Normal`].
    fn close(self, code: CloseCode);

    /// What has arrived by now and was not taken yet, the oldest of it.
    fn arrived(&mut self) -> Option<(Micros, Arrival)>;
}

/// Something that a connection brings. With it comes when it arrived, on the clock of [`Play`](crate::play::Play): what
/// waits for the next frame has not arrived later for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is open.
    Opened,
    /// A message.
    Message {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it was a text message.
        text: bool,
    },
    /// It is gone, or could not be made. Nothing follows.
    Closed {
        /// The number in the close frame, if there was one.
        code: Option<u16>,
    },
}
