//! Opening a recording for a rerun, and coming to the world of any of its steps.

use input_log::{Diverged, Header, Kernel, Native, Recording, Rerun};
use sim_core::{Frame, SIM_VERSION, Step, World, rules_hash};

use crate::exit::Failure;

/// The recording, if this build can rerun it. With `force`, also if it was made with other rules.
pub(crate) fn open(bytes: &[u8], force: bool) -> Result<Recording<'_>, Failure> {
    open_with(Native, bytes, force)
}

/// The same, for a rerun by a kernel that has the rules of this build.
pub(crate) fn open_with<K: Kernel>(
    kernel: K,
    bytes: &[u8],
    force: bool,
) -> Result<Recording<'_, K>, Failure> {
    let sim_version = kernel.sim_version();
    let recording = Recording::open_with(kernel, bytes);
    let recording = recording.map_err(|error| Failure::no_recording(&error))?;
    if !force {
        check_rules(sim_version, recording.header())?;
    }
    Ok(recording)
}

/// Refuses a recording of other rules than the kernel's. Constants are compared where the kernel is this build's.
fn check_rules(sim_version: u32, header: &Header) -> Result<(), Failure> {
    let built_from = if header.build_id.is_empty() {
        "the build that recorded it".to_owned()
    } else {
        format!("build {}", header.build_id)
    };
    if header.sim_version != sim_version {
        return Err(Failure::Unreadable(format!(
            "recorded with SIM_VERSION {}, and this build has {sim_version}: check out {built_from} and rerun there, or \
             give --force to see where the two part",
            header.sim_version
        )));
    }
    if sim_version == SIM_VERSION && header.rules_hash != rules_hash() {
        return Err(Failure::Unreadable(format!(
            "recorded with rules {:016x}, and this build has {:016x}: a constant in sim-core/src/rules.rs changed and \
             SIM_VERSION did not rise. Check out {built_from} and rerun there, or give --force to see where the two part",
            header.rules_hash,
            rules_hash()
        )));
    }
    Ok(())
}

/// Why a rerun cannot go through the recording to its end.
pub(crate) fn stopped(diverged: &Diverged) -> Failure {
    Failure::Unreadable(diverged.to_string())
}

/// The world after `step`, and what happened in that step if it was one (and not a keyframe or slept through). Compares
/// nothing.
pub(crate) fn world_after(
    recording: &Recording<'_>,
    step: Step,
) -> Result<Option<(World, Option<Frame>)>, Failure> {
    let mut rerun = Rerun::towards(recording, step).unchecked();
    let reached = rerun.reach(step).map_err(|diverged| stopped(&diverged))?;
    Ok(reached.and_then(|frame| Some((rerun.world()?.clone(), frame))))
}
