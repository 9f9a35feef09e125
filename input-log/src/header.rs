//! What a recording says of itself before its first block.

use alloc::string::String;
use alloc::vec::Vec;

use crate::bytes::{Taking, Unreadable};
use crate::limits::{BUILD_ID_BYTES_MAX, ROOM_BYTES_MAX};

/// First bytes of every recording.
const MAGIC: [u8; 4] = *b"BFRT";

/// The format that writers write. Readers know it and the one before, whose evidence has no number of its layout.
pub const FORMAT_VERSION: u16 = 2;
/// The first format.
pub(crate) const FORMAT_VERSION_FIRST: u16 = 1;

/// How much of each step's hash is kept. Either way every block has a digest over all whole hashes of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashDetail {
    /// The whole hash of every step, for golden recordings.
    EveryStep,
    /// The lowest four bits of each, which find the step that the digest has proven wrong.
    Check,
}

/// Where a recording comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Version of the format.
    pub format: u16,
    /// `sim_core::SIM_VERSION` of the session.
    pub sim_version: u32,
    /// `sim_core::rules_hash()` of the session.
    pub rules_hash: u64,
    /// Which build ran it; longer than [`BUILD_ID_BYTES_MAX`] is cut.
    pub build_id: String,
    /// The room's code; longer than [`ROOM_BYTES_MAX`] is cut.
    pub room: String,
    /// When it started, in milliseconds since 1970.
    pub started_at_ms: u64,
    /// The seed that the world was made with.
    pub seed: u64,
    /// How much of each hash is kept.
    pub hash_detail: HashDetail,
}

/// Why bytes are no recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The bytes end inside the header.
    #[error("the header is cut off")]
    Truncated,
    /// The first bytes are not those of a recording.
    #[error("this is not a recording: it does not begin with BFRT")]
    Magic,
    /// Written by a format that this build does not know.
    #[error("format version {0} is not known; the newest known is {FORMAT_VERSION}")]
    Version(u16),
    /// The header's checksum is wrong.
    #[error("the header is damaged: checksum {actual:#010x}, written {written:#010x}")]
    Checksum {
        /// In the bytes.
        written: u32,
        /// Of the bytes.
        actual: u32,
    },
    /// The checksum is right, but a field stands for nothing.
    #[error("the header's {0} stands for nothing")]
    Field(&'static str),
}

impl Header {
    /// The header of a session of this build's rules.
    #[must_use]
    pub fn of_this_build(
        build_id: String,
        room: String,
        started_at_ms: u64,
        seed: u64,
        hash_detail: HashDetail,
    ) -> Self {
        Self {
            format: FORMAT_VERSION,
            sim_version: sim_core::SIM_VERSION,
            rules_hash: sim_core::rules_hash(),
            build_id,
            room,
            started_at_ms,
            seed,
            hash_detail,
        }
    }

    /// The bytes that a recording begins with.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        fields.extend_from_slice(&self.sim_version.to_le_bytes());
        fields.extend_from_slice(&self.rules_hash.to_le_bytes());
        fields.extend_from_slice(&self.started_at_ms.to_le_bytes());
        fields.extend_from_slice(&self.seed.to_le_bytes());
        fields.push(self.hash_detail.code());
        put_text(&mut fields, &self.build_id, BUILD_ID_BYTES_MAX);
        put_text(&mut fields, &self.room, ROOM_BYTES_MAX);
        let mut bytes = Vec::from(MAGIC);
        bytes.extend_from_slice(&self.format.to_le_bytes());
        bytes.extend_from_slice(&(fields.len() as u16).to_le_bytes());
        bytes.extend_from_slice(&fields);
        let checksum = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// The header at the front of `bytes`, and its length. The one place where format versions part.
    ///
    /// # Errors
    /// If the bytes begin with none, or with a damaged one.
    pub fn decode(bytes: &[u8]) -> Result<(Self, usize), OpenError> {
        let mut taking = Taking::from(bytes);
        if taking.take(MAGIC.len())? != MAGIC {
            return Err(OpenError::Magic);
        }
        let format = taking.u16()?;
        if !(FORMAT_VERSION_FIRST..=FORMAT_VERSION).contains(&format) {
            return Err(OpenError::Version(format));
        }
        let length = taking.u16()?;
        let mut fields = Taking::from(taking.take(usize::from(length))?);
        let actual = crc32c::crc32c(&bytes[..bytes.len() - taking.rest.len()]);
        let written = taking.u32()?;
        if written != actual {
            return Err(OpenError::Checksum { written, actual });
        }
        let header = Self {
            format,
            sim_version: fields.u32()?,
            rules_hash: fields.u64()?,
            started_at_ms: fields.u64()?,
            seed: fields.u64()?,
            hash_detail: HashDetail::from_code(fields.u8()?)
                .ok_or(OpenError::Field("hash detail"))?,
            build_id: take_text(&mut fields, BUILD_ID_BYTES_MAX)
                .ok_or(OpenError::Field("build id"))?,
            room: take_text(&mut fields, ROOM_BYTES_MAX).ok_or(OpenError::Field("room"))?,
        };
        if !fields.rest.is_empty() {
            return Err(OpenError::Field("length"));
        }
        Ok((header, bytes.len() - taking.rest.len()))
    }
}

impl HashDetail {
    const fn code(self) -> u8 {
        match self {
            Self::EveryStep => 0,
            Self::Check => 1,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::EveryStep, Self::Check]
            .into_iter()
            .find(|detail| detail.code() == code)
    }
}

impl From<Unreadable> for OpenError {
    fn from(_: Unreadable) -> Self {
        Self::Truncated
    }
}

/// A length in one byte, and as much of the text as fits.
fn put_text(out: &mut Vec<u8>, text: &str, bytes_max: usize) {
    let text = &text[..text.floor_char_boundary(bytes_max)];
    out.push(text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}

fn take_text(taking: &mut Taking<'_>, bytes_max: usize) -> Option<String> {
    let length = usize::from(taking.u8().ok()?);
    if length > bytes_max {
        return None;
    }
    let bytes = taking.take(length).ok()?;
    Some(String::from(core::str::from_utf8(bytes).ok()?))
}

const _: () = assert!(BUILD_ID_BYTES_MAX <= u8::MAX as usize && ROOM_BYTES_MAX <= u8::MAX as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_be_as_long_as_it_may_be() {
        for (bytes_max, is_taken) in [(5, true), (4, false)] {
            let mut out = Vec::new();
            put_text(&mut out, "rooms", 5);
            let taken = take_text(&mut Taking::from(&out[..]), bytes_max);
            assert_eq!(taken.is_some(), is_taken, "{bytes_max}");
        }
    }
}
