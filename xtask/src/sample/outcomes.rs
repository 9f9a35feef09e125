//! What became of the mutants: cargo-mutants' file of outcomes, and the table that is printed.

use std::fmt::Write as _;

use anyhow::Context as _;
use serde::Deserialize;

use super::draw::Mutant;

/// What the tests made of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A test failed.
    Caught,
    /// Every test passed.
    Missed,
    /// It does not compile.
    Unviable,
    /// The tests did not end in time, which is noticed too.
    TimedOut,
}

/// One mutant and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) mutant: Mutant,
    pub(crate) verdict: Verdict,
}

#[derive(Deserialize)]
struct File {
    outcomes: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    scenario: Scenario,
    summary: Summary,
}

#[derive(Deserialize)]
enum Scenario {
    Baseline,
    Mutant(Mutant),
}

/// The words of cargo-mutants.
#[derive(Clone, Copy, Debug, Deserialize)]
enum Summary {
    Success,
    CaughtMutant,
    MissedMutant,
    Unviable,
    Timeout,
    Failure,
}

/// Reads `outcomes.json`. The run without a mutant is left out.
pub(crate) fn read(json: &str) -> anyhow::Result<Vec<Outcome>> {
    let file: File = serde_json::from_str(json).context("the outcomes of cargo-mutants")?;
    let mut outcomes = Vec::new();
    for entry in file.outcomes {
        let Scenario::Mutant(mutant) = entry.scenario else {
            continue;
        };
        let verdict = match entry.summary {
            Summary::CaughtMutant => Verdict::Caught,
            Summary::MissedMutant => Verdict::Missed,
            Summary::Unviable => Verdict::Unviable,
            Summary::Timeout => Verdict::TimedOut,
            summary @ (Summary::Success | Summary::Failure) => {
                anyhow::bail!("{}: {summary:?} is no outcome of a mutant", mutant.name)
            }
        };
        outcomes.push(Outcome { mutant, verdict });
    }
    Ok(outcomes)
}

/// The counts of each crate, and each missed mutant with its place.
pub(crate) fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::from("| crate | caught | missed | unviable | timed out |\n");
    text.push_str("|---|---|---|---|---|\n");
    let mut crates: Vec<&str> = outcomes.iter().map(|one| &*one.mutant.package).collect();
    crates.dedup();
    for name in crates {
        row(&mut text, name, |one| one.mutant.package == name, outcomes);
    }
    row(&mut text, "all", |_| true, outcomes);
    for one in outcomes {
        if one.verdict == Verdict::Missed {
            let _ = write!(text, "\nmissed: {}", one.mutant.name);
        }
    }
    text
}

fn row(text: &mut String, name: &str, is_in: impl Fn(&Outcome) -> bool, outcomes: &[Outcome]) {
    let count = |verdict| {
        let counted = outcomes.iter().filter(|one| one.verdict == verdict);
        counted.filter(|one| is_in(one)).count()
    };
    let _ = writeln!(
        text,
        "| {name} | {} | {} | {} | {} |",
        count(Verdict::Caught),
        count(Verdict::Missed),
        count(Verdict::Unviable),
        count(Verdict::TimedOut)
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    const JSON: &str = r#"{"outcomes": [
        {"scenario": "Baseline", "summary": "Success", "phase_results": []},
        {"scenario": {"Mutant": {"name": "a/src/b.rs:3:7: replace < with <= in f", "package": "a",
            "file": "a/src/b.rs", "replacement": "<="}}, "summary": "MissedMutant"},
        {"scenario": {"Mutant": {"name": "a/src/b.rs:9:1: replace g with ()", "package": "a",
            "file": "a/src/b.rs"}}, "summary": "CaughtMutant"}
    ], "missed": 1}"#;

    #[test]
    fn outcomes_are_those_of_the_mutants() {
        let verdicts: Vec<_> = read(JSON).unwrap().iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, [Verdict::Missed, Verdict::Caught]);
    }

    #[test]
    fn a_missed_mutant_is_told_with_its_file_and_line() {
        let table = table(&read(JSON).unwrap());
        assert!(table.contains("| a | 1 | 1 | 0 | 0 |"), "{table}");
        assert!(table.contains("| all | 1 | 1 | 0 | 0 |"), "{table}");
        assert!(
            table.ends_with("missed: a/src/b.rs:3:7: replace < with <= in f"),
            "{table}"
        );
    }

    #[test]
    fn an_outcome_that_no_mutant_has_is_an_error() {
        assert!(read(&JSON.replace("MissedMutant", "Failure")).is_err());
    }
}
