//! What a recording holds, one thing after the other.

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
