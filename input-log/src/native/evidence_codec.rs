//! The evidence block: numbers against what they usually are, through the range coder.
//!
//! Both sides remember of each player of the block before which input and which snapshot would come next.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use sim_core::{PlayerId, Step};

use crate::evidence::{Acked, Consumed, Evidence, Mismatch, PlayerEvidence, Slack};
use crate::kernel::{Malformed, Window};
use crate::limits::{EVIDENCE_LIST_MAX, PLAYERS_MAX};
use crate::native::model::Number;
use crate::native::range::{Coder, Decoder, Encoder};

/// Steps from one acknowledged snapshot to the next, usually. A part of the format, so it stays when the rules change.
const ACK_STEPS: u64 = 6;

/// What both sides know while coding evidence. A keyframe forgets it.
#[derive(Clone, Debug, Default)]
pub(crate) struct EvidenceModel {
    seen: BTreeMap<PlayerId, Seen>,
    numbers: Numbers,
}

/// What a player's evidence ended with.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    next_seq: u32,
    snapshot: u32,
    acked: Option<Step>,
}

macro_rules! numbers {
    ($($name:ident),* $(,)?) => {
        /// One model for each kind of number.
        #[derive(Clone, Debug)]
        struct Numbers { $($name: Number),* }

        impl Default for Numbers {
            fn default() -> Self {
                Self { $($name: Number::new()),* }
            }
        }
    };
}

numbers! {
    players, player,
    runs, run_step, run_seq, run_steps,
    starved, dropped, omitted,
    acks, ack_step, ack_snapshot,
    matches, mismatches, mismatch_step, mismatch_seq, mismatch_hash,
    has_slack, slack_least, slack_spread, slack_sum, slack_inputs,
}

impl EvidenceModel {
    /// The payload of these. What is beyond the limits is left out, and counted in `omitted` as far as it is in lists.
    pub(crate) fn payload(&mut self, evidence: &Evidence, window: Window) -> Vec<u8> {
        let mut coder = Encoder::new();
        let players = evidence.players.len().min(PLAYERS_MAX);
        self.numbers.players.code(&mut coder, players as u64);
        let mut before = 0;
        let mut seen = BTreeMap::new();
        for (&player, of) in evidence.players.iter().take(PLAYERS_MAX) {
            let gap = u64::from(player.0 - before);
            self.numbers.player.code(&mut coder, gap);
            before = player.0;
            let known = self.seen.get(&player).copied().unwrap_or_default();
            let mut bounded = of.clone();
            bound(&mut bounded);
            let mut coding = Coding {
                coder: &mut coder,
                numbers: &mut self.numbers,
                window,
                seen: known,
            };
            coding
                .player(&mut bounded)
                .expect("bounded evidence has no number that does not fit");
            seen.insert(player, coding.seen);
        }
        self.seen = seen;
        coder.finish()
    }

    /// Reads a payload into `evidence`.
    pub(crate) fn read(
        &mut self,
        payload: &[u8],
        window: Window,
        evidence: &mut Evidence,
    ) -> Result<(), Malformed> {
        evidence.players.clear();
        let mut coder = Decoder::new(payload);
        let players = self.numbers.players.code(&mut coder, 0);
        if players > PLAYERS_MAX as u64 {
            return Err(Malformed);
        }
        let mut before = None;
        let mut seen = BTreeMap::new();
        for _ in 0..players {
            let gap = self.numbers.player.code(&mut coder, 0);
            let id = gap.checked_add(u64::from(before.unwrap_or(0)));
            let id = id.and_then(|id| u16::try_from(id).ok());
            let player = PlayerId(id.ok_or(Malformed)?);
            if before.is_some_and(|before| before >= player.0) {
                return Err(Malformed);
            }
            before = Some(player.0);
            let mut coding = Coding {
                coder: &mut coder,
                numbers: &mut self.numbers,
                window,
                seen: self.seen.get(&player).copied().unwrap_or_default(),
            };
            let mut of = PlayerEvidence::default();
            coding.player(&mut of)?;
            seen.insert(player, coding.seen);
            evidence.players.insert(player, of);
            if coder.is_exhausted() {
                return Err(Malformed);
            }
        }
        self.seen = seen;
        coder.is_at_end().then_some(()).ok_or(Malformed)
    }
}

fn bound(of: &mut PlayerEvidence) {
    let lists = [of.consumed.len(), of.acked.len(), of.mismatches.len()];
    let beyond: usize = lists
        .iter()
        .map(|len| len.saturating_sub(EVIDENCE_LIST_MAX))
        .sum();
    of.omitted = of
        .omitted
        .saturating_add(u32::try_from(beyond).unwrap_or(u32::MAX));
    of.consumed.truncate(EVIDENCE_LIST_MAX);
    of.acked.truncate(EVIDENCE_LIST_MAX);
    of.mismatches.truncate(EVIDENCE_LIST_MAX);
}

/// One player's evidence on its way through a coder: encoding leaves the values as they are, decoding sets them.
struct Coding<'c, C> {
    coder: &'c mut C,
    numbers: &'c mut Numbers,
    window: Window,
    seen: Seen,
}

