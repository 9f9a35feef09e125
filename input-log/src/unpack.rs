//! From intact blocks to entries: the one decoder, which [`Recording::open`](crate::Recording::open) runs to check and
//! [`Entries`](crate::Entries) runs to read.

use alloc::boxed::Box;
use alloc::vec::Vec;

use sim_core::{Frame, Step, World};

use crate::block::{Block, Kind};
use crate::bytes::Taking;
use crate::entry::Entry;
use crate::evidence::Evidence;
use crate::evidence_codec::{BadEvidence, EvidenceModel, Window};
use crate::frames::Frames;
use crate::hashes::Recorded;
use crate::header::HashDetail;
use crate::keyframe::{self, Keyframe};
use crate::limits::BLOCK_STEPS_MAX;
use crate::loss::LostReason;
use crate::range::Decoder;
use crate::rows::BadRow;

/// What goes on from block to block, and what is left of the block at hand.
#[derive(Clone, Debug)]
pub(crate) struct Unpack<'b> {
    detail: HashDetail,
    /// Last step so far; none before the first keyframe.
    last: Option<Step>,
    frames: Option<Box<Frames>>,
    evidence_model: Box<EvidenceModel>,
    left: Left<'b>,
    frame: Frame,
    evidence: Evidence,
    encoded: Vec<u8>,
}

/// What is left of a block.
#[derive(Clone, Debug)]
enum Left<'b> {
    Nothing,
    Keyframe(Step),
    Frames {
        coder: Decoder<'b>,
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

impl<'b> Unpack<'b> {
    /// Ready for a keyframe.
    pub(crate) fn new(detail: HashDetail) -> Self {
        Self {
            detail,
            last: None,
            frames: None,
            evidence_model: Box::default(),
            left: Left::Nothing,
            frame: Frame::default(),
            evidence: Evidence::default(),
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
            match World::decode(&self.encoded) {
                Ok(world) if world.step_number() == step => {}
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
                let read = keyframe::read(payload);
                let (encoded, frames) = read.ok_or(LostReason::Malformed("keyframe"))?;
                self.encoded = encoded;
                self.frames = Some(Box::new(frames));
                *self.evidence_model = EvidenceModel::default();
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
                    coder: Decoder::new(taking.rest),
                    hashes,
                    first,
                    steps,
                    done: 0,
                };
            }
            Kind::Evidence => {
                if self.last.is_none() {
                    return Err(LostReason::Malformed("order"));
                }
                let window = Window { first, steps };
                self.evidence_model
                    .read(payload, window, &mut self.evidence)?;
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
    pub(crate) fn next(&mut self) -> Result<Option<Entry<'_>>, LostReason> {
        if let Left::Frames {
            coder,
            hashes,
            first,
            steps,
            done,
        } = &mut self.left
            && done < steps
        {
            let frames = self.frames.as_mut();
            let frames = frames.ok_or(LostReason::Malformed("order"))?;
            frames.take(coder, &mut self.frame)?;
            let check = hashes.take().ok_or(LostReason::Malformed("hashes"))?;
            let step = first.after(*done);
            *done += 1;
            self.last = Some(step);
            if coder.is_exhausted() || done == steps && !(coder.is_at_end() && hashes.is_at_end()) {
                return Err(LostReason::Malformed("frames"));
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

impl From<BadRow> for LostReason {
    fn from(BadRow: BadRow) -> Self {
        Self::Malformed("frames")
    }
}

impl From<BadEvidence> for LostReason {
    fn from(BadEvidence: BadEvidence) -> Self {
        Self::Malformed("evidence")
    }
}
