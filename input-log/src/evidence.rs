//! What the authority saw of the clients between two flushes. A rerun does not need it; finding out why a client was
//! corrected does.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sim_core::{Buttons, PlayerId, Step};

use crate::limits::{EVIDENCE_LIST_MAX, PLAYERS_MAX};

/// What was seen of every client, collected step by step and handed to
/// [`Writer::push_evidence`](crate::Writer::push_evidence) before a flush.
///
/// Layouts of before know less: what they do not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// By player. At most [`PLAYERS_MAX`]; what is seen of further players is not kept.
    pub players: BTreeMap<PlayerId, PlayerEvidence>,
    /// When the room itself was late. At most [`EVIDENCE_LIST_MAX`].
    pub stalls: Vec<Stall>,
}

/// What was seen of one client. No list has more than [`EVIDENCE_LIST_MAX`] entries; all ascend by step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlayerEvidence {
    /// Which steps consumed which inputs.
    pub consumed: Vec<Consumed>,
    /// Steps that found no input and repeated the last one. Steps of a client that is away, or that the room does not wait for,
    /// are not among them.
    pub starved: u32,
    /// Which steps these were.
    pub starved_runs: Vec<Starved>,
    /// Inputs that found the buffer full.
    pub dropped: u32,
    /// Which inputs these were.
    pub dropped_runs: Vec<Dropped>,
    /// Connections that began.
    pub connected: Vec<Connected>,
    /// Snapshots that were sent.
    pub sent: Vec<Sent>,
    /// Newest snapshot that the client had applied, where it changed.
    pub acked: Vec<Acked>,
    /// Predicted hashes that were right.
    pub matches: u32,
    /// Predicted hashes that were wrong.
    pub mismatches: Vec<Mismatch>,
    /// How early inputs came.
    pub slack: Option<Slack>,
    /// Last step before each message with which the player marked a moment.
    pub marks: Vec<Step>,
    /// Entries that the lists had no place for.
    pub omitted: u32,
}

/// A run of steps, each of which consumed the input after the one of the step before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumed {
    /// First step.
    pub step: Step,
    /// Input that it consumed.
    pub seq: u32,
    /// Steps, at least 1.
    pub steps: u32,
}

impl Consumed {
    /// Each step of the run with the input that it consumed. A run that goes beyond the last number ends there.
    pub fn inputs(self) -> impl Iterator<Item = (Step, u32)> {
        (0..self.steps).map_while(move |more| {
            let seq = self.seq.checked_add(more)?;
            Some((self.step.after(u64::from(more)), seq))
        })
    }
}

/// A run of steps that found no input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Starved {
    /// First step.
    pub step: Step,
    /// Steps, at least 1.
    pub steps: u32,
}

/// Consecutive inputs of one message, with the same buttons, that found the buffer full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Last step before the message came.
    pub step: Step,
    /// The first of them.
    pub seq: u32,
    /// Inputs, at least 1.
    pub inputs: u32,
    /// What was held in them.
    pub buttons: Buttons,
}

/// A connection of the player began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    /// Last step before it began.
    pub step: Step,
    /// The input that the room waits for: the first one that the connection can bring.
    pub next_seq: u32,
}

/// A run of snapshots that were sent, one each [`STEPS_PER_SENT`] steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Step that the first one shows.
    pub step: Step,
    /// Snapshots, at least 1.
    pub snapshots: u32,
}

/// Steps from one snapshot to the next in a run of them. A part of the format, so it stays when the rules change.
pub const STEPS_PER_SENT: u64 = 6;

impl Sent {
    /// The step that each snapshot shows.
    pub fn steps(self) -> impl Iterator<Item = Step> {
        (0..u64::from(self.snapshots)).map(move |more| self.step.after(more * STEPS_PER_SENT))
    }
}

/// The client said that it has applied a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acked {
    /// Last step before the message came.
    pub step: Step,
    /// The snapshot's id.
    pub snapshot: u32,
    /// The newest input in that message; none in layouts that do not say it.
    #[serde(default)]
    pub newest: Option<u32>,
}

/// The room was late: it ran a tick this long after it was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stall {
    /// First step of the tick.
    pub step: Step,
    /// Milliseconds.
    pub late_ms: u32,
}

