//! Rare messages: bincode 2, `config::standard()`, the only place that knows it.
//!
//! The bytes: fields in the order of the types; unsigned integers above a byte as one byte up to 250, else a byte 251, 252
//! or 253 and two, four or eight bytes little-endian; `u8`, `bool` and the tag of an `Option` as one byte; `f64` as eight
//! bytes little-endian; text as its length and UTF-8; an enum as the number of its variant and its fields. The crate is
//! unmaintained (RUSTSEC-2025-0141), so it is pinned, and this list is what would replace it.

use alloc::vec::Vec;

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::error::DecodeError as BincodeError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{DecodeError, Reason};
use crate::limits::CLIENT_MESSAGE_BYTES_MAX;

/// Memory that a rare message may ask for; none is longer than a client's message, whoever sends it.
const MEMORY_MAX: usize = 2 * CLIENT_MESSAGE_BYTES_MAX;

const CONFIG: Configuration<LittleEndian, Varint, Limit<MEMORY_MAX>> =
    bincode::config::standard().with_limit::<MEMORY_MAX>();

pub(super) fn write(body: &impl Serialize) -> Vec<u8> {
    bincode::serde::encode_to_vec(body, bincode::config::standard())
        .expect("messages are plain data in memory")
}

/// Reads bodies one behind the other.
pub(super) struct Reader<'bytes> {
    left: &'bytes [u8],
}

impl<'bytes> Reader<'bytes> {
    pub(super) const fn new(bytes: &'bytes [u8]) -> Self {
        Self { left: bytes }
    }

    pub(super) fn read<T: DeserializeOwned>(&mut self, field: &str) -> Result<T, DecodeError> {
        match bincode::serde::decode_from_slice(self.left, CONFIG) {
            Ok((value, used)) => {
                self.left = &self.left[used..];
                Ok(value)
            }
            Err(BincodeError::UnexpectedEnd { .. }) => Err(Reason::Truncated.of(field)),
            Err(BincodeError::LimitExceeded) => {
                Err(Reason::TextTooLong { max: MEMORY_MAX }.of(field))
            }
            // Anything else is a number for which there is no variant, no button or no text: no encoder writes it.
            Err(_) => Err(Reason::NotCanonical.of(field)),
        }
    }

    /// The next byte, which stays.
    pub(super) fn peek(&self, field: &str) -> Result<u8, DecodeError> {
        self.left
            .first()
            .copied()
            .ok_or_else(|| Reason::Truncated.of(field))
    }

    pub(super) fn end(self) -> Result<(), DecodeError> {
        if self.left.is_empty() {
            return Ok(());
        }
        Err(Reason::TrailingBytes {
            bytes: self.left.len(),
        }
        .into())
    }
}
