//! Load: how much one room holds on this machine, beside an object that does nothing with the same traffic.

mod bare;

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use serde_json::Value;

use crate::bot::Room;
use crate::crowd::Crowd;
use crate::stage::{Stage, stats};
use crate::usage::{self, Usage};

/// What is measured of either.
#[derive(Clone, Debug)]
struct Measured {
    name: &'static str,
    /// Of one core.
    processor_percent: f64,
    mebibytes: f64,
    /// Upper bounds of the buckets in which they are, in milliseconds.
    late_p50: Option<u64>,
    late_p99: Option<u64>,
    /// Round trips, in microseconds.
    trip_p50: u64,
    trip_p99: u64,
    /// Bytes a second and client.
    up: u64,
    down: u64,
    /// Messages to the server a second, of all clients.
    messages: u64,
}

/// What the room would be billed for, as it counts itself.
#[derive(Clone, Copy, Debug)]
struct Billed {
    rows_a_second: f64,
    messages_a_second: f64,
    usd_per_hour: f64,
}

impl Billed {
    /// Between two looks at a room.
    fn between(before: &Value, after: &Value) -> anyhow::Result<Self> {
        let number = |stats: &Value, name: &str| {
            let number = stats[name].as_f64();
            number.with_context(|| format!("no {name} in {stats}"))
        };
        let grown = |name: &str| -> anyhow::Result<f64> {
            Ok(number(after, name)? - number(before, name)?)
        };
        let seconds = grown("memorySeconds")?;
        let usd = |stats: &Value| -> anyhow::Result<f64> {
            Ok(number(stats, "estimatedCostPerHour")? * number(stats, "memorySeconds")?)
        };
        Ok(Self {
            rows_a_second: grown("rowsWritten")? / seconds,
            messages_a_second: grown("messagesIn")? / seconds,
            usd_per_hour: (usd(after)? - usd(before)?) / seconds,
        })
    }
}

impl fmt::Display for Billed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "an hour of it costs {:.4} USD: {:.2} rows written and {:.1} messages received a second",
            self.usd_per_hour, self.rows_a_second, self.messages_a_second
        )
    }
}

pub(crate) fn scene(
    stage: &Stage,
    bots: usize,
    kinds: &[Behaviour],
    length: Duration,
    seed: u64,
) -> anyhow::Result<String> {
    let stage = stage.scene("load")?;
    let kinds = if kinds.is_empty() {
        &Behaviour::ALL[..]
    } else {
        kinds
    };
    let (room, billed, steps) = of_room(&stage, bots, kinds, length, seed)?;
    let bare = bare::measure(&stage, bots, length, &room)?;
    let ratio = room.processor_percent / bare.processor_percent;
    Ok(format!(
        "{bots} clients, 60 inputs/s each in batches of two, {} s\n\n{HEAD}\n{room}\n{bare}\n\n\
         processor time: {ratio:.1} times the bare object's; {steps} steps of the room rerun, all hashes equal\n\
         {billed}",
        length.as_secs()
    ))
}

const HEAD: &str = "| | CPU, % of a core | MiB | tick late p50 / p99, ms | round trip p50 / p99, ms | up, B/s a client | down, B/s a client | messages/s in |\n\
                    |---|---|---|---|---|---|---|---|";

impl fmt::Display for Measured {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let late = |bound: Option<u64>| bound.map_or("more".to_owned(), |ms| format!("<= {ms}"));
        write!(
            out,
            "| {} | {:.1} | {:.0} | {} / {} | {:.1} / {:.1} | {} | {} | {} |",
            self.name,
            self.processor_percent,
            self.mebibytes,
            late(self.late_p50),
            late(self.late_p99),
            self.trip_p50 as f64 / 1_000.0,
            self.trip_p99 as f64 / 1_000.0,
            self.up,
            self.down,
            self.messages,
        )
    }
}

