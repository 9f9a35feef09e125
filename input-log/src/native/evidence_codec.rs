//! The evidence block: numbers against what they usually are, through the range coder.
//!
//! Both sides remember of each player of the block before which input and which snapshot would come next.
//!
//! The first layout has numbers of starved steps and lost inputs where the second says which they were, and nothing of
//! connections, of snapshots that were sent, of the newest input behind an acknowledgement, of marks and of stalls. It is read
//! and never written.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use sim_core::{PlayerId, Step};

use crate::evidence::{Evidence, PlayerEvidence, Stall};
use crate::kernel::{EVIDENCE_LAYOUT_FIRST, Malformed, Window};
use crate::limits::{EVIDENCE_LIST_MAX, PLAYERS_MAX};
use crate::native::model::Number;
use crate::native::range::{Coder, Decoder, Encoder};

mod player;

use player::Coding;

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
