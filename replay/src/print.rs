//! Standard output. Whoever reads it may stop early, as `head` does: then the rest is left unsaid, and the verdict and
//! the exit code stay what they are.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _, stdout};
use std::process::exit;

use crate::exit::Exit;

/// Prints a line; what `println!` does, without its panic when nobody reads on.
macro_rules! say {
    ($($line:tt)*) => { $crate::print::line(format_args!($($line)*)) };
}

pub(crate) fn line(line: Arguments<'_>) {
    match writeln!(stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => {
            eprintln!(
                "replay: standard output cannot be written: {error}. Check where it leads to."
            );
            exit(i32::from(Exit::Usage.code()));
        }
    }
}
