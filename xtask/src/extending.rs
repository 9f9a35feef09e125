//! `cargo xtask extending`: the example of the extension guide, compiled in a copy of the repository, tests and all.
//!
//! The steps of `docs/EXTENDING.md` are patches in `docs/extending/`, in the order of their names.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::mutants::copy::Copy;
use crate::run::{root, run_for_output, target_dir};

/// Files that somebody edits for an ability with a cooldown, at most.
const FILES_MAX: usize = 20;
/// Lines that they insert, at most.
const LINES_MAX: usize = 400;

/// Crates that must compile then.
const CRATES: [&str; 9] = [
    "sim-core",
    "protocol",
    "input-log",
    "netcode",
    "authority",
    "harness",
    "game-client",
    "fuzz-checks",
    "replay",
];

/// Runs the command.
pub(crate) fn extending() -> anyhow::Result<String> {
    let patches = patches()?;
    let mut size = Size::default();
    for patch in &patches {
        let text = std::fs::read_to_string(patch).with_context(|| patch.display().to_string())?;
        size.add(&text);
    }
    let said = format!(
        "{} patches, {} files, {} inserted lines",
        patches.len(),
        size.files.len(),
        size.lines
    );
    ensure!(
        size.files.len() <= FILES_MAX && size.lines <= LINES_MAX,
        "{said}; at most {FILES_MAX} files and {LINES_MAX} lines"
    );
    let folder = target_dir().join("extending");
    let copy = Copy::of(&root(), &folder)?;
    for patch in &patches {
        let mut apply = Command::new("git");
        apply
            .args(["apply", "--whitespace=nowarn"])
            .arg(patch)
            .current_dir(copy.tree())
            // The copy may lie in a checkout, and is none.
            .env("GIT_CEILING_DIRECTORIES", &folder);
        let (_, applies) = run_for_output(&mut apply, false)?;
        ensure!(
            applies,
            "{} does not apply any more; docs/EXTENDING.md says how it is made anew",
            patch.display()
        );
    }
    let mut args = vec!["check", "--quiet", "--locked", "--all-targets"];
    args.extend(CRATES.iter().flat_map(|name| ["--package", *name]));
    let (_, compiles) = run_for_output(&mut copy.cargo(&args), false)?;
    ensure!(compiles, "with the patches not everything compiles");
    Ok(said)
}

/// The patches, in their order.
fn patches() -> anyhow::Result<Vec<PathBuf>> {
    let folder = root().join("docs/extending");
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut patches = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "patch") {
            patches.push(path);
        }
    }
    patches.sort();
    ensure!(!patches.is_empty(), "{} has no patches", folder.display());
    Ok(patches)
}

/// How much patches change.
#[derive(Debug, Default)]
struct Size {
    files: BTreeSet<String>,
    lines: usize,
}

impl Size {
    fn add(&mut self, patch: &str) {
        for line in patch.lines() {
            if let Some(file) = line.strip_prefix("+++ b/") {
                self.files.insert(file.to_owned());
            } else if line.starts_with('+') && !line.starts_with("+++") {
                self.lines += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_counts_once_and_every_inserted_line() {
        let mut size = Size::default();
        size.add("--- a/x.rs\n+++ b/x.rs\n@@ -1 +1,2 @@\n-one\n+two\n+three\n");
        size.add("--- a/x.rs\n+++ b/x.rs\n@@ -1 +1 @@\n+four\n--- /dev/null\n+++ b/y.rs\n+five\n");
        assert_eq!(size.files.len(), 2);
        assert_eq!(size.lines, 4);
    }
}
