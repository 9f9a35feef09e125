//! What has happened between two moments that were shown, seen by comparing them.
//!
//! * What is seen happens when it is seen: others are shown in the past, and so is what befalls them.
//! * The game and the viewer share this: neither needs to be told of events.

use std::collections::BTreeMap;

use netcode::ShotKey;
use sim_core::{PlayerId, Structure, StructureId, Structures};

use super::{Effect, Effects, Facings, Place, Shown, ShownPlayer};
use crate::aim::cells;
use crate::art::{Palette, Rgb};

const STONE: Rgb = Rgb(0xa4, 0xae, 0xbc);
/// A shot that ends so near to a player, in cells, has hit it: the player tells of it.
const NEAR: f32 = 0.8;

#[derive(Clone, Copy, Debug)]
struct Was {
    health: u8,
    alive: bool,
    at: Place,
}

/// What was shown last.
#[derive(Clone, Debug, Default)]
pub struct Happenings {
    players: BTreeMap<PlayerId, Was>,
    shots: BTreeMap<ShotKey, Place>,
    structures: BTreeMap<StructureId, Structure>,
    digest: Option<u64>,
    begun: bool,
}

impl Happenings {
    /// The next moment shown has nothing to do with the last.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// A moment is shown.
    pub fn see(
        &mut self,
        shown: &Shown<'_>,
        palette: Palette,
        effects: &mut Effects,
        facings: &mut Facings,
    ) {
        self.see_players(shown.players, palette, effects);
        self.see_shots(shown, effects, facings);
        self.see_structures(shown.structures, effects);
        self.begun = true;
    }

    fn see_players(&mut self, players: &[ShownPlayer], palette: Palette, effects: &mut Effects) {
        let mut now = BTreeMap::new();
        for shown in players {
            let player = &shown.player;
            let tint = palette.player(player.look.colour);
            let (at, alive, health) = (shown.at, player.is_alive(), player.health);
            match self.players.get(&player.id) {
                Some(was) if was.alive && !alive => effects.show(Effect::Died { at: was.at, tint }),
                Some(was) if !was.alive && alive => effects.show(Effect::Appeared { at, tint }),
                Some(was) if health < was.health => effects.show(Effect::Hit { at, tint }),
                None if self.begun && alive => effects.show(Effect::Appeared { at, tint }),
                Some(_) | None => {}
            }
            now.insert(player.id, Was { health, alive, at });
        }
        self.players = now;
    }

    fn see_shots(&mut self, shown: &Shown<'_>, effects: &mut Effects, facings: &mut Facings) {
        let mut now = BTreeMap::new();
        for shot in shown.shots {
            if !self.shots.contains_key(&shot.key) {
                if shown.own != Some(shot.owner) {
                    facings.shot(shot.owner, shot.angle);
                }
                let shooter = self.players.get(&shot.owner);
                if let Some(was) = shooter.filter(|_| self.begun) {
                    let angle = shot.angle;
                    effects.show(Effect::Fired { at: was.at, angle });
                }
            }
            now.insert(shot.key, shot.at);
        }
        for (key, at) in &self.shots {
            let hit = |was: &Was| (was.at.0 - at.0).hypot(was.at.1 - at.1) < NEAR;
            if !now.contains_key(key) && !self.players.values().any(hit) {
                effects.show(Effect::Ended { at: *at });
            }
        }
        self.shots = now;
    }

    fn see_structures(&mut self, structures: &Structures, effects: &mut Effects) {
        if self.digest.replace(structures.digest()) == Some(structures.digest()) {
            return;
        }
        let now: BTreeMap<StructureId, Structure> =
            structures.iter().map(|one| (one.id, *one)).collect();
        if self.begun {
            for (id, one) in &now {
                let at = cells(one.cell.centre());
                match self.structures.get(id) {
                    Some(was) if one.hp < was.hp => effects.show(Effect::Hit { at, tint: STONE }),
                    // One that the authority has named stands where the predicted one stood.
                    None if !self.stood(one) => effects.show(Effect::Built { at }),
                    Some(_) | None => {}
                }
            }
            for one in self.structures.values() {
                if structures.at(one.cell).is_none() {
                    effects.show(Effect::Fell {
                        at: cells(one.cell.centre()),
                    });
                }
            }
        }
        self.structures = now;
    }

    fn stood(&self, one: &Structure) -> bool {
        self.structures.values().any(|was| was.cell == one.cell)
    }
}
