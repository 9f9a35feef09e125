//! Doctored recordings, for tests of what must notice them.

use alloc::vec::Vec;

use sim_core::{Frame, Step};

use crate::block::{self, Block, Chain, Kind};
use crate::bytes::Taking;
use crate::entry::Entry;
use crate::hashes::Recorded;
use crate::header::{HashDetail, OpenError};
use crate::kernel::{Kernel as _, RecordableKernel as _};
use crate::native::{FramesWriter, Native};
use crate::recording::Recording;
use crate::unpack::Unpack;

/// The recording with `alter` applied to the frame of every step, checksums and chain made to fit again, hashes as they
/// were recorded. What [`Recording::open`] does not read is left out.
///
/// # Errors
/// If the bytes are no recording.
pub fn doctor(bytes: &[u8], mut alter: impl FnMut(Step, &mut Frame)) -> Result<Vec<u8>, OpenError> {
    let recording = Recording::open(bytes)?;
    let mut unpack = Unpack::new(Native, recording.header());
    let mut codec = None;
    Ok(rewrite(&recording, bytes, |block| {
        unpack
            .begin(block)
            .expect("the block was decoded when the recording was opened");
        if block.kind == Kind::Keyframe
            && let Ok((_, anew)) = Native.read_keyframe(block.payload)
        {
            codec = Some(anew);
        }
        let mut written = FramesWriter::default();
        while let Some(entry) = unpack
            .next()
            .expect("the block was decoded when the recording was opened")
        {
            if let (Entry::Step { step, frame, .. }, Some(codec)) = (entry, &mut codec) {
                let mut frame = frame.clone();
                alter(step, &mut frame);
                Native.write_frame(codec, &mut written, &frame);
            }
        }
        let mut payload = Vec::from(block.payload);
        if let Some(hashes) = hashes_bytes(block, recording.header().hash_detail) {
            payload.truncate(hashes);
            payload.extend(Native.finish_frames(written));
        }
        payload
    }))
}

/// The recording with `alter` applied to the payload of every block, checksums and chain made to fit again. What
/// [`Recording::open`] does not read is left out.
///
/// # Errors
/// If the bytes are no recording.
pub fn alter_payloads(
    bytes: &[u8],
    mut alter: impl FnMut(Kind, &mut Vec<u8>),
) -> Result<Vec<u8>, OpenError> {
    let recording = Recording::open(bytes)?;
    Ok(rewrite(&recording, bytes, |block| {
        let mut payload = Vec::from(block.payload);
        alter(block.kind, &mut payload);
        payload
    }))
}

fn rewrite<'b>(
    recording: &Recording<'b>,
    bytes: &'b [u8],
    mut payload: impl FnMut(&Block<'b>) -> Vec<u8>,
) -> Vec<u8> {
    let mut out = recording.header().encode();
    let mut chain = Chain::of(&out);
    for block in recording.blocks().iter().map(|info| info.of(bytes)) {
        let payload = payload(&block);
        let Block {
            kind, first, steps, ..
        } = block;
        block::put(&mut out, &mut chain, kind, first, steps, &payload);
    }
    out
}

/// How much of a frames block comes before the frames.
fn hashes_bytes(block: &Block<'_>, detail: HashDetail) -> Option<usize> {
    if block.kind != Kind::Frames {
        return None;
    }
    let mut taking = Taking::from(block.payload);
    Recorded::take_from(&mut taking, detail, block.steps).ok()?;
    Some(block.payload.len() - taking.rest.len())
}
