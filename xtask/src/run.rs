//! Child processes: where the repository is, and running a command in it without a terminal behind it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

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
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// Runs a command to its end with its output passed on. An error names the command.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = show(command);
    println!("$ {shown}");
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs a command to its end and gives back its standard output and whether it succeeded. With `pass_on` each line is
/// printed as it comes.
pub(crate) fn run_for_output(
    command: &mut Command,
    pass_on: bool,
) -> anyhow::Result<(String, bool)> {
    let shown = show(command);
    println!("$ {shown}");
    let start = || format!("cannot start `{shown}`");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(start)?;
    let stdout = child
        .stdout
        .take()
        .expect("standard output was asked for as a pipe");
    let mut text = String::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.with_context(|| format!("reading from `{shown}`"))?;
        if pass_on {
            println!("{line}");
        }
        text.push_str(&line);
        text.push('\n');
    }
    Ok((text, child.wait()?.success()))
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
