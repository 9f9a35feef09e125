//! What a recording no longer holds, and why.

use sim_core::Step;

/// What a recording no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Where the first bytes are that were not used.
    pub at_byte: usize,
    /// The first step that is not held; it and all after it are lost. 0 if not even the first keyframe is held.
    pub first_missing_step: Step,
    /// Why it cannot be read.
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
    /// No such block is ever written.
    #[error("the block's {0} stands for nothing")]
    Malformed(&'static str),
    /// Bytes follow the end block.
    #[error("bytes follow the end")]
    Trailing,
}
