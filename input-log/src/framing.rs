//! How much of a file is worth reading: nothing behind the first block with a damaged frame is used. No block is decoded.

use crate::block::{self, Chain, Kind};
use crate::header::{Header, OpenError};
use crate::loss::LostReason;

/// What is known of a recording's blocks while its bytes come.
#[derive(Clone, Copy, Debug)]
pub struct Framing {
    /// Where the next block begins.
    at: usize,
    chain: Chain,
    has_ended: bool,
}

impl Framing {
    /// Of a file that begins with these bytes: at least [`HEADER_BYTES_MAX`](crate::limits::HEADER_BYTES_MAX), or all.
    ///
    /// # Errors
    /// If there is no whole header of a known format version.
    pub fn of(bytes: &[u8]) -> Result<Self, OpenError> {
        let (_, at) = Header::decode(bytes)?;
        Ok(Self {
            at,
            chain: Chain::of(&bytes[..at]),
            has_ended: false,
        })
    }

    /// Whether [`Recording::open`](crate::Recording::open) may use what follows these bytes, or needs it to say what is
    /// lost. They are those of before and more.
    pub fn goes_on(&mut self, bytes: &[u8]) -> bool {
        while !self.has_ended {
            let left = bytes.get(self.at..).unwrap_or_default();
            match block::take(left, self.chain) {
                Ok(block) => {
                    self.at += block.bytes.len();
                    self.chain = Chain::of(block.bytes);
                    self.has_ended = block.kind == Kind::End;
                }
                Err(LostReason::Truncated) => return true,
                Err(_) => return false,
            }
        }
        // One byte behind the end is as much damage as many.
        bytes.len() <= self.at
    }
}
