//! The frame around every payload: kind, steps, length, chain and checksum.

/// Digest of a block's bytes (the header's, for the first block), which the next block repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chain(pub u64);

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An encoded world.
    Keyframe,
    /// Hashes of the steps of the frames block that follows.
    Hashes,
    /// What happened in each step.
    Frames,
    /// What clients had seen and predicted.
    Evidence,
    /// Steps in which nothing happened: the room slept.
    Gap,
    /// The session ended in order.
    End,
}
