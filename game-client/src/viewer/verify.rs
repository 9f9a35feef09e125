//! Everything of a recording rerun at once: what one target comes to can be compared with another.

use input_log::StepDigest;
use serde::Serialize;
use sim_core::Step;

use crate::viewer::recorded::{OpenError, Recorded};
use crate::viewer::rerun::{Done, Rerun};

/// What a rerun of everything came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// Steps that were rerun. Those slept through are not among them.
    pub steps: u64,
    /// Steps that the room slept through.
    pub slept: u64,
    /// Steps whose recorded hash was compared.
    pub hashes_compared: u64,
    /// Blocks whose recorded digest was compared.
    pub digests_compared: u64,
    /// The first step that does not hold.
    pub first_mismatch: Option<Step>,
    /// XXH64, with seed 0, over the little-endian hash after every step that was rerun: 16 hexadecimal digits.
    pub digest: String,
}

/// Reruns a recording from its first keyframe to its end, however much of it holds.
///
/// # Errors
/// If nothing of it can be rerun by this build.
pub fn verify(bytes: Vec<u8>) -> Result<Verified, OpenError> {
    let Recorded {
        log, mut checked, ..
    } = Recorded::open(bytes)?;
    let mut rerun = Rerun::from(log.key_before(log.first_step()));
    let mut digest = StepDigest::new();
    let (mut steps, mut slept) = (0, 0_u64);
    loop {
        match rerun.next(&log, log.last_step(), &mut checked) {
            Done::Stepped => {
                steps += 1;
                digest.push(rerun.world().hash());
            }
            Done::Slept(more) => slept = slept.saturating_add(more),
            Done::Jumped => {}
            Done::Ended => break,
        }
    }
    let tally = checked.tally();
    Ok(Verified {
        steps,
        slept,
        hashes_compared: tally.hashes,
        digests_compared: tally.digests,
        first_mismatch: tally.first_mismatch,
        digest: format!("{:016x}", digest.digest()),
    })
}
