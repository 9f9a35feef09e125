//! A line that only jitters is learned: once that has had time, the room seldom waits for an input.

use super::Violation;
use crate::outcome::SeatOutcome;
use crate::script::Script;

/// The most that a message may be late for the room's buffer to be large enough.
const JITTER_MS_MAX: u32 = 150;
/// The longest frame at which a machine still sends in time what it has.
const FRAME_MS_MAX: u32 = 33;
/// The most that a clock may be off to be followed without effort.
const DRIFT_PPM_MAX: i32 = 1_000;
/// Steps that may find no input while a line turns out to be worse than it seemed.
const STARVED_AT_FIRST: u32 = 4;
/// The same later: one in so many seconds.
const SECONDS_PER_STARVED: u32 = 20;

/// Seats of real clients whose lines do nothing but jitter, in a room to which nothing happens.
pub(crate) fn steady(script: &Script) -> Vec<usize> {
    script.untouched(|seat| {
        seat.link.only_jitters()
            && seat.link.jitter_ms <= JITTER_MS_MAX
            && seat.frame_ms <= FRAME_MS_MAX
            && seat.drift_ppm.abs() <= DRIFT_PPM_MAX
    })
}

/// What such a line must not have come to.
pub(crate) fn judge(seat: usize, script: &Script, outcome: &SeatOutcome) -> Option<Violation> {
    let (starved, seconds) = (outcome.starved_after_warm_up, script.seconds);
    let allowed = STARVED_AT_FIRST + seconds / SECONDS_PER_STARVED;
    (starved > allowed).then_some(Violation::LineNotLearned {
        seat,
        starved,
        seconds,
    })
}
