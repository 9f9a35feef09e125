//! `cargo xtask cases`: what the check runs, by name and number, so that two commits can be compared.
//!
//! * A test is named by what the test runner calls it, a scene by its row in the check's table.
//! * A property is tested with as many cases as its file says; such a line counts once for each time that it stands there.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use crate::run::{cargo, kept, root, run, target_dir};
use crate::tidy::Tree;

/// Before the number of cases of a property.
const WITH_CASES: &str = "with_cases(";

/// The file with the lists of scenes.
const SCENES: &str = "xtask/src/live.rs";

/// `cargo xtask cases`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct CasesArgs {
    /// Compare with this commit, and fail if anything that it runs is missing.
    #[arg(long, value_name = "COMMIT")]
    against: Option<String>,
}

/// How often each name stands.
type Cases = BTreeMap<String, u32>;

/// Lists, or compares.
pub(crate) fn cases(args: &CasesArgs) -> anyhow::Result<()> {
    let now = of(&root(), &target_dir())?;
    let Some(commit) = &args.against else {
        for (name, count) in &now {
            println!("{count} {name}");
        }
        return Ok(());
    };
    let folder = target_dir().join("cases");
    let before = with_worktree(&folder.join("checkout"), commit, |checkout| {
        of(checkout, &folder.join("target"))
    })?;
    let (lines, missing) = compare(&before, &now);
    for line in lines {
        println!("{line}");
    }
    let total = |cases: &Cases| cases.values().sum::<u32>();
    println!("{} before, {} now", total(&before), total(&now));
    ensure!(missing == 0, "{missing} of {commit} are missing");
    Ok(())
}

/// A line for each name whose number differs, and how many there are fewer of. What has moved to another module or file
/// under its own name is not missing.
fn compare(before: &Cases, now: &Cases) -> (Vec<String>, u32) {
    let more = |cases: &Cases, than: &Cases| -> Cases {
        let surplus = |(name, &count): (&String, &u32)| {
            let more = count.saturating_sub(than.get(name).copied().unwrap_or(0));
            (more > 0).then(|| (name.clone(), more))
        };
        cases.iter().filter_map(surplus).collect()
    };
    let mut lost = more(before, now);
    let mut new = more(now, before);
    let mut lines = Vec::new();
    for (was, left) in &mut lost {
        let same = new
            .iter_mut()
            .filter(|(is, _)| own_name(is) == own_name(was));
        for (is, found) in same {
            let moved = (*left).min(*found);
            if moved > 0 {
                lines.push(format!("moved: {was} -> {is}"));
            }
            *left -= moved;
            *found -= moved;
        }
    }
    let changed = lost.iter().chain(&new).filter(|(_, count)| **count > 0);
    for name in changed.map(|(name, _)| name) {
        let count = |cases: &Cases| cases.get(name).copied().unwrap_or(0);
        lines.push(format!("{} -> {} {name}", count(before), count(now)));
    }
    (lines, lost.values().sum())
}

/// What a test or the file of a property is called without the modules or folders around it.
fn own_name(name: &str) -> &str {
    let name = name.rsplit("::").next().unwrap_or(name);
    name.rsplit('/').next().unwrap_or(name)
}

