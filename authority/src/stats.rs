//! What a room counts, since it was made.

/// Counters of a room since it was made; none of them affects what it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Steps run.
    pub steps: u64,
    /// Steps slept through.
    pub slept_steps: u64,
    /// Milliseconds dropped because they came too late to be caught up with.
    pub dropped_ms: u64,
    /// Times that milliseconds were dropped.
    pub dropped_times: u64,
    /// Inputs consumed.
    pub consumed: u64,
    /// Steps of connected players that found no input.
    pub starved: u64,
    /// Inputs that found their buffer full.
    pub dropped: u64,
    /// Predictions that were right.
    pub matches: u64,
    /// Predictions that were wrong.
    pub mismatches: u64,
    /// Messages refused.
    pub refused: u64,
    /// Full snapshots sent.
    pub full_snapshots: u64,
    /// Delta snapshots sent.
    pub delta_snapshots: u64,
    /// Snapshots not sent because the client had not taken the ones before.
    pub held_snapshots: u64,
    /// Bytes of snapshots sent.
    pub snapshot_bytes: u64,
    /// Times that the room stored something.
    pub flushes: u64,
    /// Bytes of recording.
    pub log_bytes: u64,
}
