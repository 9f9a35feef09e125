//! What the evidence of a recording says of one player.

mod first_layout;

use std::collections::BTreeMap;

use input_log::limits::PLAYERS_MAX;
use input_log::{
    Acked, Connected, Dropped, Entry, Kind, Mismatch, PlayerEvidence, Recording, Slack, Stall,
    Starved,
};
use kernel::Translate;
use sim_core::rules::STEPS_PER_SNAPSHOT;
use sim_core::{PlayerId, Step};

/// Steps by which a client falls behind its own pace when it skips time: fewer are jitter.
const SLIP_STEPS: i64 = 6;
/// Inputs of a message that were predicted after the snapshot which it acknowledges, usually. It may be one less.
const INPUTS_SINCE: u32 = 2;
/// Acknowledgements that the pace is taken from: four seconds.
const PACE_ACKS: usize = 40;

/// What was seen of one client.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Which steps consumed which inputs, ascending.
    consumed: Vec<(Step, u32)>,
    starved: Vec<Starved>,
    /// Inputs that found the buffer full.
    pub dropped: Vec<Dropped>,
    /// Snapshots that the client has applied, ascending.
    applied: Vec<Applied>,
    /// Predictions that were not what came out, ascending.
    mismatches: Vec<Mismatch>,
    /// Inputs before one of which the client skipped time, ascending.
    slips: Vec<Slip>,
    /// The steps that a block of evidence is about, ascending.
    pub windows: Vec<Window>,
    /// When the player marked a moment.
    pub marks: Vec<Step>,
    /// Steps whose snapshots were sent, ascending.
    pub(crate) sent: Vec<Step>,
    /// What the client said that it has applied, ascending.
    pub acked: Vec<Acked>,
    /// Connections that began, ascending.
    pub connected: Vec<Connected>,
}

/// A snapshot that the client has applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The step that it shows.
    pub step: Step,
    /// The newest input that the client had predicted by then.
    pub newest: u32,
    /// The connection that it is the first snapshot of.
    pub connected: Option<Connected>,
    /// Whether the client acknowledged it, or a later one on the same connection. What was on its way when a connection was lost
    /// may have come or not.
    pub is_certain: bool,
}

/// The client skipped time before one of these inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slip {
    first: u32,
    last: u32,
}

/// What was counted in some steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First step.
    pub first: Step,
    /// Last step.
    pub last: Step,
    /// Inputs that found the buffer full, of which nothing but their number is known: all in the first layout, and those that the
    /// list had no place for.
    pub unlisted: u32,
    /// How early inputs came.
    pub slack: Option<Slack>,
}

/// What the blocks of evidence say of one player, one behind the other.
#[derive(Debug, Default)]
struct Lists {
    sent: Vec<Step>,
    acked: Vec<Acked>,
    connected: Vec<Connected>,
}

/// Everything that was seen of the players who were asked for.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) players: BTreeMap<PlayerId, Seen>,
    pub(crate) stalls: Vec<Stall>,
}

impl Evidence {
    /// Reads all evidence of these players; of all, if none is named.
    pub(crate) fn of<K: Translate>(
        kernel: &K,
        recording: &Recording<'_, K>,
        players: &[PlayerId],
    ) -> Self {
        let mut all: BTreeMap<PlayerId, (Seen, Lists)> = BTreeMap::new();
        let mut stalls = Vec::new();
        for player in players {
            all.entry(*player).or_default();
        }
        // No more inputs and snapshots than a room has in as many steps: evidence that was forged says whatever it likes.
        let frames = recording.blocks().iter();
        let frames = frames.filter(|block| block.kind == Kind::Frames);
        let steps: u64 = frames.map(|block| block.steps).sum();
        let mut budget = usize::try_from(steps)
            .unwrap_or(usize::MAX)
            .saturating_mul(2 * PLAYERS_MAX);
        let blocks = recording.blocks().iter();
        let mut windows = blocks.filter(|block| block.kind == Kind::Evidence);
        let mut entries = recording.entries();
        while let Some(entry) = entries.next() {
            let Entry::Evidence(evidence) = entry else {
                continue;
            };
            let Some(block) = windows.next() else { break };
            let mut evidence = kernel.evidence(evidence);
            stalls.append(&mut evidence.stalls);
            let last = block.first_step.after(block.steps.saturating_sub(1));
            for (player, of) in evidence.players {
                if players.is_empty() || players.contains(&player) {
                    let (seen, lists) = all.entry(player).or_default();
                    seen.take((block.first_step, last), of, lists, &mut budget);
                }
            }
        }
        let finish = |(player, (mut seen, lists)): (PlayerId, (Seen, Lists))| {
            seen.applied = applied(&lists);
            seen.slips = slips(&lists);
            seen.sent = lists.sent;
            seen.acked = lists.acked;
            seen.connected = lists.connected;
            (player, seen)
        };
        Self {
            players: all.into_iter().map(finish).collect(),
            stalls,
        }
    }
}

