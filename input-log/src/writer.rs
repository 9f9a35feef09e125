//! Writing a recording while the session runs.

use alloc::vec::Vec;

use sim_core::{Frame, Step, World};

use crate::block::Chain;
use crate::evidence::Evidence;
use crate::header::{HashDetail, Header};

/// Turns steps into blocks. The first call is always [`Writer::push_keyframe`], also after [`Writer::resume`]; then
/// steps and gaps follow each other without holes.
#[derive(Clone, Debug)]
pub struct Writer {
    detail: HashDetail,
    chain: Chain,
    last_step: Option<Step>,
}

impl Writer {
    /// A writer of the blocks behind this header. [`Header::encode`] is stored before them by whoever stores them.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let _ = header;
        todo!()
    }

    /// A writer that goes on behind the block with this digest: what a restarted room uses. `last_step` is the last
    /// step that the blocks before hold; the keyframe that comes next must be the world after it.
    #[must_use]
    pub fn resume(detail: HashDetail, chain: Chain, last_step: Step) -> Self {
        let _ = (detail, chain, last_step);
        todo!()
    }

    /// Writes down the world as it is, so that a rerun can begin here.
    ///
    /// # Panics
    /// If the world is not the one after the last step.
    pub fn push_keyframe(&mut self, world: &World) {
        let _ = world;
        todo!()
    }

    /// Writes down a step: `frame` was applied, after which `world.step_number()` was `step` and `world.hash()` was
    /// `hash`.
    ///
    /// # Panics
    /// If it is not the step after the last one, if no keyframe was written before, or if the frame's joins, leaves and
    /// commands are more than [`ROW_BYTES_MAX`](crate::limits::ROW_BYTES_MAX).
    pub fn push_step(&mut self, step: Step, frame: &Frame, hash: u64) {
        let _ = (step, frame, hash);
        todo!()
    }

    /// Writes down that the room slept and the world was fast-forwarded by `steps`, the first of which would have been
    /// step `first_step`. No steps, no block.
    ///
    /// # Panics
    /// If `first_step` is not the step after the last one.
    pub fn push_gap(&mut self, first_step: Step, steps: u64) {
        let _ = (first_step, steps);
        todo!()
    }

    /// Writes down what was seen of the clients since the evidence before. Empty evidence makes no block.
    pub fn push_evidence(&mut self, evidence: &Evidence) {
        let _ = evidence;
        todo!()
    }

    /// Whole blocks of everything pushed since the last flush, to be stored in one piece. Empty if there was nothing.
    #[must_use = "the blocks are in no other place"]
    pub fn flush(&mut self) -> Vec<u8> {
        todo!()
    }

    /// The last flush, with the end block.
    #[must_use = "the blocks are in no other place"]
    pub fn finish(self) -> Vec<u8> {
        todo!()
    }

    /// Digest of the last block written; what a flush that is stored lets [`Writer::resume`] go on from.
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
        self.detail
    }
}
