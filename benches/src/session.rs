//! The session that the recording's budget is about: eight bots with distinct behaviours, ten minutes, good links. It is
//! what `replay record --players 8 --seconds 600` records.

use harness::{Behaviour, LinkProfile, Outcome, Script, run};
use protocol::Encoding;

/// Bots that play.
pub const PLAYERS: usize = 8;
/// Ten minutes.
pub const SECONDS: u32 = 600;

/// What the session left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Bytes of the recording, everything included.
    pub bytes: u64,
    /// Inputs that the room consumed.
    pub inputs: u64,
}

/// Plays the session.
///
/// # Panics
/// If something that must hold in every session did not.
#[must_use]
pub fn eight_players(seed: u64) -> Recorded {
    let behaviours: Vec<_> = Behaviour::ALL.into_iter().cycle().take(PLAYERS).collect();
    let outcome = run(&Script::new(
        seed,
        SECONDS,
        &behaviours,
        LinkProfile::CLEAN,
        Encoding::Binary,
    ));
    assert!(outcome.violations.is_empty(), "{:?}", outcome.violations);
    recorded(&outcome)
}

fn recorded(outcome: &Outcome) -> Recorded {
    Recorded {
        bytes: outcome
            .recordings
            .iter()
            .map(|recording| recording.len() as u64)
            .sum(),
        inputs: outcome.rooms.iter().map(|room| room.consumed).sum(),
    }
}
