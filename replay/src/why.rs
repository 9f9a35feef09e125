//! What happened to players, with its proof.

mod at;
mod tell;

use analysis::{Analysis, Told, analyse};
use kernel::Translate;
use sim_core::{PlayerId, Step};

use crate::exit::Failure;
use crate::loss::Loss;
use crate::rerun::{Job, Rules, open, stopped, with_kernel};

pub(crate) use at::{millis, millis_of, time};
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
    let Explained { mut analysis, lost } = explain(bytes, Some(player), rules)?;
    Ok(Why {
        first_step: analysis.first_step,
        told: analysis.players.remove(&player).unwrap_or_default(),
        lost,
    })
}

/// What happened in a recording.
#[derive(Clone, Debug)]
pub(crate) struct Explained {
    pub(crate) analysis: Analysis,
    /// What the recording no longer holds.
    pub(crate) lost: Option<Loss>,
}

/// What happened to a player of a recording, or to all of them.
///
/// # Errors
/// If the bytes are no recording, there is no kernel for it, or the player is not in it.
pub(crate) fn explain(
    bytes: &[u8],
    player: Option<PlayerId>,
    rules: &Rules,
) -> Result<Explained, Failure> {
    with_kernel(bytes, rules, Ask { bytes, player })
}

struct Ask<'a> {
    bytes: &'a [u8],
    player: Option<PlayerId>,
}

impl Job for Ask<'_> {
    type Answer = Explained;

    fn run<K: Translate>(self, kernel: K) -> Result<Explained, Failure> {
        let recording = open(kernel.clone(), self.bytes)?;
        let analysis = analyse(&kernel, &recording, self.player.as_slice());
        let analysis = analysis.map_err(|at| stopped(&at))?;
        if let Some(player) = self.player
            && !analysis.players.contains_key(&player)
        {
            return Err(Failure::Usage(format!(
                "player {player} is not in the recording. `replay info` lists its players"
            )));
        }
        Ok(Explained {
            analysis,
            lost: Loss::of(&recording, self.bytes.len()),
        })
    }
}
