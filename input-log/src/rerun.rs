//! A recording run again: from a keyframe on, step by step, with everything compared that it holds of its worlds.
//!
//! * The world is the rerun's own: a later keyframe is compared with it and never takes its place.
//! * Where the two part is said once, and the rerun ends there. Whoever wants to see the world anyway reruns without
//!   comparing.

use sim_core::{DecodeError, FieldDiff, Frame, Step, World, diff};

use crate::entries::{Entries, Entry};
use crate::evidence::Evidence;
use crate::hashes::{Check, StepDigest};
use crate::keyframe::Keyframe;
use crate::recording::Recording;

/// A recording on its way.
#[derive(Clone, Debug)]
pub struct Rerun<'r> {
    entries: Entries<'r>,
    world: Option<World>,
    /// Over the steps of the block so far.
    digest: StepDigest,
    compares: bool,
    ended: bool,
}

/// What a rerun has come through. Everything that is recorded of it is equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified<'e> {
    /// The keyframe that the rerun begins with.
    Began,
    /// A later keyframe.
    Keyframe(Keyframe<'e>),
    /// A step.
    Step {
        /// Number that the world has after it.
        step: Step,
        /// What happened.
        frame: &'e Frame,
        /// The world's hash after it, 0 if nothing is compared.
        hash: u64,
    },
    /// Steps that the room slept through.
    Slept {
        /// First of them.
        first: Step,
        /// How many.
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
    Evidence(&'e Evidence),
    /// The session ended in order.
    End,
}

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
        why: DecodeError,
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

impl<'r> Rerun<'r> {
    /// From the first keyframe on.
    #[must_use]
    pub fn of(recording: &'r Recording<'_>) -> Self {
        Self::through(recording.entries())
    }

    /// From the last keyframe at or before a step on.
    #[must_use]
    pub fn towards(recording: &'r Recording<'_>, step: Step) -> Self {
        Self::through(recording.entries_from(step))
    }

    fn through(entries: Entries<'r>) -> Self {
        Self {
            entries,
            world: None,
            digest: StepDigest::new(),
            compares: true,
            ended: false,
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
    pub fn world(&self) -> Option<&World> {
        self.world.as_ref()
    }

    /// Digest over the steps of the block so far.
    #[must_use]
    pub fn digest(&self) -> &StepDigest {
        &self.digest
    }

    /// The world after the last entry; none without a keyframe.
    ///
    /// # Errors
    /// If the rerun is not what was recorded.
    pub fn finish(mut self) -> Result<Option<World>, Diverged> {
        while let Some(verified) = self.next() {
            verified?;
        }
        Ok(self.world)
    }

    /// Goes on to the world after `step`, into the middle of a sleep if it is there. Gives back what happened in that step, if
    /// it was played and not slept through; none if the recording does not hold it.
    ///
    /// # Errors
    /// If the rerun is not what was recorded.
    pub fn reach(&mut self, step: Step) -> Result<Option<Option<Frame>>, Diverged> {
        let mut last = None;
        while self
            .world
            .as_ref()
            .is_none_or(|world| world.step_number() < step)
        {
            let Some(mut entry) = self.entries.next().filter(|_| !self.ended) else {
                return Ok(None);
            };
            if let Entry::Gap { first, steps } = &mut entry
                && *first <= step
            {
                *steps = (*steps).min(step.since(*first) + 1);
            }
            let verified = verify(&mut self.world, &mut self.digest, self.compares, entry);
            self.ended = verified.is_err();
            last = None;
            if let Verified::Step { frame, .. } = verified? {
                last = Some(frame.clone());
            }
        }
        let is_there = self
            .world
            .as_ref()
            .is_some_and(|world| world.step_number() == step);
        Ok(is_there.then_some(last))
    }

    /// Goes through the next entry; none at the end of the intact part, and behind an error.
    ///
    /// # Errors
    /// If the rerun is not what was recorded.
    #[expect(
        clippy::should_implement_trait,
        reason = "what was verified borrows the frame that is used again for the next"
    )]
    pub fn next(&mut self) -> Option<Result<Verified<'_>, Diverged>> {
        if self.ended {
            return None;
        }
        let entry = self.entries.next()?;
        let verified = verify(&mut self.world, &mut self.digest, self.compares, entry);
        self.ended = verified.is_err();
        Some(verified)
    }
}

fn verify<'e>(
    running: &mut Option<World>,
    digest: &mut StepDigest,
    compares: bool,
    entry: Entry<'e>,
) -> Result<Verified<'e>, Diverged> {
    match (entry, running) {
        (Entry::Keyframe(keyframe), world @ None) => {
            let step = keyframe.step;
            let first = keyframe.world();
            *world = Some(first.map_err(|why| Diverged::Unreadable { step, why })?);
            Ok(Verified::Began)
        }
        (Entry::Keyframe(keyframe), Some(world)) => {
            let step = keyframe.step;
            if compares && world.encode() != keyframe.encoded {
                let recorded = keyframe.world();
                let recorded = recorded.map_err(|why| Diverged::Unreadable { step, why })?;
                if let Some(difference) = diff(&recorded, world) {
                    return Err(Diverged::Keyframe { step, difference });
                }
            }
            Ok(Verified::Keyframe(keyframe))
        }
        (Entry::Step { step, frame, check }, Some(world)) => {
            world.step(frame);
            let mut hash = 0;
            if compares {
                hash = world.hash();
                if !check.matches(hash) || world.step_number() != step {
                    let actual = hash;
                    return Err(Diverged::Step {
                        step,
                        check,
                        actual,
                    });
                }
                digest.push(hash);
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
            let actual = core::mem::take(digest).digest();
            if compares && actual != recorded {
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
            if !world.is_quiet() {
                return Err(Diverged::Restless(first));
            }
            world.fast_forward(steps);
            Ok(Verified::Slept { first, steps })
        }
        (Entry::Evidence(evidence), _) => Ok(Verified::Evidence(evidence)),
        (Entry::End, _) => Ok(Verified::End),
        (Entry::Step { .. } | Entry::Digest { .. } | Entry::Gap { .. }, None) => {
            Err(Diverged::NoKeyframe)
        }
    }
}
