//! Opening a recording for a rerun, and coming to the world of any of its steps.

use input_log::{Entry, Header, Recording};
use sim_core::{Frame, SIM_VERSION, Step, World, rules_hash};

use crate::exit::Failure;

/// The recording, if this build can rerun it. With `force`, also if it was made with other rules.
pub(crate) fn open(bytes: &[u8], force: bool) -> Result<Recording<'_>, Failure> {
    let recording = Recording::open(bytes).map_err(|error| Failure::no_recording(&error))?;
    if !force {
        check_rules(recording.header())?;
    }
    Ok(recording)
}

fn check_rules(header: &Header) -> Result<(), Failure> {
    let built_from = if header.build_id.is_empty() {
        "the build that recorded it".to_owned()
    } else {
        format!("build {}", header.build_id)
    };
    if header.sim_version != SIM_VERSION {
        return Err(Failure::Unreadable(format!(
            "recorded with SIM_VERSION {}, and this build has {SIM_VERSION}: check out {built_from} and rerun there, or \
             give --force to see where the two part",
            header.sim_version
        )));
    }
    if header.rules_hash != rules_hash() {
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
pub(crate) fn keyframe_unreadable(step: Step, why: &sim_core::DecodeError) -> Failure {
    Failure::Unreadable(format!(
        "the keyframe at step {step} is no world of this build: {why}"
    ))
}

/// Steps the world past what the entry says, if that is possible. Checks nothing.
pub(crate) fn follow(world: &mut Option<World>, entry: &Entry<'_>) -> Result<(), Failure> {
    match *entry {
        Entry::Keyframe(keyframe) if world.is_none() => {
            let read = keyframe
                .world()
                .map_err(|why| keyframe_unreadable(keyframe.step, &why))?;
            *world = Some(read);
        }
        Entry::Step { frame, .. } => {
            if let Some(world) = world {
                world.step(frame);
            }
        }
        Entry::Gap { first, steps } => {
            if let Some(world) = world {
                if !world.is_quiet() {
                    return Err(Failure::Unreadable(format!(
                        "the recording sleeps from step {first} on, but the world is not at rest there"
                    )));
                }
                world.fast_forward(steps);
            }
        }
        Entry::Keyframe(_) | Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
    }
    Ok(())
}

/// The world after `step`, and what happened in that step if it was one (and not a keyframe or slept through).
pub(crate) fn world_after(
    recording: &Recording<'_>,
    step: Step,
) -> Result<Option<(World, Option<Frame>)>, Failure> {
    let mut entries = recording.entries_from(step);
    let mut world: Option<World> = None;
    while let Some(entry) = entries.next() {
        if let Entry::Gap { first, steps } = entry
            && step >= first
            && step.since(first) < steps.saturating_sub(1)
        {
            // The moment lies inside of the sleep: go there and no further.
            let part = Entry::Gap {
                first,
                steps: step.since(first) + 1,
            };
            follow(&mut world, &part)?;
            return Ok(world.map(|world| (world, None)));
        }
        follow(&mut world, &entry)?;
        let reached = world
            .as_ref()
            .is_some_and(|world| world.step_number() >= step);
        if reached {
            let frame = match entry {
                Entry::Step { frame, .. } => Some(frame.clone()),
                Entry::Keyframe(_)
                | Entry::Digest { .. }
                | Entry::Gap { .. }
                | Entry::Evidence(_)
                | Entry::End => None,
            };
            return Ok(world
                .filter(|world| world.step_number() == step)
                .map(|world| (world, frame)));
        }
    }
    Ok(None)
}
