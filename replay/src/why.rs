//! What happened to one player, with its proof.

mod tell;

use analysis::{Told, analyse};
use kernel::Translate;
use sim_core::{PlayerId, Step};

use crate::exit::Failure;
use crate::loss::Loss;
use crate::rerun::{Job, Rules, open, stopped, with_kernel};

pub(crate) use tell::{WhyArgs, run};

/// What happened to a player.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// The first step of the recording.
    pub first_step: Step,
    /// What happened, and what the room saw of the client.
    pub told: Told,
    /// What the recording no longer holds.
    pub lost: Option<Loss>,
}

/// What happened to a player of a recording.
///
/// # Errors
/// If the bytes are no recording, there is no kernel for it, or the player is not in it.
pub fn why(bytes: &[u8], player: PlayerId, rules: &Rules) -> Result<Why, Failure> {
    with_kernel(bytes, rules, Ask { bytes, player })
}

struct Ask<'a> {
    bytes: &'a [u8],
    player: PlayerId,
}

impl Job for Ask<'_> {
    type Answer = Why;

    fn run<K: Translate>(self, kernel: K) -> Result<Why, Failure> {
        let player = self.player;
        let recording = open(kernel.clone(), self.bytes)?;
        let analysis = analyse(&kernel, &recording, &[player]).map_err(|at| stopped(&at))?;
        let mut players = analysis.players;
        let told = players.remove(&player).ok_or_else(|| {
            Failure::Usage(format!(
                "player {player} is not in the recording. `replay info` lists its players"
            ))
        })?;
        Ok(Why {
            first_step: analysis.first_step,
            told,
            lost: Loss::of(&recording, self.bytes.len()),
        })
    }
}
