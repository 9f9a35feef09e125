//! Measures every budget and prints the table of `benches/README.md`: `budgets [--bytes]`.
//!
//! With `--bytes`, only what is the same on every machine. Exit code 1 when a budget is not kept.

use std::process::ExitCode;
use std::time::Instant;

use benches::w1::{self, STEPS, Workload, workload};
use benches::{rerun, session, snapshots};
use input_log::HashDetail;
use sim_core::rules::STEPS_PER_SECOND;

/// The seed that everything here is measured with.
const SEED: u64 = 7;
/// Reruns of W1; the best counts, because whatever else the machine does only makes one slower.
const RERUNS: u32 = 15;

/// Times real time that a rerun of W1 must reach on one core.
const REAL_TIME_MULTIPLE_MIN: f64 = 3_000.0;
/// Bytes an input of a recording.
const BYTES_AN_INPUT_MAX: f64 = 0.4;
/// Bytes a second of binary deltas.
const DELTA_BYTES_A_SECOND_MAX: f64 = 2_048.0;
/// Full JSON divided by binary delta.
const RATIO_MIN: f64 = 20.0;
/// Snapshots by which the acknowledgement lags in the budget: a round trip of 100 to 200 ms.
const ACK_LAG: usize = 2;

/// The table, and whether every budget in it is kept.
struct Table {
    keeps: bool,
}

impl Table {
    fn begin() -> Self {
        println!("| what | measured | budget |\n|---|---|---|");
        Self { keeps: true }
    }

    fn figure(&self, what: &str, measured: &str) {
        println!("| {what} | {measured} | |");
    }

    fn budget(&mut self, what: &str, measured: &str, budget: &str, keeps: bool) {
        self.keeps &= keeps;
        let verdict = if keeps { "kept" } else { "NOT KEPT" };
        println!("| {what} | {measured} | {budget}: {verdict} |");
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let speed = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => true,
        ["--bytes"] => false,
        _ => {
            eprintln!("usage: budgets [--bytes]");
            return ExitCode::from(2);
        }
    };
    let w1 = workload(SEED, STEPS);
    let census = w1.census;
    println!(
        "W1, seed {SEED}: {} steps; on average {:.1} projectiles, {:.1} structures, {:.1} of 16 players alive, \
         a player's buttons changing every {:.1} steps\n",
        w1.frames.len(),
        census.projectiles(),
        census.structures(),
        census.alive(),
        census.steps_per_change()
    );
    let mut table = Table::begin();
    if speed {
        speeds(&mut table, &w1);
    }
    recordings(&mut table, &w1);
    deltas(&mut table, &w1);
    if table.keeps {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn speeds(table: &mut Table, w1: &Workload) {
    let bare = best_of(|| {
        let mut world = w1.start.clone();
        for (frame, hash) in w1.frames.iter().zip(&w1.hashes) {
            world.step(frame);
            assert_eq!(world.hash(), *hash, "a rerun is the same");
        }
    });
    table.figure(
        "W1 from memory, step and hash",
        &format!("{:.2} us a step", bare * 1e6 / STEPS as f64),
    );
    let bytes = rerun::record(w1, HashDetail::Check);
    let whole = best_of(|| {
        let done = rerun::rerun(&bytes).expect("what was recorded is a recording");
        assert_eq!(done.hashes, STEPS, "every hash is compared");
    });
    let multiple = STEPS as f64 / f64::from(STEPS_PER_SECOND) / whole;
    table.budget(
        "W1 from its recording, hash at every step, one core",
        &format!("{multiple:.0} times real time"),
        &format!("at least {REAL_TIME_MULTIPLE_MIN:.0}"),
        multiple >= REAL_TIME_MULTIPLE_MIN,
    );
}

/// Seconds of the fastest of some runs.
fn best_of(mut run: impl FnMut()) -> f64 {
    let seconds = (0..RERUNS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    seconds.fold(f64::INFINITY, f64::min)
}

fn recordings(table: &mut Table, w1: &Workload) {
    let walkers = w1::walkers(SEED, session::PLAYERS as u16, STEPS);
    let inputs = |players: usize| STEPS * players as u64;
    let of_w1 = [
        ("recording of W1", HashDetail::Check),
        ("recording of W1, every hash whole", HashDetail::EveryStep),
    ];
    for (what, detail) in of_w1 {
        let bytes = rerun::record(w1, detail).len() as u64;
        table.figure(what, &an_input(bytes, inputs(w1::PLAYERS.into())));
    }
    let walked = rerun::record(&walkers, HashDetail::Check).len() as u64;
    let played = session::eight_players(SEED);
    for (what, bytes, inputs) in [
        (
            "recording of 8 who only press buttons",
            walked,
            inputs(session::PLAYERS),
        ),
        (
            "recording of 8 bots in the harness, evidence included",
            played.bytes,
            played.inputs,
        ),
    ] {
        table.budget(
            &format!("{what}, 10 minutes"),
            &an_input(bytes, inputs),
            &format!("at most {BYTES_AN_INPUT_MAX}, aim 0.2"),
            bytes as f64 / inputs as f64 <= BYTES_AN_INPUT_MAX,
        );
    }
}

fn an_input(bytes: u64, inputs: u64) -> String {
    format!(
        "{bytes} bytes, {inputs} inputs: {:.3} an input",
        bytes as f64 / inputs as f64
    )
}

fn deltas(table: &mut Table, w1: &Workload) {
    let views = snapshots::views(w1);
    for ago in 1..=4 {
        let sizes = snapshots::sizes(&views, ago);
        let (rate, ratio) = (sizes.delta_bytes_a_second(), sizes.ratio());
        let what = format!("W1 binary deltas, base {ago} snapshots ago");
        let measured = format!(
            "{rate:.0} bytes/s a client, largest {}",
            sizes.delta_bytes_max
        );
        if ago != ACK_LAG {
            table.figure(&what, &format!("{measured}, 1/{ratio:.0} of full JSON"));
            continue;
        }
        let budget = format!("at most {DELTA_BYTES_A_SECOND_MAX:.0}");
        table.budget(&what, &measured, &budget, rate <= DELTA_BYTES_A_SECOND_MAX);
        let full = sizes.full_json_bytes as f64 / sizes.fulls as f64;
        table.budget(
            &format!("the same against full JSON of {full:.0} bytes"),
            &format!("1/{ratio:.0}"),
            &format!("at most 1/{RATIO_MIN:.0}"),
            ratio >= RATIO_MIN,
        );
    }
}
