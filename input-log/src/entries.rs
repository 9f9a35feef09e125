//! Going through a recording step by step.

use sim_core::{Frame, Step};

use crate::evidence::Evidence;
use crate::hashes::Check;
use crate::header::HashDetail;
use crate::keyframe::Keyframe;
use crate::recording::BlockInfo;
use crate::unpack::Unpack;

/// One thing that a recording holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'e> {
    /// The world as it was after the step before. The first entry of every recording.
    Keyframe(Keyframe<'e>),
    /// What happened in a step.
    Step {
        /// Number that the world has after it.
        step: Step,
        /// What happened.
        frame: &'e Frame,
        /// What is known of the hash after it.
        check: Check,
    },
    /// The steps before this, back to `first`, are those of one block, and this is their [`StepDigest`](crate::StepDigest).
    Digest {
        /// First step.
        first: Step,
        /// Steps.
        steps: u64,
        /// Digest over the whole hash after each of them.
        digest: u64,
    },
    /// The room slept: `World::fast_forward(steps)`.
    Gap {
        /// First step that was slept through.
        first: Step,
        /// Steps.
        steps: u64,
    },
    /// What was seen of the clients since the evidence before.
    Evidence(&'e Evidence),
    /// The session ended in order.
    End,
}

/// Goes through the entries. Not an `Iterator`, because an entry borrows the frame that the next one overwrites:
/// `while let Some(entry) = entries.next() { .. }`.
#[derive(Clone, Debug)]
pub struct Entries<'r> {
    bytes: &'r [u8],
    blocks: core::slice::Iter<'r, BlockInfo>,
    unpack: Unpack<'r>,
}

impl<'r> Entries<'r> {
    pub(crate) fn of(bytes: &'r [u8], blocks: &'r [BlockInfo], detail: HashDetail) -> Self {
        Self {
            bytes,
            blocks: blocks.iter(),
            unpack: Unpack::new(detail),
        }
    }

    /// The next entry; none at the end of the intact part.
    #[expect(
        clippy::should_implement_trait,
        reason = "an entry borrows the frame that is used again for the next"
    )]
    pub fn next(&mut self) -> Option<Entry<'_>> {
        while self.unpack.is_done() {
            let block = self.blocks.next()?.of(self.bytes);
            self.unpack
                .begin(&block)
                .expect("the block was decoded when the recording was opened");
        }
        self.unpack
            .next()
            .expect("the block was decoded when the recording was opened")
    }
}
