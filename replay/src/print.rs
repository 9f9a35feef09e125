//! Standard output and standard error.
//!
//! * Everything that the tool says passes through here, so that nothing in it acts on a terminal; see [`crate::plain`].
//! * Whoever reads may stop early, as `head` does: then the rest is left unsaid, and the verdict and the exit code stay what
//!   they are.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _, stderr, stdout};
use std::process::exit;

use crate::exit::Exit;
use crate::plain;

/// Prints a line; what `println!` does, without its panic when nobody reads on.
macro_rules! say {
    ($($line:tt)*) => { $crate::print::line(format_args!($($line)*)) };
}

/// Prints a line on standard error; what `eprintln!` does, without its panic when nobody reads.
macro_rules! complain {
    ($($line:tt)*) => { $crate::print::complaint(format_args!($($line)*)) };
}

pub(crate) fn line(line: Arguments<'_>) {
    put(&plain::line(&line.to_string()));
}

/// Prints one line of JSON.
pub(crate) fn json(line: &str) {
    put(&plain::json(line));
}

pub(crate) fn complaint(line: Arguments<'_>) {
    status(&format!("{}\n", plain::line(&line.to_string())));
}

/// Prints text of our own on standard error, as it is.
pub(crate) fn status(text: &str) {
    // There is no other place to say that it cannot be said.
    let _ = stderr()
        .write_all(text.as_bytes())
        .and_then(|()| stderr().flush());
}

fn put(line: &str) {
    match writeln!(stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => unwritable(&error),
    }
}

/// Ends the process: the answer could not be given.
pub(crate) fn unwritable(error: &std::io::Error) -> ! {
    complain!("replay: standard output cannot be written: {error}. Check where it leads to.");
    exit(i32::from(Exit::Usage.code()));
}
