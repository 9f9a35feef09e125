//! A player on a good link to a healthy room is not hurt, whoever else is in the room.

use netcode::Cause;

use super::Violation;
use crate::outcome::SeatOutcome;
use crate::script::Script;

/// A machine this fast is never the reason that something comes late.
const FRAME_MS_MAX: u32 = 17;
/// A clock this good is never the reason either.
const DRIFT_PPM_MAX: i32 = 1_000;

/// Seats whose players nothing may happen to but what the rules allow.
pub(crate) fn untroubled(script: &Script) -> Vec<usize> {
    script.untouched(|seat| {
        seat.link.is_calm()
            && seat.frame_ms <= FRAME_MS_MAX
            && seat.drift_ppm.abs() <= DRIFT_PPM_MAX
    })
}

/// What such a player's session must not have come to.
pub(crate) fn judge(seat: usize, outcome: &SeatOutcome) -> Vec<Violation> {
    let mut hurt = Vec::new();
    let mut complain = |what: String| hurt.push(Violation::HonestHurt { seat, what });
    if outcome.welcomes > 1 {
        complain(format!(
            "it had to come back {} times",
            outcome.welcomes - 1
        ));
    }
    let starved = outcome.starved_after_warm_up;
    if starved > 0 {
        complain(format!("{starved} steps found no input of it"));
    }
    let dropped = outcome.dropped_after_warm_up;
    if dropped > 0 {
        complain(format!("{dropped} inputs of it found no place"));
    }
    let excused = |cause: Cause| {
        let room = [Cause::Hit, Cause::Respawn, Cause::UnseenStructure];
        room.contains(&cause)
    };
    let corrections = outcome.corrections.iter();
    let mut warm = corrections.filter(|one| outcome.is_warm(one.step));
    if let Some(correction) = warm.find(|one| !excused(one.cause)) {
        complain(format!("it was corrected without a reason: {correction:?}"));
    }
    hurt
}
