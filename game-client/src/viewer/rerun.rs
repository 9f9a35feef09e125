//! A world on its way through a log, step by step, and every recorded hash on that way compared.
//!
//! * The world after a step is what the last keyframe at or before it leads to. Where a keyframe is not what the steps
//!   before it led to, that is noted, and the keyframe goes on.
//! * A step is never done twice in a row: each call gets further or says that it cannot.

use input_log::StepDigest;
use sim_core::{Frame, Step, World};

use crate::viewer::checked::Checked;
use crate::viewer::log::{Key, Log, Part};

/// A world on its way.
#[derive(Clone, Debug)]
pub(super) struct Rerun {
    world: World,
    /// The part that is on its way from its first step on, and the digest of it so far.
    digest: Option<(usize, StepDigest)>,
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
            world,
            digest: None,
            frame: Frame::default(),
        }
    }

    /// From a keyframe.
    pub(super) fn from(key: &Key) -> Self {
        Self::of(key.world())
    }

    pub(super) fn world(&self) -> &World {
        &self.world
    }

    pub(super) fn step(&self) -> Step {
        self.world.step_number()
    }

    /// Goes one step on, or through a sleep, but in that no further than `until`.
    pub(super) fn next(&mut self, log: &Log, until: Step, checked: &mut Checked) -> Done {
        let next = self.step().after(1);
        let done = match log.part(next) {
            None => return Done::Ended,
            Some((part, Part::Played { first, at, .. })) => {
                let index = at + next.since(first) as usize;
                if next == first {
                    self.digest = Some((part, StepDigest::new()));
                }
                log.frame(index, &mut self.frame);
                self.world.step(&self.frame);
                self.compare(log, part, index, checked);
                Done::Stepped
            }
            Some((_, part @ Part::Slept { .. })) => {
                if !self.world.is_quiet() {
                    checked.wrong(next);
                    let Some(key) = log.key_from(next) else {
                        return Done::Ended;
                    };
                    self.world = key.world();
                    return Done::Jumped;
                }
                let steps = part.last().min(until.max(next)).since(self.step());
                self.world.fast_forward(steps);
                Done::Slept(steps)
            }
        };
        if let Some(key) = log.key_at(self.step())
            && self.world.encode() != key.encoded
        {
            checked.wrong(self.step());
            self.world = key.world();
        }
        done
    }

    fn compare(&mut self, log: &Log, part: usize, index: usize, checked: &mut Checked) {
        let step = self.world.step_number();
        let hash = self.world.hash();
        checked.hash(index, step, log.check(index).matches(hash));
        let Some((of, digest)) = &mut self.digest else {
            return;
        };
        if *of != part {
            return;
        }
        digest.push(hash);
        if let Some(Part::Played {
            digest: Some(recorded),
            ..
        }) = log.parts().get(part)
            && log.parts()[part].last() == step
        {
            checked.digest(part, step, digest.digest() == *recorded);
        }
    }
}
