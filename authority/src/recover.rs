//! From a recording to the exact world of its last step.

use input_log::{Kind, LostReason, OpenError, Recording, Rerun, Writer};
use sim_core::{SIM_VERSION, Step, World, rules_hash};

/// What a recording gave back.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The world after the last step of the recording.
    pub world: World,
    /// Writer that appends to the recording; none if the recording has ended.
    pub writer: Option<Writer>,
    /// Steps that the recording holds, those slept through not counted.
    pub steps: u64,
}

/// Why a recording does not give its world back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoverError {
    /// The bytes are no recording.
    #[error("it cannot be opened: {0}")]
    Open(#[from] OpenError),
    /// It was recorded with other rules.
    #[error("it was made by version {0} of the rules, or by other constants")]
    Rules(u32),
    /// It has no keyframe.
    #[error("it holds no keyframe")]
    NoKeyframe,
    /// It is damaged. The intact part is older than the tables.
    #[error("it is damaged: {0}")]
    Damaged(LostReason),
    /// The rerun gives another hash.
    #[error("step {0} reruns to another hash")]
    Diverged(Step),
}

/// Runs a recording again from its last keyframe and checks every hash on the way. The bytes are a whole recording, as
/// `LogStart` and every `Log` gave them.
///
/// # Errors
/// If the world may differ from that of the last flush. The room is then hydrated from its tables.
pub fn recover(recording: &[u8]) -> Result<Recovered, RecoverError> {
    let recording = Recording::open(recording)?;
    let header = recording.header();
    if header.sim_version != SIM_VERSION || header.rules_hash != rules_hash() {
        return Err(RecoverError::Rules(header.sim_version));
    }
    if let Some(lost) = recording.lost()
        && lost.reason != LostReason::NoEnd
    {
        return Err(RecoverError::Damaged(lost.reason));
    }
    let blocks = recording.blocks().iter();
    let frames = blocks.filter(|block| block.kind == Kind::Frames);
    Ok(Recovered {
        steps: frames.map(|block| block.steps).sum(),
        world: rerun(&recording)?,
        writer: recording.resume(),
    })
}

fn rerun(recording: &Recording<'_>) -> Result<World, RecoverError> {
    let last = recording.last_step().ok_or(RecoverError::NoKeyframe)?;
    let world = Rerun::towards(recording, last).finish();
    let world = world.map_err(|diverged| match diverged.step() {
        Some(step) => RecoverError::Diverged(step),
        None => RecoverError::NoKeyframe,
    })?;
    let world = world.ok_or(RecoverError::NoKeyframe)?;
    assert_eq!(
        world.step_number(),
        last,
        "a rerun ends where the recording does"
    );
    Ok(world)
}
