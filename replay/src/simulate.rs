//! Sessions with every fault, from random seeds or from a script, until one does not hold.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Args;
use harness::{Outcome, Script, Violation, run_caught, shrink};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::output;
use crate::save::{self, Target};
use crate::source;

/// Sessions played while a failing script is made smaller.
const SHRINK_SESSIONS_MAX: u32 = 2_000;
/// Sessions that are played at the same time, at most; more threads than a machine has processors gain nothing.
const JOBS_MAX: i64 = 256;
/// Sessions from one line of progress to the next.
const PROGRESS_SESSIONS: u64 = 1_000;

/// What `replay simulate` can be told.
#[derive(Clone, Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Seed of the first session; the next has the next seed.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Stop after so many sessions. Without any limit, 100.
    #[arg(long)]
    pub(crate) sessions: Option<u64>,
    /// Stop after so many simulated room-hours.
    #[arg(long)]
    pub(crate) hours: Option<u64>,
    /// Stop after so many seconds of real time.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) for_seconds: Option<u64>,
    /// Play this script instead of random ones: a .json file, or an input of the fuzz target `reconcile`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sessions", "hours", "for_seconds"])]
    pub(crate) script: Option<PathBuf>,
    /// Go on when a session does not hold.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Do not make a failing script smaller.
    #[arg(long)]
    pub(crate) no_shrink: bool,
    /// Where the script and the recording of a failing session are written.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Sessions that are played at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    pub(crate) jobs: u16,
    /// End with one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Default)]
struct Tally {
    next_seed: u64,
    sessions: u64,
    simulated_seconds: u64,
    steps: u64,
    snapshots: u64,
    failed: Vec<Failed>,
}

#[derive(Clone, Debug)]
struct Failed {
    script: Script,
    violations: Vec<Violation>,
    after: Duration,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SimulatedShape {
    ok: bool,
    sessions: u64,
    simulated_seconds: u64,
    wall_seconds: f64,
    real_time_multiple: f64,
    steps: u64,
    snapshots: u64,
    failed: usize,
    seed: Option<u64>,
    oracle: Option<&'static str>,
    found_after_seconds: Option<f64>,
    violation: Option<String>,
}

pub(crate) fn run(args: &SimulateArgs) -> Result<Exit, Failure> {
    if let Some(dir) = &args.out {
        save::folder(dir)?;
    }
    let started = Instant::now();
    let tally = match &args.script {
        Some(file) => play_file(file, started)?,
        None => play_random(args, started),
    };
    let took = started.elapsed().as_secs_f64();
    let multiple = tally.simulated_seconds as f64 / took;
    say!(
        "{} sessions, {:.1} simulated room-hours in {took:.1} s: {multiple:.0} times real time",
        tally.sessions,
        tally.simulated_seconds as f64 / 3_600.0
    );
    say!(
        "{} steps, {} snapshots compared with the room's",
        tally.steps,
        tally.snapshots
    );
    for failed in &tally.failed {
        tell(failed, args)?;
    }
    say!("{} sessions did not hold", tally.failed.len());
    let first = tally.failed.first();
    if args.json {
        output::json(&SimulatedShape {
            ok: first.is_none(),
            sessions: tally.sessions,
            simulated_seconds: tally.simulated_seconds,
            wall_seconds: took,
            real_time_multiple: multiple,
            steps: tally.steps,
            snapshots: tally.snapshots,
            failed: tally.failed.len(),
            seed: first.map(|failed| failed.script.seed),
            oracle: first.map(|failed| failed.violations[0].oracle()),
            found_after_seconds: first.map(|failed| failed.after.as_secs_f64()),
            violation: first.map(|failed| failed.violations[0].to_string()),
        });
    }
    Ok(if first.is_none() {
        Exit::Holds
    } else {
        Exit::Diverges
    })
}

impl Tally {
    fn add(&mut self, script: &Script, outcome: &Outcome, after: Duration) {
        self.sessions += 1;
        self.simulated_seconds += u64::from(script.seconds);
        self.steps += outcome.rooms.iter().map(|room| room.steps).sum::<u64>();
        self.snapshots += outcome.views_compared;
        if let Some(first) = outcome.violations.first() {
            say!("seed {}: {}: {first}", script.seed, first.oracle());
            self.failed.push(Failed {
                script: script.clone(),
                violations: outcome.violations.clone(),
                after,
            });
        }
    }
}

fn play_file(file: &Path, started: Instant) -> Result<Tally, Failure> {
    let usage = |error: &dyn std::fmt::Display| {
        Failure::Usage(format!("{} cannot be played: {error}", file.display()))
    };
    let bytes = source::file(file, source::TEXT_BYTES_MAX)?;
    // An input of the fuzzer has no name of its own, and any bytes are one.
    let script = if file
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        let text = String::from_utf8(bytes).map_err(|error| usage(&error))?;
        Script::from_json(&text).map_err(|error| usage(&error))?
    } else {
        Script::from_bytes(&bytes)
    };
    let mut tally = Tally::default();
    let outcome = run_caught(&script);
    tally.add(&script, &outcome, started.elapsed());
    Ok(tally)
}

