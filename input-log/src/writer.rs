//! Writing a recording while the session runs.

use alloc::vec::Vec;
use core::mem;

use sim_core::Step;

use crate::block::{self, Chain, Kind};
use crate::hashes::Hashes;
use crate::header::{FORMAT_VERSION, HashDetail, Header};
use crate::kernel::{RecordableKernel, Window};
use crate::limits::{BLOCK_STEPS_MAX, EVIDENCE_STEPS, PAYLOAD_BYTES_MAX, ROW_BYTES_MAX};
use crate::native::Native;

/// From here on a frames block takes no further step, so that even the largest one would still have fitted.
const FRAMES_BYTES_ENOUGH: usize = PAYLOAD_BYTES_MAX - 4 * ROW_BYTES_MAX;

/// Turns steps into blocks. The first call is always [`Writer::push_keyframe`], also after [`Writer::resume`]; then
/// steps and gaps follow each other without holes.
#[derive(Clone, Debug)]
pub struct Writer<K: RecordableKernel = Native> {
    kernel: K,
    chain: Chain,
    last_step: Option<Step>,
    /// None until there is a keyframe to begin from.
    codec: Option<K::Codec>,
    evidence: HeldBack<K::Evidence>,
    open: OpenBlock<K::Written>,
    out: Vec<u8>,
}

/// The evidence that is in no block yet.
#[derive(Clone, Debug)]
struct HeldBack<E> {
    evidence: E,
    /// Last step that the block before was about.
    after: Option<Step>,
}

/// The steps that are in no block yet.
#[derive(Clone, Debug)]
struct OpenBlock<W> {
    steps: u64,
    hashes: Hashes,
    written: W,
}

impl Writer {
    /// A writer of the blocks behind this header. [`Header::encode`] is stored before them by whoever stores them.
    ///
    /// # Panics
    /// If the header is of another format than writers write.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        Self::with(Native, header)
    }

    /// A writer that goes on behind the block with this digest: what a restarted room uses. `last_step` is the last
    /// step that the blocks before hold; the keyframe that comes next must be the world after it.
    #[must_use]
    pub fn resume(detail: HashDetail, chain: Chain, last_step: Step) -> Self {
        Self::resume_with(Native, detail, chain, last_step)
    }
}

impl<K: RecordableKernel> Writer<K> {
    /// As [`Writer::new`], for worlds of other rules.
    #[must_use]
    ///
    /// # Panics
    /// If the header is of another format than writers write.
    pub fn with(kernel: K, header: &Header) -> Self {
        assert_eq!(
            header.format, FORMAT_VERSION,
            "readers know older formats, writers do not"
        );
        let chain = Chain::of(&header.encode());
        Self::behind(kernel, header.hash_detail, chain, None)
    }

    /// As [`Writer::resume`], for worlds of other rules.
    #[must_use]
    pub fn resume_with(kernel: K, detail: HashDetail, chain: Chain, last_step: Step) -> Self {
        Self::behind(kernel, detail, chain, Some(last_step))
    }

    fn behind(kernel: K, detail: HashDetail, chain: Chain, last_step: Option<Step>) -> Self {
        Self {
            kernel,
            chain,
            last_step,
            codec: None,
            evidence: HeldBack {
                evidence: K::Evidence::default(),
                after: last_step,
            },
            open: OpenBlock {
                steps: 0,
                hashes: Hashes::new(detail),
                written: K::Written::default(),
            },
            out: Vec::new(),
        }
    }

    /// Writes down the world as it is, so that a rerun can begin here.
    ///
    /// # Panics
    /// If the world is not the one after the last step.
    pub fn push_keyframe(&mut self, world: &K::World) {
        let step = self.kernel.step_number(world);
        let last = *self.last_step.get_or_insert(step);
        assert_eq!(step, last, "a keyframe is the world after the last step");
        self.evidence.after.get_or_insert(step);
        self.close();
        let (payload, codec) = self.kernel.write_keyframe(world);
        self.put(Kind::Keyframe, step, 0, &payload);
        self.codec = Some(codec);
    }

    /// Writes down a step: `frame` was applied, after which `world.step_number()` was `step` and `world.hash()` was
    /// `hash`.
    ///
    /// # Panics
    /// If it is not the step after the last one, if no keyframe was written before, or if the frame's joins, leaves and
    /// commands are more than [`ROW_BYTES_MAX`].
    pub fn push_step(&mut self, step: Step, frame: &K::Frame, hash: u64) {
        self.advance(step, 1);
        let codec = self.codec.as_mut();
        let codec = codec.expect("a keyframe comes before the first step");
        self.kernel
            .write_frame(codec, &mut self.open.written, frame);
        self.open.hashes.push(hash);
        self.open.steps += 1;
        let is_full = self.kernel.written_bytes(&self.open.written) >= FRAMES_BYTES_ENOUGH;
        if self.open.steps == BLOCK_STEPS_MAX || is_full {
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
            self.codec.is_some(),
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
    pub fn push_evidence(&mut self, evidence: K::Evidence) {
        assert!(
            self.codec.is_some(),
            "a keyframe comes before the first evidence"
        );
        self.kernel.gather(&mut self.evidence.evidence, evidence);
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
        let written = mem::take(&mut self.open.written);
        payload.extend(self.kernel.finish_frames(written));
        self.put(Kind::Frames, first, steps, &payload);
    }

    /// Makes blocks of the open steps and the evidence about them.
    fn close_evidence(&mut self) {
        self.close();
        let window = self.evidence_window();
        let Some(codec) = &mut self.codec else {
            return;
        };
        let evidence = mem::take(&mut self.evidence.evidence);
        let Some(payload) = self.kernel.write_evidence(codec, &evidence, window) else {
            return;
        };
        self.evidence.after = self.last_step;
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
