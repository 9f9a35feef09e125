//! `cargo xtask extending`: the example of the extension guide, compiled and tested in a copy of the repository.
//!
//! The steps of `docs/EXTENDING.md` are patches in `docs/extending/`, in the order of their names.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};

use crate::mutants::copy::Copy;
use crate::report::{Counts, test_counts};
use crate::run::{root, run_for_output, target_dir};

/// Files that somebody edits for an ability with a cooldown, at most.
const FILES_MAX: usize = 20;
/// Lines that they insert, at most.
const LINES_MAX: usize = 400;

/// What is written by commands then, as the guide says: a package, and its tests that write it.
const BLESSED: [(&str, &[&str]); 2] = [
    ("sim-core", &["golden"]),
    ("protocol", &["schema", "growth"]),
];
/// Crates whose tests hold then: the rules, and what the wire and the recording say of them.
const TESTED: [&str; 3] = ["sim-core", "protocol", "input-log"];
/// Crates that compile then, tests and all. What they test is what they tested before.
const COMPILED: [&str; 6] = [
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
    let copy = Copy::with_patches(&root(), &target_dir().join("extending"), &patches)
        .context("docs/EXTENDING.md says how the patches are made anew")?;
    let cargo = |args: &[&str]| {
        let mut cargo = copy.cargo(args);
        // Most of the time goes into compiling.
        cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
        cargo
    };
    for (package, tests) in BLESSED {
        let mut args = vec!["test", "--quiet", "--locked", "--package", package];
        args.extend(tests.iter().flat_map(|name| ["--test", *name]));
        let mut bless = cargo(&args);
        let (output, holds) = run_for_output(bless.env("BITFORT_BLESS", "1"), false)?;
        ensure!(
            holds,
            "`{package}` is not blessed with the patches:\n{output}"
        );
    }
    let of = |names: &[&'static str]| -> Vec<&'static str> {
        names.iter().flat_map(|name| ["--package", *name]).collect()
    };
    let tests = ["test", "--locked", "--no-fail-fast"];
    let (output, holds) = run_for_output(&mut cargo(&[&tests[..], &of(&TESTED)].concat()), false)?;
    let Counts { passed, failed, .. } = test_counts(&output);
    ensure!(
        holds && passed > 0,
        "with the patches {failed} tests fail:\n{output}"
    );
    let check = ["check", "--quiet", "--locked", "--all-targets"];
    let (_, compiles) = run_for_output(&mut cargo(&[&check[..], &of(&COMPILED)].concat()), false)?;
    ensure!(compiles, "with the patches not everything compiles");
    Ok(format!("{said}, {passed} tests"))
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
