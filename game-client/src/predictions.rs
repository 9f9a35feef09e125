//! What was predicted, input by input: this machine's word, to be held against a rerun of the room's recording.

use std::collections::VecDeque;

use netcode::Client;
use serde::Serialize;

/// Predictions that are kept: half an hour of them.
const KEPT_MAX: usize = 30 * 60 * 60;

/// The own player after an input, as it was predicted at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
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

/// What was predicted, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Predictions {
    kept: VecDeque<Prediction>,
    next: Option<u32>,
}

impl Predictions {
    /// The client has stepped.
    pub(crate) fn note(&mut self, client: &Client) {
        let end = client.next_seq();
        let begins = self.next.filter(|next| end.wrapping_sub(*next) < 1_024);
        let mut seq = begins.unwrap_or_else(|| end.wrapping_sub(1));
        while seq != end {
            if let Some(player) = client.predicted_after(seq) {
                if self.kept.len() >= KEPT_MAX {
                    self.kept.pop_front();
                }
                self.kept.push_back(Prediction {
                    seq,
                    x: player.pos.x.to_bits(),
                    y: player.pos.y.to_bits(),
                    hash: player.predicted_hash(),
                });
            }
            seq = seq.wrapping_add(1);
        }
        self.next = Some(end);
    }

    /// All that are kept.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Prediction> {
        self.kept.iter()
    }
}
