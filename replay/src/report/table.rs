//! The report for people: a row for each player, and what all of it adds up to.

use netcode::Cause;

use super::Asked;
use super::measured::Measured;
use super::sums::Sum;
use crate::why::{millis_of, time};

/// The columns of causes, in the order of [`Cause::ALL`].
const CAUSES: [&str; Cause::ALL.len()] = [
    "starved", "dropped", "unseen", "hit", "respawn", "slip", "unknown",
];

/// Tells what was found of every recording.
pub(super) fn table(told: &[Asked]) {
    let mut all = Sum::default();
    let (mut players, mut stalls, mut failed) = (0, 0, 0);
    for (name, report) in told {
        match report {
            Ok(report) => {
                recording(name, report);
                all.add(&report.sum());
                players += report.players.len();
                stalls += report.stalls.len();
            }
            Err(failure) => {
                failed += 1;
                say!("{failure}");
            }
        }
    }
    let without = match failed {
        0 => String::new(),
        failed => format!(" ({failed} without a report)"),
    };
    say!(
        "{}{without}, {}, {} inputs: {}; {} found no input, {} lost, {}",
        count(told.len(), "recording"),
        count(players, "player"),
        all.inputs,
        corrections(&all),
        count(all.starved_steps as usize, "step"),
        count(all.lost_inputs as usize, "input"),
        count(stalls, "stall of the room")
    );
}

fn recording(name: &str, report: &Measured) {
    let steps = report.costs.len();
    say!(
        "{name}: room {}, {} ({}), {}",
        report.header.room,
        count(steps, "step"),
        time(report.last_step, report.first_step),
        count(report.players.len(), "player")
    );
    let late = match report.stall_max_ms() {
        0 => String::new(),
        late => format!(", {late} ms at most"),
    };
    let [p50, p99, max] = [report.cost.p50, report.cost.p99, report.cost.max];
    let micros = |nanos: u64| format!("{:.2} us", nanos as f64 / 1_000.0);
    say!(
        "  the room was late {} times{late}; a step cost {} (p50), {} (p99), {} (max)",
        report.stalls.len(),
        micros(p50),
        micros(p99),
        micros(max)
    );
    if report.players.is_empty() {
        say!("  nothing was written down of its players");
    } else {
        head();
    }
    for (player, (_, sum)) in &report.players {
        row(player.0, sum);
    }
    if let Some(lost) = &report.lost {
        lost.tell();
    }
}

fn head() {
    let causes = CAUSES.map(|cause| format!("{cause:>8}")).concat();
    say!(
        "  {:>6}{:>9} |{:>10}{:>43} |{:>6}{:>6} |{:>14} |{:>13}",
        "",
        "",
        "corrected,",
        " by cause, and by how many cells at most",
        "no",
        "lost",
        "round trip, ms",
        "slack, steps"
    );
    say!(
        "  player{:>9} |{:>5}{causes}{:>8} |{:>6}{:>6} |{:>7}{:>7} |{:>6}{:>7}",
        "inputs",
        "all",
        "cells",
        "input",
        "",
        "p50",
        "p99",
        "least",
        "mean"
    );
}

fn row(player: u16, sum: &Sum) {
    let causes = sum.corrections.map(|count| format!("{count:>8}")).concat();
    let none = || "-".to_owned();
    let trip = sum.round_trip;
    let [p50, p99] = [trip.map(|trip| trip.p50), trip.map(|trip| trip.p99)]
        .map(|steps| steps.map_or_else(none, |steps| millis_of(steps).to_string()));
    let least = sum.slack.map_or_else(none, |slack| slack.least.to_string());
    let mean = sum
        .slack
        .map_or_else(none, |slack| format!("{:.1}", slack.mean));
    say!(
        "  {player:>6}{:>9} |{:>5}{causes}{:>8.2} |{:>6}{:>6} |{p50:>7}{p99:>7} |{least:>6}{mean:>7}",
        sum.inputs,
        sum.corrected(),
        sum.largest_cells,
        sum.starved_steps,
        sum.lost_inputs
    );
}

/// How many corrections, by cause.
fn corrections(sum: &Sum) -> String {
    if sum.corrected() == 0 {
        return "0 corrections".to_owned();
    }
    let causes: Vec<String> = sum
        .causes()
        .map(|(cause, count)| format!("{count} {}", cause.name()))
        .collect();
    format!(
        "{} ({}), by {:.2} cells at most",
        count(sum.corrected() as usize, "correction"),
        causes.join(", "),
        sum.largest_cells
    )
}

fn count(number: usize, of: &str) -> String {
    if number == 1 {
        return format!("1 {of}");
    }
    match of.split_once(' ') {
        Some((of, whose)) => format!("{number} {of}s {whose}"),
        None => format!("{number} {of}s"),
    }
}