fn play_random(args: &SimulateArgs, started: Instant) -> Tally {
    let has_limit = args.hours.is_some() || args.for_seconds.is_some();
    let sessions_max = args
        .sessions
        .unwrap_or(if has_limit { u64::MAX } else { 100 });
    let simulated_max = args
        .hours
        .map_or(u64::MAX, |hours| hours.saturating_mul(3_600));
    let wall_max = args.for_seconds.map_or(Duration::MAX, Duration::from_secs);
    let tally = Mutex::new(Tally {
        next_seed: args.seed,
        ..Tally::default()
    });
    let locked = || tally.lock().expect("a session's panic is caught in it");
    let player = || {
        loop {
            let seed = {
                let mut tally = locked();
                let begun = tally.next_seed.wrapping_sub(args.seed);
                let is_over = begun >= sessions_max
                    || tally.simulated_seconds >= simulated_max
                    || started.elapsed() >= wall_max
                    || (!args.keep_going && !tally.failed.is_empty());
                if is_over {
                    return;
                }
                tally.next_seed = tally.next_seed.wrapping_add(1);
                tally.next_seed.wrapping_sub(1)
            };
            let script = Script::random(seed);
            let outcome = run_caught(&script);
            let mut tally = locked();
            tally.add(&script, &outcome, started.elapsed());
            if tally.sessions % PROGRESS_SESSIONS == 0 {
                let hours = tally.simulated_seconds / 3_600;
                let failed = tally.failed.len();
                say!(
                    "{} sessions, {hours} room-hours, {failed} failed",
                    tally.sessions
                );
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..args.jobs {
            scope.spawn(player);
        }
    });
    tally
        .into_inner()
        .expect("a session's panic is caught in it")
}

/// Says what did not hold and how to see it again; makes it smaller and keeps it.
fn tell(failed: &Failed, args: &SimulateArgs) -> Result<(), Failure> {
    let Failed { script, .. } = failed;
    say!("");
    for violation in failed.violations.iter().take(5) {
        say!("violated ({}): {violation}", violation.oracle());
    }
    say!("  seed {}, commit {}", script.seed, commit());
    if args.script.is_none() {
        say!(
            "  again: replay simulate --seed {} --sessions 1",
            script.seed
        );
    }
    let script = if args.no_shrink {
        script.clone()
    } else {
        let shrunk = shrink(script, SHRINK_SESSIONS_MAX);
        let (before, after) = (script, &shrunk.script);
        say!(
            "  shrunk in {} sessions: {} seats to {}, {} faults to {}, {} s to {} s",
            shrunk.sessions,
            before.seats.len(),
            after.seats.len(),
            before.faults.len(),
            after.faults.len(),
            before.seconds,
            after.seconds
        );
        shrunk.script
    };
    let Some(dir) = &args.out else {
        say!("  --out DIR keeps its script and its recording");
        return Ok(());
    };
    let file = dir.join(format!("seed-{}.json", script.seed));
    let file = Target::at(&file)?.write(script.to_json().as_bytes())?;
    say!("  again: replay simulate --script {}", file.display());
    let outcome = run_caught(&script);
    for (number, recording) in outcome.recordings.iter().enumerate() {
        let file = dir.join(format!("seed-{}-{number}.rec", script.seed));
        let file = Target::at(&file)?.write(recording)?;
        say!("  recorded: {}", file.display());
    }
    say!(
        "  to keep it as a test: copy the script into harness/tests/scripts/ under a name that says what it shows"
    );
    Ok(())
}

/// The commit that the working directory is at.
fn commit() -> String {
    let asked = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output();
    let said = asked.ok().filter(|output| output.status.success());
    said.and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".to_owned(), |commit| commit.trim().to_owned())
}
