//! What the authority saw of each client, by step: which input a step consumed, and which snapshots had been applied.
//!
//! * Nothing is known outside of the steps that a block of evidence is about.
//! * Evidence that contradicts itself, or that had no place for everything, is not used.

use std::collections::BTreeMap;

use input_log::limits::PLAYERS_MAX;
use input_log::{Acked, Consumed, Evidence, Mismatch, PlayerEvidence};
use sim_core::{PlayerId, Step};

/// The longest that an input can wait for its step: the room keeps twelve, and the last of them waits for eleven.
const WAIT_MAX: u64 = 11;

/// Everything seen of all clients.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Ascending, without overlap.
    windows: Vec<Window>,
    tracks: BTreeMap<PlayerId, Track>,
}

/// The steps that one block of evidence is about.
#[derive(Clone, Copy, Debug)]
struct Window {
    first: Step,
    last: Step,
    /// Whether there may have been more players than it has place for.
    full: bool,
}

/// Everything seen of one client. The lists ascend.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    runs: Vec<Consumed>,
    acks: Vec<Acked>,
    mismatches: Vec<Mismatch>,
    /// How many steps inputs waited, by window.
    waits: Vec<(usize, Waits)>,
    /// Windows that are of no use.
    unusable: Vec<usize>,
}

/// How many steps the inputs of a window waited for theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waits {
    least: u64,
    most: u64,
}

const ANY_WAIT: Waits = Waits {
    least: 0,
    most: WAIT_MAX,
};

impl Seen {
    /// Takes a block of evidence; returns about how many bytes it takes.
    pub(super) fn take(&mut self, first: Step, steps: u64, evidence: &Evidence) -> usize {
        let last = steps
            .checked_sub(1)
            .and_then(|more| first.0.checked_add(more));
        let follows = self.windows.last().is_none_or(|before| before.last < first);
        let (Some(last), true) = (last.map(Step), follows) else {
            return 0;
        };
        let window = self.windows.len();
        self.windows.push(Window {
            first,
            last,
            full: evidence.players.len() >= PLAYERS_MAX,
        });
        let mut bytes = size_of::<Window>();
        for (&player, of) in &evidence.players {
            let track = self.tracks.entry(player).or_default();
            if !is_usable(of, first, last) {
                track.unusable.push(window);
                continue;
            }
            track.runs.extend(&of.consumed);
            track.acks.extend(&of.acked);
            track.mismatches.extend(&of.mismatches);
            track.waits.push((window, waits(of)));
            bytes += size_of::<Track>()
                + size_of_val(&*of.consumed)
                + size_of_val(&*of.acked)
                + size_of_val(&*of.mismatches);
        }
        bytes
    }

    /// What was seen of a player up to a step, back to where anything is missing. None if nothing is known of the step.
    pub(super) fn of(&self, player: PlayerId, step: Step) -> Option<Stretch<'_>> {
        let track = self.tracks.get(&player)?;
        let behind = self.windows.partition_point(|window| window.first <= step);
        let newest = behind.checked_sub(1)?;
        if self.windows[newest].last < step || !self.is_known(track, newest) {
            return None;
        }
        let mut oldest = newest;
        while let Some(before) = oldest.checked_sub(1)
            && self.windows[before].last.after(1) == self.windows[oldest].first
            && self.is_known(track, before)
        {
            oldest = before;
        }
        Some(Stretch {
            track,
            windows: &self.windows,
            first: self.windows[oldest].first,
        })
    }

    fn is_known(&self, track: &Track, window: usize) -> bool {
        let told = track.waits.binary_search_by_key(&window, |(at, _)| *at);
        let unusable = track.unusable.binary_search(&window);
        unusable.is_err() && (told.is_ok() || !self.windows[window].full)
    }
}

/// Whether every list ascends, lies within the steps, and is whole.
fn is_usable(of: &PlayerEvidence, first: Step, last: Step) -> bool {
    let mut run_end = first;
    let runs = of.consumed.iter().all(|run| {
        let more = u64::from(run.steps).checked_sub(1);
        let end = more.and_then(|more| run.step.0.checked_add(more));
        let within = run_end <= run.step && end.is_some_and(|end| end <= last.0);
        run_end = run.step.after(u64::from(run.steps));
        within && run.seq.checked_add(run.steps).is_some()
    });
    // A message that comes between the last step of a block and the first of the next belongs to the next.
    let earliest = Step(first.0.saturating_sub(1));
    let within = |step: Step| earliest <= step && step <= last;
    let acks = of.acked.iter().all(|ack| within(ack.step))
        && of
            .acked
            .is_sorted_by(|a, b| a.step <= b.step && a.snapshot < b.snapshot);
    let mismatches = of.mismatches.iter().all(|one| within(one.step))
        && of.mismatches.is_sorted_by(|a, b| a.step < b.step);
    of.omitted == 0 && runs && acks && mismatches
}