/// The client predicted something else than what came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// Step that consumed the input.
    pub step: Step,
    /// The input.
    pub seq: u32,
    /// What the client predicted after it: `Player::predicted_hash`.
    pub predicted: u32,
    /// What it was.
    pub actual: u32,
}

/// How many steps before its own step an input came; negative if that step was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slack {
    /// The latest input, in steps.
    pub least: i16,
    /// The earliest, in steps.
    pub most: i16,
    /// Sum over all inputs, in steps.
    pub sum: i32,
    /// Inputs.
    pub inputs: u32,
}

impl Evidence {
    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.players.is_empty() && self.stalls.is_empty()
    }

    /// The room ran the tick that begins with this step too late.
    pub fn stalled(&mut self, step: Step, late_ms: u32) {
        if self.stalls.len() < EVIDENCE_LIST_MAX {
            self.stalls.push(Stall { step, late_ms });
        }
    }

    /// A step consumed an input of the player. Steps ascend.
    pub fn consumed(&mut self, player: PlayerId, step: Step, seq: u32) {
        let Some(of) = self.of(player) else { return };
        let run = Consumed {
            step,
            seq,
            steps: 1,
        };
        join_consumed(&mut of.consumed, &mut of.omitted, run);
    }

    /// A step found no input of the player. Steps ascend.
    pub fn starved(&mut self, player: PlayerId, step: Step) {
        let Some(of) = self.of(player) else { return };
        of.starved = of.starved.saturating_add(1);
        join_starved(
            &mut of.starved_runs,
            &mut of.omitted,
            Starved { step, steps: 1 },
        );
    }

    /// An input of the player found the buffer full. `step` is the last one before its message came.
    pub fn dropped(&mut self, player: PlayerId, step: Step, seq: u32, buttons: Buttons) {
        let Some(of) = self.of(player) else { return };
        of.dropped = of.dropped.saturating_add(1);
        let run = Dropped {
            step,
            seq,
            inputs: 1,
            buttons,
        };
        let continues = |last: &Dropped, run: &Dropped| {
            (last.step, last.buttons) == (run.step, run.buttons)
                && last.seq.checked_add(last.inputs) == Some(run.seq)
        };
        join(
            &mut of.dropped_runs,
            &mut of.omitted,
            run,
            continues,
            |run| &mut run.inputs,
        );
    }

    /// A connection of the player began behind this step, and waits for this input.
    pub fn connected(&mut self, player: PlayerId, step: Step, next_seq: u32) {
        if let Some(of) = self.of(player) {
            let connected = Connected { step, next_seq };
            push_bounded(&mut of.connected, &mut of.omitted, connected);
        }
    }

    /// The player was sent a snapshot of this step. Steps ascend.
    pub fn sent(&mut self, player: PlayerId, step: Step) {
        if let Some(of) = self.of(player) {
            join_sent(&mut of.sent, &mut of.omitted, Sent { step, snapshots: 1 });
        }
    }

    /// The client has applied a newer snapshot; `newest` is the newest input of the message that says so. Steps ascend.
    pub fn acked(&mut self, player: PlayerId, step: Step, snapshot: u32, newest: u32) {
        if let Some(of) = self.of(player) {
            let acked = Acked {
                step,
                snapshot,
                newest: Some(newest),
            };
            push_bounded(&mut of.acked, &mut of.omitted, acked);
        }
    }

    /// The player marked a moment. Steps ascend.
    pub fn marked(&mut self, player: PlayerId, step: Step) {
        if let Some(of) = self.of(player) {
            push_bounded(&mut of.marks, &mut of.omitted, step);
        }
    }

    /// A predicted hash was compared with what came out.
    pub fn predicted(
        &mut self,
        player: PlayerId,
        step: Step,
        seq: u32,
        predicted: u32,
        actual: u32,
    ) {
        let Some(of) = self.of(player) else { return };
        if predicted == actual {
            of.matches = of.matches.saturating_add(1);
        } else {
            push_bounded(
                &mut of.mismatches,
                &mut of.omitted,
                Mismatch {
                    step,
                    seq,
                    predicted,
                    actual,
                },
            );
        }
    }

    /// An input came this many steps before the step that is to consume it.
    pub fn arrived(&mut self, player: PlayerId, slack_steps: i16) {
        let Some(of) = self.of(player) else { return };
        let slack = Slack {
            least: slack_steps,
            most: slack_steps,
            sum: i32::from(slack_steps),
            inputs: 1,
        };
        add_slack(&mut of.slack, slack);
    }

    /// Adds what was seen later.
    pub fn absorb(&mut self, later: Self) {
        for (player, from) in later.players {
            let Some(of) = self.of(player) else { continue };
            let omitted = &mut of.omitted;
            *omitted = omitted.saturating_add(from.omitted);
            for run in from.consumed {
                join_consumed(&mut of.consumed, omitted, run);
            }
            for run in from.starved_runs {
                join_starved(&mut of.starved_runs, omitted, run);
            }
            for run in from.sent {
                join_sent(&mut of.sent, omitted, run);
            }
            extend_bounded(&mut of.dropped_runs, omitted, from.dropped_runs);
            extend_bounded(&mut of.connected, omitted, from.connected);
            extend_bounded(&mut of.acked, omitted, from.acked);
            extend_bounded(&mut of.mismatches, omitted, from.mismatches);
            extend_bounded(&mut of.marks, omitted, from.marks);
            of.starved = of.starved.saturating_add(from.starved);
            of.dropped = of.dropped.saturating_add(from.dropped);
            of.matches = of.matches.saturating_add(from.matches);
            if let Some(slack) = from.slack {
                add_slack(&mut of.slack, slack);
            }
        }
        self.stalls.extend(later.stalls);
        self.stalls.truncate(EVIDENCE_LIST_MAX);
    }

    fn of(&mut self, player: PlayerId) -> Option<&mut PlayerEvidence> {
        if self.players.len() >= PLAYERS_MAX && !self.players.contains_key(&player) {
            return None;
        }
        Some(self.players.entry(player).or_default())
    }
}

