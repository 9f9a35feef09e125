//! A world on its way through a log, step by step, and every recorded hash on that way compared.
//!
//! * The world after a step is what the last keyframe at or before it leads to. Where a keyframe is not what the steps
//!   before it led to, that is noted, and the keyframe goes on.
//! * A step is never done twice in a row: each call gets further or says that it cannot.

use input_log::{Entry, Keyframe, Verifier};
use sim_core::{Frame, Step, World};

use crate::viewer::checked::Checked;
use crate::viewer::log::{Key, Log, Part};

/// A world on its way.
#[derive(Clone, Debug)]
pub(super) struct Rerun {
    verifier: Verifier,
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

impl Rerun {
    /// From any world of the log.
    pub(super) fn of(world: World) -> Self {
        Self {
            verifier: Verifier::at(world),
            part: None,
            frame: Frame::default(),
        }
    }

    /// From a keyframe.
    pub(super) fn from(key: &Key) -> Self {
        Self::of(key.world())
    }

    pub(super) fn world(&self) -> &World {
        self.verifier.world().expect("it began with a world")
    }

    pub(super) fn step(&self) -> Step {
        self.world().step_number()
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
                let entry = Entry::Step {
                    step: next,
                    frame: &self.frame,
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
                    *self = Self::from(key);
                    return Done::Jumped;
                }
                Done::Slept(steps)
            }
        };
        if let Some(Key { step, encoded }) = log.key_at(self.step()) {
            let (step, encoded) = (*step, encoded.as_slice());
            let keyframe = Keyframe { step, encoded };
            if self.verifier.take(Entry::Keyframe(keyframe)).is_err() {
                checked.wrong(step);
                self.verifier = Verifier::at(keyframe.world().expect("the log has read it"));
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
