//! A kernel: one version of the rules behind bytes, so that a recording reruns after the rules have changed.
//!
//! * A kernel is `sim_core`, the decoding of `input_log`'s payloads and the prediction of a client, compiled to a wasm module
//!   without imports. [`export`] makes one of anything that implements [`Translate`].
//! * [`Archived`] is such a module as a [`Kernel`](input_log::Kernel): whatever reruns with the rules of this build reruns with
//!   it. An engine that runs wasm brings an [`Instance`].
//! * Between the two go handles, numbers and bytes, see [`Call`]. What a kernel says of its worlds is JSON that describes
//!   itself, and the host reads it into the types of this build: [`Translate`].
//! * No file, clock or engine is in here. The modules that are kept are in the crate `kernels`.
#![forbid(unsafe_code)]

mod calls;
mod guest;
mod host;
mod in_process;
mod prediction;
mod translate;

pub use calls::Call;
pub use guest::Guest;
pub use host::{Archived, Instance, KernelError, Thing};
pub use in_process::InProcess;
pub use prediction::Prediction;
pub use translate::{Moment, Phases, Snapshot, Translate};
