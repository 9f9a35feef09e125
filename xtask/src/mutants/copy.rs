//! The copy of the repository that the mutants are brought into.
//!
//! It is never removed, and a file that is right already is left alone, so that what a mutant does not touch is not built
//! again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use super::list::Edit;
use crate::run::run_for_output;

/// As fast as a release, nearly, with every assertion: a mutant has ten minutes, and an assertion is an oracle too.
const PROFILE: &[(&str, &str)] = &[
    ("CARGO_PROFILE_DEV_OPT_LEVEL", "2"),
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
    ("CARGO_PROFILE_DEV_INCREMENTAL", "false"),
];

/// The copy.
#[derive(Debug)]
pub(crate) struct Copy {
    from: PathBuf,
    tree: PathBuf,
    target: PathBuf,
}

impl Copy {
    /// Of the repository, in this folder.
    pub(crate) fn of(from: &Path, folder: &Path) -> anyhow::Result<Self> {
        Self::with_patches(from, folder, &[])
    }

    /// Of the repository with these patches applied one after the other, in this folder.
    pub(crate) fn with_patches(
        from: &Path,
        folder: &Path,
        patches: &[PathBuf],
    ) -> anyhow::Result<Self> {
        let copy = Self {
            from: from.to_path_buf(),
            tree: folder.join("tree"),
            target: folder.join("target"),
        };
        let mut wanted = copy.originals()?;
        apply(patches, &mut wanted, &folder.join("patched"))?;
        copy.make(wanted)?;
        Ok(copy)
    }

    /// Where its files are.
    pub(crate) fn tree(&self) -> &Path {
        &self.tree
    }

    /// Makes it equal to the repository but for the edits.
    pub(crate) fn refresh(&self, edits: &[Edit]) -> anyhow::Result<()> {
        let mut wanted = self.originals()?;
        for edit in edits {
            let text = wanted
                .get_mut(&edit.file)
                .with_context(|| format!("there is no {}", edit.file))?;
            let before = std::str::from_utf8(text).context("only text is mutated")?;
            *text = edit.apply(before)?.into_bytes();
        }
        self.make(wanted)
    }

    /// Makes its files these. A file that is right already keeps its time, and what depends on it is not built again.
    fn make(&self, wanted: BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.tree)?;
        for path in files_below(&self.tree)? {
            if !wanted.contains_key(&name_below(&self.tree, &path)?) {
                std::fs::remove_file(&path)?;
            }
        }
        for (name, bytes) in wanted {
            let path = self.tree.join(name);
            if std::fs::read(&path).is_ok_and(|is| is == bytes) {
                continue;
            }
            let folder = path.parent().expect("a file is in a folder");
            std::fs::create_dir_all(folder)?;
            std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// The files that git tracks or would track, as they are now.
    fn originals(&self) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others"])
            .arg("--exclude-standard")
            .current_dir(&self.from)
            .output()
            .context("git does not start")?;
        ensure!(listed.status.success(), "git cannot list the files");
        let names = String::from_utf8(listed.stdout)?;
        let mut files = BTreeMap::new();
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            // Tracked and deleted, with the deletion not yet staged.
            if let Ok(bytes) = std::fs::read(self.from.join(name)) {
                files.insert(name.to_owned(), bytes);
            }
        }
        Ok(files)
    }

    /// Cargo in the copy.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(args)
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", &self.target)
            .envs(PROFILE.iter().copied());
        command
    }

    /// Builds the tool that runs sessions.
    pub(crate) fn build(&self) -> anyhow::Result<()> {
        let args = [
            "build",
            "--quiet",
            "--locked",
            "--no-default-features",
            "--package",
            "replay",
        ];
        let mut command = self.cargo(&args);
        // Warnings are about the mutant, and that is wrong on purpose.
        let (_, succeeded) = run_for_output(command.env("RUSTFLAGS", "--cap-lints=allow"), false)?;
        if !succeeded {
            bail!("it does not build");
        }
        Ok(())
    }

    /// The tool that runs sessions.
    pub(crate) fn replay(&self) -> Command {
        let name = format!("replay{}", std::env::consts::EXE_SUFFIX);
        let mut command = Command::new(self.target.join("debug").join(name));
        command.current_dir(&self.tree);
        command
    }

    /// Where sessions leave what they found.
    pub(crate) fn findings(&self) -> PathBuf {
        self.target.join("findings")
    }

    /// Whether the repository has this package.
    pub(crate) fn has(&self, folder: &str) -> bool {
        self.tree.join(folder).join("Cargo.toml").is_file()
    }
}

/// Applies patches to files, by their names from the root. The folder is made anew for it.
fn apply(
    patches: &[PathBuf],
    files: &mut BTreeMap<String, Vec<u8>>,
    folder: &Path,
) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for patch in patches {
        let text = std::fs::read_to_string(patch).with_context(|| patch.display().to_string())?;
        for name in text.lines().filter_map(|line| line.strip_prefix("--- a/")) {
            let path = folder.join(name);
            if path.exists() {
                continue;
            }
            let before = files
                .get(name)
                .with_context(|| format!("there is no {name}"))?;
            std::fs::create_dir_all(path.parent().expect("a file is in a folder"))?;
            std::fs::write(&path, before)?;
        }
        let mut apply = Command::new("git");
        apply
            .args(["apply", "--whitespace=nowarn"])
            .arg(patch)
            .current_dir(folder)
            // The folder may lie in a checkout, and is none.
            .env("GIT_CEILING_DIRECTORIES", folder.join(".."));
        let (_, applies) = run_for_output(&mut apply, false)?;
        ensure!(applies, "{} does not apply any more", patch.display());
    }
    for path in files_below(folder)? {
        files.insert(name_below(folder, &path)?, std::fs::read(&path)?);
    }
    Ok(())
}

/// What a file in a folder is called from there, with `/` between the parts.
fn name_below(folder: &Path, path: &Path) -> anyhow::Result<String> {
    let name = path.strip_prefix(folder)?.to_string_lossy();
    Ok(name.replace('\\', "/"))
}

fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}
