//! What the authority saw of the clients between two flushes. A rerun does not need it; finding out why a client was
//! corrected does.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use sim_core::{PlayerId, Step};

use crate::limits::{EVIDENCE_LIST_MAX, PLAYERS_MAX};

/// What was seen of every client, collected step by step and handed to
/// [`Writer::push_evidence`](crate::Writer::push_evidence) before a flush.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// By player. At most [`PLAYERS_MAX`]; what is seen of further players is not kept.
    pub players: BTreeMap<PlayerId, PlayerEvidence>,
}

/// What was seen of one client. No list has more than [`EVIDENCE_LIST_MAX`] entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumed {
    /// First step.
    pub step: Step,
    /// Input that it consumed.
    pub seq: u32,
    /// Steps, at least 1.
    pub steps: u32,
}

/// The client said that it has applied a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acked {
    /// Last step before the message came.
    pub step: Step,
    /// The snapshot's id.
    pub snapshot: u32,
}

/// The client predicted something else than what came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        if let Some(run) = of.consumed.last_mut()
            && run.step.after(u64::from(run.steps)) == step
            && run.seq.wrapping_add(run.steps) == seq
        {
            run.steps += 1;
            return;
        }
        push_bounded(
            &mut of.consumed,
            &mut of.omitted,
            Consumed {
                step,
                seq,
                steps: 1,
            },
        );
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
        let slack = of.slack.get_or_insert(Slack {
            least: slack_steps,
            most: slack_steps,
            sum: 0,
            inputs: 0,
        });
        slack.least = slack.least.min(slack_steps);
        slack.most = slack.most.max(slack_steps);
        slack.sum = slack.sum.saturating_add(i32::from(slack_steps));
        slack.inputs = slack.inputs.saturating_add(1);
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
