//! Opening a recording: every block before the first damage, and what is lost behind it.

use alloc::vec::Vec;

use sim_core::Step;

use crate::block::{Chain, Kind};
use crate::entries::Entries;
use crate::header::{Header, OpenError};
use crate::writer::Writer;

/// A recording whose intact part has been checked and decoded once.
#[derive(Clone, Debug)]
pub struct Recording<'b> {
    bytes: &'b [u8],
    header: Header,
    blocks: Vec<BlockInfo>,
    lost: Option<Lost>,
}

/// One intact block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockInfo {
    /// What it holds.
    pub kind: Kind,
    /// First step that it is about.
    pub first_step: Step,
    /// Steps that it is about.
    pub steps: u64,
    /// Where it begins in the recording.
    pub at_byte: usize,
    /// Its bytes, all included.
    pub bytes: usize,
}

/// What a recording no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Where the first bytes are that were not used.
    pub at_byte: usize,
    /// The first step that is not held; it and all after it are lost.
    pub first_missing_step: Step,
    /// Why.
    pub reason: LostReason,
}

/// Why the rest of a recording is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LostReason {
    /// Every byte is good, but the end was never written.
    #[error("no end block: the session was cut or is still running")]
    NoEnd,
    /// The bytes end inside a block.
    #[error("the bytes end inside a block")]
    Truncated,
    /// The block's checksum is wrong.
    #[error("the block is damaged: its checksum is wrong")]
    Checksum,
    /// The block does not follow the one before it: something was altered, left out or put in.
    #[error("the block does not continue the chain")]
    Chain,
    /// The checksum is right, but no such block is ever written.
    #[error("the block's {0} stands for nothing")]
    Malformed(&'static str),
    /// Bytes follow the end block.
    #[error("bytes follow the end")]
    Trailing,
}

impl<'b> Recording<'b> {
    /// Checks and decodes all of it.
    ///
    /// # Errors
    /// Only damage to the header; damage to blocks is said in [`Recording::lost`].
    pub fn open(bytes: &'b [u8]) -> Result<Self, OpenError> {
        let _ = bytes;
        todo!()
    }

    /// Where it comes from.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What it no longer holds; none if it is whole and ended in order.
    #[must_use]
    pub const fn lost(&self) -> Option<Lost> {
        self.lost
    }

    /// The intact blocks, in order.
    #[must_use]
    pub fn blocks(&self) -> &[BlockInfo] {
        &self.blocks
    }

    /// Everything, from the first keyframe on.
    #[must_use]
    pub fn entries(&self) -> Entries<'_> {
        todo!()
    }

    /// Everything from the last keyframe whose step is at most `step`; from the first if there is none.
    #[must_use]
    pub fn entries_from(&self, step: Step) -> Entries<'_> {
        let _ = step;
        todo!()
    }

    /// Last step that it holds, a gap's steps included; 0 without any block.
    #[must_use]
    pub fn last_step(&self) -> Step {
        todo!()
    }

    /// Bytes of the header and the intact blocks. Before [`Recording::resume`], a store drops what is behind them.
    #[must_use]
    pub fn intact_bytes(&self) -> usize {
        todo!()
    }

    /// Digest of the last intact block.
    #[must_use]
    pub fn chain(&self) -> Chain {
        todo!()
    }

    /// A writer that goes on behind the last intact block. None if the recording has ended.
    #[must_use]
    pub fn resume(&self) -> Option<Writer> {
        todo!()
    }
}