fn push_bounded<T>(list: &mut Vec<T>, omitted: &mut u32, entry: T) {
    if list.len() < EVIDENCE_LIST_MAX {
        list.push(entry);
    } else {
        *omitted = omitted.saturating_add(1);
    }
}

fn extend_bounded<T>(list: &mut Vec<T>, omitted: &mut u32, more: Vec<T>) {
    for entry in more {
        push_bounded(list, omitted, entry);
    }
}

/// Adds a run, as a part of the last one if it continues it.
fn join<T>(
    runs: &mut Vec<T>,
    omitted: &mut u32,
    mut run: T,
    continues: impl Fn(&T, &T) -> bool,
    length: impl Fn(&mut T) -> &mut u32,
) {
    if let Some(last) = runs.last_mut()
        && continues(last, &run)
        && let Some(longer) = length(last).checked_add(*length(&mut run))
    {
        *length(last) = longer;
        return;
    }
    push_bounded(runs, omitted, run);
}

fn join_starved(runs: &mut Vec<Starved>, omitted: &mut u32, run: Starved) {
    let continues = |last: &Starved, run: &Starved| last.step.after(last.steps.into()) == run.step;
    join(runs, omitted, run, continues, |run| &mut run.steps);
}

fn join_sent(runs: &mut Vec<Sent>, omitted: &mut u32, run: Sent) {
    let continues = |last: &Sent, run: &Sent| {
        last.step.after(u64::from(last.snapshots) * STEPS_PER_SENT) == run.step
    };
    join(runs, omitted, run, continues, |run| &mut run.snapshots);
}

fn join_consumed(runs: &mut Vec<Consumed>, omitted: &mut u32, run: Consumed) {
    let continues = |last: &Consumed, run: &Consumed| {
        last.step.after(last.steps.into()) == run.step
            && last.seq.wrapping_add(last.steps) == run.seq
    };
    join(runs, omitted, run, continues, |run| &mut run.steps);
}

fn add_slack(slack: &mut Option<Slack>, more: Slack) {
    *slack = Some(slack.map_or(more, |slack| Slack {
        least: slack.least.min(more.least),
        most: slack.most.max(more.most),
        sum: slack.sum.saturating_add(more.sum),
        inputs: slack.inputs.saturating_add(more.inputs),
    }));
}
