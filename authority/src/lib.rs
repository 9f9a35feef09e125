//! The authority for one room: a state machine without I/O.
//!
//! * Time enters only as `now`, entropy only with [`Input::Connect`] and [`Input::Restore`]. Nothing here reads a clock or a generator.
//! * [`Room::handle`] gives an iterator that borrows the room, so outputs are drained before the next input.
//! * [`Input::Wake`] and [`Input::Alarm`] run steps; so does a connection, its end or its message that finds a whole tick
//!   overdue. Every step that ever ran is in the log, which reruns to the same bits.
//! * A message that is refused is answered with its own error and changes neither world nor buffers.
//! * Every buffer, list and loop that catches up has a bound in [`limits`].
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod anew;
mod backfill;
mod characters;
mod checkpoint;
mod clock;
mod commands;
mod connection;
mod enter;
mod hydrate;
mod input;
mod input_buffer;
pub mod limits;
mod message;
mod output;
mod persist;
mod proof;
mod rates;
mod record;
mod recover;
mod refusal;
mod room;
mod rows;
mod scratch;
mod seats;
mod silence;
mod snapshot_stream;
mod stats;
mod step;
mod store;
mod stored_rows;
mod tick;
mod time;
mod token;
mod unread;
mod users;
mod visitor;

pub use checkpoint::{Checkpoint, CheckpointError, RoomCheckpoint};
pub use input::{ConnId, Hydration, Input, RoomConfig, Tables};
pub use output::{Note, Output, Outputs};
pub use recover::{RecoverError, Recovered, recover};
pub use room::{Room, Waiting};
pub use rows::{
    ActiveProfileRow, CheckpointRow, MetaRow, PartialProfileRow, Persist, ProfileRow, StructureRow,
    TokenRow, UserRows,
};
pub use stats::{LATENESS_BOUNDS_MS, Lateness, PlayerStats, SeatCounts, Stats};
pub use stored_rows::StoredRows;
pub use time::Millis;
pub use token::ResumeHash;

pub use input_log::HashDetail;
pub use protocol::{CloseCode, Encoding};
