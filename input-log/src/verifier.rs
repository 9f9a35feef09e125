//! A world that goes through the entries of a recording and is held against each.
//!
//! The world is the verifier's own: a later keyframe is compared with it and never takes its place.

use alloc::string::String;

use sim_core::{FieldDiff, Frame, Step, World};

use crate::entry::{Entry, EntryOf, Keyframe};
use crate::evidence::Evidence;
use crate::hashes::{Check, StepDigest};
use crate::kernel::Kernel;
use crate::native::Native;

/// A world on its way through entries.
#[derive(Clone, Debug)]
pub struct Verifier<K: Kernel = Native> {
    kernel: K,
    world: Option<K::World>,
    /// Over the steps of the block so far.
    digest: StepDigest,
    compares: bool,
}

/// What a rerun has come through. Everything that is recorded of it is equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified<'e, F = Frame, E = Evidence> {
    /// The keyframe that the rerun begins with.
    Began,
    /// A later keyframe.
    Keyframe(Keyframe<'e>),
    /// A step.
    Step {
        /// Number that the world has after it.
        step: Step,
        /// What happened.
        frame: &'e F,
        /// The world's hash after it, 0 if nothing is compared.
        hash: u64,
    },
    /// Steps that the room slept through.
    Slept {
        /// First of them.
        first: Step,
        /// Number of steps.
        steps: u64,
    },
    /// The digest of a block.
    Digest {
        /// First step of the block.
        first: Step,
        /// Steps in it.
        steps: u64,
    },
    /// What was seen of the clients.
    Evidence(&'e E),
    /// The session ended in order.
    End,
}

/// What a rerun by a kernel has come through.
pub type VerifiedOf<'e, K> = Verified<'e, <K as Kernel>::Frame, <K as Kernel>::Evidence>;

/// Where a rerun is not what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diverged {
    /// The recording begins with something else than a keyframe.
    NoKeyframe,
    /// A keyframe is no world of this build.
    Unreadable {
        /// Its step.
        step: Step,
        /// Why not.
        why: String,
    },
    /// The world after a step is another.
    Step {
        /// Number of the step.
        step: Step,
        /// What is recorded of the hash.
        check: Check,
        /// The hash of the rerun.
        actual: u64,
    },
    /// The digest of a block is another, though what is recorded of each hash is equal.
    Digest {
        /// First step of the block.
        first: Step,
        /// Steps in it.
        steps: u64,
        /// What is recorded.
        recorded: u64,
        /// That of the rerun.
        actual: u64,
    },
    /// A later keyframe is another world, though every hash before it is equal.
    Keyframe {
        /// Its step.
        step: Step,
        /// The first field that differs; what is expected of it is recorded.
        difference: FieldDiff,
    },
    /// The room slept from this step on, and the world is not at rest.
    Restless(Step),
}

impl Diverged {
    /// The step that is not what was recorded, of a block its first; none without a keyframe.
    #[must_use]
    pub const fn step(&self) -> Option<Step> {
        match self {
            Self::NoKeyframe => None,
            Self::Unreadable { step, .. }
            | Self::Step { step, .. }
            | Self::Keyframe { step, .. }
            | Self::Restless(step) => Some(*step),
            Self::Digest { first, .. } => Some(*first),
        }
    }
}

impl core::fmt::Display for Diverged {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoKeyframe => write!(out, "there is no keyframe to begin with"),
            Self::Unreadable { step, why } => {
                write!(
                    out,
                    "the keyframe at step {step} is no world of this build: {why}"
                )
            }
            Self::Step { step, actual, .. } => write!(out, "step {step} reruns to {actual:016x}"),
            Self::Digest { first, .. } => {
                write!(out, "the digest of the steps from {first} differs")
            }
            Self::Keyframe { step, difference } => {
                write!(
                    out,
                    "the keyframe of step {step} differs in {}",
                    difference.path
                )
            }
            Self::Restless(step) => write!(
                out,
                "the recording sleeps from step {step} on, but the world is not at rest there"
            ),
        }
    }
}