impl Seen {
    fn take(
        &mut self,
        (first, last): (Step, Step),
        mut of: PlayerEvidence,
        lists: &mut Lists,
        budget: &mut usize,
    ) {
        if first_layout::is_of(&of) {
            first_layout::fill_in(&mut of, first, last);
        }
        // Nobody's word is taken for steps outside of the block, of which there may be any number. What follows on the last step
        // of the block before is in this one.
        let within = |step: &Step| first.0 <= step.0.saturating_add(1) && *step <= last;
        for run in &of.consumed {
            let inputs = run.inputs().take_while(|(step, _)| within(step));
            let before = self.consumed.len();
            self.consumed.extend(inputs.take(*budget));
            *budget -= self.consumed.len() - before;
        }
        for run in &of.sent {
            let before = lists.sent.len();
            lists
                .sent
                .extend(run.steps().take_while(within).take(*budget));
            *budget -= lists.sent.len() - before;
        }
        let listed = of.dropped_runs.iter().map(|run| u64::from(run.inputs));
        let unlisted = u64::from(of.dropped).saturating_sub(listed.sum()) as u32;
        for run in &mut of.dropped_runs {
            let inputs = u32::try_from(*budget).map_or(run.inputs, |left| run.inputs.min(left));
            run.inputs = inputs;
            *budget -= inputs as usize;
        }
        self.mismatches.append(&mut of.mismatches);
        self.starved.append(&mut of.starved_runs);
        self.dropped.append(&mut of.dropped_runs);
        self.marks.append(&mut of.marks);
        lists.connected.append(&mut of.connected);
        lists.acked.append(&mut of.acked);
        self.windows.push(Window {
            first,
            last,
            unlisted,
            slack: of.slack,
        });
    }

    /// How many inputs steps consumed.
    #[must_use]
    pub fn inputs(&self) -> u64 {
        self.consumed.len() as u64
    }

    /// The input that a step consumed.
    #[must_use]
    pub fn consumed(&self, step: Step) -> Option<u32> {
        let at = self.consumed.binary_search_by_key(&step, |(step, _)| *step);
        Some(self.consumed[at.ok()?].1)
    }

    /// Whether a step found no input.
    #[must_use]
    pub fn is_starved(&self, step: Step) -> bool {
        let behind = self.starved.partition_point(|run| run.step <= step);
        let run = behind.checked_sub(1).and_then(|at| self.starved.get(at));
        run.is_some_and(|run| step.since(run.step) < u64::from(run.steps))
    }

    /// Snapshots that the client has applied, in their order.
    #[must_use]
    pub fn applied(&self) -> &[Applied] {
        &self.applied
    }

    /// The step that consumed an input.
    #[must_use]
    pub fn consumed_at(&self, seq: u32) -> Option<Step> {
        let at = self.consumed.iter().rev().find(|(_, of)| *of == seq);
        at.map(|(step, _)| *step)
    }

    /// Runs of steps that found no input, and how many steps each has.
    pub fn starved_runs(&self) -> impl Iterator<Item = (Step, u32)> {
        self.starved.iter().map(|run| (run.step, run.steps))
    }

    /// Inputs that found the buffer full, by the last step before their message came; then those of which only their number is known,
    /// by the first step that evidence is about.
    pub fn dropped_at(&self) -> impl Iterator<Item = (Step, u32)> {
        let mut runs = self.dropped.iter().peekable();
        let runs = std::iter::from_fn(move || {
            let first = runs.next()?;
            let mut inputs = first.inputs;
            while let Some(more) = runs.next_if(|run| run.step == first.step) {
                inputs = inputs.saturating_add(more.inputs);
            }
            Some((first.step, inputs))
        });
        let windows = self.windows.iter().filter(|window| window.unlisted > 0);
        runs.chain(windows.map(|window| (window.first, window.unlisted)))
    }

    /// Whether inputs found the buffer full between two snapshots, as far as it is known which. A message comes behind the snapshot
    /// of the same step.
    pub(crate) fn dropped_between(&self, before: Step, step: Step) -> bool {
        let at = self.dropped.partition_point(|run| run.step < before);
        self.dropped.get(at).is_some_and(|run| run.step < step)
    }

