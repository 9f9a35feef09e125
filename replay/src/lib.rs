//! Reruns recordings of sessions and says where they differ from what was recorded.
//!
//! * Everything that the command line does is a function here, so that tests call what people call.
//! * Bytes of a recording never panic: they are [`Failure::Unreadable`], or their intact part is used and the rest is
//!   said to be lost.
//! * What is said passes through one place, which spells out what a terminal would act on.
//! * The only clock is the one that measures speed and drives live bots; no verdict depends on it.

#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "they panic when nobody reads, and show what a terminal acts on; `say!` and `complain!` do not"
)]

#[macro_use]
mod print;

mod altered;
mod archive;
mod bench;
mod cli;
mod corpus;
mod divergence;
mod edits;
#[cfg(feature = "engine")]
mod engine;
#[cfg(not(feature = "engine"))]
#[path = "no_engine.rs"]
mod engine;
mod exit;
mod fetch;
mod info;
mod inspect;
mod journey;
mod live;
mod live_bot;
mod loss;
mod manual;
mod many;
mod output;
mod phase;
mod plain;
mod predictions;
mod record;
mod record_args;
mod report;
mod rerun;
mod rules_args;
mod save;
mod simulate;
mod source;
mod unread;
mod verify;
mod why;

pub use cli::run;
pub use divergence::{Basis, Divergence};
pub use exit::{Exit, Failure};
pub use info::{Info, info};
pub use inspect::{Inspection, inspect};
pub use loss::Loss;
pub use phase::PhaseDiff;
pub use predictions::{Compared, Prediction, Wrong, compare, read as read_predictions};
pub use record::script_of;
pub use record_args::RecordArgs;
pub use rerun::{Home, Rules};
pub use verify::{Verdict, verify};
pub use why::{Why, why};
