//! Reruns recordings of sessions and says where they differ from what was recorded.
//!
//! * Everything that the command line does is a function here, so that tests call what people call.
//! * Bytes of a recording never panic: they are [`Failure::Unreadable`], or their intact part is used and the rest is
//!   said to be lost.
//! * The only clock is the one that measures speed and drives live bots; no verdict depends on it.

#[macro_use]
mod print;

mod altered;
mod cli;
mod corpus;
mod divergence;
mod edits;
mod exit;
mod fetch;
mod info;
mod inspect;
mod live;
mod live_bot;
mod output;
mod predictions;
mod record;
mod rerun;
mod simulate;
mod verify;

pub use cli::{Cli, run};
pub use divergence::{Basis, Divergence};
pub use exit::{Exit, Failure};
pub use info::{Info, info};
pub use inspect::{Inspection, inspect};
pub use predictions::{Compared, Prediction, Wrong, compare, read as read_predictions};
pub use record::{RecordArgs, script_of};
pub use verify::{Loss, Options, Verdict, verify};
