//! One player's evidence: what its numbers usually are.

use alloc::vec::Vec;

use sim_core::{Buttons, Step};

use crate::evidence::{
    Acked, Connected, Consumed, Dropped, Mismatch, PlayerEvidence, STEPS_PER_SENT, Sent, Slack,
    Starved,
};
use crate::kernel::{Malformed, Window};
use crate::limits::EVIDENCE_LIST_MAX;
use crate::native::range::Coder;

use super::{Layout, Numbers, Seen, follow, length, near, small};

/// Steps from one acknowledged snapshot to the next, usually.
const ACK_STEPS: u64 = STEPS_PER_SENT;

/// One player's evidence on its way through a coder: encoding leaves the values as they are, decoding sets them.
pub(super) struct Coding<'c, C> {
    pub(super) coder: &'c mut C,
    pub(super) layout: Layout,
    pub(super) numbers: &'c mut Numbers,
    pub(super) window: Window,
    pub(super) seen: Seen,
}

impl<C: Coder> Coding<'_, C> {
    pub(super) fn player(&mut self, of: &mut PlayerEvidence) -> Result<(), Malformed> {
        self.consumed(&mut of.consumed)?;
        match self.layout {
            Layout::First => {
                small(self.coder, &mut self.numbers.starved, &mut of.starved)?;
                small(self.coder, &mut self.numbers.dropped, &mut of.dropped)?;
            }
            Layout::Second => {
                self.starved(&of.consumed, &mut of.starved_runs, &mut of.starved)?;
                self.dropped(&mut of.dropped_runs, &mut of.dropped)?;
                self.connected(&mut of.connected)?;
                self.sent(&mut of.sent)?;
            }
        }
        small(self.coder, &mut self.numbers.omitted, &mut of.omitted)?;
        self.acked(&mut of.acked)?;
        small(self.coder, &mut self.numbers.matches, &mut of.matches)?;
        self.mismatches(&mut of.mismatches)?;
        self.slack(&mut of.slack)?;
        match self.layout {
            Layout::First => Ok(()),
            Layout::Second => self.marks(&mut of.marks),
        }
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

    /// Usually a player who is there starves wherever no input is consumed.
    fn starved(
        &mut self,
        consumed: &[Consumed],
        runs: &mut Vec<Starved>,
        all: &mut u32,
    ) -> Result<(), Malformed> {
        const ANY: Starved = Starved {
            step: Step(0),
            steps: 0,
        };
        let numbers = &mut *self.numbers;
        let mut gaps = gaps(consumed, self.window);
        let usual = gaps.clone().count() as i64;
        let more = (runs.len() as i64).wrapping_sub(usual);
        let more = numbers.starved_runs.code_signed(self.coder, more);
        let length = usize::try_from(more.wrapping_add(usual)).map_err(|_| Malformed)?;
        if length > EVIDENCE_LIST_MAX {
            return Err(Malformed);
        }
        runs.resize(length, ANY);
        let mut sum = 0_u32;
        for run in runs {
            let usual = gaps.next().unwrap_or(ANY);
            near(
                self.coder,
                &mut numbers.starved_step,
                &mut run.step,
                usual.step,
            );
            follow(
                self.coder,
                &mut numbers.starved_steps,
                &mut run.steps,
                usual.steps,
            );
            sum = sum.wrapping_add(run.steps);
        }
        follow(self.coder, &mut numbers.starved, all, sum);
        Ok(())
    }

    fn dropped(&mut self, runs: &mut Vec<Dropped>, all: &mut u32) -> Result<(), Malformed> {
        const ANY: Dropped = Dropped {
            step: Step(0),
            seq: 0,
            inputs: 0,
            buttons: Buttons::NONE,
        };
        let numbers = &mut *self.numbers;
        length(self.coder, &mut numbers.drops, runs, ANY)?;
        let (mut step, mut seq, mut sum) = (self.window.first, self.seen.next_seq, 0_u32);
        for run in runs {
            near(self.coder, &mut numbers.drop_step, &mut run.step, step);
            follow(self.coder, &mut numbers.drop_seq, &mut run.seq, seq);
            small(self.coder, &mut numbers.drop_inputs, &mut run.inputs)?;
            let held = numbers
                .drop_buttons
                .code(self.coder, u64::from(run.buttons.to_bits()));
            let held = u8::try_from(held).ok().and_then(Buttons::from_bits);
            run.buttons = held.ok_or(Malformed)?;
            (step, seq) = (run.step, run.seq.wrapping_add(run.inputs));
            sum = sum.wrapping_add(run.inputs);
        }
        follow(self.coder, &mut numbers.dropped, all, sum);
        Ok(())
    }

    fn connected(&mut self, connections: &mut Vec<Connected>) -> Result<(), Malformed> {
        const ANY: Connected = Connected {
            step: Step(0),
            next_seq: 0,
        };
        let numbers = &mut *self.numbers;
        length(self.coder, &mut numbers.connections, connections, ANY)?;
        let mut step = self.window.first;
        for one in connections {
            near(
                self.coder,
                &mut numbers.connection_step,
                &mut one.step,
                step,
            );
            let usual = self.seen.next_seq;
            follow(
                self.coder,
                &mut numbers.connection_seq,
                &mut one.next_seq,
                usual,
            );
            step = one.step;
        }
        Ok(())
    }

    fn sent(&mut self, runs: &mut Vec<Sent>) -> Result<(), Malformed> {
        const ANY: Sent = Sent {
            step: Step(0),
            snapshots: 0,
        };
        let numbers = &mut *self.numbers;
        length(self.coder, &mut numbers.sends, runs, ANY)?;
        let window_end = self.window.first.after(self.window.steps);
        let mut next = self.seen.sent.unwrap_or(self.window.first);
        for run in runs {
            near(self.coder, &mut numbers.sent_step, &mut run.step, next);
            // Usually they are sent as long as the window lasts.
            let left = window_end
                .0
                .saturating_sub(run.step.0)
                .div_ceil(STEPS_PER_SENT) as u32;
            follow(
                self.coder,
                &mut numbers.sent_snapshots,
                &mut run.snapshots,
                left,
            );
            next = run.step.after(u64::from(run.snapshots) * STEPS_PER_SENT);
            self.seen.sent = Some(next);
        }
        Ok(())
    }

    fn marks(&mut self, marks: &mut Vec<Step>) -> Result<(), Malformed> {
        length(self.coder, &mut self.numbers.marks, marks, Step(0))?;
        let mut usual = self.window.first;
        for step in marks {
            near(self.coder, &mut self.numbers.mark_step, step, usual);
            usual = *step;
        }
        Ok(())
    }

    fn acked(&mut self, acks: &mut Vec<Acked>) -> Result<(), Malformed> {
        const ANY: Acked = Acked {
            step: Step(0),
            snapshot: 0,
            newest: None,
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
            if self.layout != Layout::First {
                self.newest(ack)?;
            }
            self.seen.snapshot = ack.snapshot;
        }
        Ok(())
    }

    /// A client takes as many steps from one snapshot to the next as the room does.
    fn newest(&mut self, ack: &mut Acked) -> Result<(), Malformed> {
        let numbers = &mut *self.numbers;
        let has = u64::from(ack.newest.is_some());
        if numbers.ack_has_newest.code(self.coder, has) == 0 {
            ack.newest = None;
            return Ok(());
        }
        let snapshots = ack.snapshot.wrapping_sub(self.seen.snapshot);
        let steps = snapshots.wrapping_mul(STEPS_PER_SENT as u32);
        let usual = self.seen.newest.wrapping_add(steps);
        let newest = ack.newest.get_or_insert(0);
        follow(self.coder, &mut numbers.ack_newest, newest, usual);
        self.seen.newest = *newest;
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

/// The steps of a window that consumed nothing.
fn gaps(consumed: &[Consumed], window: Window) -> impl Iterator<Item = Starved> + Clone {
    let end = window.first.after(window.steps);
    let starts = consumed.iter().map(|run| run.step);
    let starts = starts.chain(core::iter::once(end));
    let ends = consumed
        .iter()
        .map(|run| run.step.after(u64::from(run.steps)));
    let ends = core::iter::once(window.first).chain(ends);
    ends.zip(starts).filter_map(|(step, next)| {
        let steps = u32::try_from(next.0.checked_sub(step.0)?).ok()?;
        (steps > 0).then_some(Starved { step, steps })
    })
}
