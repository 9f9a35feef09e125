//! What the evidence of a recording says of one player.

mod first_layout;

use input_log::{
    Acked, Connected, Dropped, Entry, Kind, PlayerEvidence, Recording, Slack, Stall, Starved,
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
pub(super) struct Seen {
    /// Which steps consumed which inputs, ascending.
    consumed: Vec<(Step, u32)>,
    starved: Vec<Starved>,
    /// Inputs that found the buffer full.
    pub(super) dropped: Vec<Dropped>,
    /// Snapshots that the client has applied, ascending.
    applied: Vec<Applied>,
    /// Inputs before one of which the client skipped time, ascending.
    slips: Vec<Slip>,
    /// The steps that a block of evidence is about, ascending.
    pub(super) windows: Vec<Window>,
    /// When the player marked a moment.
    pub(super) marks: Vec<Step>,
    /// When the room itself was late.
    pub(super) stalls: Vec<Stall>,
}

/// A snapshot that the client has applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Applied {
    /// The step that it shows.
    pub(super) step: Step,
    /// The newest input that the client had predicted by then.
    pub(super) newest: u32,
    /// The connection that it is the first snapshot of.
    pub(super) connected: Option<Connected>,
}

/// The client skipped time before one of these inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slip {
    first: u32,
    last: u32,
}

/// What was counted in some steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) first: Step,
    pub(super) last: Step,
    /// Inputs that found the buffer full.
    pub(super) dropped: u32,
    /// How early inputs came.
    pub(super) slack: Option<Slack>,
}

/// What the blocks of evidence say, one behind the other.
#[derive(Debug, Default)]
struct Lists {
    sent: Vec<Step>,
    acked: Vec<Acked>,
    connected: Vec<Connected>,
}

impl Seen {
    /// Reads all evidence of a player.
    pub(super) fn of<K: Translate>(
        kernel: &K,
        recording: &Recording<'_, K>,
        player: PlayerId,
    ) -> Self {
        let mut seen = Self::default();
        let mut lists = Lists::default();
        let blocks = recording.blocks().iter();
        let mut windows = blocks.filter(|block| block.kind == Kind::Evidence);
        let mut entries = recording.entries();
        while let Some(entry) = entries.next() {
            let Entry::Evidence(evidence) = entry else {
                continue;
            };
            let Some(block) = windows.next() else { break };
            let mut evidence = kernel.evidence(evidence);
            seen.stalls.append(&mut evidence.stalls);
            let Some(of) = evidence.players.remove(&player) else {
                continue;
            };
            let last = block.first_step.after(block.steps.saturating_sub(1));
            seen.take(block.first_step, last, of, &mut lists);
        }
        seen.applied = applied(&lists);
        seen.slips = slips(&lists);
        seen
    }

    fn take(&mut self, first: Step, last: Step, mut of: PlayerEvidence, lists: &mut Lists) {
        if first_layout::is_of(&of) {
            first_layout::fill_in(&mut of, first, last);
        }
        // Nobody's word is taken for steps outside of the block, of which there may be any number. What follows on the last step
        // of the block before is in this one.
        let within = |step: &Step| first.0 <= step.0 + 1 && *step <= last;
        for run in &of.consumed {
            let inputs = run.inputs();
            self.consumed
                .extend(inputs.take_while(|(step, _)| within(step)));
        }
        for run in &of.sent {
            lists.sent.extend(run.steps().take_while(within));
        }
        self.starved.append(&mut of.starved_runs);
        self.dropped.append(&mut of.dropped_runs);
        self.marks.append(&mut of.marks);
        lists.connected.append(&mut of.connected);
        lists.acked.append(&mut of.acked);
        self.windows.push(Window {
            first,
            last,
            dropped: of.dropped,
            slack: of.slack,
        });
    }

    /// The input that a step consumed.
    pub(super) fn consumed(&self, step: Step) -> Option<u32> {
        let at = self.consumed.binary_search_by_key(&step, |(step, _)| *step);
        Some(self.consumed[at.ok()?].1)
    }

    /// Whether a step found no input.
    pub(super) fn is_starved(&self, step: Step) -> bool {
        let behind = self.starved.partition_point(|run| run.step <= step);
        let run = behind.checked_sub(1).and_then(|at| self.starved.get(at));
        run.is_some_and(|run| step.since(run.step) < u64::from(run.steps))
    }

    /// Snapshots that the client has applied, in their order.
    pub(super) fn applied(&self) -> &[Applied] {
        &self.applied
    }

    /// Whether the client skipped time before one of the inputs behind this one, or before the one behind them.
    pub(super) fn slipped(&self, behind: u32, until: u32) -> bool {
        let from = self.slips.partition_point(|slip| slip.last <= behind);
        let next = self.slips.get(from);
        next.is_some_and(|slip| slip.first <= until.saturating_add(1))
    }

    /// What was counted around a step.
    pub(super) fn window(&self, step: Step) -> Option<&Window> {
        let behind = self.windows.partition_point(|window| window.first <= step);
        let window = self.windows.get(behind.checked_sub(1)?)?;
        (step <= window.last).then_some(window)
    }
}

/// The snapshots that the client has applied: on an ordered connection, all up to the one that it acknowledges.
fn applied(lists: &Lists) -> Vec<Applied> {
    let mut all = Vec::new();
    let mut sent = lists.sent.iter().copied().peekable();
    let mut connections = lists.connected.iter().copied().peekable();
    for ack in &lists.acked {
        let mut connected = None;
        while let Some(one) = connections.next_if(|one| one.step <= ack.step) {
            connected = Some(one);
        }
        // What was sent on a connection of before and not acknowledged on it was lost with it.
        if let Some(one) = connected {
            while sent.next_if(|step| *step <= one.step).is_some() {}
        }
        let until = u64::from(ack.snapshot) * u64::from(STEPS_PER_SNAPSHOT);
        let is_up_to = |step: &Step| step.0 < until + u64::from(STEPS_PER_SNAPSHOT);
        while let Some(step) = sent.next_if(is_up_to) {
            all.push(Applied {
                step,
                // The message left when a batch of two was whole, which the snapshot usually came before.
                newest: ack.newest.unwrap_or(0).saturating_sub(INPUTS_SINCE),
                connected: connected.take(),
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
