//! Proof that a rerun is the same: a digest over the hashes of a block's steps, and some of each hash.

use xxhash_rust::xxh64::Xxh64;

/// What is kept of one step's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    pub(crate) kept: u64,
    pub(crate) mask: u64,
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
