//! What a client says.

use crate::command::ClientCommand;

/// A message from a client.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// Something to do.
    Command(Envelope),
    /// A question that a `pong` answers at once.
    Ping {
        /// Counted together with the commands' `seq`.
        seq: u32,
        /// The client's clock, in milliseconds.
        client_time: f64,
    },
}

/// A command with what every command carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Number of the message on its connection, strictly increasing.
    pub seq: u32,
    /// The client's clock, in milliseconds.
    pub client_time: f64,
    /// What to do.
    pub command: ClientCommand,
}

impl ClientMessage {
    /// The message's number on its connection.
    #[must_use]
    pub const fn seq(&self) -> u32 {
        match self {
            Self::Command(envelope) => envelope.seq,
            Self::Ping { seq, .. } => *seq,
        }
    }
}
