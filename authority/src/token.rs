//! Resume tokens: random bits that bring a connection back to its player, known here only by their hash.

use alloc::string::String;

use core::fmt;

use sha2::{Digest as _, Sha256};

/// SHA-256 of a resume token and the room that it is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResumeHash(pub [u8; 32]);

impl ResumeHash {
    /// The hash of a token as a client brings it.
    #[must_use]
    pub fn of(room_code: &str, token: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update((room_code.len() as u64).to_le_bytes());
        hash.update(room_code);
        hash.update(token);
        Self(hash.finalize().into())
    }
}

impl fmt::Debug for ResumeHash {
    /// Not the hash: nothing about tokens belongs into a log.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ResumeHash(..)")
    }
}

/// The token that a connection with this entropy gets: 64 hex digits.
pub(crate) fn spell(entropy: &[u8; 32]) -> String {
    use fmt::Write as _;
    let mut hash = Sha256::new();
    hash.update(b"bitfort: resume token\0");
    hash.update(entropy);
    let token: [u8; 32] = hash.finalize().into();
    token
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
            text
        })
}
