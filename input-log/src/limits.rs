//! What a recording may hold at most. A writer stays within it, a reader refuses what is beyond.

/// Bytes of the build's id in the header, UTF-8.
pub const BUILD_ID_BYTES_MAX: usize = 128;

/// Bytes of the room's code in the header, UTF-8.
pub const ROOM_BYTES_MAX: usize = 128;

/// Bytes of a header, as long as its length can say. Whether bytes begin with a header is known from as many of them.
pub const HEADER_BYTES_MAX: usize = 4 + 2 + 2 + u16::MAX as usize + 4;

/// Steps in one frames block. A flush holds about 60; the bound is for a room that catches up or is flushed late.
pub const BLOCK_STEPS_MAX: u64 = 1024;

/// Bytes of a block's payload.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;

/// Bytes of an inflated keyframe: many times the largest world that the rules allow, `sim_core::layout::WORLD_BYTES_MAX`.
pub const KEYFRAME_BYTES_MAX: usize = 1 << 18;

/// Bytes of one step's row of joins, leaves and commands.
pub const ROW_BYTES_MAX: usize = 1 << 16;

/// Players whose held buttons the frames' codec keeps in mind, and players in one evidence block. Twice what a room
/// takes, so that a whole room can be exchanged between two keyframes.
pub const PLAYERS_MAX: usize = 64;
const _: () = assert!(PLAYERS_MAX >= 2 * sim_core::rules::PLAYERS_MAX);

/// Entries in one list of one player's evidence; what is beyond is counted in `omitted`.
pub const EVIDENCE_LIST_MAX: usize = 256;

/// Commands of one step. Players send at most a few a step each; the bound is for bytes that nobody wrote.
pub const COMMANDS_MAX: usize = 4096;

/// Steps that a writer collects evidence about before it makes a block of it.
pub const EVIDENCE_STEPS: u64 = 300;
