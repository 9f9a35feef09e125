//! Proof that a rerun is the same: a digest over the hashes of a block's steps, and some of each hash.

use alloc::vec::Vec;

use xxhash_rust::xxh64::Xxh64;

use crate::bytes::{Taking, Unreadable};
use crate::header::HashDetail;

/// Bits that [`HashDetail::Check`] keeps: two steps share a byte. Half a byte finds the diverging step of a block that its
/// digest has proven wrong within a few steps, and is a quarter of what an input may cost.
const CHECK_BITS: u32 = 4;
/// The bits that a half byte holds.
const LOW_HALF: u64 = (1 << CHECK_BITS) - 1;
const _: () = assert!(CHECK_BITS * 2 == u8::BITS, "two steps share a byte");

impl HashDetail {
    /// Bits that are kept of each hash, its lowest.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::EveryStep => u64::BITS,
            Self::Check => CHECK_BITS,
        }
    }

    /// Bytes that the kept bits of so many steps take.
    fn bytes_of(self, steps: u64) -> Option<usize> {
        let bits = steps.checked_mul(u64::from(self.bits()))?;
        usize::try_from(bits.div_ceil(u64::from(u8::BITS))).ok()
    }
}

/// What is kept of one step's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    kept: u64,
    mask: u64,
}

impl Check {
    /// Whether the hash may be the one that was recorded.
    #[must_use]
    pub const fn matches(self, hash: u64) -> bool {
        hash & self.mask == self.kept
    }

    /// The whole hash, if all of it was kept.
    #[must_use]
    pub const fn whole(self) -> Option<u64> {
        if self.mask == u64::MAX {
            Some(self.kept)
        } else {
            None
        }
    }
}

/// Digest over the hashes of consecutive steps: XXH64 of their little-endian bytes.
#[derive(Clone)]
pub struct StepDigest(Xxh64);

impl core::fmt::Debug for StepDigest {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "StepDigest({:#018x})", self.digest())
    }
}

impl StepDigest {
    /// Of no steps.
    #[must_use]
    pub fn new() -> Self {
        Self(Xxh64::new(0))
    }

    /// Adds the next step's hash.
    pub fn push(&mut self, hash: u64) {
        self.0.update(&hash.to_le_bytes());
    }

    /// The digest so far.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.0.digest()
    }
}

impl Default for StepDigest {
    fn default() -> Self {
        Self::new()
    }
}

/// The hashes of a frames block while its steps are done.
#[derive(Clone, Debug)]
pub(crate) struct Hashes {
    detail: HashDetail,
    digest: StepDigest,
    kept: Vec<u8>,
    /// Whether the last byte of `kept` has room for another half.
    half: bool,
}

impl Hashes {
    pub(crate) fn new(detail: HashDetail) -> Self {
        Self {
            detail,
            digest: StepDigest::new(),
            kept: Vec::new(),
            half: false,
        }
    }

    pub(crate) const fn detail(&self) -> HashDetail {
        self.detail
    }

    pub(crate) fn push(&mut self, hash: u64) {
        self.digest.push(hash);
        match self.detail {
            HashDetail::EveryStep => self.kept.extend_from_slice(&hash.to_le_bytes()),
            HashDetail::Check => {
                let half = (hash & LOW_HALF) as u8;
                match self.kept.last_mut().filter(|_| self.half) {
                    Some(last) => *last |= half << CHECK_BITS,
                    None => self.kept.push(half),
                }
                self.half = !self.half;
            }
        }
    }

    /// What a frames block begins with; again the hashes of no steps.
    pub(crate) fn take_payload(&mut self) -> Vec<u8> {
        let mut payload = Vec::from(self.digest.digest().to_le_bytes());
        payload.append(&mut self.kept);
        self.half = false;
        self.digest = StepDigest::new();
        payload
    }
}

/// What a frames block begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded<'b> {
    pub(crate) digest: u64,
    kept: &'b [u8],
    detail: HashDetail,
    /// Whether the lower half of the first byte was taken.
    half: bool,
}

impl<'b> Recorded<'b> {
    pub(crate) fn take_from(
        taking: &mut Taking<'b>,
        detail: HashDetail,
        steps: u64,
    ) -> Result<Self, Unreadable> {
        let kept = detail.bytes_of(steps);
        Ok(Self {
            digest: taking.u64()?,
            kept: taking.take(kept.ok_or(Unreadable::Short)?)?,
            detail,
            half: false,
        })
    }

    /// What is known of the next step's hash.
    pub(crate) fn take(&mut self) -> Option<Check> {
        match self.detail {
            HashDetail::EveryStep => {
                let (kept, rest) = self.kept.split_first_chunk()?;
                self.kept = rest;
                Some(Check {
                    kept: u64::from_le_bytes(*kept),
                    mask: u64::MAX,
                })
            }
            HashDetail::Check => {
                let (&both, rest) = self.kept.split_first()?;
                let kept = if self.half {
                    self.kept = rest;
                    both >> CHECK_BITS
                } else {
                    both & LOW_HALF as u8
                };
                self.half = !self.half;
                Some(Check {
                    kept: u64::from(kept),
                    mask: LOW_HALF,
                })
            }
        }
    }

    /// Whether what is behind the last step is what a writer leaves there: nothing.
    pub(crate) fn is_at_end(&self) -> bool {
        match self.kept {
            [] => true,
            [last] => self.half && last >> CHECK_BITS == 0,
            _ => false,
        }
    }
}
