//! What the client knows at this moment, whatever was drawn of it: for tests that wait until everybody agrees.

use serde::Serialize;
use sim_core::{Buttons, PlayerId, Point, Velocity};

use super::Game;
use crate::aim::cells;
use crate::socket::Dial;

/// Units of a velocity in a cell.
const CELL: f32 = 65_536.0;

/// Where a player is, and whether anything moves it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownPlayer {
    /// The player's number.
    pub id: u16,
    /// In cells from the left edge, exactly.
    pub x: f32,
    /// In cells from the upper edge, exactly.
    pub y: f32,
    /// Cells a step to the right.
    pub vx: f32,
    /// Cells a step down.
    pub vy: f32,
    /// Whether any button is held.
    pub held: bool,
}

/// What the client knows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// Step of the newest snapshot.
    pub step: u64,
    /// Whether nothing moves in the room, as it says, and nothing of the own player's would: no snapshot need follow.
    pub rests: bool,
    /// The own player as predicted; none before the first snapshot with it.
    pub own: Option<KnownPlayer>,
    /// Everybody as of the newest snapshot, the own player among them.
    pub told: Vec<KnownPlayer>,
}

impl<D: Dial> Game<D> {
    /// What the client knows at this moment.
    #[must_use]
    pub fn known(&self) -> Known {
        let client = self.client();
        let own = client.predicted();
        let view = client.view();
        let players = view.into_iter().flat_map(|view| &view.players);
        Known {
            step: client.stats().step.0,
            rests: client.rests(),
            own: own.map(|own| known(own.id, own.pos, own.vel, own.buttons)),
            told: players
                .map(|(id, told)| known(*id, told.pos, told.vel, told.buttons))
                .collect(),
        }
    }
}

fn known(id: PlayerId, pos: Point, vel: Velocity, buttons: Buttons) -> KnownPlayer {
    let (x, y) = cells(pos);
    KnownPlayer {
        id: id.0,
        x,
        y,
        vx: vel.x.to_bits() as f32 / CELL,
        vy: vel.y.to_bits() as f32 / CELL,
        held: !buttons.is_empty(),
    }
}
