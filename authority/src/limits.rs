//! What a room allows at most, each with its reason.

use protocol::limits::INPUTS_PER_BATCH_MAX;
use sim_core::Step;
use sim_core::rules::{PLAYERS_MAX, STEPS_PER_SECOND, STEPS_PER_SNAPSHOT, STEPS_PER_TICK};

/// Messages a second that a connection may send in the long run: one a step.
pub const MESSAGES_PER_SECOND_MAX: u64 = STEPS_PER_SECOND as u64;
/// Messages that may come at once: what piles up behind a stall of two seconds.
pub const MESSAGES_BURST_MAX: u64 = 2 * MESSAGES_PER_SECOND_MAX;
/// Longest stall of the room for which the full credit of messages is given: longer than the 18 s for which a flood has stalled
/// a room. In a longer stall connections are lost anyway.
pub const STALL_CREDIT_MS_MAX: u64 = 30_000;
/// How long the credit of a stall is valid: the platform delivers what waited in some turns of its loop.
pub const STALL_CREDIT_MS_VALID: u64 = 2_000;
/// Messages beyond the rate that are answered with an error before the connection is closed.
pub const TOO_FAST_MAX: u32 = 60;
/// Messages that cannot be decoded, or acknowledge what was not read, before the connection is closed.
pub const UNDECODABLE_MAX: u32 = 60;
/// Bytes of a user's id; what `welcome` has room for.
pub const USER_ID_BYTES_MAX: usize = protocol::limits::TOKEN_BYTES_MAX;

/// Inputs that may wait for their step, per player: two snapshots' worth. Beyond that the client floods or has stalled; what finds
/// no place is dropped and counted, and the client is corrected.
pub const INPUT_BUFFER_STEPS_MAX: usize = 12;
/// Commands that may wait for their input, per player.
pub const COMMANDS_PENDING_MAX: usize = 16;
/// How far ahead of the newest input a command's may be: no further than the buffer goes.
pub const COMMAND_AHEAD_MAX: u32 = INPUT_BUFFER_STEPS_MAX as u32;
/// Predicted hashes that wait for their input, per player.
pub const PREDICTIONS_PENDING_MAX: usize = INPUT_BUFFER_STEPS_MAX;
/// Starved steps after which the buttons are released: a second. A player whose line stalls for longer stops.
pub const STARVED_HOLD_STEPS_MAX: u32 = STEPS_PER_SECOND;

/// Ticks that may be caught up with at once: about a quarter of a second, which is more than the input buffers hold.
pub const CATCH_UP_TICKS_MAX: u64 = 8;
/// From one flush to the next: a second.
pub const FLUSH_STEPS: u64 = STEPS_PER_SECOND as u64;
/// Acknowledgements of all connections that may wait for a flush: more than players build in a second. One more makes the flush
/// come early.
pub const ACKS_TO_STORE_MAX: usize = 32 * PLAYERS_MAX;
/// Flushes that may come early at once because players join or leave: enough for a full room. Beyond that, rows wait for the next
/// flush, at most a second, and a user has one row instead of several.
pub const FLUSHES_EARLY_BURST_MAX: u64 = PLAYERS_MAX as u64;
/// Such flushes a minute in the long run.
pub const FLUSHES_EARLY_PER_MINUTE_MAX: u64 = 30;
/// Changes of a user's characters that are stored, a minute in the long run. Each costs one or two rows.
pub const CHARACTER_CHANGES_PER_MINUTE_MAX: u64 = 20;
/// Such changes at once: all characters, and a few more.
pub const CHARACTER_CHANGES_BURST_MAX: u64 = 20;
/// Age at which a user's row is written again although only its time has changed: a minute. The time only tells who was away
/// longest.
pub const CHECKPOINT_OLD_STEPS_MAX: u64 = 60 * STEPS_PER_SECOND as u64;
/// From one keyframe to the next: 30 s, which a restart reruns in milliseconds.
pub const KEYFRAME_STEPS: u64 = 30 * STEPS_PER_SECOND as u64;
/// Steps of one recording: an hour. Then the next begins, so that opening one stays cheap.
pub const RECORDING_STEPS_MAX: u64 = 3_600 * STEPS_PER_SECOND as u64;
/// How long a player without connection stays in the world: 30 s.
pub const GRACE_STEPS: u64 = 30 * STEPS_PER_SECOND as u64;
/// How long a player who left on purpose stays in the world after leaving or after the last hit: 5 s, so that nobody escapes a
/// fight by leaving. It is never longer than for a lost connection.
pub const LEAVE_STEPS: u64 = 5 * STEPS_PER_SECOND as u64;
/// How long a connection may bring no new input before it is closed: 15 minutes. Its player leaves with it.
pub const SILENT_STEPS_MAX: u64 = 15 * 60 * STEPS_PER_SECOND as u64;
/// How long a connection must have brought no new input before somebody who finds the room full gets its seat: a minute,
/// so that nobody is thrown out for a pause.
pub const SEAT_KEPT_STEPS: u64 = 60 * STEPS_PER_SECOND as u64;
/// How long nothing must move before clients are told that they need not send inputs: a second.
pub const IDLE_AFTER_STEPS: u64 = STEPS_PER_SECOND as u64;
/// How long nothing must happen before the room sleeps: 2 s, in which every client has heard of the rest.
pub const SLEEP_AFTER_STEPS: u64 = 2 * STEPS_PER_SECOND as u64;

