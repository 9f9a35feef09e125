//! The inputs that the authority has not consumed, each with the player predicted after it.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use sim_core::{Action, Aim, Buttons, Player};

use crate::limits::HISTORY_STEPS_MAX;
use crate::seq::{ahead, is_after};

/// One input and what was predicted of it.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) seq: u32,
    pub(crate) buttons: Buttons,
    /// Actions of the step, in the order of sending.
    pub(crate) actions: Vec<Action>,
    /// Aim of the shot that the prediction fires.
    pub(crate) fired: Option<Aim>,
    /// Whether time was skipped before it.
    pub(crate) slipped: bool,
    pub(crate) after: Player,
}

impl Record {
    /// Whether it changes structures.
    pub(crate) fn builds(&self) -> bool {
        self.actions
            .iter()
            .any(|action| action.changes_structures())
    }
}

/// The authority's player after the acknowledged input, and the inputs after it.
#[derive(Clone, Debug)]
pub(crate) struct History {
    /// The newest input that the authority is known to have consumed.
    base_seq: u32,
    /// The player after it, as the authority had it.
    base: Player,
    /// The inputs after it, without gaps.
    records: VecDeque<Record>,
    /// Up to this input the authority may consume inputs that `records` no longer holds, so the prediction cannot be compared.
    blind_until: Option<u32>,
}

impl History {
    /// Starts from the authority's player after `base_seq`. Inputs that were sent after it, up to `newest_sent`, are not
    /// known.
    pub(crate) fn new(base: Player, base_seq: u32, newest_sent: u32) -> Self {
        Self {
            base_seq,
            base,
            records: VecDeque::new(),
            blind_until: is_after(newest_sent, base_seq).then_some(newest_sent),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.records.len() >= HISTORY_STEPS_MAX
    }

    /// Whether no input presses or does anything, and the player is where the authority had it.
    pub(crate) fn is_idle(&self) -> bool {
        let at_rest = |record: &Record| {
            let after = &record.after;
            record.buttons.is_empty()
                && record.actions.is_empty()
                && (after.pos, after.vel) == (self.base.pos, self.base.vel)
        };
        self.records.iter().all(at_rest)
    }

    pub(crate) fn is_blind(&self) -> bool {
        self.blind_until.is_some()
    }

    pub(crate) fn base_seq(&self) -> u32 {
        self.base_seq
    }

    pub(crate) fn base(&self) -> &Player {
        &self.base
    }

    /// Inputs not consumed, oldest first.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter()
    }

    pub(crate) fn records_mut(&mut self) -> impl Iterator<Item = &mut Record> {
        self.records.iter_mut()
    }

    /// The predicted player before the newest input: what is drawn moves from there to the present.
    pub(crate) fn before_newest(&self) -> &Player {
        match self.records.len().checked_sub(2) {
            Some(index) => self.records.get(index).map_or(&self.base, |one| &one.after),
            None => &self.base,
        }
    }

    /// Adds the newest input.
    ///
    /// # Panics
    /// If the history is full, or the input does not follow the one before.
    pub(crate) fn push(&mut self, record: Record) {
        assert!(!self.is_full(), "the caller asks before it steps");
        if let Some(newest) = self.records.back() {
            assert!(ahead(record.seq, newest.seq) == 1, "inputs have no gaps");
        }
        self.records.push_back(record);
    }

    /// The predicted player after this input; `None` if the history does not reach there.
    pub(crate) fn at(&self, seq: u32) -> Option<&Player> {
        if seq == self.base_seq {
            return Some(&self.base);
        }
        let first = self.records.front()?.seq;
        let index = usize::try_from(ahead(seq, first)).ok()?;
        self.records.get(index).map(|record| &record.after)
    }

    /// Whether the authority may be at this input, as far as the history knows.
    pub(crate) fn allows(&self, seq: u32) -> bool {
        let unknown = self
            .blind_until
            .is_some_and(|until| !is_after(self.base_seq, seq) && !is_after(seq, until));
        unknown || self.at(seq).is_some()
    }

    /// The authority's player after this input becomes the base; what came before it is forgotten. Returns what is known
    /// of the forgotten inputs.
    pub(crate) fn rebase(&mut self, seq: u32, player: Player) -> Forgotten {
        let mut forgotten = Forgotten::default();
        while let Some(record) = self.records.front() {
            if is_after(record.seq, seq) {
                break;
            }
            forgotten.built |= record.builds();
            forgotten.slipped |= record.slipped;
            self.records.pop_front();
        }
        // The input that the authority waits for arrives late if time was skipped before it.
        forgotten.slipped |= self.records.front().is_some_and(|next| next.slipped);
        self.base_seq = seq;
        self.base = player;
        if self.blind_until.is_some_and(|until| !is_after(until, seq)) {
            self.blind_until = None;
        }
        forgotten
    }

    /// Forgets inputs from this one on; returns how many.
    pub(crate) fn truncate(&mut self, from: u32) -> usize {
        let before = self.records.len();
        while self
            .records
            .back()
            .is_some_and(|newest| !is_after(from, newest.seq))
        {
            self.records.pop_back();
        }
        before - self.records.len()
    }
}

/// What is known of inputs that the authority consumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// One of them changed structures.
    pub(crate) built: bool,
    /// Time was skipped before one of them, or before the next.
    pub(crate) slipped: bool,
}

#[cfg(test)]
mod tests {
    use sim_core::{Frame, Join, Look, PlayerId, World};

    use super::*;

    /// Somebody who has just joined.
    fn player() -> Player {
        let mut world = World::new(1);
        let id = PlayerId(1);
        let join = Join {
            player: id,
            look: Look::default(),
            saved: None,
        };
        world.step(&Frame {
            joins: alloc::vec![join],
            ..Frame::default()
        });
        *world.player(id).expect("it has joined")
    }

    fn record(seq: u32, after: Player) -> Record {
        Record {
            seq,
            buttons: Buttons::NONE,
            actions: Vec::new(),
            fired: None,
            slipped: false,
            after,
        }
    }

    #[test]
    fn the_base_is_the_newest_input_that_was_consumed() {
        let player = player();
        let mut history = History::new(player, 7, 7);
        assert_eq!(history.base_seq(), 7);
        for seq in 8..12 {
            history.push(record(seq, player));
        }
        history.rebase(9, player);
        assert_eq!((history.base_seq(), history.len()), (9, 2));
        assert!(history.allows(9) && history.allows(11) && !history.allows(8));
    }

    #[test]
    fn who_was_sent_more_than_is_known_may_be_anywhere_up_to_there() {
        let player = player();
        let mut history = History::new(player, 7, 10);
        history.push(record(11, player));
        let allowed: Vec<u32> = (0..20).filter(|seq| history.allows(*seq)).collect();
        assert_eq!(allowed, [7, 8, 9, 10, 11]);
        // Up to there nothing is known to be right or wrong.
        history.rebase(9, player);
        assert!(history.is_blind() && history.allows(10) && !history.allows(8));
        history.rebase(10, player);
        assert!(!history.is_blind() && history.allows(11) && !history.allows(9));
    }
}
