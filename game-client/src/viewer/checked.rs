//! Which recorded hashes were compared with the rerun, and the first step that did not hold.

use serde::Serialize;
use sim_core::Step;

/// What the comparison has come to so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Steps whose recorded hash was compared, each counted once. A room records four bits of each hash.
    pub hashes: u64,
    /// Steps whose hash is recorded.
    pub hashes_recorded: u64,
    /// Blocks whose digest over the whole hashes of their steps was compared, each counted once.
    pub digests: u64,
    /// Blocks whose digest is recorded.
    pub digests_recorded: u64,
    /// The first step that is known not to hold. If it is a digest that does not, it is the last step of its block.
    pub first_mismatch: Option<Step>,
}

/// The comparison of one recording.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    tally: Tally,
    hashes: Marks,
    digests: Marks,
}

impl Checked {
    /// Of so many steps in so many parts, of which so many have a digest.
    pub(super) fn new(steps: usize, parts: usize, digests: usize) -> Self {
        Self {
            tally: Tally {
                hashes_recorded: steps as u64,
                digests_recorded: digests as u64,
                ..Tally::default()
            },
            hashes: Marks::new(steps),
            digests: Marks::new(parts),
        }
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// The hash after the step with this index was compared.
    pub(super) fn hash(&mut self, index: usize, step: Step, holds: bool) {
        self.tally.hashes += u64::from(self.hashes.mark(index));
        if !holds {
            self.wrong(step);
        }
    }

    /// The digest of a part was compared, which ends with this step.
    pub(super) fn digest(&mut self, part: usize, step: Step, holds: bool) {
        self.tally.digests += u64::from(self.digests.mark(part));
        if !holds {
            self.wrong(step);
        }
    }

    /// The rerun is not what was recorded at this step.
    pub(super) fn wrong(&mut self, step: Step) {
        let first = &mut self.tally.first_mismatch;
        *first = Some(first.map_or(step, |before| before.min(step)));
    }
}

/// One bit for each of many.
#[derive(Clone, Debug)]
struct Marks(Vec<u64>);

impl Marks {
    fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    /// Whether it was not marked before.
    fn mark(&mut self, at: usize) -> bool {
        let Some(word) = self.0.get_mut(at / 64) else {
            return false;
        };
        let bit = 1 << (at % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}
