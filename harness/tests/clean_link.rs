//! Without loss or starvation, movement that meets nobody else is predicted to the bit.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use harness::{Behaviour, LinkProfile, Script, run};
use protocol::Encoding;

const PLAYERS: usize = 8;
const SECONDS: u32 = 600;

/// Eight players who walk and wander for ten minutes over 200 ms of round trip and up to 50 ms of jitter each way.
/// Counted is every correction of every client from its first input on, however small and whatever its cause.
#[test]
fn movement_that_meets_nobody_else_is_never_corrected() {
    let who: Vec<Behaviour> = [Behaviour::Walker, Behaviour::Wanderer].repeat(PLAYERS / 2);
    let script = Script::new(7, SECONDS, &who, LinkProfile::DISTANT, Encoding::Binary);
    let outcome = run(&script);
    assert_eq!(outcome.violations, [], "seed {}", script.seed);
    for (number, seat) in outcome.seats.iter().enumerate() {
        let what = format!("seed {}, seat {number}: {:?}", script.seed, seat.stats);
        assert_eq!(seat.corrections, [], "{what}");
        assert_eq!(seat.starved_after_warm_up, 0, "{what}");
        assert_eq!(seat.dropped_after_warm_up, 0, "{what}");
        // They did play: some 60 steps for each second, and moved on most of them.
        assert!(
            seat.stats.steps > u64::from(SECONDS - 5) * 60 * 95 / 100,
            "{what}"
        );
        assert_eq!(seat.welcomes, 1, "{what}");
    }
    let room = outcome.rooms[0];
    assert_eq!(room.mismatches, 0);
    assert!(room.matches > 0);
    assert_eq!(outcome.rooms.len(), 1);
}