impl<C: Coder> Coding<'_, C> {
    fn player(&mut self, of: &mut PlayerEvidence) -> Result<(), Malformed> {
        self.consumed(&mut of.consumed)?;
        small(self.coder, &mut self.numbers.starved, &mut of.starved)?;
        small(self.coder, &mut self.numbers.dropped, &mut of.dropped)?;
        small(self.coder, &mut self.numbers.omitted, &mut of.omitted)?;
        self.acked(&mut of.acked)?;
        small(self.coder, &mut self.numbers.matches, &mut of.matches)?;
        self.mismatches(&mut of.mismatches)?;
        self.slack(&mut of.slack)
    }

    fn consumed(&mut self, runs: &mut Vec<Consumed>) -> Result<(), Malformed> {
        const ANY: Consumed = Consumed {
            step: Step(0),
            seq: 0,
            steps: 0,
        };
        length(self.coder, &mut self.numbers.runs, runs, ANY)?;
        let window_end = self.window.first.after(self.window.steps);
        let mut next = self.window.first;
        for run in runs {
            near(self.coder, &mut self.numbers.run_step, &mut run.step, next);
            let seq = &mut run.seq;
            follow(
                self.coder,
                &mut self.numbers.run_seq,
                seq,
                self.seen.next_seq,
            );
            // Usually the run lasts as long as the window.
            let left = window_end.0.wrapping_sub(run.step.0) as i64;
            let model = &mut self.numbers.run_steps;
            let more = model.code_signed(self.coder, i64::from(run.steps).wrapping_sub(left));
            run.steps = u32::try_from(more.wrapping_add(left)).map_err(|_| Malformed)?;
            next = run.step.after(u64::from(run.steps));
            self.seen.next_seq = run.seq.wrapping_add(run.steps);
        }
        Ok(())
    }

    fn acked(&mut self, acks: &mut Vec<Acked>) -> Result<(), Malformed> {
        const ANY: Acked = Acked {
            step: Step(0),
            snapshot: 0,
        };
        length(self.coder, &mut self.numbers.acks, acks, ANY)?;
        for ack in acks {
            // The snapshot after the one that was acknowledged last.
            let before = self.seen.acked.unwrap_or(self.window.first);
            let usual = before.after(ACK_STEPS);
            near(self.coder, &mut self.numbers.ack_step, &mut ack.step, usual);
            let next = self.seen.snapshot.wrapping_add(1);
            follow(
                self.coder,
                &mut self.numbers.ack_snapshot,
                &mut ack.snapshot,
                next,
            );
            self.seen.acked = Some(ack.step);
            self.seen.snapshot = ack.snapshot;
        }
        Ok(())
    }

    fn mismatches(&mut self, mismatches: &mut Vec<Mismatch>) -> Result<(), Malformed> {
        const ANY: Mismatch = Mismatch {
            step: Step(0),
            seq: 0,
            predicted: 0,
            actual: 0,
        };
        length(self.coder, &mut self.numbers.mismatches, mismatches, ANY)?;
        let mut step = self.window.first;
        for wrong in mismatches {
            near(
                self.coder,
                &mut self.numbers.mismatch_step,
                &mut wrong.step,
                step,
            );
            step = wrong.step;
            let seq = &mut wrong.seq;
            follow(
                self.coder,
                &mut self.numbers.mismatch_seq,
                seq,
                self.seen.next_seq,
            );
            let hashes = u64::from(wrong.predicted) << 32 | u64::from(wrong.actual);
            let hashes = self.numbers.mismatch_hash.code(self.coder, hashes);
            wrong.predicted = (hashes >> 32) as u32;
            wrong.actual = hashes as u32;
        }
        Ok(())
    }

    fn slack(&mut self, slack: &mut Option<Slack>) -> Result<(), Malformed> {
        let numbers = &mut *self.numbers;
        match numbers
            .has_slack
            .code(self.coder, u64::from(slack.is_some()))
        {
            0 => return Ok(()),
            1 => {}
            _ => return Err(Malformed),
        }
        let of = slack.get_or_insert(Slack {
            least: 0,
            most: 0,
            sum: 0,
            inputs: 0,
        });
        let least = numbers.slack_least.code_signed(self.coder, of.least.into());
        of.least = i16::try_from(least).map_err(|_| Malformed)?;
        let spread = i64::from(of.most).wrapping_sub(least);
        let spread = numbers.slack_spread.code_signed(self.coder, spread);
        of.most = i16::try_from(least.wrapping_add(spread)).map_err(|_| Malformed)?;
        small(self.coder, &mut numbers.slack_inputs, &mut of.inputs)?;
        let floor = i64::from(of.inputs).wrapping_mul(i64::from(of.least));
        let above = i64::from(of.sum).wrapping_sub(floor);
        let above = numbers.slack_sum.code_signed(self.coder, above);
        of.sum = i32::try_from(above.wrapping_add(floor)).map_err(|_| Malformed)?;
        Ok(())
    }
}

/// A list's length; decoding makes a list of that many.
fn length<T: Clone>(
    coder: &mut impl Coder,
    model: &mut Number,
    list: &mut Vec<T>,
    any: T,
) -> Result<(), Malformed> {
    let length = model.code(coder, list.len() as u64);
    if length > EVIDENCE_LIST_MAX as u64 {
        return Err(Malformed);
    }
    list.resize(length as usize, any);
    Ok(())
}

fn small(coder: &mut impl Coder, model: &mut Number, number: &mut u32) -> Result<(), Malformed> {
    let coded = model.code(coder, u64::from(*number));
    *number = u32::try_from(coded).map_err(|_| Malformed)?;
    Ok(())
}

/// A step that is usually soon after `usual`.
fn near(coder: &mut impl Coder, model: &mut Number, step: &mut Step, usual: Step) {
    let ahead = model.code_signed(coder, step.0.wrapping_sub(usual.0) as i64);
    *step = Step(usual.0.wrapping_add(ahead as u64));
}

/// A number that is usually `usual`.
fn follow(coder: &mut impl Coder, model: &mut Number, number: &mut u32, usual: u32) {
    let ahead = number.wrapping_sub(usual) as i32;
    let ahead = model.code_signed(coder, i64::from(ahead));
    *number = usual.wrapping_add(ahead as u32);
}