/// A wait is what is called slack, as long as that is not negative. Inputs that came late were consumed at once, one a
/// step, and so are those behind them in the same batch.
fn waits(of: &PlayerEvidence) -> Waits {
    of.slack.map_or(ANY_WAIT, |slack| {
        let most = u64::try_from(slack.most).unwrap_or(0).min(WAIT_MAX);
        match u64::try_from(slack.least) {
            Ok(least) => Waits { least, most },
            Err(_) => ANY_WAIT,
        }
    })
}

/// What was seen of one client, from a step on without a hole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'s> {
    track: &'s Track,
    windows: &'s [Window],
    /// From here on everything is known.
    pub(super) first: Step,
}

impl Stretch<'_> {
    /// The newest input that was consumed up to this step, and the step that did.
    pub(super) fn consumed(&self, step: Step) -> Option<(Step, u32)> {
        let runs = &self.track.runs;
        let behind = runs.partition_point(|run| run.step <= step);
        let run = runs.get(behind.checked_sub(1)?)?;
        let into = step.since(run.step).min(u64::from(run.steps) - 1);
        let at = run.step.after(into);
        // What is before the hole is not known to be the newest.
        (self.first <= at).then_some((at, run.seq + into as u32))
    }

    /// The first input that was consumed after this step, and the step that did. The run it is in may reach behind what is
    /// known.
    pub(super) fn consumed_next(&self, step: Step) -> Option<(Step, u32)> {
        let next = step.after(1);
        let runs = &self.track.runs;
        let at = runs.partition_point(|run| run.step.after(u64::from(run.steps)) <= next);
        let run = runs.get(at)?;
        let into = next.0.saturating_sub(run.step.0);
        Some((run.step.after(into), run.seq + into as u32))
    }

    /// The first step that consumed an input behind the last pause of more than this many steps which is over when this
    /// step comes; `from` if there was none since then.
    pub(super) fn resumed(&self, step: Step, from: Step, pause: u64) -> Step {
        let runs = &self.track.runs;
        let behind = runs.partition_point(|run| run.step <= step);
        let mut later: Option<&Consumed> = None;
        for run in runs[..behind].iter().rev() {
            let end = run.step.after(u64::from(run.steps) - 1);
            if let Some(later) = later
                && later.step.since(end) > pause
            {
                return later.step.max(from);
            }
            if run.step <= from {
                break;
            }
            later = Some(run);
        }
        from
    }

    /// The snapshots that the client may have had applied when it sent the input which this step consumed: the newest of
    /// those acknowledged before, if that is known, and those acknowledged while the input may have arrived.
    pub(super) fn acked(&self, consumed: Step) -> (Option<Acked>, &[Acked]) {
        let waits = self.waits(consumed);
        // An input that waited for no step came after the step before its own.
        let latest = Step((consumed.0.saturating_sub(1)).saturating_sub(waits.least));
        let earliest = Step((consumed.0.saturating_sub(1)).saturating_sub(waits.most));
        let acks = &self.track.acks;
        let from = acks.partition_point(|ack| ack.step < earliest);
        let to = acks.partition_point(|ack| ack.step <= latest).max(from);
        let before = from.checked_sub(1).and_then(|at| acks.get(at));
        // One that came between the last step before the hole and the first behind it is known, too.
        let is_known = |ack: &&Acked| self.first <= ack.step.after(1);
        (before.filter(is_known).copied(), &acks[from..to])
    }

    /// What the client said that it predicted after the input that this step consumed, if that was wrong.
    pub(super) fn mismatch(&self, consumed: Step) -> Option<&Mismatch> {
        let all = &self.track.mismatches;
        let at = all.binary_search_by_key(&consumed, |one| one.step).ok()?;
        all.get(at)
    }

    /// An input may have come while the window before was open.
    fn waits(&self, consumed: Step) -> Waits {
        let behind = self
            .windows
            .partition_point(|window| window.first <= consumed);
        let newest = behind.saturating_sub(1);
        let is_early = self
            .windows
            .get(newest)
            .is_some_and(|window| consumed.since(window.first) <= WAIT_MAX + 1);
        let oldest = newest.saturating_sub(usize::from(is_early));
        let mut all: Option<Waits> = None;
        for window in oldest..=newest {
            let of = &self.track.waits;
            let told = of.binary_search_by_key(&window, |(at, _)| *at);
            let one = told.map_or(ANY_WAIT, |at| of[at].1);
            all = Some(all.map_or(one, |all| Waits {
                least: all.least.min(one.least),
                most: all.most.max(one.most),
            }));
        }
        all.unwrap_or(ANY_WAIT)
    }
}
