//! From a recording to the exact world of its last step.

use input_log::{LostReason, OpenError, Writer};
use sim_core::{Step, World};

/// What a recording gave back.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The world after the last step of the recording.
    pub world: World,
    /// Goes on with the recording; none if it has ended, and the next one begins.
    pub writer: Option<Writer>,
}

/// Why a recording does not give its world back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoverError {
    /// It is none.
    #[error("it cannot be opened: {0}")]
    Open(#[from] OpenError),
    /// Other rules made it.
    #[error("it was made by version {0} of the rules")]
    SimVersion(u32),
    /// It has no world to begin with.
    #[error("it holds no keyframe")]
    NoKeyframe,
    /// Something of it is missing or altered; what is in front of that is older than the tables.
    #[error("it is damaged: {0}")]
    Damaged(LostReason),
    /// It reruns to something else.
    #[error("step {0} reruns to another hash")]
    Diverged(Step),
}

/// Runs a recording again from its last keyframe and checks every hash on the way. The bytes are a whole recording, as
/// `LogStart` and every `Log` gave them.
///
/// # Errors
/// If the world could be another than that of the last flush; then the tables are what is left.
pub fn recover(recording: &[u8]) -> Result<Recovered, RecoverError> {
    let _ = recording;
    todo!()
}
