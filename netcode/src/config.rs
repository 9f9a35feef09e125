//! What a client needs to know from the start.

use alloc::string::String;

/// What a client needs to know from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// Seed of the waits between attempts to connect.
    pub seed: u64,
    /// Whether to speak JSON in text messages; otherwise the binary encoding. Either is understood.
    pub json: bool,
    /// The seat to take again, from a session before.
    pub resume_token: Option<String>,
}
