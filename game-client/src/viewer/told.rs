//! What happened to a player of a recording, for the page to list and to draw.

use analysis::{Moment, analyse, name, sentence};
use input_log::Recording;
use kernel::Translate;
use serde::Serialize;
use sim_core::{Buttons, PlayerId, Step};

use crate::viewer::recorded::OpenError;

/// What happened to a player.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Everything, in the order of its steps.
    pub moments: Vec<Row>,
    /// What the player held from a step on.
    pub held: Vec<(Step, Buttons)>,
    /// Runs of steps that found no input, and how many.
    pub starved: Vec<(Step, u32)>,
    /// Steps behind which inputs found the buffer full, and how many.
    pub dropped: Vec<(Step, u32)>,
    /// When the room heard that the client had applied a snapshot, and how many steps after it was sent.
    pub round_trips: Vec<(Step, u64)>,
    /// How early inputs came from a step to another: the latest of them and the mean, in steps.
    pub slack: Vec<(Step, Step, i16, f32)>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// In this step.
    pub step: Step,
    /// What: "corrected", "starved", "hit" and the like.
    pub what: &'static str,
    /// Why a client was corrected.
    pub cause: Option<&'static str>,
    /// In a sentence.
    pub says: String,
}

impl From<&Moment> for Row {
    fn from(moment: &Moment) -> Self {
        Self {
            step: moment.step,
            what: name(&moment.what),
            cause: moment.corrected().map(|found| found.cause.name()),
            says: sentence(&moment.what),
        }
    }
}

/// What happened to a player of a recording, by the kernel that it names. Nothing, if the player is not in it.
///
/// # Errors
/// If nothing of it can be rerun by this kernel.
pub fn told<K: Translate>(kernel: &K, bytes: &[u8], player: PlayerId) -> Result<Told, OpenError> {
    let recording =
        Recording::open_with(kernel.clone(), bytes).map_err(|_| OpenError::NotARecording)?;
    let analysis = analyse(kernel, &recording, &[player]);
    if let Some(why) = kernel.failure() {
        return Err(OpenError::Kernel(why));
    }
    let analysis = analysis.map_err(|at| OpenError::Kernel(at.to_string()))?;
    let Some(told) = analysis.players.get(&player) else {
        return Ok(Told::default());
    };
    let slack = told.seen.windows.iter().filter_map(|window| {
        let slack = window.slack?;
        let mean = slack.sum as f32 / slack.inputs.max(1) as f32;
        Some((window.first, window.last, slack.least, mean))
    });
    Ok(Told {
        moments: told.moments.iter().map(Row::from).collect(),
        held: told.held.clone(),
        starved: told.seen.starved_runs().collect(),
        dropped: told.seen.dropped_at().collect(),
        round_trips: told.seen.round_trips().collect(),
        slack: slack.collect(),
    })
}

#[cfg(test)]
mod tests {
    use input_log::Native;

    use super::*;

    #[test]
    fn a_player_of_a_golden_session_is_told_what_it_held_and_what_happened() {
        let bytes = include_bytes!("../../../recordings/jitter-and-stalls.rec");
        let told = told(&Native, bytes, PlayerId(2)).expect("it can be rerun");
        assert!(told.moments.iter().any(|row| row.cause == Some("starved")));
        assert!(told.moments.is_sorted_by_key(|row| row.step));
        assert!(told.held.len() > 10 && told.held.is_sorted_by_key(|(step, _)| *step));
        assert!(!told.starved.is_empty() && !told.round_trips.is_empty());
        assert!(!told.slack.is_empty());
        let nobody = super::told(&Native, bytes, PlayerId(99));
        assert_eq!(nobody.expect("it can be rerun"), Told::default());
        assert!(super::told(&Native, b"no recording", PlayerId(2)).is_err());
    }
}