/// Does something with a checkout of a commit beside this one.
fn with_worktree<T>(
    folder: &Path,
    commit: &str,
    work: impl FnOnce(&Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let worktree = |args: &[&str]| {
        let mut git = Command::new("git");
        git.arg("worktree").args(args).current_dir(root());
        git
    };
    let shown = folder.display().to_string();
    // One that an interrupted run has left is in the way.
    let _ = worktree(&["remove", "--force", &shown])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    run(&mut worktree(&[
        "add", "--force", "--detach", &shown, commit,
    ]))?;
    let result = work(folder);
    run(&mut worktree(&["remove", "--force", &shown]))?;
    result
}

/// Everything that the check of a checkout runs.
fn of(checkout: &Path, target: &Path) -> anyhow::Result<Cases> {
    let mut found = Cases::new();
    for packages in [&[][..], &["--package", "bitfort-worker"]] {
        let mut list = cargo(&["test", "--locked"]);
        list.args(packages)
            .args(["--", "--list", "--format", "terse"])
            .current_dir(checkout)
            .env("CARGO_TARGET_DIR", target)
            .env_remove("CARGO_MANIFEST_DIR")
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        let output = list.output().context("cannot start cargo")?;
        ensure!(output.status.success(), "the tests do not build");
        let text = String::from_utf8_lossy(&output.stdout);
        for name in text.lines().filter_map(test_name) {
            *found.entry(name).or_default() += 1;
        }
    }
    // Only the list is to be printed.
    let (tree, _) = kept(|| Tree::read(checkout));
    let tree = tree?;
    let sources = tree.texts().filter(|(path, _)| path.ends_with(".rs"));
    for (path, text) in sources {
        for line in text.lines().filter_map(number_of_cases) {
            *found.entry(format!("{path}: {line}")).or_default() += 1;
        }
        if path == SCENES {
            for name in text.lines().filter_map(scene_name) {
                *found.entry(format!("scene: {name}")).or_default() += 1;
            }
        }
    }
    Ok(found)
}

/// A test as the runner lists it. A documentation test is named by its line, which is not what it is.
fn test_name(line: &str) -> Option<String> {
    let name = line.strip_suffix(": test")?;
    Some(match name.split_once(" (line ") {
        Some((name, _)) => name.to_owned(),
        None => name.to_owned(),
    })
}

/// How often a property is tested.
fn number_of_cases(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(WITH_CASES)?;
    let (number, _) = rest.split_once(')')?;
    number.parse::<u32>().ok()?;
    Some(number)
}

/// A row of the list of scenes, in one line or with the name alone in it.
fn scene_name(line: &str) -> Option<&str> {
    let (_, line) = line.split_once("= [").unwrap_or(("", line));
    let (name, _) = line
        .trim_start()
        .trim_start_matches('(')
        .strip_prefix('"')?
        .split_once('"')?;
    ["live, ", "browser, ", "live session"]
        .iter()
        .any(|begins| name.starts_with(begins))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_scenes_and_cases_are_told_from_other_lines() {
        assert_eq!(test_name("a::b: test").as_deref(), Some("a::b"));
        let doc = "src/lib.rs - run (line 7): test";
        assert_eq!(test_name(doc).as_deref(), Some("src/lib.rs - run"));
        assert_eq!(test_name("3 tests, 0 benchmarks"), None);
        assert_eq!(number_of_cases("x(P::with_cases(48))]"), Some("48"));
        assert_eq!(number_of_cases("with_cases(cases())"), None);
        assert_eq!(
            scene_name(r#"    ("live, killed", &["kills"]),"#),
            Some("live, killed")
        );
        assert_eq!(
            scene_name(r#"        "live, lied to in JSON","#),
            Some("live, lied to in JSON")
        );
        let one = r#"pub(crate) const X: [(&str, &[&str]); 1] = [("live, page", &["page"])];"#;
        assert_eq!(scene_name(one), Some("live, page"));
        assert_eq!(scene_name(r#"    "--package","#), None);
    }

    #[test]
    fn what_is_missing_counts_and_what_is_new_does_not() {
        let of = |cases: &[(&str, u32)]| -> Cases {
            cases
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect()
        };
        let (lines, missing) = compare(
            &of(&[("a", 2), ("b", 1), ("c", 1), ("m::e", 2)]),
            &of(&[("a", 1), ("c", 1), ("d", 4), ("m::n::e", 1)]),
        );
        let expected = [
            "moved: m::e -> m::n::e",
            "2 -> 1 a",
            "1 -> 0 b",
            "2 -> 0 m::e",
            "0 -> 4 d",
        ];
        assert_eq!(lines, expected);
        assert_eq!(missing, 3);
    }
}
