//! Target `reconcile`: whole sessions through every fault, in which nothing that the harness looks for is found.
//!
//! The input is [`Script::to_bytes`].

use harness::{Script, run_caught};

/// Checks it.
pub fn reconcile(bytes: &[u8]) {
    let outcome = run_caught(&Script::from_bytes(bytes));
    if let Some(violation) = outcome.violations.first() {
        panic!("{violation}");
    }
}
