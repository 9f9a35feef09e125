//! The answer: for people, as a table in Markdown, and as one line of JSON.

use serde::Serialize;

use super::baseline::Comparison;
use super::cost::{Costs, Percentiles, StepCost, Things};
use super::picture::clock;
use super::{BenchArgs, Benched, stopwatch};
use crate::loss::LossShape;
use crate::output;

/// Tells what came out.
pub(super) fn answer(all: &[Benched], yardstick_ns: u64, holds: bool, args: &BenchArgs) {
    if args.json {
        return json(all, yardstick_ns, holds, args.worst);
    }
    if args.markdown {
        return markdown(all);
    }
    for one in all {
        people(one, args.worst);
    }
    say!(
        "a measurement takes {} ns by itself, which is in every time; the yardstick, XXH64 over 32 KiB, took {}",
        stopwatch::clock_ns(),
        micros(yardstick_ns)
    );
    for one in all {
        if let Some(lost) = &one.lost {
            lost.tell();
        }
        if let Some(compared) = one.comparison {
            let grew = format!(
                "p50 {:.2} and p99 {:.2} times what it was",
                compared.p50, compared.p99
            );
            let verdict = if compared.holds {
                "holds".to_owned()
            } else {
                format!("slower by more than {} %", args.slower_max)
            };
            say!("{}: {grew}: {verdict}", one.name);
        }
    }
}

fn people(one: &Benched, worst: usize) {
    let costs = &one.costs;
    say!(
        "{}: {} steps, of each the cheapest of {} reruns",
        one.name,
        costs.steps().len(),
        costs.reruns()
    );
    say!(
        "  {:<6}{:>11}{:>11}{:>11}{:>11}",
        "",
        "p50",
        "p90",
        "p99",
        "max"
    );
    for (what, of) in parts(costs) {
        let columns =
            [of.p50, of.p90, of.p99, of.max].map(|nanos| format!("{:>11}", micros(nanos)));
        say!("  {what:<6}{}", columns.concat());
    }
    if worst == 0 {
        return;
    }
    say!("  the most expensive steps, and what there was in them");
    say!(
        "  {:>10}{:>9}{:>11}{:>9}{:>7}{:>12}{:>9}{:>10}{:>7}{:>8}",
        "step",
        "at",
        "cost",
        "players",
        "shots",
        "structures",
        "pressed",
        "commands",
        "joins",
        "leaves"
    );
    for cost in costs.worst(worst) {
        let of = cost.things;
        say!(
            "  {:>10}{:>9}{:>11}{:>9}{:>7}{:>12}{:>9}{:>10}{:>7}{:>8}",
            of.step.0,
            clock(of.step.0),
            micros(cost.both_ns()),
            of.players,
            of.projectiles,
            of.structures,
            of.pressed,
            of.commands,
            of.joins,
            of.leaves
        );
    }
}

fn markdown(all: &[Benched]) {
    say!("| recording | steps | p50 | p99 | max | the most expensive step |");
    say!("|---|---|---|---|---|---|");
    for one in all {
        let both = one.costs.percentiles(StepCost::both_ns);
        let worst = one.costs.worst(1);
        let worst = worst.first().map(|cost| reasons(&cost.things));
        say!(
            "| `{}` | {} | {} | {} | {} | {} |",
            one.name,
            one.costs.steps().len(),
            micros(both.p50),
            micros(both.p99),
            micros(both.max),
            worst.unwrap_or_default()
        );
    }
}

/// What there was in a step, without what there was not.
fn reasons(of: &Things) -> String {
    let counts = [
        (of.players, "players"),
        (of.projectiles, "shots"),
        (of.structures, "structures"),
        (of.commands, "commands"),
        (of.joins, "joins"),
        (of.leaves, "leaves"),
    ];
    let there = counts.iter().filter(|(count, _)| *count > 0);
    let there: Vec<String> = there
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    format!("{}: {}", of.step.0, there.join(", "))
}

fn parts(costs: &Costs) -> [(&'static str, Percentiles); 3] {
    [
        ("step", costs.percentiles(|cost| cost.step_ns)),
        ("hash", costs.percentiles(|cost| cost.hash_ns)),
        ("both", costs.percentiles(StepCost::both_ns)),
    ]
}

fn micros(nanos: u64) -> String {
    format!("{:.2} us", nanos as f64 / 1_000.0)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AnswerShape<'a> {
    ok: bool,
    clock_ns: u64,
    yardstick_ns: u64,
    files: Vec<FileShape<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileShape<'a> {
    file: &'a str,
    steps: usize,
    reruns: u32,
    step_ns: Percentiles,
    hash_ns: Percentiles,
    both_ns: Percentiles,
    worst: Vec<StepShape>,
    against: Option<Comparison>,
    lost: Option<LossShape>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepShape {
    step: u64,
    ns: u64,
    players: usize,
    projectiles: usize,
    structures: usize,
    pressed: usize,
    commands: usize,
    joins: usize,
    leaves: usize,
}

fn json(all: &[Benched], yardstick_ns: u64, ok: bool, worst: usize) {
    let files = all.iter().map(|one| {
        let [step_ns, hash_ns, both_ns] = parts(&one.costs).map(|(_, of)| of);
        FileShape {
            file: &one.name,
            steps: one.costs.steps().len(),
            reruns: one.costs.reruns(),
            step_ns,
            hash_ns,
            both_ns,
            worst: one.costs.worst(worst).iter().map(StepShape::of).collect(),
            against: one.comparison,
            lost: one.lost.as_ref().map(Into::into),
        }
    });
    output::json(&AnswerShape {
        ok,
        clock_ns: stopwatch::clock_ns(),
        yardstick_ns,
        files: files.collect(),
    });
}

impl StepShape {
    fn of(cost: &StepCost) -> Self {
        let Things {
            step,
            players,
            projectiles,
            structures,
            pressed,
            commands,
            joins,
            leaves,
        } = cost.things;
        Self {
            step: step.0,
            ns: cost.both_ns(),
            players,
            projectiles,
            structures,
            pressed,
            commands,
            joins,
            leaves,
        }
    }
}
