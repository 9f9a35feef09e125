//! Reruns a recording and compares every hash that it holds.

use input_log::{Diverged, Recording, Rerun, StepDigest, Verified};
use kernel::Translate;
use sim_core::Step;

use crate::divergence::{self, Divergence};
use crate::exit::{Exit, Failure};
use crate::loss::Loss;
use crate::phase;
use crate::rerun::{Job, Rules, open, with_kernel};

/// What a rerun came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Steps that were rerun.
    pub steps: u64,
    /// Steps that the room slept through.
    pub slept: u64,
    /// Steps whose hash was compared with the recorded one, and was equal.
    pub hashes_compared: u64,
    /// Keyframes behind the first step, compared with the rerun field by field, and equal.
    pub keyframes_compared: u64,
    /// Digests over the whole hashes of a block, compared and equal.
    pub digests_compared: u64,
    /// XXH64, with seed 0, over the little-endian hash after every step that was rerun: equal on two machines only if
    /// every step is.
    pub digest: u64,
    /// Where the rerun first differs.
    pub divergence: Option<Divergence>,
    /// What the recording no longer holds.
    pub lost: Option<Loss>,
}

impl Verdict {
    /// How the process ends.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self.divergence {
            None => Exit::of_intact(self.lost.as_ref()),
            Some(_) => Exit::Diverges,
        }
    }
}

/// How often `progress` is told.
const STEPS_PER_PROGRESS: u64 = 1 << 14;

/// Reruns the recording from its first keyframe to its end or first divergence. `progress` is told the number of the
/// step from time to time.
///
/// # Errors
/// If the bytes are no recording, there is no kernel for it, or nothing of it can be compared.
pub fn verify(
    bytes: &[u8],
    rules: &Rules,
    progress: &mut dyn FnMut(Step),
) -> Result<Verdict, Failure> {
    let mut verdict = with_kernel(bytes, rules, Verify { bytes, progress })?;
    if let Some(found) = &mut verdict.divergence {
        found.phase = phase::phase(bytes, found.step);
    }
    Ok(verdict)
}

struct Verify<'a> {
    bytes: &'a [u8],
    progress: &'a mut dyn FnMut(Step),
}

impl Job for Verify<'_> {
    type Answer = Verdict;

    fn run<K: Translate>(self, kernel: K) -> Result<Verdict, Failure> {
        let recording = open(kernel.clone(), self.bytes)?;
        let lost = Loss::of(&recording, self.bytes.len());
        let mut verdict = Verdict {
            steps: 0,
            slept: 0,
            hashes_compared: 0,
            keyframes_compared: 0,
            digests_compared: 0,
            digest: 0,
            divergence: None,
            lost,
        };
        let mut all = StepDigest::new();
        let diverged = rerun(&recording, &mut verdict, &mut all, self.progress);
        verdict.digest = all.digest();
        if let Some(diverged) = diverged {
            verdict.divergence = Some(divergence::explain(&kernel, &recording, &diverged)?);
        } else if verdict.hashes_compared == 0 && verdict.keyframes_compared == 0 {
            return Err(nothing_compared(verdict.lost.as_ref()));
        }
        Ok(verdict)
    }
}

/// No step is left of what was lost, or none was played.
pub(crate) fn nothing_compared(lost: Option<&Loss>) -> Failure {
    Failure::Unreadable(match lost {
        Some(lost) if lost.is_damage => format!(
            "damage at byte {} has left no step to compare: {}",
            lost.at_byte, lost.reason
        ),
        Some(_) | None => {
            "nothing can be compared: no step is in the recording. It holds once something was played in it."
                .to_owned()
        }
    })
}

fn rerun<K: Translate>(
    recording: &Recording<'_, K>,
    verdict: &mut Verdict,
    all: &mut StepDigest,
    progress: &mut dyn FnMut(Step),
) -> Option<Diverged> {
    let mut rerun = Rerun::of(recording);
    loop {
        // What stands before the first step is the recording held against itself.
        let is_moved = verdict.steps > 0 || verdict.slept > 0;
        match rerun.next()? {
            Ok(Verified::Step { step, hash, .. }) => {
                verdict.steps += 1;
                verdict.hashes_compared += 1;
                all.push(hash);
                if verdict.steps.is_multiple_of(STEPS_PER_PROGRESS) {
                    progress(step);
                }
            }
            Ok(Verified::Keyframe(_)) => verdict.keyframes_compared += u64::from(is_moved),
            Ok(Verified::Digest { .. }) => verdict.digests_compared += 1,
            Ok(Verified::Slept { steps, .. }) => {
                verdict.slept = verdict.slept.saturating_add(steps)
            }
            Ok(Verified::Began | Verified::Evidence(_) | Verified::End) => {}
            Err(diverged) => {
                if let Diverged::Step { actual, .. } = diverged {
                    verdict.steps += 1;
                    all.push(actual);
                }
                return Some(diverged);
            }
        }
    }
}
