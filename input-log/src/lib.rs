//! The recording of a session: everything that happened to a world, and enough to prove that a rerun is the same.
//!
//! * A recording is [`Header::encode`] followed by what every [`Writer::flush`] and [`Writer::finish`] gave, in order.
//!   The bytes are described in `docs/FORMAT.md`.
//! * Step `n` is the step after which `World::step_number()` is `n`: after a keyframe at 10 comes step 11.
//! * Reading never panics and never takes more memory than the limits allow, whatever the bytes are.
//!   [`Recording::open`] checks and decodes all of them; what is behind the first damage is said in [`Lost`], and what
//!   is before it reads without errors.
//! * The same calls write the same bytes on every target and in every build profile.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod block;
mod bytes;
mod ending;
mod entries;
mod entry;
mod evidence;
pub mod forge;
mod framing;
mod hashes;
mod header;
pub mod kernel;
pub mod limits;
mod loss;
mod native;
mod recording;
mod rerun;
mod unpack;
mod verifier;
mod writer;

pub use block::{BlockInfo, Chain, Kind};
pub use ending::ending;
pub use entries::Entries;
pub use entry::{Entry, EntryOf, Keyframe};
pub use evidence::{
    Acked, Connected, Consumed, Dropped, Evidence, Mismatch, PlayerEvidence, STEPS_PER_SENT, Sent,
    Slack, Stall, Starved,
};
pub use framing::Framing;
pub use hashes::{Check, StepDigest};
pub use header::{FORMAT_VERSION, HashDetail, Header, OpenError};
pub use kernel::Kernel;
pub use loss::{Lost, LostReason};
pub use native::Native;
pub use recording::Recording;
pub use rerun::Rerun;
pub use verifier::{Diverged, Verified, VerifiedOf, Verifier};
pub use writer::Writer;
