//! The authority for one room: a state machine without I/O.
//!
//! * Time enters only as `now`, entropy only with [`Input::Connect`] and [`Input::Restore`]. Nothing here reads a clock or a generator.
//! * [`Room::handle`] gives an iterator that borrows the room, so outputs are taken before the next input. Outputs that are
//!   not taken stay until they are.
//! * [`Input::Wake`] and [`Input::Alarm`] run steps; so does a connection, its end or its message that finds a whole tick
//!   overdue. Every step that ever ran is in the log, which reruns to the same bits.
//! * A message that is refused is answered with its own error and changes neither world nor buffers.
//! * Every buffer, list and loop that catches up has a bound in [`limits`].
//!
//! A driver hands in what happens, does what the room asks for, and wakes the room when it is due:
//!
//! ```
//! use authority::{
//!     ConnId, Encoding, HashDetail, Hydration, Input, Millis, Output, Room, RoomConfig, UserRows,
//! };
//!
//! /// What a driver has: here sockets are a list of messages, and the clock is a number.
//! struct Driver {
//!     room: Room,
//!     now: Millis,
//!     wake_at: Option<Millis>,
//!     sent: Vec<Vec<u8>>,
//! }
//!
//! impl Driver {
//!     fn handle(&mut self, input: Input<'_>) {
//!         for output in self.room.handle(self.now, input) {
//!             match output {
//!                 Output::Send { bytes, .. } | Output::SendStored { bytes, .. } => self.sent.push(bytes),
//!                 Output::WakeAt(at) => self.wake_at = Some(at),
//!                 Output::Sleep => self.wake_at = None,
//!                 Output::Close { .. } => {} // close the socket
//!                 Output::Persist(_) | Output::LogStart(_) | Output::Log(_) => {} // one transaction
//!                 Output::Note(note) => println!("{note}"),
//!             }
//!         }
//!     }
//! }
//!
//! let now = Millis(1_800_000_000_000);
//! let config = RoomConfig {
//!     room_code: "den".to_owned(),
//!     seed: 7,
//!     build_id: "example".to_owned(),
//!     started_at_ms: now.0,
//!     hash_detail: HashDetail::EveryStep,
//! };
//! let room = Room::new(config, Hydration::Fresh);
//! let mut driver = Driver { room, now, wake_at: None, sent: Vec::new() };
//! let user_id = "anna".to_owned();
//! driver.handle(Input::UserLoaded { user_id: user_id.clone(), rows: UserRows::default() });
//! driver.handle(Input::Connect {
//!     conn: ConnId(1),
//!     encoding: Encoding::Json,
//!     user_id,
//!     resume: None,
//!     entropy: [7; 32],
//! });
//! while driver.room.stats().steps < 60 {
//!     driver.now = driver.wake_at.expect("a room with a player wants to be woken");
//!     driver.handle(Input::Wake);
//! }
//! assert!(driver.sent[0].starts_with(br#"{"v":2,"kind":"welcome""#));
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod archive;
mod checkpoint;
mod feed;
mod hydrate;
mod input;
pub mod limits;
mod lobby;
mod output;
mod rates;
mod recover;
mod refusal;
mod room;
mod rows;
mod schedule;
mod simulation;
mod stats;
mod stored_rows;
mod time;
mod token;

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
