//! A kernel that looks at the clock before and after each step and each hash.

use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use input_log::StepDigest;
use input_log::kernel::{Kernel, Malformed, Window};
use sim_core::{FieldDiff, Step};

/// A kernel, timed.
#[derive(Clone, Debug)]
pub(crate) struct Stopwatch<K> {
    kernel: K,
    taken: Rc<RefCell<Vec<Taken>>>,
}

/// What one step took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(super) step: Duration,
    pub(super) hash: Duration,
}

impl Taken {
    pub(super) const fn step_ns(&self) -> u64 {
        self.step.as_nanos() as u64
    }

    pub(super) const fn hash_ns(&self) -> u64 {
        self.hash.as_nanos() as u64
    }

    /// Step and hash, in nanoseconds.
    pub(crate) const fn both_ns(&self) -> u64 {
        self.step_ns() + self.hash_ns()
    }
}

impl<K> Stopwatch<K> {
    pub(crate) fn of(kernel: K) -> Self {
        Self {
            kernel,
            taken: Rc::default(),
        }
    }

    /// What each step took, in their order. The next step begins anew.
    pub(crate) fn take(&self) -> Vec<Taken> {
        self.taken.take()
    }
}

impl<K: Kernel> Kernel for Stopwatch<K> {
    type World = K::World;
    type Frame = K::Frame;
    type Evidence = K::Evidence;
    type Codec = K::Codec;
    type Frames = K::Frames;

    fn sim_version(&self) -> u32 {
        self.kernel.sim_version()
    }

    fn read_keyframe(&self, payload: &[u8]) -> Result<(Vec<u8>, Self::Codec), Malformed> {
        self.kernel.read_keyframe(payload)
    }

    fn begin_frames(&self, payload: &[u8]) -> Self::Frames {
        self.kernel.begin_frames(payload)
    }

    fn read_frame(
        &self,
        codec: &mut Self::Codec,
        frames: &mut Self::Frames,
        payload: &[u8],
        frame: &mut Self::Frame,
    ) -> Result<(), Malformed> {
        self.kernel.read_frame(codec, frames, payload, frame)
    }

    fn end_frames(&self, frames: &Self::Frames, payload: &[u8]) -> Result<(), Malformed> {
        self.kernel.end_frames(frames, payload)
    }

    fn read_evidence(
        &self,
        codec: &mut Self::Codec,
        payload: &[u8],
        window: Window,
        evidence: &mut Self::Evidence,
    ) -> Result<(), Malformed> {
        self.kernel.read_evidence(codec, payload, window, evidence)
    }

    fn restore(&self, encoded: &[u8]) -> Result<Self::World, String> {
        self.kernel.restore(encoded)
    }

    fn encode(&self, world: &Self::World) -> Vec<u8> {
        self.kernel.encode(world)
    }

    fn step_number(&self, world: &Self::World) -> Step {
        self.kernel.step_number(world)
    }

    fn step(&self, world: &mut Self::World, frame: &Self::Frame) {
        let began = Instant::now();
        self.kernel.step(world, frame);
        let taken = Taken {
            step: began.elapsed(),
            hash: Duration::ZERO,
        };
        self.taken.borrow_mut().push(taken);
    }

    fn is_quiet(&self, world: &Self::World) -> bool {
        self.kernel.is_quiet(world)
    }

    fn fast_forward(&self, world: &mut Self::World, steps: u64) {
        self.kernel.fast_forward(world, steps);
    }

    /// The hash behind a step belongs to it.
    fn hash(&self, world: &Self::World) -> u64 {
        let began = Instant::now();
        let hash = self.kernel.hash(world);
        let took = began.elapsed();
        if let Some(step) = self.taken.borrow_mut().last_mut() {
            step.hash += took;
        }
        hash
    }

    fn fields(&self, world: &Self::World) -> Vec<(String, String)> {
        self.kernel.fields(world)
    }

    fn difference(&self, expected: &Self::World, actual: &Self::World) -> Option<FieldDiff> {
        self.kernel.difference(expected, actual)
    }
}

/// Looks at the clock of which the quickest counts.
const LOOKS: u32 = 200;
/// What the yardstick hashes, in words of eight bytes.
const YARDSTICK_WORDS: u64 = 4_096;

/// What one measurement costs by itself, in nanoseconds: it is part of every time that is told.
pub(super) fn clock_ns() -> u64 {
    quickest(|| ())
}

/// XXH64 over 32 KiB, in nanoseconds: how fast this machine is today.
pub(super) fn yardstick_ns() -> u64 {
    quickest(|| {
        let mut digest = StepDigest::new();
        for word in 0..YARDSTICK_WORDS {
            digest.push(black_box(word));
        }
        black_box(digest.digest());
    })
    .max(1)
}

fn quickest(work: impl Fn()) -> u64 {
    let look = || {
        let began = Instant::now();
        work();
        began.elapsed().as_nanos() as u64
    };
    (0..LOOKS).map(|_| look()).min().unwrap_or(0)
}