/// Longest sleep that a hydrated room believes: a year. A row that says more is wrong.
pub const SLEPT_MS_MAX: u64 = 366 * 24 * 3_600 * 1_000;
/// Steps after which a room restarts its step count: half of those that have a snapshot number, about seven years. The other half
/// is for a sleep, which no flush interrupts.
pub const COUNTED_STEPS_MAX: Step = Step(STEPS_PER_SNAPSHOT as u64 * (1 << 31));
/// The last step that a room can have stored: it slept for as long as is believed when it was about to count anew, and woke for
/// less than a minute. A row that says a later one is wrong, and the room begins at step 0.
pub const STORED_STEP_MAX: Step =
    Step(COUNTED_STEPS_MAX.0 + (SLEPT_MS_MAX / 1_000 + 60) * STEPS_PER_SECOND as u64);
/// Bound of the ids that are given between two flushes: what every player can fire and build at most, many times over.
pub const IDS_PER_FLUSH_MAX: u32 = 1 << 16;
/// Users that a room remembers. Beyond that, the user who was away longest and owns no structure is forgotten.
pub const USERS_MAX: usize = 1_024;
/// How long a resume token is good for: a day.
pub const RESUME_TOKEN_MS: u64 = 24 * 3_600 * 1_000;

/// Snapshots a client may leave unacknowledged before it gets only one a second: a second's worth, a slow line's round
/// trip.
pub const SNAPSHOTS_UNACKED_MAX: usize = 10;
/// From one snapshot to the next for a slow consumer: a second.
pub const SLOW_SNAPSHOT_STEPS: u64 = STEPS_PER_SECOND as u64;
/// Snapshots a client may leave unacknowledged at all before it gets none.
pub const SNAPSHOTS_KEPT_MAX: usize = 64;
/// Bytes that a client may leave unread before it gets no snapshots and events: a few full snapshots.
pub const UNREAD_BYTES_HELD: u64 = 1 << 20;
/// Bytes that a client may leave unread before it is closed: as much again, for the answers that it asks for.
pub const UNREAD_BYTES_OVER: u64 = 2 * UNREAD_BYTES_HELD;
/// The first of these for a client that does not prove what it reads: one message of the largest size.
pub const UNPROVEN_BYTES_HELD: u64 = 1 << 19;
/// The same of a client that does not prove what it reads.
pub const UNPROVEN_BYTES_OVER: u64 = 2 * UNPROVEN_BYTES_HELD;
/// Bytes that such a client counts as having read with every step: 32 KiB a second, twenty times what a full room costs in
/// the binary encoding.
pub const UNPROVEN_BYTES_PER_STEP: u64 = (32 << 10) / STEPS_PER_SECOND as u64;
/// Bytes that such a client is sent before it must reconnect: the most that a client which reads nothing can cost.
pub const UNPROVEN_BYTES_MAX: u64 = 8 << 20;
/// Shortest time between two full snapshots: a second. A client that has lost its baselines waits no longer, and cannot ask for
/// more.
pub const FULL_SNAPSHOT_STEPS: u64 = STEPS_PER_SECOND as u64;
/// The same for a client that does not prove what it reads: as long as a delta may reach back.
pub const UNPROVEN_FULL_SNAPSHOT_STEPS: u64 = 5 * STEPS_PER_SECOND as u64;
/// How long a client may acknowledge nothing while it is sent no snapshots, before it is closed: 30 s.
pub const SLOW_CONSUMER_STEPS_MAX: u64 = 30 * STEPS_PER_SECOND as u64;

const _: () = {
    assert!(INPUT_BUFFER_STEPS_MAX >= 2 * STEPS_PER_SNAPSHOT as usize);
    assert!(INPUT_BUFFER_STEPS_MAX >= INPUTS_PER_BATCH_MAX);
    assert!(FLUSH_STEPS < KEYFRAME_STEPS && KEYFRAME_STEPS < RECORDING_STEPS_MAX);
    assert!(
        FLUSH_STEPS + CATCH_UP_TICKS_MAX * STEPS_PER_TICK as u64
            <= input_log::limits::BLOCK_STEPS_MAX
    );
    assert!(CHARACTER_CHANGES_BURST_MAX >= protocol::limits::CHARACTERS_PER_USER_MAX as u64);
    // Where a room can be, there are numbers for its snapshots.
    assert!(STORED_STEP_MAX.0 < 2 * COUNTED_STEPS_MAX.0);
    assert!(SEAT_KEPT_STEPS < SILENT_STEPS_MAX && GRACE_STEPS < SEAT_KEPT_STEPS);
    assert!(LEAVE_STEPS < GRACE_STEPS);
    assert!(SNAPSHOTS_UNACKED_MAX < SNAPSHOTS_KEPT_MAX);
    assert!(SLOW_SNAPSHOT_STEPS <= protocol::limits::DELTA_STEPS_MAX);
    // Between two full snapshots there is always a base for a delta.
    assert!(FULL_SNAPSHOT_STEPS <= UNPROVEN_FULL_SNAPSHOT_STEPS);
    assert!(UNPROVEN_FULL_SNAPSHOT_STEPS <= protocol::limits::DELTA_STEPS_MAX);
    // No single message closes a connection.
    let longest = protocol::limits::SERVER_MESSAGE_BYTES_MAX as u64;
    assert!(UNREAD_BYTES_HELD + longest <= UNREAD_BYTES_OVER);
    assert!(UNPROVEN_BYTES_HELD + longest <= UNPROVEN_BYTES_OVER);
};
