//! A recording run again: from a keyframe on, step by step, with everything compared that it holds of its worlds.
//!
//! Where the two part is said once, and the rerun ends there. Whoever wants to see the world anyway reruns without comparing.

use sim_core::Step;

use crate::entries::Entries;
use crate::entry::Entry;
use crate::hashes::StepDigest;
use crate::kernel::Kernel;
use crate::native::Native;
use crate::recording::Recording;
use crate::verifier::{Diverged, Verified, VerifiedOf, Verifier};

/// A recording on its way.
#[derive(Clone, Debug)]
pub struct Rerun<'r, K: Kernel = Native> {
    kernel: K,
    entries: Entries<'r, K>,
    verifier: Verifier<K>,
    ended: bool,
}

impl<'r, K: Kernel> Rerun<'r, K> {
    /// From the first keyframe on.
    #[must_use]
    pub fn of(recording: &'r Recording<'_, K>) -> Self {
        Self::through(recording.kernel(), recording.entries())
    }

    /// From the last keyframe at or before a step on.
    #[must_use]
    pub fn towards(recording: &'r Recording<'_, K>, step: Step) -> Self {
        Self::through(recording.kernel(), recording.entries_from(step))
    }

    fn through(kernel: &K, entries: Entries<'r, K>) -> Self {
        Self {
            kernel: kernel.clone(),
            entries,
            verifier: Verifier::with(kernel.clone()),
            ended: false,
        }
    }

    /// Takes the steps as they are and compares nothing, keyframes behind the first not even read.
    #[must_use]
    pub fn unchecked(self) -> Self {
        Self {
            verifier: self.verifier.unchecked(),
            ..self
        }
    }

    /// The world so far; none before the first keyframe.
    #[must_use]
    pub const fn world(&self) -> Option<&K::World> {
        self.verifier.world()
    }

    /// Digest over the steps of the block so far.
    #[must_use]
    pub fn digest(&self) -> &StepDigest {
        self.verifier.digest()
    }

    /// The world after the last entry; none without a keyframe.
    ///
    /// # Errors
    /// If the rerun is not what was recorded.
    pub fn finish(mut self) -> Result<Option<K::World>, Diverged> {
        while let Some(verified) = self.next() {
            verified?;
        }
        Ok(self.verifier.into_world())
    }

    /// Goes on to the world after `step`, into the middle of a sleep if it is there. Gives back what happened in that step, if
    /// it was played and not slept through; none if the recording does not hold it.
    ///
    /// # Errors
    /// If the rerun is not what was recorded.
    pub fn reach(&mut self, step: Step) -> Result<Option<Option<K::Frame>>, Diverged> {
        let mut last = None;
        while self.step_number().is_none_or(|number| number < step) {
            let Some(verified) = self.go_on(step) else {
                return Ok(None);
            };
            last = match verified? {
                Verified::Step { frame, .. } => Some(frame.clone()),
                Verified::Began
                | Verified::Keyframe(_)
                | Verified::Slept { .. }
                | Verified::Digest { .. }
                | Verified::Evidence(_)
                | Verified::End => None,
            };
        }
        Ok((self.step_number() == Some(step)).then_some(last))
    }

    fn step_number(&self) -> Option<Step> {
        self.world().map(|world| self.kernel.step_number(world))
    }

    /// Goes through the next entry; none at the end of the intact part, and behind an error.
    ///
    /// # Errors
    /// If the rerun is not what was recorded.
    #[expect(
        clippy::should_implement_trait,
        reason = "what was verified borrows the frame that is used again for the next"
    )]
    pub fn next(&mut self) -> Option<Result<VerifiedOf<'_, K>, Diverged>> {
        self.go_on(Step(u64::MAX))
    }

    /// Goes through the next entry, a sleep no further than `until`.
    fn go_on(&mut self, until: Step) -> Option<Result<VerifiedOf<'_, K>, Diverged>> {
        if self.ended {
            return None;
        }
        let mut entry = self.entries.next()?;
        if let Entry::Gap { first, steps } = &mut entry
            && *first <= until
        {
            *steps = (*steps).min(until.since(*first).saturating_add(1));
        }
        let verified = self.verifier.take(entry);
        self.ended = verified.is_err();
        Some(verified)
    }
}
