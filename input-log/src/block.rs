//! The frame around every payload: kind, steps, length, chain and checksum.

use alloc::vec::Vec;

use sim_core::Step;
use xxhash_rust::xxh64::xxh64;

use crate::bytes::{Taking, Unreadable, put_varint};
use crate::limits::PAYLOAD_BYTES_MAX;
use crate::loss::LostReason;

/// Digest of a block's bytes (the header's, for the first block), which the next block repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chain(pub u32);

impl Chain {
    /// The lower half of the bytes' XXH64 with seed 0. Every block carries one, and whoever can alter a block on purpose
    /// can compute the whole one just as well.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(xxh64(bytes, 0) as u32)
    }
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An encoded world.
    Keyframe,
    /// What happened in each step, and the hashes after them.
    Frames,
    /// What clients had seen and predicted.
    Evidence,
    /// Steps in which nothing happened: the room slept.
    Gap,
    /// The session ended in order.
    End,
}

impl Kind {
    /// Every kind, in the order of their codes, of which the first is 1.
    pub const ALL: [Self; 5] = [
        Self::Keyframe,
        Self::Frames,
        Self::Evidence,
        Self::Gap,
        Self::End,
    ];

    /// The number that stands for it.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Keyframe => 1,
            Self::Frames => 2,
            Self::Evidence => 3,
            Self::Gap => 4,
            Self::End => 5,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Its name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyframe => "keyframe",
            Self::Frames => "frames",
            Self::Evidence => "evidence",
            Self::Gap => "gap",
            Self::End => "end",
        }
    }
}

/// At the end of each block.
pub(crate) const CHECKSUM_BYTES: usize = 4;

/// A block whose checksum and place in the chain are right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'b> {
    pub(crate) kind: Kind,
    pub(crate) first: Step,
    pub(crate) steps: u64,
    pub(crate) payload: &'b [u8],
    /// All its bytes.
    pub(crate) bytes: &'b [u8],
}

/// Puts a block behind what is in `out`, and moves the chain on to it.
pub(crate) fn put(
    out: &mut Vec<u8>,
    chain: &mut Chain,
    kind: Kind,
    first: Step,
    steps: u64,
    payload: &[u8],
) {
    assert!(
        payload.len() <= PAYLOAD_BYTES_MAX,
        "no payload is longer than its reader allows"
    );
    let start = out.len();
    out.push(kind.code());
    put_varint(out, first.0);
    put_varint(out, steps);
    put_varint(out, payload.len() as u64);
    out.extend_from_slice(&chain.0.to_le_bytes());
    out.extend_from_slice(payload);
    let checksum = crc32c::crc32c(&out[start..]);
    out.extend_from_slice(&checksum.to_le_bytes());
    *chain = Chain::of(&out[start..]);
}

/// The digest of the block that the one at the front of `bytes` follows. Nothing of it is checked.
pub(crate) fn follows(bytes: &[u8]) -> Result<Chain, LostReason> {
    let mut taking = Taking::from(bytes);
    taking.u8()?;
    for _ in ["first step", "steps", "length"] {
        taking.varint()?;
    }
    Ok(Chain(taking.u32()?))
}

/// Takes the block at the front of `bytes`, which must follow a block with the digest `after`.
pub(crate) fn take(bytes: &[u8], after: Chain) -> Result<Block<'_>, LostReason> {
    let mut taking = Taking::from(bytes);
    let code = taking.u8()?;
    let first = Step(taking.varint()?);
    let steps = taking.varint()?;
    let length = taking.varint()?;
    let length = usize::try_from(length)
        .ok()
        .filter(|&length| length <= PAYLOAD_BYTES_MAX)
        .ok_or(LostReason::Malformed("length"))?;
    let chain = Chain(taking.u32()?);
    let payload = taking.take(length)?;
    let summed = &bytes[..bytes.len() - taking.rest.len()];
    if taking.u32()? != crc32c::crc32c(summed) {
        return Err(LostReason::Checksum);
    }
    if chain != after {
        return Err(LostReason::Chain);
    }
    Ok(Block {
        kind: Kind::from_code(code).ok_or(LostReason::Malformed("kind"))?,
        first,
        steps,
        payload,
        bytes: &bytes[..bytes.len() - taking.rest.len()],
    })
}

impl From<Unreadable> for LostReason {
    fn from(why: Unreadable) -> Self {
        match why {
            Unreadable::Short => Self::Truncated,
            Unreadable::Spelling => Self::Malformed("number"),
        }
    }
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
    /// Bytes of what it holds.
    pub payload_bytes: usize,
}

impl BlockInfo {
    pub(crate) fn of<'b>(&self, bytes: &'b [u8]) -> Block<'b> {
        let bytes = &bytes[self.at_byte..self.at_byte + self.bytes];
        let end = bytes.len() - CHECKSUM_BYTES;
        Block {
            kind: self.kind,
            first: self.first_step,
            steps: self.steps,
            payload: &bytes[end - self.payload_bytes..end],
            bytes,
        }
    }
}
