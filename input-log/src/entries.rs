//! Going through a recording step by step.

use core::marker::PhantomData;

use sim_core::{Frame, Step};

use crate::evidence::Evidence;
use crate::hashes::Check;
use crate::keyframe::Keyframe;

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
#[derive(Debug)]
pub struct Entries<'r> {
    frame: Frame,
    _todo: PhantomData<&'r ()>,
}

impl Entries<'_> {
    /// The next entry; none at the end of the intact part.
    #[expect(
        clippy::should_implement_trait,
        reason = "an entry borrows the frame that is used again for the next"
    )]
    pub fn next(&mut self) -> Option<Entry<'_>> {
        let _ = &self.frame;
        todo!()
    }
}