impl Verifier {
    /// Before the first keyframe, with the rules of this build.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Native)
    }

    /// Behind the step of this world, with the rules of this build.
    #[must_use]
    pub fn at(world: World) -> Self {
        Self::going_on(Native, world)
    }
}

impl<K: Kernel> Verifier<K> {
    /// Behind the step of this world, with the rules of a kernel.
    #[must_use]
    pub fn going_on(kernel: K, world: K::World) -> Self {
        Self {
            world: Some(world),
            ..Self::with(kernel)
        }
    }

    /// Before the first keyframe, with the rules of a kernel.
    #[must_use]
    pub fn with(kernel: K) -> Self {
        Self {
            kernel,
            world: None,
            digest: StepDigest::new(),
            compares: true,
        }
    }

    /// Takes the steps as they are and compares nothing, keyframes behind the first not even read.
    #[must_use]
    pub fn unchecked(self) -> Self {
        Self {
            compares: false,
            ..self
        }
    }

    /// The world so far; none before the first keyframe.
    #[must_use]
    pub const fn world(&self) -> Option<&K::World> {
        self.world.as_ref()
    }

    /// The world so far, for good.
    #[must_use]
    pub(crate) fn into_world(self) -> Option<K::World> {
        self.world
    }

    /// Digest over the steps of the block so far.
    #[must_use]
    pub fn digest(&self) -> &StepDigest {
        &self.digest
    }

    /// The next step is the first of a block. Only who leaves entries out says so: a block's digest does, too.
    pub fn begin_block(&mut self) {
        self.digest = StepDigest::new();
    }

    /// Goes through an entry.
    ///
    /// # Errors
    /// If the world is not what was recorded. It has done the step even so, if it was one.
    pub fn take<'e>(&mut self, entry: EntryOf<'e, K>) -> Result<VerifiedOf<'e, K>, Diverged> {
        let kernel = &self.kernel;
        match (entry, &mut self.world) {
            (Entry::Keyframe(keyframe), world @ None) => {
                let step = keyframe.step;
                let first = kernel.restore(keyframe.encoded);
                *world = Some(first.map_err(|why| Diverged::Unreadable { step, why })?);
                Ok(Verified::Began)
            }
            (Entry::Keyframe(keyframe), Some(world)) => {
                let step = keyframe.step;
                if self.compares && kernel.encode(world) != keyframe.encoded {
                    let recorded = kernel.restore(keyframe.encoded);
                    let recorded = recorded.map_err(|why| Diverged::Unreadable { step, why })?;
                    if let Some(difference) = kernel.difference(&recorded, world) {
                        return Err(Diverged::Keyframe { step, difference });
                    }
                }
                Ok(Verified::Keyframe(keyframe))
            }
            (Entry::Step { step, frame, check }, Some(world)) => {
                kernel.step(world, frame);
                let mut hash = 0;
                if self.compares {
                    hash = kernel.hash(world);
                    self.digest.push(hash);
                    if !check.matches(hash) || kernel.step_number(world) != step {
                        let actual = hash;
                        return Err(Diverged::Step {
                            step,
                            check,
                            actual,
                        });
                    }
                }
                Ok(Verified::Step { step, frame, hash })
            }
            (
                Entry::Digest {
                    first,
                    steps,
                    digest: recorded,
                },
                Some(_),
            ) => {
                let actual = core::mem::take(&mut self.digest).digest();
                if self.compares && actual != recorded {
                    return Err(Diverged::Digest {
                        first,
                        steps,
                        recorded,
                        actual,
                    });
                }
                Ok(Verified::Digest { first, steps })
            }
            (Entry::Gap { first, steps }, Some(world)) => {
                if !kernel.is_quiet(world) {
                    return Err(Diverged::Restless(first));
                }
                kernel.fast_forward(world, steps);
                Ok(Verified::Slept { first, steps })
            }
            (Entry::Evidence(evidence), _) => Ok(Verified::Evidence(evidence)),
            (Entry::End, _) => Ok(Verified::End),
            (Entry::Step { .. } | Entry::Digest { .. } | Entry::Gap { .. }, None) => {
                Err(Diverged::NoKeyframe)
            }
        }
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}
