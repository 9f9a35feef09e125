//! Writing a recording while the session runs.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use sim_core::{Frame, Step, World};

use crate::block::{self, Chain, Kind};
use crate::evidence::Evidence;
use crate::evidence_codec::{EvidenceModel, Window};
use crate::frames::Frames;
use crate::hashes::Hashes;
use crate::header::{HashDetail, Header};
use crate::keyframe;
use crate::limits::{BLOCK_STEPS_MAX, EVIDENCE_STEPS, PAYLOAD_BYTES_MAX, ROW_BYTES_MAX};
use crate::range::Encoder;

/// From here on a frames block takes no further step, so that even the largest one would still have fitted.
const FRAMES_BYTES_ENOUGH: usize = PAYLOAD_BYTES_MAX - 4 * ROW_BYTES_MAX;

/// Turns steps into blocks. The first call is always [`Writer::push_keyframe`], also after [`Writer::resume`]; then
/// steps and gaps follow each other without holes.
#[derive(Clone, Debug)]
pub struct Writer {
    chain: Chain,
    last_step: Option<Step>,
    /// None until there is a keyframe to begin from.
    frames: Option<Box<Frames>>,
    evidence: HeldBack,
    open: OpenBlock,
    out: Vec<u8>,
}

/// The evidence that is in no block yet.
#[derive(Clone, Debug)]
struct HeldBack {
    evidence: Evidence,
    /// Last step that the block before was about.
    after: Option<Step>,
    model: Box<EvidenceModel>,
}

/// The steps that are in no block yet.
#[derive(Clone, Debug)]
struct OpenBlock {
    steps: u64,
    hashes: Hashes,
    coder: Encoder,
}

