//! A session whose panics are violations too.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::outcome::Outcome;
use crate::script::Script;
use crate::session::run;
use crate::violation::Violation;

/// Plays the script. A panic ends the session, and is what it came to.
#[must_use]
pub fn run_caught(script: &Script) -> Outcome {
    // Nothing of the session is left when it panics, so nothing can be seen half changed.
    catch_unwind(AssertUnwindSafe(|| run(script))).unwrap_or_else(|panic| Outcome {
        recordings: Vec::new(),
        seats: Vec::new(),
        rooms: Vec::new(),
        rows_written: 0,
        views_compared: 0,
        violations: vec![Violation::Panic {
            message: message(&*panic),
        }],
    })
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("of another type").to_owned()
}
