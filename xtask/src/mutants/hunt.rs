//! Looking for one mutant: sessions until one does not hold, and then the corpora.

use std::fmt;
use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::copy::Copy;
use crate::report::test_counts;
use crate::run::run_for_output;

/// How much longer than asked for the sessions may take to end by themselves.
const OVERTIME: Duration = Duration::from_secs(60);
/// How often it is asked whether they have ended.
const POLL: Duration = Duration::from_millis(20);
/// The crate that replays the corpora, by folder and name.
const CORPORA: (&str, &str) = ("fuzz/checks", "fuzz-checks");

/// Looks for mutants in a copy.
#[derive(Debug)]
pub(crate) struct Hunt<'c> {
    pub(crate) copy: &'c Copy,
    /// Seed of the first session.
    pub(crate) seed: u64,
}

/// What the sessions came to.
#[derive(Debug)]
pub(crate) struct Sessions {
    /// What was violated; none if all of them held.
    pub(crate) oracle: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
    /// What was violated, by which session, and how much was played.
    pub(crate) said: String,
}

/// What became of a mutant.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It was only built.
    Built,
    /// A session was violated.
    Found(Sessions),
    /// The sessions held, and a test over the corpora did not.
    FoundInCorpora { sessions: Sessions, test: String },
    /// A test of the crates whose tests are to find it failed.
    FoundByTests { test: String },
    /// Nothing was violated.
    Missed { sessions: Sessions },
    /// Every test passed that was to find it.
    MissedByTests,
}

/// The last line that the sessions print.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    ok: bool,
    sessions: u64,
    simulated_seconds: f64,
    oracle: Option<String>,
    violation: Option<String>,
    found_after_seconds: Option<f64>,
    seed: Option<u64>,
}

impl Hunt<'_> {
    /// Runs fresh sessions for so long, or until one is violated.
    pub(crate) fn sessions(&self, longest: Duration) -> anyhow::Result<Sessions> {
        let mut command = self.copy.replay();
        command
            .args(["simulate", "--json", "--no-shrink", "--seed"])
            .arg(self.seed.to_string())
            .arg("--for-seconds")
            .arg(longest.as_secs().to_string())
            .arg("--out")
            .arg(self.copy.findings());
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("replay does not start")?;
        let mut stdout = child
            .stdout
            .take()
            .expect("standard output was asked for as a pipe");
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).map(|_| text)
        });
        let status = loop {
            match child.try_wait()? {
                Some(status) => break status,
                None if begun.elapsed() > longest + OVERTIME => {
                    child.kill()?;
                    child.wait()?;
                    return Ok(Sessions {
                        oracle: Some("a session that does not end".to_owned()),
                        took: begun.elapsed(),
                        said: "killed".to_owned(),
                    });
                }
                None => std::thread::sleep(POLL),
            }
        };
        let took = begun.elapsed();
        let text = reader.join().expect("reading does not panic")?;
        let last = text.lines().next_back().unwrap_or_default();
        let report: Report = match serde_json::from_str(last) {
            Ok(report) => report,
            // Killed by the system, or by a panic that nothing caught.
            Err(_) if !status.success() && status.code() != Some(2) => {
                return Ok(Sessions {
                    oracle: Some(format!("the process ended with {status}")),
                    took,
                    said: String::new(),
                });
            }
            Err(error) => bail!("replay simulate ended with {status} and said `{last}`: {error}"),
        };
        let played = format!(
            "{} sessions, {:.0} s simulated",
            report.sessions, report.simulated_seconds
        );
        if report.ok {
            return Ok(Sessions {
                oracle: None,
                took,
                said: played,
            });
        }
        let violation = report.violation.unwrap_or_default();
        Ok(Sessions {
            oracle: Some(report.oracle.unwrap_or_else(|| "unnamed".to_owned())),
            took: report
                .found_after_seconds
                .map_or(took, Duration::from_secs_f64),
            said: match report.seed {
                Some(seed) => format!("{played}; seed {seed}: {violation}"),
                None => format!("{played}: {violation}"),
            },
        })
    }

    /// Replays the corpora; the first test that fails, if one does.
    pub(crate) fn corpora(&self) -> anyhow::Result<Option<String>> {
        let (folder, package) = CORPORA;
        if !self.copy.has(folder) {
            return Ok(None);
        }
        self.tests(&[package.to_owned()])
    }

    /// Runs the tests of these crates; the first that fails, if one does.
    pub(crate) fn tests(&self, packages: &[String]) -> anyhow::Result<Option<String>> {
        let mut args = vec!["test", "--locked", "--no-fail-fast"];
        args.extend(packages.iter().flat_map(|name| ["--package", name]));
        let mut command = self.copy.cargo(&args);
        // Warnings are about the mutant.
        let (output, succeeded) =
            run_for_output(command.env("RUSTFLAGS", "--cap-lints=allow"), false)?;
        if succeeded {
            return Ok(None);
        }
        let failed = output.lines().find_map(|line| {
            let test = line.strip_prefix("test ")?;
            test.strip_suffix(" ... FAILED")
        });
        if failed.is_none() && test_counts(&output).passed == 0 {
            bail!("the tests of {} do not compile", packages.join(", "));
        }
        Ok(Some(failed.unwrap_or("a test that died").to_owned()))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Built => write!(out, "built"),
            Self::Found(Sessions { oracle, took, said }) => {
                let oracle = oracle.as_deref().unwrap_or_default();
                write!(
                    out,
                    "found by {oracle} after {:.1} s ({said})",
                    took.as_secs_f64()
                )
            }
            Self::FoundInCorpora { sessions, test } => {
                write!(out, "not found in {}, but by {test}", sessions.said)
            }
            Self::FoundByTests { test } => write!(out, "found by {test}"),
            Self::MissedByTests => write!(out, "no test fails"),
            Self::Missed { sessions } => write!(out, "not found in {}", sessions.said),
        }
    }
}