fn of_room(
    stage: &Stage,
    bots: usize,
    kinds: &[Behaviour],
    length: Duration,
    seed: u64,
) -> anyhow::Result<(Measured, Billed, u64)> {
    let serve = stage.serve(&[])?;
    let server = serve.start()?;
    let room = Room {
        port: server.port(),
        code: "load".into(),
    };
    let mut crowd = Crowd::new(&room, bots, kinds, seed);
    crowd.enter()?;
    // The start is not the load.
    crowd.play_for(Duration::from_secs(3));
    let counts = |crowd: &Crowd| {
        let of = |what: fn(&crate::bot::Bot) -> u64| crowd.bots.iter().map(what).sum::<u64>();
        [
            of(|bot| bot.bytes_up),
            of(|bot| bot.bytes_down),
            of(|bot| bot.messages_up),
            of(|bot| bot.client.stats().steps),
        ]
    };
    let late = |stats: &Value, what: &str| -> anyhow::Result<Vec<u64>> {
        let buckets = stats["lateness"]["buckets"].as_array();
        let buckets = buckets.context("no histogram")?.iter();
        Ok(buckets.filter_map(|one| one[what].as_u64()).collect())
    };
    let (before, used) = (counts(&crowd), usage::of(server.process_id())?);
    let told_before = stats(&server, &room)?;
    let late_before = late(&told_before, "ticks")?;
    let mut trips = Vec::new();
    for _ in 0..length.as_secs() {
        crowd.play_for(Duration::from_secs(1));
        let rtt = crowd.bots.iter().filter_map(|bot| bot.client.stats().rtt);
        trips.extend(rtt.map(|rtt| rtt.0));
    }
    let seconds = length.as_secs();
    let after = counts(&crowd);
    let used = since(used, usage::of(server.process_id())?);
    let told = stats(&server, &room)?;
    let billed = Billed::between(&told_before, &told)?;
    let bounds = late(&told, "upToMs")?;
    let late = grown(&late_before, &late(&told, "ticks")?);
    let count = bots as u64;
    let rate = |at: usize| (after[at] - before[at]) / seconds;
    let inputs = rate(3) / count;
    ensure!(
        (57..=63).contains(&inputs),
        "{inputs} inputs a second and client; the machine is too slow for this load"
    );
    crowd.stayed()?;
    let measured = Measured {
        name: "the room",
        processor_percent: used.processor.as_secs_f64() * 100.0 / seconds as f64,
        mebibytes: used.kibibytes as f64 / 1024.0,
        late_p50: quantile(&late, &bounds, 500),
        late_p99: quantile(&late, &bounds, 990),
        trip_p50: nth(&mut trips, 500),
        trip_p99: nth(&mut trips, 990),
        up: rate(0) / count,
        down: rate(1) / count,
        messages: rate(2),
    };
    let steps = stage.verify(&server, &room)?;
    crowd.leave();
    Ok((measured, billed, steps))
}

fn since(before: Usage, after: Usage) -> Usage {
    Usage {
        processor: after.processor.saturating_sub(before.processor),
        kibibytes: after.kibibytes,
    }
}

/// What each bucket has got since.
fn grown(before: &[u64], after: &[u64]) -> Vec<u64> {
    let pairs = after.iter().zip(before);
    pairs.map(|(after, before)| after - before).collect()
}

/// The upper bound of the bucket that holds this part of all; none for the one without.
fn quantile(counts: &[u64], bounds: &[u64], permille: u64) -> Option<u64> {
    let all: u64 = counts.iter().sum();
    let wanted = (all * permille).div_ceil(1_000).max(1);
    let mut seen = 0;
    for (count, bound) in counts.iter().zip(bounds) {
        seen += count;
        if seen >= wanted {
            return Some(*bound);
        }
    }
    None
}

fn nth(values: &mut [u64], permille: usize) -> u64 {
    values.sort_unstable();
    let last = values.len().saturating_sub(1);
    values.get(last * permille / 1_000).copied().unwrap_or(0)
}
