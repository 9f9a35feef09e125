//! What was found, as a table for `fuzz/README.md`.

use std::fmt::Write as _;
use std::time::Duration;

use super::hunt::{Sessions, Verdict};
use super::list::{Likeness, Mutant};

/// The table, and what it comes to.
pub(super) fn table(verdicts: &[(&Mutant, Verdict)]) -> String {
    let mut text = String::from("| mutant | bug of | found by | after |\n|---|---|---|---|\n");
    let mut times = Vec::new();
    for (mutant, verdict) in verdicts {
        let (by, after) = match verdict {
            Verdict::Built => ("", String::new()),
            Verdict::Found(Sessions { oracle, took, .. }) => {
                times.push(*took);
                let by = oracle.as_deref().unwrap_or_default();
                (by, format!("{:.1} s", took.as_secs_f64()))
            }
            Verdict::FoundInCorpora { test, .. } => (test.as_str(), "corpora".to_owned()),
            Verdict::FoundByTests { test } => (test.as_str(), "tests".to_owned()),
            Verdict::Missed { .. } | Verdict::MissedByTests => ("**nothing**", String::new()),
        };
        let like = match mutant.likeness {
            Likeness::Mechanism => "",
            Likeness::Idea => " (idea)",
        };
        let (name, source) = (&mutant.name, shown(&mutant.source));
        writeln!(text, "| `{name}` | {source}{like} | {by} | {after} |")
            .expect("writing to a string cannot fail");
    }
    let found = times.len();
    write!(text, "\n{found} of {} found by sessions", verdicts.len())
        .expect("writing to a string cannot fail");
    times.sort();
    if let (Some(slowest), Some(median)) = (times.last(), times.get(found / 2)) {
        let seconds = Duration::as_secs_f64;
        write!(
            text,
            ", the median after {:.1} s, the last after {:.1} s",
            seconds(median),
            seconds(slowest)
        )
        .expect("writing to a string cannot fail");
    }
    text.push('.');
    text
}

/// An issue's or pull request's address as people write it, with a link.
fn shown(source: &str) -> String {
    let parts: Vec<&str> = source.split('/').collect();
    match parts[..] {
        [
            "https:",
            "",
            "github.com",
            owner,
            repository,
            "issues" | "pull",
            number,
        ] => {
            format!("[{owner}/{repository}#{number}]({source})")
        }
        _ => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn the_table_names_what_was_missed_and_the_median() {
        let text = "bug = \"b\"\nsource = \"https://github.com/a/b/issues/7\"\n\
            likeness = \"the idea of it\"\n[[edit]]\nfile = \"f\"\nfind = \"x\"\nreplace = \"y\"\n";
        let mutant = Mutant::parse("m", text).unwrap();
        let sessions = |oracle: Option<&str>, seconds| Sessions {
            oracle: oracle.map(str::to_owned),
            took: Duration::from_secs(seconds),
            said: String::new(),
        };
        let verdicts = [
            (&mutant, Verdict::Found(sessions(Some("hash"), 3))),
            (
                &mutant,
                Verdict::Missed {
                    sessions: sessions(None, 600),
                },
            ),
        ];
        let expected = "| mutant | bug of | found by | after |\n|---|---|---|---|\n\
            | `m` | [a/b#7](https://github.com/a/b/issues/7) (idea) | hash | 3.0 s |\n\
            | `m` | [a/b#7](https://github.com/a/b/issues/7) (idea) | **nothing** |  |\n\
            \n1 of 2 found by sessions, the median after 3.0 s, the last after 3.0 s.";
        assert_eq!(table(&verdicts), expected);
    }
}
