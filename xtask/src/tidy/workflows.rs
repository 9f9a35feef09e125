//! What workflows may do: no more than they say, with actions that nobody can exchange.

use super::{Finding, Tree};

/// Digits of a commit's name.
const COMMIT_DIGITS: usize = 40;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let workflows = tree
        .texts()
        .filter(|(path, _)| path.starts_with(".github/workflows/"));
    for (path, text) in workflows {
        if !text.lines().any(|line| line == "permissions:") {
            findings.push(Finding {
                file: path.to_owned(),
                line: 0,
                what: "no `permissions:` for the whole workflow: its token may then write".into(),
            });
        }
        for (number, line) in text.lines().enumerate() {
            let line = line.trim().trim_start_matches("- ");
            let Some(action) = line.strip_prefix("uses:") else {
                continue;
            };
            if !is_pinned(action.trim()) {
                findings.push(Finding {
                    file: path.to_owned(),
                    line: number + 1,
                    what: "an action is named by its whole commit, with the tag in a comment"
                        .into(),
                });
            }
        }
    }
    findings
}

/// True for `owner/name@COMMIT # tag`, and for what stands in this repository.
fn is_pinned(action: &str) -> bool {
    let Some((named, tag)) = action.split_once(" # ") else {
        return action.starts_with("./");
    };
    let commit = named.rsplit_once('@').map(|(_, commit)| commit);
    let is_commit = commit.is_some_and(|commit| {
        commit.len() == COMMIT_DIGITS && commit.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    is_commit && !tag.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "fbc6f3992d24b796d5a048ff273f7fcc4a7b6c09";

    fn found(text: &str) -> Vec<usize> {
        let tree = Tree::of(&[(".github/workflows/ci.yml", text)]);
        check(&tree).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn an_action_that_somebody_can_exchange_is_found() {
        let workflow = |action: &str| {
            format!(
                "permissions:\n  contents: read\njobs:\n  a:\n    steps:\n      - uses: {action}\n"
            )
        };
        for action in [
            format!("actions/checkout@{COMMIT} # v5.1.0"),
            "./.github/mine".into(),
        ] {
            assert_eq!(found(&workflow(&action)), [0_usize; 0], "{action}");
        }
        for action in [
            "actions/checkout@v5".to_owned(),
            "actions/checkout".to_owned(),
            format!("actions/checkout@{COMMIT}"),
            format!("actions/checkout@{} # v5", &COMMIT[..7]),
            "actions/checkout@v5 # v5".to_owned(),
        ] {
            assert_eq!(found(&workflow(&action)), [6], "{action}");
        }
    }

    #[test]
    fn a_workflow_that_does_not_say_what_it_may_do_is_found() {
        assert_eq!(
            found("jobs:\n  a:\n    permissions:\n      contents: read\n"),
            [0]
        );
    }
}
