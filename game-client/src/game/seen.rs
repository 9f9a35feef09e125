//! What was drawn last, in numbers: for tests that look at a screen, and for engineers.

use serde::Serialize;
use sim_core::{Player, Structure};

use super::Game;
use crate::hud::word;
use crate::socket::Dial;
use crate::stage::ShownPlayer;

/// A player as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenPlayer {
    /// The player's number.
    pub id: u16,
    /// In cells from the left edge.
    pub x: f32,
    /// In cells from the upper edge.
    pub y: f32,
    /// Health points.
    pub health: u8,
    /// Whether it is in play.
    pub alive: bool,
    /// Whether shots do not hurt it yet.
    pub protected: bool,
}

/// A structure as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenStructure {
    /// Cells from the left edge.
    pub x: u8,
    /// Cells from the upper edge.
    pub y: u8,
    /// What it is.
    pub kind: &'static str,
    /// Hit points.
    pub hp: u8,
}

/// Where the picture is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenFrom {
    /// The middle of the picture, in cells from the left edge.
    pub x: f32,
    /// In cells from the upper edge.
    pub y: f32,
    /// Units of the viewport to a cell.
    pub cell: f32,
}

/// What was drawn last.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// The own player; none before the first snapshot with it.
    pub own: Option<SeenPlayer>,
    /// The others.
    pub players: Vec<SeenPlayer>,
    /// What stands.
    pub structures: Vec<SeenStructure>,
    /// How many shots fly.
    pub shots: usize,
    /// Pictures that were put on each other.
    pub sprites: usize,
    /// Where the picture is taken from.
    pub camera: SeenFrom,
}

impl<D: Dial> Game<D> {
    /// What was drawn last.
    #[must_use]
    pub fn seen(&self) -> Seen {
        let own = self.play.client().player_id();
        let is_own = |shown: &&ShownPlayer| Some(shown.player.id) == own;
        let structure = |one: &Structure| SeenStructure {
            x: one.cell.x,
            y: one.cell.y,
            kind: word(one.kind),
            hp: one.hp,
        };
        let (x, y) = self.camera.centre;
        Seen {
            own: self.shown.iter().find(is_own).map(seen),
            players: self
                .shown
                .iter()
                .filter(|one| !is_own(one))
                .map(seen)
                .collect(),
            structures: self
                .play
                .client()
                .structures()
                .iter()
                .map(structure)
                .collect(),
            shots: self.shots,
            sprites: self.stage.len(),
            camera: SeenFrom {
                x,
                y,
                cell: self.camera.viewport().cell(),
            },
        }
    }
}

fn seen(shown: &ShownPlayer) -> SeenPlayer {
    let Player {
        id,
        health,
        protected,
        ..
    } = shown.player;
    let (x, y) = shown.at;
    SeenPlayer {
        id: id.0,
        x,
        y,
        health,
        alive: shown.player.is_alive(),
        protected: !protected.is_zero(),
    }
}
