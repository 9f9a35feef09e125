//! What the authority saw of the clients between two flushes. A rerun does not need it; finding out why a client was
//! corrected does.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sim_core::{PlayerId, Step};

use crate::limits::{EVIDENCE_LIST_MAX, PLAYERS_MAX};

/// What was seen of every client, collected step by step and handed to
/// [`Writer::push_evidence`](crate::Writer::push_evidence) before a flush.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// By player. At most [`PLAYERS_MAX`]; what is seen of further players is not kept.
    pub players: BTreeMap<PlayerId, PlayerEvidence>,
}

/// What was seen of one client. No list has more than [`EVIDENCE_LIST_MAX`] entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayerEvidence {
    /// Which steps consumed which inputs. A connected player's steps that are in no run were starved.
    pub consumed: Vec<Consumed>,
    /// Steps that found no input and repeated the last one.
    pub starved: u32,
    /// Inputs that found the buffer full.
    pub dropped: u32,
    /// Newest snapshot that the client had applied, where it changed.
    pub acked: Vec<Acked>,
    /// Predicted hashes that were right.
    pub matches: u32,
    /// Predicted hashes that were wrong.
    pub mismatches: Vec<Mismatch>,
    /// How early inputs came.
    pub slack: Option<Slack>,
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

/// The client said that it has applied a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acked {
    /// Last step before the message came.
    pub step: Step,
    /// The snapshot's id.
    pub snapshot: u32,
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
        self.players.is_empty()
    }

    /// A step consumed an input of the player. Steps ascend.
    pub fn consumed(&mut self, player: PlayerId, step: Step, seq: u32) {
        let Some(of) = self.of(player) else { return };
        let run = Consumed {
            step,
            seq,
            steps: 1,
        };
        join_run(&mut of.consumed, &mut of.omitted, run);
    }

    /// A step found no input of the player.
    pub fn starved(&mut self, player: PlayerId) {
        if let Some(of) = self.of(player) {
            of.starved = of.starved.saturating_add(1);
        }
    }

    /// Inputs of the player found the buffer full.
    pub fn dropped(&mut self, player: PlayerId, inputs: u32) {
        if let Some(of) = self.of(player) {
            of.dropped = of.dropped.saturating_add(inputs);
        }
    }

    /// The client has applied a newer snapshot. Steps ascend.
    pub fn acked(&mut self, player: PlayerId, step: Step, snapshot: u32) {
        if let Some(of) = self.of(player) {
            push_bounded(&mut of.acked, &mut of.omitted, Acked { step, snapshot });
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
                join_run(&mut of.consumed, omitted, run);
            }
            for ack in from.acked {
                push_bounded(&mut of.acked, omitted, ack);
            }
            for mismatch in from.mismatches {
                push_bounded(&mut of.mismatches, omitted, mismatch);
            }
            of.starved = of.starved.saturating_add(from.starved);
            of.dropped = of.dropped.saturating_add(from.dropped);
            of.matches = of.matches.saturating_add(from.matches);
            if let Some(slack) = from.slack {
                add_slack(&mut of.slack, slack);
            }
        }
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

/// Adds a run, as a part of the last one if it continues it.
fn join_run(runs: &mut Vec<Consumed>, omitted: &mut u32, run: Consumed) {
    if let Some(last) = runs.last_mut()
        && last.step.after(u64::from(last.steps)) == run.step
        && last.seq.wrapping_add(last.steps) == run.seq
        && let Some(steps) = last.steps.checked_add(run.steps)
    {
        last.steps = steps;
        return;
    }
    push_bounded(runs, omitted, run);
}

fn add_slack(slack: &mut Option<Slack>, more: Slack) {
    *slack = Some(slack.map_or(more, |slack| Slack {
        least: slack.least.min(more.least),
        most: slack.most.max(more.most),
        sum: slack.sum.saturating_add(more.sum),
        inputs: slack.inputs.saturating_add(more.inputs),
    }));
}
