//! What a room asks of its driver.

use alloc::vec::Vec;

use alloc::vec::Drain;
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
        /// To whom.
        conn: ConnId,
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it goes into a text frame.
        text: bool,
    },
    /// Send a message, but only when everything that was to be stored before it is: it says so. Nothing if that failed.
    SendStored {
        /// To whom.
        conn: ConnId,
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether it goes into a text frame.
        text: bool,
    },
    /// Close a connection, which the room has already forgotten.
    Close {
        /// Which.
        conn: ConnId,
        /// [`CloseCode::number`].
        code: u16,
        /// [`CloseCode::reason`].
        reason: &'static str,
    },
    /// Call with [`Input::Wake`](crate::Input::Wake) at this time. It replaces the time that was asked for before.
    WakeAt(Millis),
    /// Nothing is due: forget the time that was asked for. Everything is stored, so the room may leave the memory.
    Sleep,
    /// Store rows.
    Persist(Persist),
    /// A recording begins with these bytes: a new row of `log_sessions`, to which the blocks that follow belong.
    LogStart(Vec<u8>),
    /// Append to the recording.
    Log(Vec<u8>),
    /// Something for the operator to know.
    Note(Note),
}

/// Something for the operator to know; holds neither tokens nor what players wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// More time passed than the room may catch up with.
    TimeDropped {
        /// How much.
        ms: u64,
    },
    /// Rows contradicted the rules and were left out.
    RowsLeftOut {
        /// How many.
        rows: usize,
    },
    /// A connection was closed by the room.
    Closed {
        /// Which.
        conn: ConnId,
        /// Why.
        code: CloseCode,
    },
    /// A recording began.
    Recording {
        /// The step of its first keyframe.
        step: Step,
    },
    /// Counters came near their end: structures and projectiles have other ids from here on.
    CountedAnew {
        /// After which step; 0 if the steps, too, begin again.
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

/// The outputs of one input, in order. Those not taken are lost with it.
#[derive(Debug)]
pub struct Outputs<'a>(pub(crate) Drain<'a, Output>);

impl Iterator for Outputs<'_> {
    type Item = Output;

    fn next(&mut self) -> Option<Output> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Outputs<'_> {}
