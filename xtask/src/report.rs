//! The report of a check run: what ran, how long it took, what came out, what was left out and why.
//!
//! * A step never ends the run: its failure is a row, and the next step goes on.
//! * Steps run side by side in threads of their own; each is told whole when it ends.
//! * What a step that failed said last is told again under the table: of a long run often only the end is kept.
//! * The closing line counts every test and every other check as one.

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::run::kept;

/// How many checks of one step came out which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

/// What a step says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It held. The note may be empty.
    Passed(String),
    /// It did not; the note says what was seen.
    Failed(String),
    /// It was not run; the note says why.
    Skipped(String),
    /// Many checks in one step. It holds when none failed.
    Counted(Counts, String),
}

impl Outcome {
    /// A step that holds or says in its error why not.
    pub(crate) fn of(result: anyhow::Result<String>) -> Self {
        match result {
            Ok(note) => Self::Passed(note),
            Err(error) => Self::Failed(format!("{error:#}")),
        }
    }

    /// The same of a step that has nothing more to say.
    pub(crate) fn done(result: anyhow::Result<()>) -> Self {
        Self::of(result.map(|()| String::new()))
    }

    fn counts(&self) -> Counts {
        match self {
            Self::Passed(_) => Counts {
                passed: 1,
                ..Counts::default()
            },
            Self::Failed(_) => Counts {
                failed: 1,
                ..Counts::default()
            },
            Self::Skipped(_) => Counts {
                skipped: 1,
                ..Counts::default()
            },
            Self::Counted(counts, _) => *counts,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Skipped(_) => "skipped",
            Self::Passed(_) | Self::Failed(_) | Self::Counted(..) => {
                if self.counts().failed == 0 {
                    "passed"
                } else {
                    "FAILED"
                }
            }
        }
    }

    fn note(&self) -> &str {
        match self {
            Self::Passed(note)
            | Self::Failed(note)
            | Self::Skipped(note)
            | Self::Counted(_, note) => note,
        }
    }
}

/// How much of what a step said is told again when it failed, in lines.
const LAST_LINES: usize = 60;
/// How much of a step's note the table shows, in characters.
const NOTE_MAX: usize = 240;
/// The name of the line that says how long everything took.
const ALL: &str = "all, side by side";

struct Row {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
    /// What was said in it, if it failed.
    said: String,
}

impl Row {
    /// The last lines of what was said, and the whole note.
    fn told_again(&self) -> String {
        let lines: Vec<&str> = self.said.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        let note = self.outcome.note();
        format!("\n== {} FAILED\n{}\n{note}\n", self.name, last.join("\n"))
    }
}

/// The rows so far, in the order in which the steps ended.
pub(crate) struct Report {
    began: Instant,
    rows: Mutex<Vec<Row>>,
}

impl Report {
    /// A run that begins now.
    pub(crate) fn begin() -> Self {
        Self {
            began: Instant::now(),
            rows: Mutex::default(),
        }
    }

    /// Runs one step and keeps its row. True when nothing in it failed.
    pub(crate) fn run(&self, name: &'static str, step: impl FnOnce() -> Outcome) -> bool {
        let start = Instant::now();
        let (outcome, said) = kept(step);
        let took = start.elapsed();
        let mut text = format!(
            "\n== {name}\n{said}== {name}: {} in {:.1} s",
            outcome.word(),
            took.as_secs_f64()
        );
        if !outcome.note().is_empty() {
            let _ = write!(text, "\n{}", outcome.note());
        }
        let held = outcome.counts().failed == 0;
        let row = Row {
            name,
            took,
            outcome,
            said: if held { String::new() } else { said },
        };
        let mut rows = self.rows();
        println!("{text}");
        rows.push(row);
        held
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when no row failed.
    pub(crate) fn holds(&self) -> bool {
        self.rows()
            .iter()
            .all(|row| row.outcome.counts().failed == 0)
    }

    /// The table, what took longest first; what failed steps said last; and, alone on the last line, the counts.
    pub(crate) fn table(&self) -> String {
        let mut rows = self.rows();
        rows.sort_by_key(|row| std::cmp::Reverse(row.took));
        let wide = rows
            .iter()
            .map(|row| row.name.len())
            .max()
            .unwrap_or(0)
            .max(ALL.len());
        let mut text = format!("{:wide$}  seconds  result   note\n", "step");
        let mut total = Counts::default();
        for row in rows.iter() {
            // The whole note stood under the step; the table keeps the beginning of its first line.
            let note = row.outcome.note().lines().next().unwrap_or("");
            let note: String = note.chars().take(NOTE_MAX).collect();
            let seconds = row.took.as_secs_f64();
            let line = format!(
                "{:wide$}  {seconds:7.1}  {:7}  {note}",
                row.name,
                row.outcome.word()
            );
            let _ = writeln!(text, "{}", line.trim_end());
            total += row.outcome.counts();
        }
        let seconds = self.began.elapsed().as_secs_f64();
        let _ = writeln!(text, "{:wide$}  {seconds:7.1}", ALL);
        for row in rows.iter().filter(|row| row.outcome.counts().failed > 0) {
            text.push_str(&row.told_again());
        }
        let Counts {
            passed,
            failed,
            skipped,
        } = total;
        let _ = writeln!(
            text,
            "\n{passed} passed, {failed} failed, {skipped} skipped"
        );
        text
    }
}

/// Adds up the result lines that the test runner prints, one a test binary.
pub(crate) fn test_counts(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        let Some(rest) = line.trim_start().strip_prefix("test result: ") else {
            continue;
        };
        let number = |word: &str| {
            rest.split(['.', ';'])
                .filter_map(|part| part.trim().strip_suffix(word))
                .find_map(|number| number.trim().parse::<u32>().ok())
                .unwrap_or(0)
        };
        counts += Counts {
            passed: number("passed"),
            failed: number("failed"),
            skipped: number("ignored"),
        };
    }
    counts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::run::say;

    #[test]
    fn test_results_are_added_over_all_binaries() {
        let output = "running 3 tests\ntest a ... ok\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(
            test_counts(output),
            Counts {
                passed: 15,
                failed: 2,
                skipped: 1
            }
        );
    }

    #[test]
    fn one_failure_fails_the_report_and_the_later_steps_still_run() {
        let report = Report::begin();
        assert!(report.run("first", || Outcome::Passed(String::new())));
        assert!(!report.run("second", || {
            for line in 0..100 {
                say(&format!("line {line} of what it said"));
            }
            Outcome::Failed("it broke\nin two lines".into())
        }));
        assert!(report.run("third", || Outcome::Skipped("no tool".into())));
        let many = Counts {
            passed: 4,
            failed: 0,
            skipped: 1,
        };
        assert!(report.run("fourth", || Outcome::Counted(many, "5 tests".into())));
        assert!(!report.holds());
        let table = report.table();
        let (rows, again) = table.split_once("\n== second FAILED\n").unwrap();
        assert!(
            rows.contains("it broke") && !rows.contains("in two lines"),
            "{rows}"
        );
        assert!(
            again.starts_with("line 40 of") && again.contains("it broke\nin two lines\n"),
            "{again}"
        );
        assert_eq!(table.lines().last(), Some("5 passed, 1 failed, 2 skipped"));
    }
}
