//! Proof that a rerun is the same: a digest over the hashes of a block's steps, and some of each hash.

use alloc::vec::Vec;

use xxhash_rust::xxh64::Xxh64;

use crate::bytes::{Taking, Unreadable};
use crate::header::HashDetail;

impl HashDetail {
    /// Bytes that are kept of each hash, its lowest.
    const fn width(self) -> usize {
        match self {
            Self::EveryStep => 8,
            Self::Check => 1,
        }
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
}

impl Hashes {
    pub(crate) fn new(detail: HashDetail) -> Self {
        Self {
            detail,
            digest: StepDigest::new(),
            kept: Vec::new(),
        }
    }

    pub(crate) const fn detail(&self) -> HashDetail {
        self.detail
    }

    pub(crate) fn push(&mut self, hash: u64) {
        self.digest.push(hash);
        self.kept
            .extend_from_slice(&hash.to_le_bytes()[..self.detail.width()]);
    }

    /// What a frames block begins with; again the hashes of no steps.
    pub(crate) fn take_payload(&mut self) -> Vec<u8> {
        let mut payload = Vec::from(self.digest.digest().to_le_bytes());
        payload.append(&mut self.kept);
        self.digest = StepDigest::new();
        payload
    }
}

/// What a frames block begins with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded<'b> {
    pub(crate) digest: u64,
    kept: &'b [u8],
    width: usize,
}

impl<'b> Recorded<'b> {
    pub(crate) fn take_from(
        taking: &mut Taking<'b>,
        detail: HashDetail,
        steps: u64,
    ) -> Result<Self, Unreadable> {
        let width = detail.width();
        let kept = steps.checked_mul(width as u64);
        let kept = kept.and_then(|kept| usize::try_from(kept).ok());
        Ok(Self {
            digest: taking.u64()?,
            kept: taking.take(kept.ok_or(Unreadable::Short)?)?,
            width,
        })
    }

    /// What is known of the next step's hash.
    pub(crate) fn take(&mut self) -> Option<Check> {
        let (kept, rest) = self.kept.split_at_checked(self.width)?;
        self.kept = rest;
        let mut bytes = [0; 8];
        let mut mask = [0; 8];
        bytes[..kept.len()].copy_from_slice(kept);
        mask[..kept.len()].fill(0xFF);
        Some(Check {
            kept: u64::from_le_bytes(bytes),
            mask: u64::from_le_bytes(mask),
        })
    }
}
