//! Recording a workload and running the recording again, as the replay tool does: every step's hash is computed, and
//! compared with what the recording keeps of it.

use input_log::{HashDetail, Header, OpenError, Recording, Rerun, Verified, Writer};

use crate::w1::Workload;

/// Steps between two flushes: about a second, as the worker does.
const STEPS_PER_FLUSH: u64 = 60;
/// Steps between two keyframes: half a minute, as the authority does.
const STEPS_PER_KEYFRAME: u64 = 1_800;

/// What a rerun did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Steps that ran.
    pub steps: u64,
    /// Hashes that were computed and compared.
    pub hashes: u64,
    /// Digests over the hashes of a block that were compared.
    pub digests: u64,
}

/// The recording of a workload, as a room of production writes it but without evidence: W1 has no clients.
#[must_use]
pub fn record(workload: &Workload, detail: HashDetail) -> Vec<u8> {
    let header = Header::of_this_build(
        "benches".into(),
        "w1".into(),
        0,
        workload.start.rng().state(),
        detail,
    );
    let mut bytes = header.encode();
    let mut writer = Writer::new(&header);
    let mut world = workload.start.clone();
    writer.push_keyframe(&world);
    for (frame, hash) in workload.frames.iter().zip(&workload.hashes) {
        world.step(frame);
        let step = world.step_number();
        writer.push_step(step, frame, *hash);
        if step.0.is_multiple_of(STEPS_PER_KEYFRAME) {
            writer.push_keyframe(&world);
        }
        if step.0.is_multiple_of(STEPS_PER_FLUSH) {
            bytes.extend(writer.flush());
        }
    }
    bytes.extend(writer.finish());
    bytes
}

/// Runs a recording from its first keyframe to its end.
///
/// # Errors
/// If the bytes are no recording.
///
/// # Panics
/// If the recording is damaged or the rerun differs: then a measurement means nothing.
pub fn rerun(bytes: &[u8]) -> Result<Done, OpenError> {
    let recording = Recording::open(bytes)?;
    assert!(
        recording.lost().is_none(),
        "a whole recording: {:?}",
        recording.lost()
    );
    let mut done = Done::default();
    let mut rerun = Rerun::of(&recording);
    while let Some(verified) = rerun.next() {
        match verified.unwrap_or_else(|diverged| panic!("the rerun differs: {diverged}")) {
            Verified::Step { .. } => {
                done.steps += 1;
                done.hashes += 1;
            }
            Verified::Digest { .. } => done.digests += 1,
            Verified::Began
            | Verified::Keyframe(_)
            | Verified::Slept { .. }
            | Verified::Evidence(_)
            | Verified::End => {}
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::w1::workload;

    #[test]
    fn a_rerun_compares_the_hash_of_every_step() {
        for detail in [HashDetail::Check, HashDetail::EveryStep] {
            let done = rerun(&record(&workload(5, 2_000), detail)).unwrap();
            assert_eq!((done.steps, done.hashes), (2_000, 2_000));
            assert!(done.digests >= 2_000 / STEPS_PER_FLUSH, "{done:?}");
        }
    }

    #[test]
    #[should_panic(expected = "differs")]
    fn a_rerun_of_another_session_is_noticed() {
        let mut one = workload(5, 600);
        one.hashes[300] ^= 1;
        let _ = rerun(&record(&one, HashDetail::Check));
    }
}
