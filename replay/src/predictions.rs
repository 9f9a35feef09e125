//! Holds what a client wrote down of its predictions against a rerun: input by input, the predicted player and the one
//! that came out.
//!
//! * Which step consumed which input is in the recording's evidence. Inputs that no step consumed, or whose evidence is
//!   lost, are counted and not compared.
//! * A wrong prediction is not wrong by itself: somebody else may have been in the way. What is compared is what the
//!   client is said to predict exactly, [`sim_core::Player::predicted_hash`].

use std::collections::BTreeMap;

use input_log::{Entry, Recording, Rerun, Verified};
use kernel::Translate;
use serde::Deserialize;
use sim_core::units::FRACTION_BITS;
use sim_core::{Player, PlayerId, Step};

use crate::exit::{Exit, Failure};
use crate::loss::Loss;
use crate::rerun::{Job, Rules, open, stopped, with_kernel};

/// What a client predicted after one of its inputs; what the page's `predictions()` gives is a list of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Prediction {
    /// The input.
    pub seq: u32,
    /// Position in 2^-16 of a cell.
    pub x: i32,
    /// Position in 2^-16 of a cell.
    pub y: i32,
    /// [`sim_core::Player::predicted_hash`].
    pub hash: u32,
}

/// A prediction that is not what came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wrong {
    /// The step that consumed the input.
    pub step: Step,
    /// The input.
    pub seq: u32,
    /// The predicted hash.
    pub predicted: u32,
    /// The hash of the player that came out.
    pub actual: u32,
    /// Cells between the two.
    pub distance: f64,
}

/// What the comparison came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// Predictions that were compared.
    pub compared: u64,
    /// Predictions whose input no step is known to have consumed.
    pub not_consumed: u64,
    /// Those that are not what came out, in the order of their steps.
    pub wrong: Vec<Wrong>,
    /// What the recording no longer holds.
    pub lost: Option<Loss>,
}

impl Compared {
    /// How the process ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.wrong.is_empty() {
            Exit::of_intact(self.lost.as_ref())
        } else {
            Exit::Diverges
        }
    }
}

/// Reads predictions as the page gives them.
///
/// # Errors
/// If the text is not that.
pub fn read(text: &str) -> Result<Vec<Prediction>, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::Usage(format!(
            "the predictions are no list of {{\"seq\", \"x\", \"y\", \"hash\"}}, as a page's predictions() gives it: {error}"
        ))
    })
}

/// Reruns the recording beside the predictions of one of its players.
///
/// # Errors
/// If the bytes are no recording, there is no kernel for it, or not one of the predictions can be compared.
pub fn compare(
    bytes: &[u8],
    player: PlayerId,
    predictions: &[Prediction],
) -> Result<Compared, Failure> {
    let job = Compare {
        bytes,
        player,
        predictions,
    };
    with_kernel(bytes, &Rules::Named, job)
}

struct Compare<'a> {
    bytes: &'a [u8],
    player: PlayerId,
    predictions: &'a [Prediction],
}

impl Job for Compare<'_> {
    type Answer = Compared;

    fn run<K: Translate>(self, kernel: K) -> Result<Compared, Failure> {
        let player = self.player;
        let recording = open(kernel.clone(), self.bytes)?;
        let consumed = consumed(&kernel, &recording, player);
        let by_seq: BTreeMap<u32, &Prediction> =
            self.predictions.iter().map(|one| (one.seq, one)).collect();
        let mut found = Compared {
            lost: Loss::of(&recording, self.bytes.len()),
            ..Compared::default()
        };
        let mut rerun = Rerun::of(&recording).unchecked();
        while let Some(verified) = rerun.next() {
            let Verified::Step { step, .. } = verified.map_err(|diverged| stopped(&diverged))?
            else {
                continue;
            };
            let input = consumed.get(&step).and_then(|seq| by_seq.get(seq));
            let (Some(world), Some(prediction)) = (rerun.world(), input) else {
                continue;
            };
            let Some(actual) = kernel.predicted_hash(world, player) else {
                continue;
            };
            found.compared += 1;
            if actual != prediction.hash
                && let Some(now) = kernel.moment(world).player(player)
            {
                found.wrong.push(wrong(step, prediction, now, actual));
            }
        }
        found.not_consumed = (by_seq.len() as u64).saturating_sub(found.compared);
        if found.compared == 0 {
            return Err(Failure::Usage(format!(
                "no step of the recording consumed one of these inputs of player {player}. `replay info` lists its players"
            )));
        }
        Ok(found)
    }
}

/// Which input each step consumed.
fn consumed<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    player: PlayerId,
) -> BTreeMap<Step, u32> {
    let mut all = BTreeMap::new();
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        let Entry::Evidence(evidence) = entry else {
            continue;
        };
        let evidence = kernel.evidence(evidence);
        let runs = evidence.players.get(&player).map(|of| &of.consumed);
        all.extend(runs.into_iter().flatten().flat_map(|run| run.inputs()));
    }
    all
}

fn wrong(step: Step, prediction: &Prediction, now: &Player, actual: u32) -> Wrong {
    let cells =
        |from: i32, to: i32| (f64::from(to) - f64::from(from)) / f64::from(1 << FRACTION_BITS);
    let (x, y) = (
        cells(prediction.x, now.pos.x.to_bits()),
        cells(prediction.y, now.pos.y.to_bits()),
    );
    Wrong {
        step,
        seq: prediction.seq,
        predicted: prediction.hash,
        actual,
        distance: x.hypot(y),
    }
}
