//! What a room asks of its driver.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use protocol::CloseCode;
use sim_core::Step;

use crate::input::ConnId;
use crate::rows::Persist;
use crate::time::Millis;

/// One thing for the driver to do, in this order. All [`Output::Persist`], [`Output::LogStart`] and [`Output::Log`] of
/// one `handle` belong into one transaction.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are a few at a time, and they are taken at once"
)]
pub enum Output {
    /// Send a message.
    Send {
        /// The connection that gets it.
        conn: ConnId,
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it goes into a text frame.
        text: bool,
    },
    /// Send a message that says that something is stored, once every output before it is stored. Drop it if storing fails.
    SendStored {
        /// The connection that gets it.
        conn: ConnId,
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it goes into a text frame.
        text: bool,
    },
    /// Close a connection. The room has already forgotten it.
    Close {
        /// The connection.
        conn: ConnId,
        /// [`CloseCode::number`].
        code: u16,
        /// [`CloseCode::reason`].
        reason: &'static str,
    },
    /// Hand in [`Input::Wake`](crate::Input::Wake) at this time, instead of the time that was asked for before.
    WakeAt(Millis),
    /// Forget the time that was asked for: nothing is due. Everything is stored, so the room may leave memory.
    Sleep,
    /// Store rows.
    Persist(Persist),
    /// A recording begins with these bytes: a new row of `log_sessions`, to which the blocks that follow belong.
    LogStart(Vec<u8>),
    /// Append to the recording.
    Log(Vec<u8>),
    /// Write a line to the operator's log.
    Note(Note),
}

/// A line for the operator's log. It holds neither tokens nor text of players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// More time passed than the room may catch up with.
    TimeDropped {
        /// Milliseconds that are dropped.
        ms: u64,
    },
    /// Rows contradicted the rules and were left out.
    RowsLeftOut {
        /// Number of rows.
        rows: usize,
    },
    /// A connection was closed by the room.
    Closed {
        /// The connection.
        conn: ConnId,
        /// Code that it was closed with.
        code: CloseCode,
    },
    /// A recording began.
    Recording {
        /// The step of its first keyframe.
        step: Step,
    },
    /// A counter came near its end. Structures and projectiles are renumbered from here on.
    CountedAnew {
        /// Step after which that happened; 0 if steps are counted from 0 again.
        step: Step,
    },
    /// The room woke up.
    Woke {
        /// Steps that it slept through.
        steps: u64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimeDropped { ms } => write!(out, "{ms} ms are dropped, they came too late"),
            Self::RowsLeftOut { rows } => {
                write!(out, "{rows} rows contradict the rules and are left out")
            }
            Self::Closed { conn, code } => {
                write!(out, "connection {} is closed: {}", conn.0, code.reason())
            }
            Self::Recording { step } => write!(out, "a recording begins after step {step}"),
            Self::CountedAnew { step } => write!(out, "ids are counted anew after step {step}"),
            Self::Woke { steps } => write!(out, "the room wakes up after {steps} steps"),
        }
    }
}

/// Outputs, oldest first. Those that are not taken stay, and come first with the next input.
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
    use alloc::string::ToString as _;

    use super::*;
    use crate::input::{Hydration, Input, RoomConfig};
    use crate::room::Room;

    #[test]
    fn outputs_that_are_not_taken_come_first_with_the_next_input() {
        let config = RoomConfig::of_a_test();
        let [mut prompt, mut late] = [0; 2].map(|_| Room::new(config.clone(), Hydration::Fresh));
        let inputs = || {
            let connect = Input::Connect {
                conn: ConnId(1),
                encoding: protocol::Encoding::Json,
                user_id: "anna".to_string(),
                resume: None,
                entropy: [1; 32],
            };
            [connect, Input::Wake, Input::Flush].into_iter().zip(1..)
        };
        let mut taken = Vec::new();
        for (input, second) in inputs() {
            taken.extend(prompt.handle(Millis(1_000 * second), input));
        }
        let mut taken_late = Vec::new();
        for (input, second) in inputs() {
            let mut outputs = late.handle(Millis(1_000 * second), input);
            assert!(outputs.len() > 1);
            taken_late.extend(outputs.next());
        }
        taken_late.extend(late.handle(Millis(3_000), Input::Flush));
        taken.extend(prompt.handle(Millis(3_000), Input::Flush));
        assert_eq!(taken_late, taken);
    }
}
