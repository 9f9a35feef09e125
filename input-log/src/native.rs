//! The kernel of this build: the rules of `sim_core`, and how their frames, worlds and evidence are coded.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use sim_core::{FieldDiff, Frame, SIM_VERSION, Step, World};

use crate::evidence::Evidence;
use crate::kernel::{Kernel, Malformed, RecordableKernel, Window};

mod evidence_codec;
mod frames;
mod keyframe;
mod model;
mod range;
mod records;
mod rows;

use evidence_codec::EvidenceModel;
use frames::Frames;
use range::{Decoder, Encoder, Place};

/// The rules that this build has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Native;

/// What is remembered from block to block.
#[derive(Clone, Debug)]
pub struct Codec {
    frames: Box<Frames>,
    evidence: Box<EvidenceModel>,
}

impl Codec {
    fn behind_keyframe(frames: Frames) -> Self {
        Self {
            frames: Box::new(frames),
            evidence: Box::default(),
        }
    }
}

/// How far the frames of a block have been read.
#[derive(Clone, Debug)]
pub struct FramesReader(Place);

/// Frames that have been written.
#[derive(Clone, Debug)]
pub struct FramesWriter(Encoder);

impl Default for FramesWriter {
    fn default() -> Self {
        Self(Encoder::new())
    }
}

impl Kernel for Native {
    type World = World;
    type Frame = Frame;
    type Evidence = Evidence;
    type Codec = Codec;
    type Frames = FramesReader;

    fn sim_version(&self) -> u32 {
        SIM_VERSION
    }

    fn read_keyframe(&self, payload: &[u8]) -> Result<(Vec<u8>, Codec), Malformed> {
        let (encoded, frames) = keyframe::read(payload).ok_or(Malformed)?;
        Ok((encoded, Codec::behind_keyframe(frames)))
    }

    fn begin_frames(&self, payload: &[u8]) -> FramesReader {
        FramesReader(Decoder::new(payload).place())
    }

    fn read_frame(
        &self,
        codec: &mut Codec,
        FramesReader(place): &mut FramesReader,
        payload: &[u8],
        frame: &mut Frame,
    ) -> Result<(), Malformed> {
        let mut decoder = Decoder::at(payload, *place);
        codec.frames.take(&mut decoder, frame)?;
        if decoder.is_exhausted() {
            return Err(Malformed);
        }
        *place = decoder.place();
        Ok(())
    }

    fn end_frames(
        &self,
        FramesReader(place): &FramesReader,
        payload: &[u8],
    ) -> Result<(), Malformed> {
        let decoder = Decoder::at(payload, *place);
        decoder.is_at_end().then_some(()).ok_or(Malformed)
    }

    fn read_evidence(
        &self,
        codec: &mut Codec,
        payload: &[u8],
        window: Window,
        evidence: &mut Evidence,
    ) -> Result<(), Malformed> {
        codec.evidence.read(payload, window, evidence)
    }

    fn restore(&self, encoded: &[u8]) -> Result<World, String> {
        World::decode(encoded).map_err(|why| why.to_string())
    }

    fn encode(&self, world: &World) -> Vec<u8> {
        world.encode()
    }

    fn step_number(&self, world: &World) -> Step {
        world.step_number()
    }

    fn step(&self, world: &mut World, frame: &Frame) {
        world.step(frame);
    }

    fn is_quiet(&self, world: &World) -> bool {
        world.is_quiet()
    }

    fn fast_forward(&self, world: &mut World, steps: u64) {
        world.fast_forward(steps);
    }

    fn hash(&self, world: &World) -> u64 {
        world.hash()
    }

    fn fields(&self, world: &World) -> Vec<(String, String)> {
        sim_core::fields(world)
    }

    fn difference(&self, expected: &World, actual: &World) -> Option<FieldDiff> {
        sim_core::diff(expected, actual)
    }
}

impl RecordableKernel for Native {
    type Written = FramesWriter;

    fn write_keyframe(&self, world: &World) -> (Vec<u8>, Codec) {
        let frames = Frames::new(keyframe::held(world));
        (keyframe::payload(world), Codec::behind_keyframe(frames))
    }

    fn write_frame(
        &self,
        codec: &mut Codec,
        FramesWriter(encoder): &mut FramesWriter,
        frame: &Frame,
    ) {
        codec.frames.put(encoder, frame);
    }

    fn written_bytes(&self, FramesWriter(encoder): &FramesWriter) -> usize {
        encoder.len()
    }

    fn finish_frames(&self, FramesWriter(encoder): FramesWriter) -> Vec<u8> {
        encoder.finish()
    }

    fn gather(&self, evidence: &mut Evidence, later: Evidence) {
        evidence.absorb(later);
    }

    fn write_evidence(
        &self,
        codec: &mut Codec,
        evidence: &Evidence,
        window: Window,
    ) -> Option<Vec<u8>> {
        (!evidence.is_empty()).then(|| codec.evidence.payload(evidence, window))
    }
}
