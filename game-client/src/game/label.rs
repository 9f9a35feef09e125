//! Names over players.

use sim_core::PlayerId;

use crate::stage::{Camera, ShownPlayer};

/// How far above a player's middle the name stands, in cells.
const LABEL_ABOVE: f32 = 0.72;

/// A player's name, and where it stands in the viewport.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// Player that it belongs to.
    pub player: PlayerId,
    /// Middle of its lower edge.
    pub at: (f32, f32),
}

impl Label {
    /// The label of a player who is shown.
    pub(crate) fn of(shown: &ShownPlayer, camera: &Camera) -> Self {
        let (x, y) = shown.at;
        Self {
            player: shown.player.id,
            at: camera.point((x, y - LABEL_ABOVE)),
        }
    }
}
