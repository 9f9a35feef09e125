//! Paths that the documents name exist. A path is what stands in backticks and has a `/` or the ending of a source
//! file, and what a link points at.

use super::{Finding, Tree};

/// Endings by which a name without a `/` is taken for a file.
const ENDINGS: &[&str] = &[".rs", ".md", ".toml"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, text) in tree.texts().filter(|(file, _)| file.ends_with(".md")) {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut fenced = false;
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced || line.starts_with("    ") {
                continue;
            }
            for path in paths(line)
                .into_iter()
                .filter(|path| !stands(tree, folder, path))
            {
                let what = format!("`{path}` does not exist");
                findings.push(Finding {
                    file: file.to_owned(),
                    line: index + 1,
                    what,
                });
            }
        }
    }
    findings
}

fn stands(tree: &Tree, folder: &str, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let ignored = |left_out: &String| path == left_out || path.starts_with(&format!("{left_out}/"));
    tree.has(path) || tree.has(&format!("{folder}/{path}")) || tree.ignored.iter().any(ignored)
}

fn paths(line: &str) -> Vec<&str> {
    let in_backticks = line
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|span| is_path(span));
    let links = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next());
    let local = links.filter(|link| !link.is_empty() && !link.contains("://"));
    in_backticks.chain(local).collect()
}

fn is_path(span: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let rooted = span.starts_with(['/', '-', '.'])
        && !span.starts_with(".ci/")
        && !span.starts_with(".cargo/");
    !rooted
        && span.chars().all(plain)
        && (span.contains('/') || ENDINGS.iter().any(|end| span.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("README.md", text),
            ("a/src/lib.rs", ""),
            ("docs/RULES.md", "See `docs/RULES.md`."),
        ]);
        check(&tree).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn paths_that_exist_or_are_built_are_let_through() {
        let text = "`a/src/lib.rs`, `a/`, [rules](docs/RULES.md#x), [web](https://example.com/x), `target/x`\n";
        assert_eq!(found(text), [""; 0]);
    }

    #[test]
    fn what_is_no_path_is_not_looked_up() {
        assert_eq!(
            found("`/api/health`, `cargo xtask test`, `World::step`, `v2.json`, a/b\n"),
            [""; 0]
        );
        assert_eq!(found("```\n`gone/x.rs`\n```\n    `gone/y.rs`\n"), [""; 0]);
    }

    #[test]
    fn a_path_that_is_gone_is_found_with_its_line() {
        let text = "one\n`a/src/gone.rs` and [that](docs/gone.md) and `gone.rs`\n";
        let expected = ["`a/src/gone.rs`", "`gone.rs`", "`docs/gone.md`"];
        assert_eq!(
            found(text),
            expected.map(|path| format!("README.md:2: {path} does not exist"))
        );
    }
}