    /// When a snapshot was sent, and when the room heard that the client had applied it, in steps between both.
    pub fn round_trips(&self) -> impl Iterator<Item = (Step, u64)> {
        self.acked.iter().filter_map(|ack| {
            let from = self
                .sent
                .partition_point(|step| id_of(*step) < ack.snapshot);
            let sent = *self.sent.get(from)?;
            (id_of(sent) == ack.snapshot).then(|| (ack.step, ack.step.since(sent)))
        })
    }

    /// What the client said that it had predicted after the first of these inputs of which that was wrong.
    pub(crate) fn mismatch(&self, first: u32, last: u32) -> Option<&Mismatch> {
        let mut all = self.mismatches.iter();
        all.find(|wrong| (first..=last).contains(&wrong.seq))
    }

    /// Whether the client skipped time before one of the inputs behind this one, or before the one behind them.
    pub(crate) fn slipped(&self, behind: u32, until: u32) -> bool {
        let from = self.slips.partition_point(|slip| slip.last <= behind);
        let next = self.slips.get(from);
        next.is_some_and(|slip| slip.first <= until.saturating_add(1))
    }

    /// What was counted around a step.
    pub(crate) fn window(&self, step: Step) -> Option<&Window> {
        let behind = self.windows.partition_point(|window| window.first <= step);
        let window = self.windows.get(behind.checked_sub(1)?)?;
        (step <= window.last).then_some(window)
    }
}

/// The number of the snapshot of a step.
pub(crate) fn id_of(step: Step) -> u32 {
    u32::try_from(step.0 / u64::from(STEPS_PER_SNAPSHOT)).unwrap_or(u32::MAX)
}

/// The snapshots that the client has applied: on an ordered connection, all up to the one that it acknowledges.
fn applied(lists: &Lists) -> Vec<Applied> {
    let mut all: Vec<Applied> = Vec::new();
    let mut sent = lists.sent.iter().copied().peekable();
    let mut connections = lists.connected.iter().copied().peekable();
    for ack in &lists.acked {
        let mut connected = None;
        while let Some(one) = connections.next_if(|one| one.step <= ack.step) {
            connected = Some(one);
        }
        if let Some(one) = connected {
            let before: Option<Applied> = all.last().copied();
            while let Some(step) = sent.next_if(|step| *step <= one.step) {
                // Without a connection the client goes on at the same pace.
                let newest = before.map(|before| {
                    let steps = u32::try_from(step.since(before.step)).unwrap_or(u32::MAX);
                    before.newest.saturating_add(steps)
                });
                all.extend(newest.map(|newest| Applied {
                    step,
                    newest,
                    connected: None,
                    is_certain: false,
                }));
            }
        }
        let until = u64::from(ack.snapshot) * u64::from(STEPS_PER_SNAPSHOT);
        let is_up_to = |step: &Step| step.0 < until + u64::from(STEPS_PER_SNAPSHOT);
        while let Some(step) = sent.next_if(is_up_to) {
            all.push(Applied {
                step,
                // The message left when a batch of two was whole, which the snapshot usually came before.
                newest: ack.newest.unwrap_or(0).saturating_sub(INPUTS_SINCE),
                connected: connected.take(),
                is_certain: true,
            });
        }
    }
    all
}

/// The inputs before which the client skipped time. From snapshot to snapshot it does as many steps as the room; a snapshot that is
/// late finds it further on, and never less far.
fn slips(lists: &Lists) -> Vec<Slip> {
    let mut slips = Vec::new();
    let mut ahead: Vec<i64> = Vec::new();
    let mut connections = lists.connected.iter().peekable();
    let mut before: Option<u32> = None;
    for ack in &lists.acked {
        let Some(newest) = ack.newest else { continue };
        if connections.next_if(|one| one.step <= ack.step).is_some() {
            ahead.clear();
        }
        let lead = i64::from(newest) - i64::from(ack.snapshot) * i64::from(STEPS_PER_SNAPSHOT);
        let recent = ahead.iter().rev().take(PACE_ACKS);
        if recent.min().is_some_and(|least| lead <= least - SLIP_STEPS) {
            slips.push(Slip {
                first: before.unwrap_or(0).saturating_add(1),
                last: newest,
            });
            ahead.clear();
        }
        ahead.push(lead);
        before = Some(newest);
    }
    slips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_first_layout_only_counts_is_told_of_its_block() {
        let mut seen = Seen::default();
        let of = PlayerEvidence {
            dropped: 3,
            ..PlayerEvidence::default()
        };
        let steps = (Step(301), Step(600));
        seen.take(steps, of, &mut Lists::default(), &mut 1_000);
        assert_eq!(seen.dropped_at().collect::<Vec<_>>(), [(Step(301), 3)]);
        assert!(!seen.dropped_between(Step(301), Step(600)));
    }
}
