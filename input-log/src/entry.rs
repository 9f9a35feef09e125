//! What a recording holds, one thing after the other.

use sim_core::{DecodeError, Frame, Step, World};

use crate::evidence::Evidence;
use crate::hashes::Check;
use crate::kernel::Kernel;

/// What a recording of a kernel's rules holds.
pub type EntryOf<'e, K> = Entry<'e, <K as Kernel>::Frame, <K as Kernel>::Evidence>;

/// A world's canonical encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyframe<'a> {
    /// Steps that the world has done.
    pub step: Step,
    /// What `World::encode` gave.
    pub encoded: &'a [u8],
}

impl Keyframe<'_> {
    /// The world.
    ///
    /// # Errors
    /// If the recording is of another `SIM_VERSION`; keyframes of this version were checked when the recording was
    /// opened.
    pub fn world(&self) -> Result<World, DecodeError> {
        World::decode(self.encoded)
    }
}

/// One thing that a recording holds. Frames and evidence are those of its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'e, F = Frame, E = Evidence> {
    /// The world as it was after the step before. The first entry of every recording.
    Keyframe(Keyframe<'e>),
    /// What happened in a step.
    Step {
        /// Number that the world has after it.
        step: Step,
        /// What happened.
        frame: &'e F,
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
    Evidence(&'e E),
    /// The session ended in order.
    End,
}
