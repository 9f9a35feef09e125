//! Every recording reruns to the hashes that the authority had, and gives back what it holds when it is damaged.

use input_log::{LostReason, Recording, Rerun};
use sim_core::Rng;

use super::Violation;

/// Reruns a whole recording. A room that died leaves it without an end; torn storage leaves half a block.
pub(crate) fn reruns(number: usize, bytes: &[u8], is_torn: bool) -> Option<Violation> {
    rerun(bytes, is_torn)
        .err()
        .map(|what| Violation::RerunDiffers {
            recording: number,
            what,
        })
}

fn rerun(bytes: &[u8], is_torn: bool) -> Result<(), String> {
    let recording = Recording::open(bytes).map_err(|error| error.to_string())?;
    if let Some(lost) = recording.lost()
        && !is_torn
        && lost.reason != LostReason::NoEnd
    {
        return Err(lost.reason.to_string());
    }
    let world = Rerun::of(&recording).finish();
    world.map(|_| ()).map_err(|diverged| diverged.to_string())
}

/// Damages the recording at a place of the generator's choice, and opens it.
pub(crate) fn salvages(number: usize, bytes: &[u8], rng: &mut Rng) -> Option<Violation> {
    let byte = rng.below(bytes.len() as u32) as usize;
    let mut damaged = bytes.to_vec();
    if rng.chance(1, 2) {
        damaged.truncate(byte);
    } else {
        damaged[byte] ^= 1 << rng.below(8);
    }
    let failed = |what: String| {
        Some(Violation::SalvageFailed {
            recording: number,
            byte,
            what,
        })
    };
    let whole = match Recording::open(bytes) {
        Ok(whole) => whole,
        Err(error) => return failed(format!("undamaged: {error}")),
    };
    let first_block = whole
        .blocks()
        .first()
        .map_or(bytes.len(), |block| block.at_byte);
    let Ok(salvaged) = Recording::open(&damaged) else {
        let in_header = byte < first_block;
        return if in_header {
            None
        } else {
            failed("it does not open".to_owned())
        };
    };
    let in_front = whole.blocks().iter();
    let in_front = in_front
        .filter(|block| block.at_byte + block.bytes <= byte)
        .count();
    let left = salvaged.blocks().len();
    // A block that ends where the recording was cut is whole; one with a flipped bit is not.
    if left != in_front {
        return failed(format!(
            "{left} blocks are left of the {in_front} in front of it"
        ));
    }
    if salvaged
        .blocks()
        .iter()
        .zip(whole.blocks())
        .take(in_front)
        .any(|(one, other)| one != other)
    {
        return failed("a block in front of it changed".to_owned());
    }
    None
}
