//! What proves to a room that a snapshot was read: bits that nobody can know who has not.

use core::fmt;

use protocol::Receipt;
use sha2::{Digest as _, Sha256};

/// What a connection's proofs are made of. Nobody is ever told.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret([u8; 32]);

impl Secret {
    /// Of a connection with this entropy. Its resume token is made of the same under another label, so that neither tells
    /// anything of the other.
    pub(crate) fn of(entropy: &[u8; 32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"bitfort: proofs of snapshots\0");
        hash.update(entropy);
        Self(hash.finalize().into())
    }

    /// The proof that stands in the snapshot of this number.
    pub(crate) fn proof(&self, snapshot: u32) -> Receipt {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(snapshot.to_le_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let [a, b, c, d, ..] = hash;
        Receipt(u32::from_le_bytes([a, b, c, d]))
    }
}

impl fmt::Debug for Secret {
    /// Not the bits: a log is read by others.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::format;

    use super::*;

    #[test]
    fn proofs_differ_between_snapshots_and_between_connections_and_are_always_the_same() {
        let secrets = [[1; 32], [2; 32]].map(|entropy| Secret::of(&entropy));
        let all = secrets
            .iter()
            .flat_map(|secret| (0..100).map(|id| secret.proof(id).0));
        assert_eq!(all.collect::<BTreeSet<_>>().len(), 200);
        assert_eq!(Secret::of(&[1; 32]).proof(7), secrets[0].proof(7));
        assert_eq!(format!("{:?}", secrets[0]), "Secret(..)");
    }
}
