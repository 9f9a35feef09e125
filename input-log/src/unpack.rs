//! From intact blocks to entries: the one decoder, which [`Recording::open`](crate::Recording::open) runs to check and
//! [`Entries`](crate::Entries) runs to read. What a payload holds is for the kernel to say.

use alloc::vec::Vec;

use sim_core::Step;

use crate::block::{Block, Kind};
use crate::bytes::Taking;
use crate::entry::{Entry, EntryOf, Keyframe};
use crate::hashes::Recorded;
use crate::header::{FORMAT_VERSION_FIRST, HashDetail, Header};
use crate::kernel::{EVIDENCE_LAYOUT_FIRST, Kernel, Malformed, Window};
use crate::limits::BLOCK_STEPS_MAX;
use crate::loss::LostReason;

/// What goes on from block to block, and what is left of the block at hand.
#[derive(Clone, Debug)]
pub(crate) struct Unpack<'b, K: Kernel> {
    kernel: K,
    detail: HashDetail,
    /// Whether evidence comes without the number of its layout, which is the first.
    is_first_format: bool,
    /// Last step so far; none before the first keyframe.
    last: Option<Step>,
    /// None before the first keyframe.
    codec: Option<K::Codec>,
    left: Left<'b, K::Frames>,
    frame: K::Frame,
    evidence: K::Evidence,
    encoded: Vec<u8>,
}

/// What is left of a block.
#[derive(Clone, Debug)]
enum Left<'b, F> {
    Nothing,
    Keyframe(Step),
    Frames {
        frames: F,
        payload: &'b [u8],
        hashes: Recorded<'b>,
        first: Step,
        steps: u64,
        done: u64,
    },
    Gap {
        first: Step,
        steps: u64,
    },
    Evidence,
    End,
}

impl<'b, K: Kernel> Unpack<'b, K> {
    /// Ready for a keyframe.
    pub(crate) fn new(kernel: K, header: &Header) -> Self {
        Self {
            kernel,
            detail: header.hash_detail,
            is_first_format: header.format == FORMAT_VERSION_FIRST,
            last: None,
            codec: None,
            left: Left::Nothing,
            frame: K::Frame::default(),
            evidence: K::Evidence::default(),
            encoded: Vec::new(),
        }
    }

    /// Last step so far.
    pub(crate) const fn last(&self) -> Option<Step> {
        self.last
    }

    /// Whether the block has been given out.
    pub(crate) const fn is_done(&self) -> bool {
        matches!(self.left, Left::Nothing)
    }

    /// The world of a keyframe that is next; for checking it once.
    pub(crate) fn check_world(&self) -> Result<(), LostReason> {
        if let Left::Keyframe(step) = self.left {
            match self.kernel.restore(&self.encoded) {
                Ok(world) if self.kernel.step_number(&world) == step => {}
                Ok(_) | Err(_) => return Err(LostReason::Malformed("world")),
            }
        }
        Ok(())
    }

    /// Goes on to the next block.
    pub(crate) fn begin(&mut self, block: &Block<'b>) -> Result<(), LostReason> {
        let Block {
            kind,
            first,
            steps,
            payload,
            ..
        } = *block;
        let follows = self.last.is_some_and(|last| first == last.after(1));
        match kind {
            Kind::Keyframe => {
                if steps != 0 || self.last.is_some_and(|last| first != last) {
                    return Err(LostReason::Malformed("step"));
                }
                let read = self.kernel.read_keyframe(payload);
                let (encoded, codec) = read.map_err(malformed("keyframe"))?;
                self.encoded = encoded;
                self.codec = Some(codec);
                self.last = Some(first);
                self.left = Left::Keyframe(first);
            }
            Kind::Frames => {
                if !follows || steps == 0 || steps > BLOCK_STEPS_MAX {
                    return Err(LostReason::Malformed("step"));
                }
                let mut taking = Taking::from(payload);
                let hashes = Recorded::take_from(&mut taking, self.detail, steps)
                    .map_err(|_| LostReason::Malformed("hashes"))?;
                self.left = Left::Frames {
                    frames: self.kernel.begin_frames(taking.rest),
                    payload: taking.rest,
                    hashes,
                    first,
                    steps,
                    done: 0,
                };
            }
            Kind::Evidence => {
                let codec = self.codec.as_mut();
                let codec = codec.ok_or(LostReason::Malformed("order"))?;
                let window = Window { first, steps };
                let numbered = self
                    .is_first_format
                    .then(|| [&[EVIDENCE_LAYOUT_FIRST], payload].concat());
                let payload = numbered.as_deref().unwrap_or(payload);
                self.kernel
                    .read_evidence(codec, payload, window, &mut self.evidence)
                    .map_err(malformed("evidence"))?;
                self.left = Left::Evidence;
            }
            Kind::Gap => {
                let end = first.0.checked_add(steps);
                let (true, true, Some(end)) = (follows, steps > 0, end) else {
                    return Err(LostReason::Malformed("step"));
                };
                no_payload(payload)?;
                self.last = Some(Step(end - 1));
                self.left = Left::Gap { first, steps };
            }
            Kind::End => {
                if steps != 0 || self.last.unwrap_or_default() != first {
                    return Err(LostReason::Malformed("step"));
                }
                no_payload(payload)?;
                self.left = Left::End;
            }
        }
        Ok(())
    }

    /// The next entry of the block at hand; none if it is done.
    pub(crate) fn next(&mut self) -> Result<Option<EntryOf<'_, K>>, LostReason> {
        if let Left::Frames {
            frames,
            payload,
            hashes,
            first,
            steps,
            done,
        } = &mut self.left
            && done < steps
        {
            let codec = self.codec.as_mut();
            let codec = codec.ok_or(LostReason::Malformed("order"))?;
            self.kernel
                .read_frame(codec, frames, payload, &mut self.frame)
                .map_err(malformed("frames"))?;
            let check = hashes.take().ok_or(LostReason::Malformed("hashes"))?;
            let step = first.after(*done);
            *done += 1;
            self.last = Some(step);
            if done == steps {
                let end = self.kernel.end_frames(frames, payload);
                end.map_err(malformed("frames"))?;
                if !hashes.is_at_end() {
                    return Err(LostReason::Malformed("frames"));
                }
            }
            return Ok(Some(Entry::Step {
                step,
                frame: &self.frame,
                check,
            }));
        }
        Ok(match core::mem::replace(&mut self.left, Left::Nothing) {
            Left::Nothing => None,
            Left::Keyframe(step) => Some(Entry::Keyframe(Keyframe {
                step,
                encoded: &self.encoded,
            })),
            Left::Frames {
                hashes,
                first,
                steps,
                ..
            } => Some(Entry::Digest {
                first,
                steps,
                digest: hashes.digest,
            }),
            Left::Gap { first, steps } => Some(Entry::Gap { first, steps }),
            Left::Evidence => Some(Entry::Evidence(&self.evidence)),
            Left::End => Some(Entry::End),
        })
    }
}

fn no_payload(payload: &[u8]) -> Result<(), LostReason> {
    payload
        .is_empty()
        .then_some(())
        .ok_or(LostReason::Malformed("payload"))
}

fn malformed(what: &'static str) -> impl Fn(Malformed) -> LostReason {
    move |Malformed| LostReason::Malformed(what)
}
