//! Says what is behind the first hash that differs: which field, what it should have been, and which entry of the frame
//! would make it so.
//!
//! * A hash alone names no field. But the world one step before is known to be right, so each single change of the
//!   frame is tried: the one whose world has the recorded hash gives the expected world exactly.
//! * If none does (the rules changed, or more than one entry was altered), the next keyframe shows the fields that
//!   differ by then, and `compared_at` says when that is.

use std::ops::ControlFlow;

use input_log::{Check, Diverged, Entry, HashDetail, Recording, Rerun, StepDigest, Verified};
use kernel::Translate;
use sim_core::{Frame, Step};

use crate::altered::Tried;
use crate::edits;
use crate::exit::Failure;
use crate::phase::PhaseDiff;
use crate::rerun::{stopped, world_after};

/// Where a rerun first differs, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The first step whose hash differs.
    pub step: Step,
    /// The first field that differs, in the order of the world's encoding; `hash` if no field is known.
    pub field: String,
    /// Its value in the recording.
    pub expected: String,
    /// Its value in the rerun.
    pub actual: String,
    /// After which step the two values were compared.
    pub compared_at: Step,
    /// How the expected value is known.
    pub basis: Basis,
    /// Which entry of the step's frame was altered, if one change explains it.
    pub repair: Option<String>,
    /// What is recorded of the hash after `step`, and the hash of the rerun.
    pub hash: Option<(String, String)>,
    /// Where in the step the rules of this build part from those that the recording names, if these reproduce its hash.
    pub phase: Option<PhaseDiff>,
}

/// How the expected value of a divergence is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// One change of the step's frame leads to the recorded hashes, so the whole expected world is known.
    Repair,
    /// From the next keyframe in the recording.
    Keyframe,
    /// Nothing but the hash is known.
    Hash,
}

impl Basis {
    /// Its name in machine-readable output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repair => "repair",
            Self::Keyframe => "keyframe",
            Self::Hash => "hash",
        }
    }
}

/// How far before the first check that fails the altered step may be, when only four bits of each hash are kept:
/// wrong ones go unseen once in 16 steps, so five in a row once in a million.
const UNSEEN_STEPS_MAX: u64 = 5;
const _: () = assert!(UNSEEN_STEPS_MAX * HashDetail::Check.bits() as u64 >= 20);

pub(crate) fn explain<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    diverged: &Diverged,
) -> Result<Divergence, Failure> {
    match diverged {
        Diverged::NoKeyframe | Diverged::Unreadable { .. } => Err(stopped(diverged)),
        Diverged::Step {
            step,
            check,
            actual,
        } => explain_check(kernel, recording, *step, *check, *actual),
        Diverged::Digest {
            first,
            steps,
            recorded,
            actual,
        } => {
            let last = first.after(steps.saturating_sub(1));
            let hash = (
                format!("digest {recorded:016x}"),
                format!("digest {actual:016x}"),
            );
            behind_hash(kernel, recording, last, hash)
        }
        Diverged::Keyframe { step, difference } => Ok(Divergence {
            step: *step,
            field: difference.path.clone(),
            expected: difference.expected.clone(),
            actual: difference.actual.clone(),
            compared_at: *step,
            basis: Basis::Keyframe,
            repair: None,
            hash: None,
            phase: None,
        }),
        Diverged::Restless(step) => Ok(Divergence {
            step: *step,
            field: "is_quiet".to_owned(),
            expected: "true".to_owned(),
            actual: "false".to_owned(),
            compared_at: *step,
            basis: Basis::Hash,
            repair: None,
            hash: None,
            phase: None,
        }),
    }
}

fn explain_check<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    step: Step,
    check: Check,
    actual: u64,
) -> Result<Divergence, Failure> {
    let hash = (recorded(check), format!("{actual:016x}"));
    let unseen_max = if check.whole().is_some() {
        0
    } else {
        UNSEEN_STEPS_MAX
    };
    for earlier in 0..=unseen_max.min(step.0.saturating_sub(1)) {
        let suspect = Step(step.0 - earlier);
        if let Some(found) = repair(kernel, recording, suspect)? {
            let hash = (earlier == 0).then(|| hash.clone());
            return Ok(Divergence { hash, ..found });
        }
    }
    behind_hash(kernel, recording, step, hash)
}

/// Everything that is recorded from a step to the end of its block.
struct Ahead {
    frames: Vec<(Frame, Check)>,
    /// The block's digest, and the hashes before the step that enter it.
    digest: Option<(StepDigest, u64)>,
}

