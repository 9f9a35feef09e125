//! What a client asks of its driver.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use protocol::CloseCode;
use sim_core::{PlayerId, Reject, StructureId};

use crate::correction::Correction;
use crate::time::Micros;

/// One thing for the driver to do or to know, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Open a connection, in place of the one before; answer with `Input::Opened` or `Input::Closed`.
    Connect {
        /// The seat to take again.
        resume_token: Option<String>,
        /// How many attempts have failed since the last welcome.
        attempt: u32,
    },
    /// Send a message on the open connection.
    Send {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it is a text message: JSON.
        text: bool,
    },
    /// Close the connection; it needs no answer.
    Close {
        /// For the close frame.
        code: CloseCode,
    },
    /// A local step was predicted.
    Stepped {
        /// The input it consumed.
        seq: u32,
    },
    /// The prediction was wrong and has been repaired.
    Corrected(Correction),
    /// Something for the player to know.
    Event(Event),
}

/// Something for the player to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The room let the client in.
    Welcomed {
        /// Its player.
        player: PlayerId,
        /// Whether it took its old seat again.
        resumed: bool,
    },
    /// The room runs other rules than this build, which must be replaced: the client stops.
    Outdated,
    /// The connection is gone.
    Disconnected {
        /// When the next attempt is made; `None` if there will not be one.
        retry_at: Option<Micros>,
    },
    /// What the player asked for is against the rules as far as the client knows; it was not sent.
    Refused(Reject),
    /// The authority acknowledged a placing.
    Placed {
        /// The structure's name.
        id: StructureId,
    },
    /// What was placed or removed is stored: no failure of the room undoes it.
    Stored {
        /// The structure's name.
        id: StructureId,
    },
    /// The authority refused something.
    Failed {
        /// What it was about.
        code: protocol::ErrorCode,
        /// In its words.
        message: String,
    },
    /// Something happened in the room.
    Room(protocol::ServerEvent),
}

/// What is to be done, oldest first. What is not taken stays, and comes first with the next input.
#[derive(Debug)]
pub struct Outputs<'a>(pub(crate) &'a mut VecDeque<Output>);

impl Iterator for Outputs<'_> {
    type Item = Output;

    fn next(&mut self) -> Option<Output> {
        self.0.pop_front()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for Outputs<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Client, ClientConfig, Input};

    #[test]
    fn outputs_that_are_not_taken_come_first_with_the_next_input() {
        let mut client = Client::new(ClientConfig {
            seed: 1,
            json: true,
            resume_token: None,
        });
        assert_eq!(client.handle(Micros(0), Input::Advance).len(), 1);
        let closed = Input::Closed { code: None };
        let outputs: Vec<Output> = client.handle(Micros(1), closed).collect();
        let [
            Output::Connect { attempt: 0, .. },
            Output::Event(Event::Disconnected { .. }),
        ] = outputs.as_slice()
        else {
            panic!("{outputs:?}");
        };
        assert_eq!(client.handle(Micros(1), Input::Advance).len(), 0);
    }
}
