//! The seam between a recording and the rules that it was recorded with.
//!
//! * This crate's own part reads headers and blocks, checks sums and chain, salvages, and compares hashes. It never looks
//!   into the payload of a keyframe, of evidence or of frames; of the last it takes the hashes off.
//! * A [`Kernel`] turns these payloads into worlds and steps of one version of the rules. [`Native`](crate::Native) is the
//!   kernel of this build; its calls are resolved when the crate is compiled, and cost nothing.
//! * A [`RecordableKernel`] is a kernel that also writes payloads.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Debug;

use sim_core::{FieldDiff, Step};

/// The payload is none that a writer of these rules writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payload stands for nothing")]
pub struct Malformed;

/// The number of the layout of all evidence in recordings of the first format, which does not write it down.
pub const EVIDENCE_LAYOUT_FIRST: u8 = 1;

/// The steps that a block of evidence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First step.
    pub first: Step,
    /// Number of steps.
    pub steps: u64,
}

/// One version of the rules, behind the payloads of blocks.
///
/// Reading never panics and takes a bounded amount of memory, whatever the payload holds.
pub trait Kernel: Clone + Debug {
    /// Everything that the rules know.
    type World: Clone + Debug;
    /// What happened in one step.
    type Frame: Clone + Debug + Default;
    /// What was seen of the clients.
    type Evidence: Clone + Debug + Default;
    /// What readers and writers of payloads remember from the keyframe on. A keyframe begins it anew.
    type Codec: Clone + Debug;
    /// How far the frames of a block have been read.
    type Frames: Clone + Debug;

    /// The `SIM_VERSION` of the recordings that it runs.
    fn sim_version(&self) -> u32;

    /// Reads a keyframe: the world's encoding, and what the blocks behind it are read with. The encoding is not looked at,
    /// so that a recording of other rules can be opened.
    ///
    /// # Errors
    /// If no writer writes such a payload.
    fn read_keyframe(&self, payload: &[u8]) -> Result<(Vec<u8>, Self::Codec), Malformed>;

    /// Begins to read the frames of a block, whose payload every call that goes on is given again.
    fn begin_frames(&self, payload: &[u8]) -> Self::Frames;

    /// Reads the next frame into `frame`, whose memory is used again.
    ///
    /// # Errors
    /// If no writer writes such a payload.
    fn read_frame(
        &self,
        codec: &mut Self::Codec,
        frames: &mut Self::Frames,
        payload: &[u8],
        frame: &mut Self::Frame,
    ) -> Result<(), Malformed>;

    /// Checks that the payload ends behind the frame that was read last.
    ///
    /// # Errors
    /// If it holds more.
    fn end_frames(&self, frames: &Self::Frames, payload: &[u8]) -> Result<(), Malformed>;

    /// Reads evidence into `evidence`, whose memory is used again. The payload begins with the number of its layout.
    ///
    /// # Errors
    /// If no writer writes such a payload.
    fn read_evidence(
        &self,
        codec: &mut Self::Codec,
        payload: &[u8],
        window: Window,
        evidence: &mut Self::Evidence,
    ) -> Result<(), Malformed>;

    /// The world of an encoding.
    ///
    /// # Errors
    /// Why it is the encoding of no world of these rules.
    fn restore(&self, encoded: &[u8]) -> Result<Self::World, String>;

    /// The encoding of a world: equal for equal worlds.
    fn encode(&self, world: &Self::World) -> Vec<u8>;

    /// Steps that the world has done.
    fn step_number(&self, world: &Self::World) -> Step;

    /// Does a step.
    fn step(&self, world: &mut Self::World, frame: &Self::Frame);

    /// Whether steps in which nothing happens change nothing but the number of steps.
    fn is_quiet(&self, world: &Self::World) -> bool;

    /// Does so many steps in which nothing happens. The world is quiet.
    fn fast_forward(&self, world: &mut Self::World, steps: u64);

    /// The hash of a world: equal for equal worlds.
    fn hash(&self, world: &Self::World) -> u64;

    /// Every field with its value, for people, in an order that two worlds have in common.
    fn fields(&self, world: &Self::World) -> Vec<(String, String)>;

    /// The first field in which two worlds differ.
    fn difference(&self, expected: &Self::World, actual: &Self::World) -> Option<FieldDiff>;
}

/// A kernel whose worlds can be recorded.
pub trait RecordableKernel: Kernel {
    /// The frames of a block so far.
    type Written: Clone + Debug + Default;

    /// The payload of a keyframe, and what the blocks behind it are written with.
    fn write_keyframe(&self, world: &Self::World) -> (Vec<u8>, Self::Codec);

    /// Writes the next frame of a block.
    ///
    /// # Panics
    /// If the frame is larger than the limits allow.
    fn write_frame(
        &self,
        codec: &mut Self::Codec,
        written: &mut Self::Written,
        frame: &Self::Frame,
    );

    /// Bytes of what has been written.
    fn written_bytes(&self, written: &Self::Written) -> usize;

    /// The payload of the frames that have been written.
    fn finish_frames(&self, written: Self::Written) -> Vec<u8>;

    /// Adds evidence of later steps.
    fn gather(&self, evidence: &mut Self::Evidence, later: Self::Evidence);

    /// The payload of evidence, behind the number of its layout; none if there is none to write.
    fn write_evidence(
        &self,
        codec: &mut Self::Codec,
        evidence: &Self::Evidence,
        window: Window,
    ) -> Option<Vec<u8>>;
}
