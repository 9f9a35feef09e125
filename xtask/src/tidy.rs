//! Rules of the repository that the compiler does not check, over the files that git tracks or would track.
//!
//! * Nothing is mended here; every finding is printed, with the file and line where there is one.
//! * What is checked is data (a `Tree`, the packages), so that each check is tested against a tree made by hand.

mod answers;
mod circles;
mod counters;
mod dependencies;
mod edges;
mod modules;
mod mutants;
mod named_paths;
mod pure;
mod size;
mod words;
mod workflows;

pub(crate) use pure::PURE;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use cargo_metadata::MetadataCommand;

use crate::run::{self, say};

/// One thing that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    file: String,
    /// From 1; 0 when the whole file is meant.
    line: usize,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.file, self.what)
        } else {
            write!(f, "{}:{}: {}", self.file, self.line, self.what)
        }
    }
}

/// The files of the repository, by path from its root with `/` between the parts. A file that is not UTF-8 has no text.
#[derive(Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, Option<String>>,
    /// Paths that git leaves out, as `.gitignore` writes them from the root, without slashes at the ends.
    ignored: Vec<String>,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut git = Command::new("git");
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let (listed, succeeded) = run::run_for_output(git.current_dir(root), false)?;
        if !succeeded {
            bail!("git cannot list the files; tidy needs a clone, not an unpacked archive");
        }
        let mut tree = Self::default();
        for path in listed.split(['\0', '\n']).filter(|path| !path.is_empty()) {
            // Tracked and deleted, with the deletion not yet staged.
            let Ok(bytes) = std::fs::read(root.join(path)) else {
                continue;
            };
            tree.files
                .insert(path.to_owned(), String::from_utf8(bytes).ok());
        }
        let ignored =
            std::fs::read_to_string(root.join(".gitignore")).context("reading .gitignore")?;
        let rooted = ignored.lines().filter_map(|line| line.strip_prefix('/'));
        tree.ignored = rooted
            .map(|line| line.trim_end_matches('/').to_owned())
            .collect();
        Ok(tree)
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// True for a file, and for a folder that holds one.
    fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = format!("{path}/");
        self.files.contains_key(path)
            || self
                .files
                .range(below.clone()..)
                .next()
                .is_some_and(|(file, _)| file.starts_with(&below))
    }

    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned())));
        Self {
            files: files.collect(),
            ignored: vec!["target".to_owned()],
        }
    }
}

/// One crate of the workspace, as far as tidy cares.
#[derive(Default)]
struct Package {
    name: String,
    /// Its folder, from the root.
    folder: String,
    /// The root file of each target, from the root of the repository.
    roots: Vec<String>,
    /// Crates of this workspace that it uses, in any way (build and tests too).
    uses: BTreeSet<String>,
    /// Everything that its manifest names, by the name that the code uses, with `-` or `_`.
    dependencies: BTreeSet<String>,
    features: Vec<String>,
}

fn packages(root: &Path) -> anyhow::Result<Vec<Package>> {
    let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
    let ours: BTreeSet<_> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let from_root = |path: &Path| -> anyhow::Result<String> {
        Ok(path
            .strip_prefix(&metadata.workspace_root)?
            .to_string_lossy()
            .replace('\\', "/"))
    };
    let mut packages = Vec::new();
    for package in &metadata.packages {
        let manifest = package.manifest_path.as_std_path();
        let targets = package
            .targets
            .iter()
            .map(|target| from_root(target.src_path.as_std_path()));
        let uses = package
            .dependencies
            .iter()
            .filter(|used| used.path.is_some() || ours.contains(&used.name));
        packages.push(Package {
            name: package.name.to_string(),
            folder: from_root(manifest.parent().expect("a manifest is a file in a folder"))?,
            roots: targets.collect::<anyhow::Result<_>>()?,
            uses: uses.map(|used| used.name.clone()).collect(),
            dependencies: package
                .dependencies
                .iter()
                .map(|used| used.rename.clone().unwrap_or_else(|| used.name.clone()))
                .collect(),
            features: package.features.keys().cloned().collect(),
        });
    }
    Ok(packages)
}

/// Runs every check. The note tells how much was looked at; an error lists all findings.
pub(crate) fn tidy() -> anyhow::Result<String> {
    let root = run::root();
    let tree = Tree::read(&root)?;
    let packages = packages(&root)?;
    let mut findings = edges::check(&packages);
    findings.extend(dependencies::check(&tree, &packages));
    findings.extend(modules::check(&tree, &packages));
    findings.extend(circles::check(&tree, &packages));
    findings.extend(pure::check(&tree, &packages));
    findings.extend(named_paths::check(&tree));
    findings.extend(mutants::check(&tree));
    findings.extend(counters::check(&tree));
    findings.extend(answers::check(&tree));
    findings.extend(words::check(&tree));
    findings.extend(workflows::check(&tree));
    let sizes = size::check(&tree);
    findings.extend(sizes.too_long);
    for finding in &sizes.long {
        say(&format!("note: {finding}"));
    }
    if findings.is_empty() {
        let long = match sizes.long.len() {
            0 => String::new(),
            count => format!(", {count} longer than {} lines", size::LINES_GOAL),
        };
        return Ok(format!(
            "{} files, {} crates{long}",
            tree.files.len(),
            packages.len()
        ));
    }
    let lines: Vec<_> = findings.iter().map(Finding::to_string).collect();
    bail!("{} findings\n{}", lines.len(), lines.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_exists_when_a_file_is_in_it() {
        let tree = Tree::of(&[("a/b/c.rs", ""), ("a-b", "")]);
        for path in ["a", "a/", "a/b", "a/b/c.rs", "a-b"] {
            assert!(tree.has(path), "{path}");
        }
        for path in ["a/c", "b", "a/b/c", "a-"] {
            assert!(!tree.has(path), "{path}");
        }
    }
}
