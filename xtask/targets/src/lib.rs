//! What recordings come to on the target that this is compiled for: the same program runs on each, and what it prints is
//! compared. It opens no socket and reads no clock.

use harness::{Behaviour, LinkProfile, Script};
use input_log::{Native, Recording, Rerun, StepDigest, Verified};
use kernel::Translate as _;
use protocol::Encoding;
use sim_core::Step;
use xxhash_rust::xxh64::xxh64;

/// How long the recorded sessions are.
const SECONDS: u32 = 5;

/// Reruns a recording and compares every hash in it. The digest is XXH64, with seed 0, over the little-endian hash after every
/// step.
///
/// # Errors
/// Where it is not what was recorded.
pub fn digest(bytes: &[u8]) -> Result<u64, String> {
    let recording = Recording::open(bytes).map_err(|why| why.to_string())?;
    if let Some(lost) = recording.lost() {
        return Err(format!("it is not whole: {}", lost.reason));
    }
    let mut rerun = Rerun::of(&recording);
    let mut digest = StepDigest::new();
    while let Some(verified) = rerun.next() {
        match verified {
            Ok(Verified::Step { hash, .. }) => digest.push(hash),
            Ok(_) => {}
            Err(diverged) => {
                let step = diverged.step().unwrap_or_default();
                return Err(format!("step {step}: {diverged}"));
            }
        }
    }
    Ok(digest.digest())
}

/// Plays one session on a line with this name; XXH64, with seed 0, over its recording.
///
/// # Errors
/// If there is no such line, or the session does not hold.
pub fn recorded(seed: u64, profile: &str) -> Result<u64, String> {
    let link = LinkProfile::named(profile).ok_or_else(|| format!("no line is called {profile}"))?;
    let script = Script::new(seed, SECONDS, &Behaviour::ALL, link, Encoding::Binary);
    let outcome = harness::run(&script);
    if let Some(violation) = outcome.violations.first() {
        return Err(violation.to_string());
    }
    Ok(xxh64(outcome.recording(), 0))
}

/// Every field after each phase of a step, a line each: phase, field, value.
///
/// # Errors
/// If the recording does not hold the step.
pub fn phases(bytes: &[u8], step: Step) -> Result<Vec<String>, String> {
    let recording = Recording::open(bytes).map_err(|why| why.to_string())?;
    let before = Step(step.0.checked_sub(1).ok_or("no step comes before it")?);
    let mut rerun = Rerun::towards(&recording, before).unchecked();
    let not_held = || format!("the recording does not hold step {step}");
    let reached = rerun.reach(before).map_err(|why| why.to_string())?;
    reached.ok_or_else(not_held)?;
    let world = rerun.world().cloned().ok_or_else(not_held)?;
    let frame = rerun.reach(step).map_err(|why| why.to_string())?.flatten();
    let frame = frame.ok_or_else(not_held)?;
    let mut lines = Vec::new();
    let names = Native.step_in_phases(&mut world.clone(), &frame, 0).hashes;
    for (nth, (name, hash)) in names.iter().enumerate() {
        let fields = Native
            .step_in_phases(&mut world.clone(), &frame, nth)
            .fields;
        lines.extend(
            fields
                .iter()
                .map(|(path, value)| format!("{name} {path} {value}")),
        );
        lines.push(format!("{name} hash {hash:016x}"));
    }
    Ok(lines)
}

/// What the module exports.
#[cfg(target_arch = "wasm32")]
mod export {
    #![allow(
        unsafe_code,
        reason = "an exported name is unsafe to choose; this module is never linked with another"
    )]

    use std::cell::RefCell;

    thread_local! {
        static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }

    #[unsafe(no_mangle)]
    extern "C" fn reserve(bytes: u32) -> u32 {
        INPUT.with_borrow_mut(|input| {
            input.clear();
            input.resize(bytes as usize, 0);
            input.as_mut_ptr() as u32
        })
    }

    /// 0 if it is not what was recorded.
    #[unsafe(no_mangle)]
    extern "C" fn digest() -> u64 {
        INPUT.with_borrow(|input| super::digest(input).unwrap_or(0))
    }

    /// The input is the name of a line.
    #[unsafe(no_mangle)]
    extern "C" fn recorded(seed: u64) -> u64 {
        INPUT.with_borrow(|input| {
            let profile = String::from_utf8_lossy(input);
            super::recorded(seed, &profile).unwrap_or(0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden(name: &str) -> Vec<u8> {
        std::fs::read(format!("../../recordings/{name}.rec")).expect("it is in the repository")
    }

    #[test]
    fn a_recording_has_a_digest_and_an_altered_one_a_step() {
        let bytes = golden("clean");
        let right = digest(&bytes).expect("it holds");
        assert_ne!(right, digest(&golden("restart")).expect("it holds"));
        assert!(digest(&bytes[..bytes.len() - 20]).is_err());
    }

    #[test]
    fn a_step_is_told_phase_by_phase() {
        let lines = phases(&golden("clean"), Step(900)).expect("it is held");
        for phase in ["leave", "join", "hold", "walk", "act", "fly", "wait"] {
            let of = lines.iter().filter(|line| line.starts_with(phase));
            assert!(of.count() > 20, "{phase}");
        }
        assert!(lines.iter().any(|line| line.starts_with("walk players[")));
        assert!(phases(&golden("clean"), Step(1 << 40)).is_err());
    }

    #[test]
    fn a_line_that_is_none_is_refused() {
        assert!(recorded(1, "carrier pigeon").is_err());
    }
}
