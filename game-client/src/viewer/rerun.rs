//! A world on its way through a log, step by step, and every recorded hash on that way compared.
//!
//! * The world after a step is what the last keyframe at or before it leads to. Where a keyframe is not what the steps
//!   before it led to, that is noted, and the keyframe goes on.
//! * A step is never done twice in a row: each call gets further or says that it cannot.

use input_log::{Entry, Keyframe, Verifier};
use kernel::Translate;
use sim_core::{Frame, Step};

use crate::viewer::checked::Checked;
use crate::viewer::log::{Key, Log, Part};

/// A world on its way.
#[derive(Clone, Debug)]
pub(super) struct Rerun<K: Translate> {
    kernel: K,
    verifier: Verifier<K>,
    /// The part that is on its way from its first step on.
    part: Option<usize>,
    frame: Frame,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// A step.
    Stepped,
    /// Time passed in which the room slept.
    Slept(u64),
    /// What lies between is lost: the world is that of a later keyframe.
    Jumped,
    /// There is nothing further.
    Ended,
}

impl<K: Translate> Rerun<K> {
    /// From any world of the log.
    pub(super) fn of(kernel: K, world: K::World) -> Self {
        Self {
            verifier: Verifier::going_on(kernel.clone(), world),
            kernel,
            part: None,
            frame: Frame::default(),
        }
    }

    /// From a keyframe.
    pub(super) fn from(kernel: K, key: &Key) -> Self {
        let world = key.world(&kernel);
        Self::of(kernel, world)
    }

    pub(super) fn world(&self) -> &K::World {
        self.verifier.world().expect("it began with a world")
    }

    pub(super) fn step(&self) -> Step {
        self.kernel.step_number(self.world())
    }

    /// Goes one step on, or through a sleep, but in that no further than `until`.
    pub(super) fn next(&mut self, log: &Log, until: Step, checked: &mut Checked) -> Done {
        let next = self.step().after(1);
        let done = match log.part(next) {
            None => return Done::Ended,
            Some((part, Part::Played { first, at, .. })) => {
                if next == first {
                    self.part = Some(part);
                    self.verifier.begin_block();
                }
                let index = at + next.since(first) as usize;
                log.frame(index, &mut self.frame);
                // What its rules do not know cannot be in a recording of theirs.
                let Ok(frame) = self.kernel.frame_of(&self.frame) else {
                    checked.wrong(next);
                    return Done::Ended;
                };
                let entry = Entry::Step {
                    step: next,
                    frame: &frame,
                    check: log.check(index),
                };
                checked.hash(index, next, self.verifier.take(entry).is_ok());
                self.end_part(log, part, checked);
                Done::Stepped
            }
            Some((_, part @ Part::Slept { .. })) => {
                let steps = part.last().min(until.max(next)).since(self.step());
                if self
                    .verifier
                    .take(Entry::Gap { first: next, steps })
                    .is_err()
                {
                    checked.wrong(next);
                    let Some(key) = log.key_from(next) else {
                        return Done::Ended;
                    };
                    *self = Self::from(self.kernel.clone(), key);
                    return Done::Jumped;
                }
                Done::Slept(steps)
            }
        };
        if let Some(key) = log.key_at(self.step()) {
            let (step, encoded) = (key.step, key.encoded.as_slice());
            let keyframe = Keyframe { step, encoded };
            if self.verifier.take(Entry::Keyframe(keyframe)).is_err() {
                checked.wrong(step);
                self.verifier = Verifier::going_on(self.kernel.clone(), key.world(&self.kernel));
            }
        }
        done
    }

    /// Compares the digest of a part at its end, if the world has come through all of it.
    fn end_part(&mut self, log: &Log, part: usize, checked: &mut Checked) {
        let whole = log.parts()[part];
        let last = whole.last();
        if let Part::Played {
            first,
            steps,
            digest: Some(digest),
            ..
        } = whole
            && self.part == Some(part)
            && self.step() == last
        {
            let steps = steps as u64;
            let entry = Entry::Digest {
                first,
                steps,
                digest,
            };
            checked.digest(part, last, self.verifier.take(entry).is_ok());
        }
    }
}
