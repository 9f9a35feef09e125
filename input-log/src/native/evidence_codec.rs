//! The evidence block: numbers against what they usually are, through the range coder.
//!
//! Both sides remember of each player of the block before which input and which snapshot would come next.
//!
//! The first layout has numbers of starved steps and lost inputs where the second says which they were, and nothing of
//! connections, of snapshots that were sent, of the newest input behind an acknowledgement, of marks and of stalls. It is read
//! and never written.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use sim_core::{Buttons, PlayerId, Step};

use crate::evidence::{
    Acked, Connected, Consumed, Dropped, Evidence, Mismatch, PlayerEvidence, STEPS_PER_SENT, Sent,
    Slack, Stall, Starved,
};
use crate::kernel::{EVIDENCE_LAYOUT_FIRST, Malformed, Window};
use crate::limits::{EVIDENCE_LIST_MAX, PLAYERS_MAX};
use crate::native::model::Number;
use crate::native::range::{Coder, Decoder, Encoder};

/// Steps from one acknowledged snapshot to the next, usually.
const ACK_STEPS: u64 = STEPS_PER_SENT;

/// What a block of evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    First,
    Second,
}

impl Layout {
    const WRITTEN: Self = Self::Second;

    const fn number(self) -> u8 {
        match self {
            Self::First => EVIDENCE_LAYOUT_FIRST,
            Self::Second => 2,
        }
    }

    fn of_number(number: u8) -> Option<Self> {
        [Self::First, Self::Second]
            .into_iter()
            .find(|layout| layout.number() == number)
    }
}

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
    newest: u32,
    /// The step of the next snapshot that is sent.
    sent: Option<Step>,
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
    starved, starved_runs, starved_step, starved_steps,
    dropped, drops, drop_step, drop_seq, drop_inputs, drop_buttons,
    connections, connection_step, connection_seq,
    sends, sent_step, sent_snapshots,
    omitted,
    acks, ack_step, ack_snapshot, ack_has_newest, ack_newest,
    marks, mark_step,
    stalls, stall_step, stall_ms,
    matches, mismatches, mismatch_step, mismatch_seq, mismatch_hash,
    has_slack, slack_least, slack_spread, slack_sum, slack_inputs,
}

impl EvidenceModel {
    /// The payload of these. What is beyond the limits is left out, and counted in `omitted` as far as it is in lists.
    pub(crate) fn payload(&mut self, evidence: &Evidence, window: Window) -> Vec<u8> {
        let mut coder = Encoder::new();
        let mut bounded = Evidence {
            players: evidence
                .players
                .iter()
                .take(PLAYERS_MAX)
                .map(|(player, of)| (*player, bounded(of.clone())))
                .collect(),
            stalls: evidence.stalls.clone(),
        };
        bounded.stalls.truncate(EVIDENCE_LIST_MAX);
        self.numbers
            .players
            .code(&mut coder, bounded.players.len() as u64);
        let mut before = 0;
        let mut seen = BTreeMap::new();
        for (&player, of) in &mut bounded.players {
            let gap = u64::from(player.0 - before);
            self.numbers.player.code(&mut coder, gap);
            before = player.0;
            let mut coding = self.coding(&mut coder, Layout::WRITTEN, window, player);
            coding
                .player(of)
                .expect("bounded evidence has no number that does not fit");
            seen.insert(player, coding.seen);
        }
        self.seen = seen;
        stalls(&mut coder, &mut self.numbers, window, &mut bounded.stalls)
            .expect("bounded evidence has no number that does not fit");
        let mut payload = coder.finish();
        payload.insert(0, Layout::WRITTEN.number());
        payload
    }

    /// Reads a payload into `evidence`.
    pub(crate) fn read(
        &mut self,
        payload: &[u8],
        window: Window,
        evidence: &mut Evidence,
    ) -> Result<(), Malformed> {
        let (&layout, payload) = payload.split_first().ok_or(Malformed)?;
        let layout = Layout::of_number(layout).ok_or(Malformed)?;
        evidence.players.clear();
        evidence.stalls.clear();
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
            let mut coding = self.coding(&mut coder, layout, window, player);
            let mut of = PlayerEvidence::default();
            coding.player(&mut of)?;
            seen.insert(player, coding.seen);
            evidence.players.insert(player, of);
            if coder.is_exhausted() {
                return Err(Malformed);
            }
        }
        self.seen = seen;
        if layout != Layout::First {
            stalls(&mut coder, &mut self.numbers, window, &mut evidence.stalls)?;
        }
        coder.is_at_end().then_some(()).ok_or(Malformed)
    }

    fn coding<'c, C>(
        &'c mut self,
        coder: &'c mut C,
        layout: Layout,
        window: Window,
        player: PlayerId,
    ) -> Coding<'c, C> {
        Coding {
            coder,
            layout,
            window,
            seen: self.seen.get(&player).copied().unwrap_or_default(),
            numbers: &mut self.numbers,
        }
    }
}

fn stalls(
    coder: &mut impl Coder,
    numbers: &mut Numbers,
    window: Window,
    stalls: &mut Vec<Stall>,
) -> Result<(), Malformed> {
    const ANY: Stall = Stall {
        step: Step(0),
        late_ms: 0,
    };
    length(coder, &mut numbers.stalls, stalls, ANY)?;
    let mut usual = window.first;
    for stall in stalls {
        near(coder, &mut numbers.stall_step, &mut stall.step, usual);
        small(coder, &mut numbers.stall_ms, &mut stall.late_ms)?;
        usual = stall.step;
    }
    Ok(())
}

/// What is within the limits; the rest is counted.
fn bounded(mut of: PlayerEvidence) -> PlayerEvidence {
    fn cut<T>(list: &mut Vec<T>, omitted: &mut u32) {
        let beyond = list.len().saturating_sub(EVIDENCE_LIST_MAX);
        *omitted = omitted.saturating_add(u32::try_from(beyond).unwrap_or(u32::MAX));
        list.truncate(EVIDENCE_LIST_MAX);
    }
    let omitted = &mut of.omitted;
    cut(&mut of.consumed, omitted);
    cut(&mut of.starved_runs, omitted);
    cut(&mut of.dropped_runs, omitted);
    cut(&mut of.connected, omitted);
    cut(&mut of.sent, omitted);
    cut(&mut of.acked, omitted);
    cut(&mut of.mismatches, omitted);
    cut(&mut of.marks, omitted);
    of
}

/// One player's evidence on its way through a coder: encoding leaves the values as they are, decoding sets them.
struct Coding<'c, C> {
    coder: &'c mut C,
    layout: Layout,
    numbers: &'c mut Numbers,
    window: Window,
    seen: Seen,
}

impl<C: Coder> Coding<'_, C> {
    fn player(&mut self, of: &mut PlayerEvidence) -> Result<(), Malformed> {
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
