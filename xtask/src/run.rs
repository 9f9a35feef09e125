//! Child processes: where the repository is, and running a command in it without a terminal behind it.
//!
//! * What commands of one thread print can be kept together, so that steps that run side by side are told one after the
//!   other.
//! * Such commands run gently: a scene that waits on the clock gets the processor before a compiler does.

use std::cell::{Cell, RefCell};
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// How nice compilers are to whoever waits for a clock, and those that others wait for.
const NICE: &str = "15";
const NICE_IN_A_HURRY: &str = "10";

thread_local! {
    /// What this thread has said, while it is kept.
    static KEPT: RefCell<Option<String>> = const { RefCell::new(None) };
    /// How nice this thread's compilers are.
    static NICENESS: Cell<&'static str> = const { Cell::new(NICE) };
}

/// Does something that others wait for: its compilers get three times as much of the processor as those beside them.
pub(crate) fn hurried<T>(work: impl FnOnce() -> T) -> T {
    let before = NICENESS.replace(NICE_IN_A_HURRY);
    let result = work();
    NICENESS.set(before);
    result
}

/// Does something and gives back what it said meanwhile, in this thread.
pub(crate) fn kept<T>(work: impl FnOnce() -> T) -> (T, String) {
    let before = KEPT.replace(Some(String::new()));
    let result = work();
    let said = KEPT.replace(before).unwrap_or_default();
    (result, said)
}

/// Prints a line, or keeps it.
pub(crate) fn say(line: &str) {
    KEPT.with_borrow_mut(|kept| match kept {
        Some(kept) => {
            kept.push_str(line);
            kept.push('\n');
        }
        None => println!("{line}"),
    });
}

fn is_kept() -> bool {
    KEPT.with_borrow(Option::is_some)
}

/// The root of the repository that this binary is run in. Where it was built may be another checkout with the same target
/// folder: cargo takes two packages for one whose paths below their workspaces are the same.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = here.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    here.parent()
        .expect("xtask stands one folder below the root")
        .to_path_buf()
}

/// Where cargo puts what it builds: the variable, or `target` at the root.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Cargo, at the root, with the arguments given.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = compiler(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// A program that takes all the processors that it can get. Side by side with others it is the last to get one.
pub(crate) fn compiler(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !cfg!(unix) || !is_kept() {
        return Command::new(program);
    }
    let mut command = Command::new("nice");
    command.args(["-n", NICENESS.get()]).arg(program);
    command
}

/// Runs a command to its end with its output passed on. An error names the command.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = show(command);
    say(&format!("$ {shown}"));
    command.stdin(Stdio::null());
    let cannot_start = || format!("cannot start `{shown}`");
    let status = if is_kept() {
        let (reader, writer) = std::io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(cannot_start)?;
        // The writing ends are the child's alone then, so that the pipe ends with it.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        lines(reader, say)?;
        child.wait()
    } else {
        command.status()
    };
    let status = status.with_context(cannot_start)?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a command to its end and gives back its standard output and whether it succeeded. With `pass_on` each line is
/// said as it comes.
pub(crate) fn run_for_output(
    command: &mut Command,
    pass_on: bool,
) -> anyhow::Result<(String, bool)> {
    let shown = show(command);
    say(&format!("$ {shown}"));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if is_kept() {
        command.stderr(Stdio::piped());
    }
    let start = || format!("cannot start `{shown}`");
    let mut child = command.spawn().with_context(start)?;
    let stdout = child.stdout.take().expect("it was asked for as a pipe");
    let errors = child.stderr.take().map(|stderr| {
        std::thread::spawn(move || {
            let mut text = String::new();
            let _ = lines(stderr, |line| text.push_str(&format!("{line}\n")));
            text
        })
    });
    let mut text = String::new();
    let read = lines(stdout, |line| {
        if pass_on {
            say(line);
        }
        text.push_str(line);
        text.push('\n');
    });
    read.with_context(|| format!("reading from `{shown}`"))?;
    if let Some(errors) = errors {
        let errors = errors.join().expect("it only reads");
        errors.lines().for_each(say);
    }
    Ok((text, child.wait()?.success()))
}

/// Reads lines to the end, whatever bytes are in them.
fn lines(from: impl Read, mut to: impl FnMut(&str)) -> std::io::Result<()> {
    for line in BufReader::new(from).split(b'\n') {
        to(String::from_utf8_lossy(&line?).trim_end_matches('\r'));
    }
    Ok(())
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let mut text = name.into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn what_is_kept_is_what_this_thread_said() {
        let other = std::thread::spawn(|| kept(|| say("elsewhere")));
        let (number, said) = kept(|| {
            say("one");
            let inner = kept(|| say("two"));
            assert_eq!(inner.1, "two\n");
            say("three");
            7
        });
        assert_eq!((number, said.as_str()), (7, "one\nthree\n"));
        assert_eq!(other.join().unwrap().1, "elsewhere\n");
    }

    #[cfg(unix)]
    #[test]
    fn both_streams_of_a_command_are_kept() {
        let script = "echo out; echo bad >&2; exit 3";
        let sh = || {
            let mut sh = Command::new("sh");
            sh.args(["-c", script]);
            sh
        };
        let (result, said) = kept(|| run(&mut sh()));
        assert!(result.is_err());
        assert!(said.contains("out\n") && said.contains("bad\n"), "{said}");
        let (result, said) = kept(|| run_for_output(&mut sh(), false));
        assert_eq!(result.unwrap(), ("out\n".to_owned(), false));
        assert!(
            !said.contains("\nout\n") && said.contains("bad\n"),
            "{said}"
        );
    }
}
