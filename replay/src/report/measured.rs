//! What one recording says of its players and its room.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

use analysis::{Analysis, Told};
use input_log::{Header, Recording, Rerun, Stall, Verified};
use kernel::Translate;
use sim_core::{PlayerId, Step};

use super::sums::Sum;
use crate::bench::{Percentiles, Stopwatch};
use crate::exit::{Exit, Failure};
use crate::loss::Loss;
use crate::rerun::{Job, Rules, header, with_kernel};
use crate::verify::nothing_compared;
use crate::why::{Explained, explain};

/// How often a recording is rerun for what its steps cost. Of each step the cheapest counts.
const RERUNS: u32 = 3;

/// What one recording says.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) header: Header,
    pub(super) first_step: Step,
    pub(super) last_step: Step,
    /// When the room itself was late.
    pub(super) stalls: Vec<Stall>,
    /// What happened to the players that evidence is about.
    pub(super) players: BTreeMap<PlayerId, (Told, Sum)>,
    /// What each step cost with its hash, in nanoseconds.
    pub(super) costs: Vec<(Step, u64)>,
    pub(super) cost: Percentiles,
    /// What the recording no longer holds.
    pub(super) lost: Option<Loss>,
}

impl Measured {
    pub(super) const fn exit(&self) -> Exit {
        Exit::of_intact(self.lost.as_ref())
    }

    /// The longest that the room was late, in milliseconds.
    pub(super) fn stall_max_ms(&self) -> u32 {
        let late = self.stalls.iter().map(|stall| stall.late_ms);
        late.max().unwrap_or(0)
    }

    /// Everything that can be added up over its players.
    pub(super) fn sum(&self) -> Sum {
        let mut all = Sum::default();
        for (_, sum) in self.players.values() {
            all.add(sum);
        }
        all
    }
}

/// What a recording says. What its steps cost is measured beside what happened.
///
/// # Errors
/// If the bytes are no recording, there is no kernel for it, no step is in it, or a rerun is not what was recorded.
pub(super) fn measured(bytes: &[u8], rules: &Rules) -> Result<Measured, Failure> {
    let header = header(bytes)?;
    let (costs, explained) = thread::scope(|scope| {
        let costs = scope.spawn(|| with_kernel(bytes, rules, Measure { bytes }));
        let explained = explain(bytes, None, rules);
        (costs.join(), explained)
    });
    // That the recording diverges comes first: then nothing else is told.
    let costs = costs.unwrap_or_else(|panic| resume_unwind(panic))?;
    let Explained { analysis, lost } = explained?;
    let Analysis {
        first_step,
        last_step,
        stalls,
        players,
    } = analysis;
    let players = players.into_iter().map(|(player, told)| {
        let sum = Sum::of(&told);
        (player, (told, sum))
    });
    Ok(Measured {
        header,
        first_step,
        last_step,
        stalls,
        players: players.collect(),
        cost: Percentiles::of(costs.iter().map(|(_, nanos)| *nanos).collect()),
        costs,
        lost,
    })
}

/// Reruns a recording for what each of its steps costs, at least one. Every hash is compared.
struct Measure<'a> {
    bytes: &'a [u8],
}

impl Job for Measure<'_> {
    type Answer = Vec<(Step, u64)>;

    fn run<K: Translate>(self, kernel: K) -> Result<Self::Answer, Failure> {
        costs(kernel, self.bytes)
    }
}

fn costs<K: Translate>(kernel: K, bytes: &[u8]) -> Result<Vec<(Step, u64)>, Failure> {
    let stopwatch = Stopwatch::of(kernel);
    let recording = Recording::open_with(stopwatch.clone(), bytes);
    let recording = recording.map_err(|error| Failure::no_recording(&error))?;
    let mut costs: Vec<(Step, u64)> = Vec::new();
    for nth in 0..RERUNS {
        let mut rerun = Rerun::of(&recording);
        while let Some(verified) = rerun.next() {
            let verified = verified.map_err(|diverged| {
                Failure::Diverges(format!("{diverged}. `replay verify` says more"))
            })?;
            if let Verified::Step { step, .. } = verified
                && nth == 0
            {
                costs.push((step, u64::MAX));
            }
        }
        for ((_, cheapest), taken) in costs.iter_mut().zip(stopwatch.take()) {
            *cheapest = taken.both_ns().min(*cheapest);
        }
    }
    if costs.is_empty() {
        return Err(nothing_compared(Loss::of(&recording, bytes.len()).as_ref()));
    }
    Ok(costs)
}
