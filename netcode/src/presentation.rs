//! What is drawn: the own player ahead of the authority, everybody else behind it. Nothing drawn flows back.

use alloc::vec::Vec;

use sim_core::{Player, PlayerId, Point, Structures};

use crate::link::Link;
use crate::scene::{DrawnPlayer, DrawnShot, Scene};
use crate::time::Micros;

mod interpolate;
mod visual_correction;

pub(crate) use interpolate::between_steps;
use visual_correction::VisualCorrection;

/// What is predicted, between the last two steps.
#[derive(Debug)]
pub(crate) struct OwnSide<'a> {
    /// Whose player it is.
    pub(crate) me: Option<PlayerId>,
    /// The own player.
    pub(crate) player: Option<Player>,
    /// The own shots.
    pub(crate) shots: Vec<DrawnShot>,
    /// All structures, as far as they are known.
    pub(crate) structures: &'a Structures,
}

/// How things are drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Presentation {
    visual_correction: VisualCorrection,
}

impl Presentation {
    /// Where the own player is drawn that is in `to`.
    pub(crate) fn drawn(&self, now: Micros, to: Point) -> Point {
        self.visual_correction.apply(now, to)
    }

    /// The own player goes on being drawn in `from` and slides to where it is, if that is a way it could have gone.
    pub(crate) fn smooth_correction(
        &mut self,
        now: Micros,
        from: Point,
        to: Point,
        same_life: bool,
    ) {
        if same_life {
            self.visual_correction.hide(now, from, to);
        } else {
            self.visual_correction.clear();
        }
    }

    /// The own player is drawn where it is.
    pub(crate) fn begin(&mut self) {
        self.visual_correction.clear();
    }

    /// What to draw now.
    pub(crate) fn scene<'a>(
        &self,
        now: Micros,
        link: &Link,
        own: OwnSide<'a>,
        frozen: bool,
    ) -> Scene<'a> {
        let time = link.drawn_time(now);
        let (mut players, mut shots) = match time {
            Some(time) => interpolate::others(link.views(), time, own.me, own.structures),
            None => (Vec::new(), Vec::new()),
        };
        if link.is_playing() && link.is_room_idle() {
            // Nothing newer is to be known.
            for player in &mut players {
                player.frozen = false;
            }
        }
        shots.extend(own.shots);
        let local = own.player.map(|mut player| {
            player.pos = self.drawn(now, player.pos);
            DrawnPlayer { player, frozen }
        });
        Scene {
            time,
            local,
            players,
            shots,
            structures: own.structures,
        }
    }
}
