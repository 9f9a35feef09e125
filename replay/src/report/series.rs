//! What changes from step to step, in as few numbers as a page can show: an hour of eight players stays below 3 MB.

use analysis::{Seen, What};
use sim_core::Step;
use sim_core::rules::STEPS_PER_SNAPSHOT;

use super::measured::Measured;

/// Pieces that the cost of steps is told in, at most.
const COST_PIECES_MAX: u64 = 40_000;
/// Pieces that anything of one player is told in, at most.
const PLAYER_PIECES_MAX: u64 = 4_000;
/// Units of the cost in a nanosecond.
const COST_UNIT_NS: u64 = 10;

/// Pieces of as many steps each, from the first step on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pieces {
    first: Step,
    /// Steps of each.
    pub(super) steps: u64,
}

impl Pieces {
    /// At most so many, each of a multiple of `unit` steps.
    fn of(report: &Measured, most: u64, unit: u64) -> Self {
        let all = report.last_step.since(report.first_step) + 1;
        Self {
            first: report.first_step,
            steps: all.div_ceil(most).div_ceil(unit) * unit,
        }
    }

    fn at(&self, step: Step) -> u64 {
        step.0.saturating_sub(self.first.0) / self.steps
    }
}

/// The dearest step of each piece, in units of 10 ns; 0 where no step was.
pub(super) fn costs(report: &Measured) -> (Pieces, Vec<u64>) {
    let pieces = Pieces::of(report, COST_PIECES_MAX, 1);
    let mut dearest = Vec::new();
    for (step, nanos) in &report.costs {
        let at = pieces.at(*step) as usize;
        if dearest.len() <= at {
            dearest.resize(at + 1, 0);
        }
        dearest[at] = nanos.div_ceil(COST_UNIT_NS).max(dearest[at]);
    }
    (pieces, dearest)
}

/// Round trips in steps, three numbers a piece: the pieces since the one before, the median and the longest.
pub(super) fn round_trips(report: &Measured, seen: &Seen) -> (Pieces, Vec<u64>) {
    let pieces = Pieces::of(report, PLAYER_PIECES_MAX, u64::from(STEPS_PER_SNAPSHOT));
    let mut numbers = Vec::new();
    let mut trips = seen.round_trips().peekable();
    let mut before = 0;
    while let Some((step, trip)) = trips.next() {
        let at = pieces.at(step);
        let mut all = vec![trip];
        while let Some((_, trip)) = trips.next_if(|(step, _)| pieces.at(*step) == at) {
            all.push(trip);
        }
        all.sort_unstable();
        numbers.extend([at.saturating_sub(before), all[all.len() / 2]]);
        numbers.extend(all.last());
        before = at;
    }
    (pieces, numbers)
}

/// How early inputs came, four numbers a window: steps from the first step of the window before, its own steps, the latest input in
/// steps, and the mean in tenths of a step.
pub(super) fn slack(report: &Measured, seen: &Seen) -> Vec<i64> {
    let together = (seen.windows.len() as u64)
        .div_ceil(PLAYER_PIECES_MAX)
        .max(1);
    let mut numbers = Vec::new();
    let mut before = report.first_step;
    for windows in seen.windows.chunks(together as usize) {
        let (first, last) = (windows[0].first, windows[windows.len() - 1].last);
        let all = || windows.iter().filter_map(|window| window.slack);
        let inputs: i64 = all().map(|slack| i64::from(slack.inputs)).sum();
        let Some(least) = all().map(|slack| slack.least).min() else {
            continue;
        };
        let sum: i64 = all().map(|slack| i64::from(slack.sum)).sum();
        numbers.extend([
            first.0.saturating_sub(before.0) as i64,
            last.0.saturating_sub(first.0) as i64 + 1,
            i64::from(least),
            sum * 10 / inputs.max(1),
        ]);
        before = first;
    }
    numbers
}

/// Snapshots that the client applied, two numbers a run of them without a gap: steps from the last of the run before to the first,
/// and how many.
pub(super) fn snapshots(report: &Measured, seen: &Seen) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut last = report.first_step;
    for applied in seen.applied() {
        let apart = applied.step.0.saturating_sub(last.0);
        match numbers.last_mut() {
            Some(run) if apart == u64::from(STEPS_PER_SNAPSHOT) => *run += 1,
            Some(_) | None => numbers.extend([apart, 1]),
        }
        last = applied.step;
    }
    numbers
}

/// From which step to which a player was in the room. Who is first heard of otherwise than by entering was in it from the beginning.
pub(super) fn present(report: &Measured, moments: &[analysis::Moment]) -> Vec<[u64; 2]> {
    let mut stays = Vec::new();
    let mut since = Some(report.first_step);
    for moment in moments {
        if moment.what == What::Entered {
            since = Some(moment.step);
        } else if moment.what == What::Left {
            let left = since.take().map(|since| [since.0, moment.step.0]);
            stays.extend(left);
        }
    }
    stays.extend(since.map(|since| [since.0, report.last_step.0]));
    stays
}
