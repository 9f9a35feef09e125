//! Entropy of a simulated host: drawn from the session's seed.

use sim_core::Rng;

/// The next 32 bytes.
pub(crate) fn entropy(rng: &mut Rng) -> [u8; 32] {
    let mut entropy = [0; 32];
    for bytes in entropy.chunks_exact_mut(8) {
        bytes.copy_from_slice(&rng.next_u64().to_le_bytes());
    }
    entropy
}