impl Writer {
    /// A writer of the blocks behind this header. [`Header::encode`] is stored before them by whoever stores them.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        Self::behind(header.hash_detail, Chain::of(&header.encode()), None)
    }

    /// A writer that goes on behind the block with this digest: what a restarted room uses. `last_step` is the last
    /// step that the blocks before hold; the keyframe that comes next must be the world after it.
    #[must_use]
    pub fn resume(detail: HashDetail, chain: Chain, last_step: Step) -> Self {
        Self::behind(detail, chain, Some(last_step))
    }

    fn behind(detail: HashDetail, chain: Chain, last_step: Option<Step>) -> Self {
        Self {
            chain,
            last_step,
            frames: None,
            evidence: HeldBack {
                evidence: Evidence::default(),
                after: last_step,
                model: Box::default(),
            },
            open: OpenBlock {
                steps: 0,
                hashes: Hashes::new(detail),
                coder: Encoder::new(),
            },
            out: Vec::new(),
        }
    }

    /// Writes down the world as it is, so that a rerun can begin here.
    ///
    /// # Panics
    /// If the world is not the one after the last step.
    pub fn push_keyframe(&mut self, world: &World) {
        let step = world.step_number();
        let last = *self.last_step.get_or_insert(step);
        assert_eq!(step, last, "a keyframe is the world after the last step");
        self.evidence.after.get_or_insert(step);
        self.close();
        self.put(Kind::Keyframe, step, 0, &keyframe::payload(world));
        self.frames = Some(Box::new(Frames::new(keyframe::held(world))));
        *self.evidence.model = EvidenceModel::default();
    }

    /// Writes down a step: `frame` was applied, after which `world.step_number()` was `step` and `world.hash()` was
    /// `hash`.
    ///
    /// # Panics
    /// If it is not the step after the last one, if no keyframe was written before, or if the frame's joins, leaves and
    /// commands are more than [`ROW_BYTES_MAX`].
    pub fn push_step(&mut self, step: Step, frame: &Frame, hash: u64) {
        self.advance(step, 1);
        let frames = self.frames.as_mut();
        frames
            .expect("a keyframe comes before the first step")
            .put(&mut self.open.coder, frame);
        self.open.hashes.push(hash);
        self.open.steps += 1;
        if self.open.steps == BLOCK_STEPS_MAX || self.open.coder.len() >= FRAMES_BYTES_ENOUGH {
            self.close();
        }
    }

    /// Writes down that the room slept and the world was fast-forwarded by `steps`, the first of which would have been
    /// step `first_step`. No steps, no block.
    ///
    /// # Panics
    /// If `first_step` is not the step after the last one.
    pub fn push_gap(&mut self, first_step: Step, steps: u64) {
        if steps == 0 {
            return;
        }
        assert!(
            self.frames.is_some(),
            "a keyframe comes before the first gap"
        );
        self.close_evidence();
        self.advance(first_step, steps);
        self.put(Kind::Gap, first_step, steps, &[]);
    }

    /// Writes down what was seen of the clients since the evidence before. It is held back until it is about
    /// [`EVIDENCE_STEPS`], which makes a third less of it; a room that dies loses no step with it.
    ///
    /// # Panics
    /// If no keyframe was written before.
    pub fn push_evidence(&mut self, evidence: Evidence) {
        assert!(
            self.frames.is_some(),
            "a keyframe comes before the first evidence"
        );
        self.evidence.evidence.absorb(evidence);
        if self.evidence_window().steps >= EVIDENCE_STEPS {
            self.close_evidence();
        }
    }

    /// Whole blocks of everything pushed since the last flush, to be stored in one piece. Empty if there was nothing.
    /// Evidence may stay behind until a later one.
    #[must_use = "the blocks are in no other place"]
    pub fn flush(&mut self) -> Vec<u8> {
        self.close();
        mem::take(&mut self.out)
    }

    /// The last flush, with the end block.
    #[must_use = "the blocks are in no other place"]
    pub fn finish(mut self) -> Vec<u8> {
        self.close_evidence();
        let last = self.last_step.unwrap_or_default();
        self.put(Kind::End, last, 0, &[]);
        self.out
    }

    /// Digest of the last whole block; what a flush that is stored lets [`Writer::resume`] go on from.
    #[must_use]
    pub const fn chain(&self) -> Chain {
        self.chain
    }

    /// Last step written; none before the first keyframe.
    #[must_use]
    pub const fn last_step(&self) -> Option<Step> {
        self.last_step
    }

    /// How much of each hash it keeps.
    #[must_use]
    pub const fn hash_detail(&self) -> HashDetail {
        self.open.hashes.detail()
    }

    fn advance(&mut self, first: Step, steps: u64) {
        let last = self
            .last_step
            .expect("a keyframe comes before the first step");
        assert_eq!(first, last.after(1), "steps follow each other");
        self.last_step = Some(last.after(steps));
    }

    /// Makes a block of the open steps.
    fn close(&mut self) {
        let steps = mem::take(&mut self.open.steps);
        let (Some(last), false) = (self.last_step, steps == 0) else {
            return;
        };
        let first = Step(last.0 - (steps - 1));
        let mut payload = self.open.hashes.take_payload();
        payload.extend(mem::replace(&mut self.open.coder, Encoder::new()).finish());
        self.put(Kind::Frames, first, steps, &payload);
    }

    /// Makes blocks of the open steps and the evidence about them.
    fn close_evidence(&mut self) {
        self.close();
        let evidence = mem::take(&mut self.evidence.evidence);
        if evidence.is_empty() {
            return;
        }
        let window = self.evidence_window();
        self.evidence.after = self.last_step;
        let payload = self.evidence.model.payload(&evidence, window);
        self.put(Kind::Evidence, window.first, window.steps, &payload);
    }

    fn evidence_window(&self) -> Window {
        let after = self.evidence.after.unwrap_or_default();
        Window {
            first: after.after(1),
            steps: self.last_step.unwrap_or_default().since(after),
        }
    }

    fn put(&mut self, kind: Kind, first: Step, steps: u64, payload: &[u8]) {
        block::put(&mut self.out, &mut self.chain, kind, first, steps, payload);
    }
}