/// Looks for the one change of the step's frame that makes the rerun fit to the end of the step's block.
fn repair<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    step: Step,
) -> Result<Option<Divergence>, Failure> {
    let Some((before, _)) = world_after(kernel, recording, Step(step.0 - 1))? else {
        return Ok(None);
    };
    let Some(ahead) = read_ahead(kernel, recording, step) else {
        return Ok(None);
    };
    let Some((frame, _)) = ahead.frames.first() else {
        return Ok(None);
    };
    let stepped = |world: &K::World, frame: &Frame| {
        let mut world = world.clone();
        let frame = kernel.frame_of(frame).ok()?;
        kernel.step(&mut world, &frame);
        Some(world)
    };
    let Some(actual) = stepped(&before, frame) else {
        return Ok(None);
    };
    let later: Vec<&Frame> = ahead.frames.iter().map(|(frame, _)| frame).collect();
    let mut found = None;
    edits::each(
        &kernel.moment(&before),
        frame,
        &later,
        &mut |tried: &Tried<'_>| {
            let Some(expected) = stepped(&before, tried.frame) else {
                return ControlFlow::Continue(());
            };
            if !fits(kernel, &expected, &ahead) {
                return ControlFlow::Continue(());
            }
            let Some(difference) = kernel.difference(&expected, &actual) else {
                return ControlFlow::Continue(());
            };
            found = Some(Divergence {
                step,
                field: difference.path,
                expected: difference.expected,
                actual: difference.actual,
                compared_at: step,
                basis: Basis::Repair,
                repair: Some(tried.what.to_string()),
                hash: None,
                phase: None,
            });
            ControlFlow::Break(())
        },
    );
    Ok(found)
}

/// Whether the world after the first frame ahead leads to every hash that is recorded in the block.
fn fits<K: Translate>(kernel: &K, first: &K::World, ahead: &Ahead) -> bool {
    let mut hash = kernel.hash(first);
    let Some((_, check)) = ahead.frames.first() else {
        return false;
    };
    if !check.matches(hash) {
        return false;
    }
    let mut world = first.clone();
    let mut digest = ahead.digest.clone();
    if let Some((digest, _)) = &mut digest {
        digest.push(hash);
    }
    for (frame, check) in ahead.frames.iter().skip(1) {
        let Ok(frame) = kernel.frame_of(frame) else {
            return false;
        };
        kernel.step(&mut world, &frame);
        hash = kernel.hash(&world);
        if !check.matches(hash) {
            return false;
        }
        if let Some((digest, _)) = &mut digest {
            digest.push(hash);
        }
    }
    digest.is_none_or(|(digest, kept)| digest.digest() == kept)
}

fn read_ahead<K: Translate>(kernel: &K, recording: &Recording<'_, K>, step: Step) -> Option<Ahead> {
    let before = Step(step.0 - 1);
    let mut rerun = Rerun::towards(recording, before);
    rerun.reach(before).ok()??;
    let so_far = rerun.digest().clone();
    let mut frames = Vec::new();
    let mut entries = recording.entries_from(before);
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Step {
                step: at,
                frame,
                check,
            } if at >= step => frames.push((kernel.frame(frame), check)),
            Entry::Digest { digest, .. } if !frames.is_empty() => {
                let digest = Some((so_far, digest));
                return Some(Ahead { frames, digest });
            }
            Entry::Step { .. }
            | Entry::Digest { .. }
            | Entry::Keyframe(_)
            | Entry::Gap { .. }
            | Entry::Evidence(_)
            | Entry::End => {}
        }
    }
    let digest = None;
    (!frames.is_empty()).then_some(Ahead { frames, digest })
}

/// The fields that differ at the next keyframe; without one, nothing but the hash.
fn behind_hash<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    step: Step,
    hash: (String, String),
) -> Result<Divergence, Failure> {
    let mut rerun = Rerun::towards(recording, Step(step.0.saturating_sub(1))).unchecked();
    while let Some(Ok(verified)) = rerun.next() {
        if let Verified::Keyframe(keyframe) = verified
            && keyframe.step >= step
            && let (compared_at, encoded) = (keyframe.step, keyframe.encoded.to_vec())
            && let Ok(expected) = kernel.restore(&encoded)
            && let Some(actual) = rerun.world()
            && let Some(difference) = kernel.difference(&expected, actual)
        {
            return Ok(Divergence {
                step,
                field: difference.path,
                expected: difference.expected,
                actual: difference.actual,
                compared_at,
                basis: Basis::Keyframe,
                repair: None,
                hash: Some(hash),
                phase: None,
            });
        }
    }
    Ok(Divergence {
        step,
        field: "hash".to_owned(),
        expected: hash.0.clone(),
        actual: hash.1.clone(),
        compared_at: step,
        basis: Basis::Hash,
        repair: None,
        hash: Some(hash),
        phase: None,
    })
}

/// What is kept of a hash, in hexadecimal, with the digits that were not kept as dots.
fn recorded(check: Check) -> String {
    match check.whole() {
        Some(hash) => format!("{hash:016x}"),
        None => (0..16).find(|&digit| check.matches(digit)).map_or_else(
            || "unknown".to_owned(),
            |digit| format!("...............{digit:x}"),
        ),
    }
}
