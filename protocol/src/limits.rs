//! What a message may hold, each with its reason.

use sim_core::rules::{
    PLAYERS_MAX, PROJECTILES_MAX, STEPS_PER_SECOND, STEPS_PER_SNAPSHOT, STRUCTURES_MAX,
};

/// Bytes of a client's message. A full input batch in JSON has less than half; `protocol/tests/limits.rs` holds the four
/// limits against the fullest messages.
pub const CLIENT_MESSAGE_BYTES_MAX: usize = 4_096;
/// Bytes of a room's message. A full snapshot of a full room in JSON has less than half.
pub const SERVER_MESSAGE_BYTES_MAX: usize = 512 * 1_024;
/// Objects and lists inside each other. The deepest message, a snapshot, needs seven.
pub const DEPTH_MAX: usize = 12;
/// Values in a client's message, counting every object, list, string, number and boolean. A full input batch has
/// less than half.
pub const CLIENT_VALUES_MAX: usize = 256;
/// Values in a room's message. A full snapshot of a full room has less than half.
pub const SERVER_VALUES_MAX: usize = 65_536;

/// Inputs in one batch: two snapshots' worth, which is also all that a room buffers.
pub const INPUTS_PER_BATCH_MAX: usize = 2 * STEPS_PER_SNAPSHOT as usize;
/// The number that no message and no input goes beyond: what comes with it or with one above is the last of its connection.
/// The room closes it with `going_away`, and the next one counts from 1. A client never comes near it: at 60 a second it
/// takes 828 days.
pub const NUMBER_LAST: u32 = u32::MAX - (1 << 16);
/// Numbers of inputs begin again at 1 with a connection that would begin above this one, so that every connection has more
/// than a year of them.
pub const INPUT_SEQ_FIRST_MAX: u32 = 1 << 31;
/// The last id that a structure or a projectile can have. A client may name what the room has not named yet by those above.
pub const ENTITY_ID_LAST: u32 = u32::MAX - (1 << 20);
/// Bytes of a character's id.
pub const CHARACTER_ID_BYTES_MAX: usize = 32;
/// Characters of a character's name: what fits over a player on the screen.
pub const NAME_CHARS_MAX: usize = 24;
/// Characters of one user: more than anybody tells apart in a list.
pub const CHARACTERS_PER_USER_MAX: usize = 16;
/// Bytes of a user's id, a resume token or a room's code.
pub const TOKEN_BYTES_MAX: usize = 128;
/// Bytes of the text for people in an error. A path through `DEPTH_MAX` clipped names fits twice.
pub const ERROR_TEXT_BYTES_MAX: usize = 2_560;
/// Milliseconds that a clock may show: whole numbers of them are exact in an `f64`.
pub const CLOCK_MS_MAX: f64 = 9_007_199_254_740_992.0;

/// Players in a snapshot, and removals of players. A delta may remove a whole room and bring another.
pub const SNAPSHOT_PLAYERS_MAX: usize = PLAYERS_MAX;
/// Structures in a snapshot.
pub const SNAPSHOT_STRUCTURES_MAX: usize = STRUCTURES_MAX;
/// Projectiles in a snapshot.
pub const SNAPSHOT_PROJECTILES_MAX: usize = PROJECTILES_MAX;
/// Steps between a baseline and its delta. Five seconds: whoever acknowledged nothing for so long gets a full snapshot.
pub const DELTA_STEPS_MAX: u64 = 5 * STEPS_PER_SECOND as u64;
/// Steps that the binary encoding counts a walk ahead from its baseline. What is older is written out; it bounds the work
/// that a message can cause.
pub const GLIDE_STEPS_MAX: u64 = 30;

const _: () = {
    assert!(GLIDE_STEPS_MAX <= DELTA_STEPS_MAX);
    assert!(INPUT_SEQ_FIRST_MAX < NUMBER_LAST);
};
