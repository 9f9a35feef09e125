//! The mutants: one file each in `fuzz/mutants/`, named like the mutant.
//!
//! What a mutant replaces must stand in its file exactly once, so that a list which no longer fits the code is noticed
//! when the code changes and not when the mutants are run.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// Where they are, from the root.
pub(crate) const FOLDER: &str = "fuzz/mutants";

/// A bug that can be brought in.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// The file's name without its ending.
    pub(crate) name: String,
    /// What goes wrong.
    pub(crate) bug: String,
    /// Where somebody had it.
    pub(crate) source: String,
    /// How much is taken from there.
    pub(crate) likeness: Likeness,
    /// Crates whose tests are to find it; if none, sessions are.
    pub(crate) tests: Vec<String>,
    /// What brings it in.
    pub(crate) edits: Vec<Edit>,
}

/// How much a mutant has of the bug that it is named after.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// The code goes wrong in the same way.
    #[serde(rename = "the same mechanism")]
    Mechanism,
    /// Something else in our code leads to the same effect.
    #[serde(rename = "the idea of it")]
    Idea,
}

/// A text of a file, and what stands there instead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// From the root.
    pub(crate) file: String,
    pub(crate) find: String,
    pub(crate) replace: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bug: String,
    source: String,
    likeness: Likeness,
    #[serde(default)]
    tests: Vec<String>,
    edit: Vec<Edit>,
}

impl Mutant {
    /// From the text of its file.
    pub(crate) fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        let File {
            bug,
            source,
            likeness,
            tests,
            edit: edits,
        } = toml::from_str(text)?;
        if edits.is_empty() || edits.iter().any(|edit| edit.find == edit.replace) {
            bail!("it changes nothing");
        }
        Ok(Self {
            name: name.to_owned(),
            bug,
            source,
            likeness,
            tests,
            edits,
        })
    }
}

impl Edit {
    /// The text with the edit.
    pub(crate) fn apply(&self, text: &str) -> anyhow::Result<String> {
        match text.matches(&self.find).count() {
            1 => Ok(text.replacen(&self.find, &self.replace, 1)),
            times => bail!("{} has what is to be replaced {times} times", self.file),
        }
    }
}

/// All of them, by name.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for entry in std::fs::read_dir(root.join(FOLDER)).context(FOLDER)? {
        let path = entry?.path();
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let text = std::fs::read_to_string(&path)?;
            mutants.push(Mutant::parse(name, &text).with_context(|| path.display().to_string())?);
        }
    }
    mutants.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(mutants)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const TEXT: &str = "bug = \"b\"\nsource = \"s\"\nlikeness = \"the idea of it\"\n\
        [[edit]]\nfile = \"a.rs\"\nfind = \"x\"\nreplace = \"y\"\n";

    #[test]
    fn an_edit_needs_its_place_exactly_once() {
        let mutant = Mutant::parse("m", TEXT).unwrap();
        let edit = &mutant.edits[0];
        assert_eq!(edit.apply("axb").unwrap(), "ayb");
        for text in ["ab", "xx"] {
            assert!(edit.apply(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_mutant_that_changes_nothing_is_refused() {
        let same = TEXT.replace("\"y\"", "\"x\"");
        assert!(Mutant::parse("m", &same).is_err());
    }
}
