//! What a recording says of itself before its first block.

use alloc::string::String;
use alloc::vec::Vec;

/// First bytes of every recording.
pub const MAGIC: [u8; 4] = *b"BFRT";

/// The format that [`Header::encode`] and the writer write.
pub const FORMAT_VERSION: u16 = 1;

/// How much of each step's hash is kept. Either way every block has a digest over all whole hashes of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashDetail {
    /// The whole hash of every step, for golden recordings.
    EveryStep,
    /// One byte a step, which finds the step that the digest has proven wrong.
    Check,
}

/// Where a recording comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `sim_core::SIM_VERSION` of the session.
    pub sim_version: u32,
    /// `sim_core::rules_hash()` of the session.
    pub rules_hash: u64,
    /// Which build ran it; longer than [`BUILD_ID_BYTES_MAX`](crate::limits::BUILD_ID_BYTES_MAX) is cut.
    pub build_id: String,
    /// The room's code; longer than [`ROOM_BYTES_MAX`](crate::limits::ROOM_BYTES_MAX) is cut.
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
        todo!()
    }
}
