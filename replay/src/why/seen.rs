//! What the evidence of a recording says of one player.

use input_log::{Acked, Entry, Kind, Recording, Slack};
use kernel::Translate;
use sim_core::rules::STEPS_PER_SNAPSHOT;
use sim_core::{PlayerId, Step};

/// Snapshots between two acknowledgements that a client applies without acknowledging them, because they come between two of
/// its messages.
const AT_ONCE_MAX: u32 = 2;
/// The same after a line stood still: what was on its way comes in one go, and inputs find the buffer full. Without that, the
/// connection was lost, and what was sent on it with it.
const AFTER_STALL_MAX: u32 = 12;

/// Steps without an input that are a pause.
const PAUSE_STEPS: u64 = 12;

/// What was seen of one client.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Which steps consumed which inputs, ascending.
    consumed: Vec<(Step, u32)>,
    /// Snapshots that the client has applied, ascending.
    applied: Vec<Applied>,
    /// The steps that a block of evidence is about, ascending.
    pub(super) windows: Vec<Window>,
}

/// A snapshot that the client has applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Applied {
    /// The step that it shows.
    pub(super) step: Step,
    /// The step that consumed the newest input of that message, as far as it is known.
    pub(super) newest: Step,
}

/// What was counted in some steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) first: Step,
    pub(super) last: Step,
    /// Steps that found no input.
    pub(super) starved: u32,
    /// Inputs that found the buffer full.
    pub(super) dropped: u32,
    /// How early inputs came.
    pub(super) slack: Option<Slack>,
}

impl Seen {
    /// Reads all evidence of a player.
    pub(super) fn of<K: Translate>(
        kernel: &K,
        recording: &Recording<'_, K>,
        player: PlayerId,
    ) -> Self {
        let mut seen = Self::default();
        let mut acks: Vec<(Acked, i64)> = Vec::new();
        let blocks = recording.blocks().iter();
        let mut windows = blocks.filter(|block| block.kind == Kind::Evidence);
        let mut entries = recording.entries();
        while let Some(entry) = entries.next() {
            let Entry::Evidence(evidence) = entry else {
                continue;
            };
            let Some(block) = windows.next() else { break };
            let Some(of) = kernel.evidence(evidence).players.remove(&player) else {
                continue;
            };
            seen.consumed
                .extend(of.consumed.iter().flat_map(|run| run.inputs()));
            let early = of.slack.map_or(0, |slack| {
                i64::from(slack.sum) / i64::from(slack.inputs.max(1))
            });
            acks.extend(of.acked.iter().map(|ack| (*ack, early)));
            seen.windows.push(Window {
                first: block.first_step,
                last: block.first_step.after(block.steps.saturating_sub(1)),
                starved: of.starved,
                dropped: of.dropped,
                slack: of.slack,
            });
        }
        seen.applied = seen.applied_by(&acks);
        seen
    }

    /// The input that a step consumed.
    pub(super) fn consumed(&self, step: Step) -> Option<u32> {
        let at = self.consumed.binary_search_by_key(&step, |(step, _)| *step);
        Some(self.consumed[at.ok()?].1)
    }

    /// Snapshots that the client has applied, in their order.
    pub(super) fn applied(&self) -> &[Applied] {
        &self.applied
    }

    /// The snapshots that were acknowledged, and those between them that came in one go with a later one.
    fn applied_by(&self, acks: &[(Acked, i64)]) -> Vec<Applied> {
        let mut all = Vec::new();
        let mut before: Option<u32> = None;
        for (ack, early) in acks {
            let came_at_once = if self.has_dropped_after(ack.step) {
                AFTER_STALL_MAX
            } else {
                AT_ONCE_MAX
            };
            let first = match before {
                Some(before) if ack.snapshot <= before => continue,
                Some(before) if ack.snapshot - before <= came_at_once + 1 => before + 1,
                // A new connection begins with the snapshot that is due when the room hears of it.
                Some(_) => self.heard_again(ack.step).map_or(ack.snapshot, |step| {
                    let due = step.0 / u64::from(STEPS_PER_SNAPSHOT);
                    u32::try_from(due).map_or(ack.snapshot, |due| due.min(ack.snapshot))
                }),
                None => ack.snapshot,
            };
            let waits = u64::try_from(*early).unwrap_or(0);
            for id in first..=ack.snapshot {
                all.push(Applied {
                    step: Step(u64::from(id) * u64::from(STEPS_PER_SNAPSHOT)),
                    newest: ack.step.after(1 + waits),
                });
            }
            before = Some(ack.snapshot);
        }
        all
    }

    /// The first step that consumed an input after the last pause before a step.
    fn heard_again(&self, step: Step) -> Option<Step> {
        let behind = self
            .consumed
            .partition_point(|(at, _)| *at <= step.after(PAUSE_STEPS));
        let known = self.consumed.get(..behind)?;
        let pairs = known.windows(2).rev().take(8 * PAUSE_STEPS as usize);
        let mut pauses = pairs.filter(|pair| pair[1].0.since(pair[0].0) > PAUSE_STEPS);
        pauses.next().map(|pair| pair[1].0)
    }

    /// Whether inputs found the buffer full in the second of a step or the next.
    fn has_dropped_after(&self, step: Step) -> bool {
        let at = self.windows.partition_point(|window| window.last < step);
        let both = self.windows.iter().skip(at).take(2);
        both.into_iter().any(|window| window.dropped > 0)
    }

    /// What was counted around a step.
    pub(super) fn window(&self, step: Step) -> Option<&Window> {
        let behind = self.windows.partition_point(|window| window.first <= step);
        let window = self.windows.get(behind.checked_sub(1)?)?;
        (step <= window.last).then_some(window)
    }
}
