//! Everything of a recording rerun at once: what one target comes to can be compared with another.

use input_log::{Native, StepDigest};
use kernel::Translate;
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

/// Reruns a recording from its first keyframe to its end by the rules of this build, however much of it holds.
///
/// # Errors
/// If nothing of it can be rerun by this build.
pub fn verify(bytes: Vec<u8>) -> Result<Verified, OpenError> {
    verify_with(Native, bytes)
}

/// The same by any kernel.
///
/// # Errors
/// If nothing of it can be rerun by this kernel.
pub fn verify_with<K: Translate>(kernel: K, bytes: Vec<u8>) -> Result<Verified, OpenError> {
    let Recorded {
        log, mut checked, ..
    } = Recorded::open_with(kernel.clone(), bytes)?;
    let mut rerun = Rerun::from(kernel.clone(), log.key_before(log.first_step()));
    let mut digest = StepDigest::new();
    let (mut steps, mut slept) = (0, 0_u64);
    loop {
        match rerun.next(&log, log.last_step(), &mut checked) {
            Done::Stepped => {
                steps += 1;
                digest.push(kernel.hash(rerun.world()));
            }
            Done::Slept(more) => slept = slept.saturating_add(more),
            Done::Jumped => {}
            Done::Ended => break,
        }
    }
    if let Some(why) = kernel.failure() {
        return Err(OpenError::Kernel(why));
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
