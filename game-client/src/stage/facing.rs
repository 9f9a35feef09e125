//! Which way the others look. The rules do not say: it is where they last shot, and after a while where they walk.

use std::collections::BTreeMap;
use std::f32::consts::{PI, TAU};

use sim_core::{Player, PlayerId};

/// After a shot, how long somebody looks after it, in seconds.
const LOOKS_AFTER: f32 = 0.8;
/// Part of a turn that is left after a second.
const LEFT_AFTER_SECOND: f32 = 0.000_01;
/// Slower than this, in units of velocity, nobody turns: 0.01 cells a step.
const WALKS: i32 = 655;

#[derive(Clone, Copy, Debug)]
struct Facing {
    angle: f32,
    wanted: f32,
    /// How long it is not yet about walking, in seconds.
    aims: f32,
    seen: bool,
}

/// Which way everybody looks.
#[derive(Clone, Debug, Default)]
pub struct Facings {
    of: BTreeMap<PlayerId, Facing>,
}

impl Facings {
    /// Somebody shoots.
    pub fn shot(&mut self, player: PlayerId, angle: f32) {
        if let Some(facing) = self.of.get_mut(&player) {
            facing.wanted = angle;
            facing.aims = LOOKS_AFTER;
        }
    }

    /// Somebody looks this way, at once.
    pub fn turn(&mut self, player: PlayerId, angle: f32) {
        if let Some(facing) = self.of.get_mut(&player) {
            facing.wanted = angle;
            facing.angle = angle;
            facing.aims = LOOKS_AFTER;
        }
    }

    /// Time passes for everybody who is there; who is not there any more is forgotten.
    pub fn advance<'a>(&mut self, players: impl Iterator<Item = &'a Player>, seconds: f32) {
        for facing in self.of.values_mut() {
            facing.seen = false;
        }
        let left = LEFT_AFTER_SECOND.powf(seconds.clamp(0.0, 1.0));
        for player in players {
            let facing = self.of.entry(player.id).or_insert(Facing {
                angle: 0.0,
                wanted: 0.0,
                aims: 0.0,
                seen: true,
            });
            facing.seen = true;
            facing.aims -= seconds;
            let (x, y) = (player.vel.x.to_bits(), player.vel.y.to_bits());
            if facing.aims <= 0.0 && x.abs().max(y.abs()) > WALKS {
                facing.wanted = (y as f32).atan2(x as f32);
            }
            let turn = (facing.wanted - facing.angle + PI).rem_euclid(TAU) - PI;
            facing.angle = facing.wanted - turn * left;
        }
        self.of.retain(|_, facing| facing.seen);
    }

    /// Which way somebody looks.
    #[must_use]
    pub fn angle(&self, player: PlayerId) -> f32 {
        self.of.get(&player).map_or(0.0, |facing| facing.angle)
    }
}
