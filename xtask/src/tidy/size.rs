//! Length of source files: past one number it is said, past another it fails.

use super::{Finding, Tree};

/// Lines that a file should stay under.
pub(super) const LINES_GOAL: usize = 400;

/// Lines that a file must stay under.
const LINES_MAX: usize = 600;

const SOURCES: &[&str] = &[".rs", ".ts", ".mjs"];

#[derive(Debug, Default)]
pub(super) struct Sizes {
    pub(super) long: Vec<Finding>,
    pub(super) too_long: Vec<Finding>,
}

pub(super) fn check(tree: &Tree) -> Sizes {
    let mut sizes = Sizes::default();
    for (file, text) in tree.texts() {
        if !SOURCES.iter().any(|extension| file.ends_with(extension)) {
            continue;
        }
        let lines = text.lines().count();
        let what = format!(
            "{lines} lines, of {LINES_GOAL} to aim at and {LINES_MAX} at most; split it by decision"
        );
        let finding = Finding {
            file: file.to_owned(),
            line: 0,
            what,
        };
        if lines > LINES_MAX {
            sizes.too_long.push(finding);
        } else if lines > LINES_GOAL {
            sizes.long.push(finding);
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_past_the_limit_fails() {
        let lines = |count: usize| "x\n".repeat(count);
        let (good, long, too_long) = (lines(LINES_GOAL), lines(LINES_MAX), lines(LINES_MAX + 1));
        let tree = Tree::of(&[
            ("a.rs", &good),
            ("b.rs", &long),
            ("c.rs", &too_long),
            ("d.json", &too_long),
        ]);
        let sizes = check(&tree);
        assert_eq!(
            sizes
                .long
                .iter()
                .map(|found| found.file.as_str())
                .collect::<Vec<_>>(),
            ["b.rs"]
        );
        assert_eq!(
            sizes
                .too_long
                .iter()
                .map(|found| found.file.as_str())
                .collect::<Vec<_>>(),
            ["c.rs"]
        );
    }
}
