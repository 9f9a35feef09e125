//! Shots that hit, deaths, waits and respawns: the end of every step.

use alloc::vec::Vec;

use crate::event::Event;
use crate::geometry::{Cell, Velocity};
use crate::player::Player;
use crate::player_step;
use crate::projectile::{Flight, Projectile, advance};
use crate::rng::Rng;
use crate::rules::{
    ARENA_AREA, ARENA_CELLS, PLAYER_HALF_BOX, PLAYERS_MAX, RESPAWN_WAIT, SHOT_DAMAGE,
};
use crate::structures::{Damaged, Structures};
use crate::units::Steps;
use crate::world::World;

impl World {
    /// All shots fly one step; those that end have their effect and are gone.
    pub(crate) fn fly(&mut self) {
        let Self {
            players,
            structures,
            projectiles,
            events,
            ..
        } = self;
        if projectiles.is_empty() {
            return;
        }
        let boxes = Boxes::of(players);
        projectiles.retain_mut(|shot| match advance(shot, structures) {
            Flight::Edge => false,
            Flight::Structure(cell) => {
                if let Some(Damaged::Destroyed(gone)) = structures.damage(cell, SHOT_DAMAGE) {
                    events.push(Event::Destroyed {
                        id: gone.id,
                        by: shot.owner,
                        cell,
                    });
                }
                false
            }
            Flight::Free => match boxes.target(players, shot) {
                Some(seat) => {
                    hit(players, seat, shot, events);
                    false
                }
                None => !shot.life.is_zero(),
            },
        });
    }

    /// All waits run one step down; whose respawn is due is back.
    pub(crate) fn run_waits(&mut self) {
        let Self {
            players,
            structures,
            rng,
            events,
            ..
        } = self;
        for player in players {
            if player_step::wait(player, || Some(free_cell(rng, structures))) {
                events.push(Event::Respawned { player: player.id });
            }
        }
    }
}

/// Left and upper edges of all players' boxes. Every shot is held against every player, so they lie in two arrays of one
/// length, which compilers compare several at a time.
struct Boxes {
    left: [i32; PLAYERS_MAX],
    upper: [i32; PLAYERS_MAX],
}

impl Boxes {
    fn of(players: &[Player]) -> Self {
        // Nothing in the arena is in a box that begins at the smallest number.
        let mut boxes = Self {
            left: [i32::MIN; PLAYERS_MAX],
            upper: [i32::MIN; PLAYERS_MAX],
        };
        let edges = boxes.left.iter_mut().zip(&mut boxes.upper);
        for ((left, upper), player) in edges.zip(players) {
            *left = (player.pos.x - PLAYER_HALF_BOX).to_bits();
            *upper = (player.pos.y - PLAYER_HALF_BOX).to_bits();
        }
        boxes
    }

    /// The seat of whom the shot hits: the first, by id, whose box it is in, except its owner, the dead and the protected.
    fn target(&self, players: &[Player], shot: &Projectile) -> Option<usize> {
        const SIDE: u32 = PLAYER_HALF_BOX.to_bits().cast_unsigned() << 1;
        let (x, y) = (shot.pos.x.to_bits(), shot.pos.y.to_bits());
        // In the arena, the difference before an edge is negative: far above the box as an unsigned number.
        let covers = |left: i32, upper: i32| {
            (x.wrapping_sub(left).cast_unsigned() < SIDE)
                & (y.wrapping_sub(upper).cast_unsigned() < SIDE)
        };
        let edges = || self.left.iter().zip(&self.upper);
        // Almost no shot is in any box, which a loop without a way out says fastest.
        if !edges().fold(false, |any, (left, upper)| any | covers(*left, *upper)) {
            return None;
        }
        edges().zip(players).position(|((left, upper), player)| {
            covers(*left, *upper)
                && player.id != shot.owner
                && player.is_alive()
                && player.protected.is_zero()
        })
    }
}

fn hit(players: &mut [Player], seat: usize, shot: &Projectile, events: &mut Vec<Event>) {
    let Some(player) = players.get_mut(seat) else {
        return;
    };
    player.health = player.health.saturating_sub(SHOT_DAMAGE);
    let (hurt, health) = (player.id, player.health);
    events.push(Event::Hit {
        player: hurt,
        by: shot.owner,
        damage: SHOT_DAMAGE,
        health,
    });
    if health > 0 {
        return;
    }
    kill(player);
    events.push(Event::Died {
        player: hurt,
        by: shot.owner,
    });
    if let Ok(seat) = players.binary_search_by_key(&shot.owner, |player| player.id)
        && let Some(owner) = players.get_mut(seat)
    {
        owner.score = owner.score.saturating_add(1);
    }
}

fn kill(player: &mut Player) {
    player.health = 0;
    player.vel = Velocity::ZERO;
    player.preview = None;
    player.protected = Steps::ZERO;
    player.respawn_wait = RESPAWN_WAIT;
    player.deaths = player.deaths.saturating_add(1);
}

/// A cell without a structure: the first from a random one on. There always is one, see `rules::STRUCTURES_MAX`.
pub(crate) fn free_cell(rng: &mut Rng, structures: &Structures) -> Cell {
    const AREA: u32 = ARENA_AREA as u32;
    const SIDE: u32 = ARENA_CELLS as u32;
    let start = rng.below(AREA);
    (start..AREA)
        .chain(0..start)
        .map(|index| Cell {
            x: (index % SIDE) as u8,
            y: (index / SIDE) as u8,
        })
        .find(|&cell| structures.at(cell).is_none())
        .expect("fewer structures than cells")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aim::Aim;
    use crate::frame::{Frame, Join};
    use crate::geometry::Point;
    use crate::ids::{PlayerId, ProjectileId};
    use crate::player::Look;
    use crate::units::Shift;

    #[test]
    fn shots_hit_exactly_what_a_box_covers() {
        let joins = alloc::vec![Join {
            player: PlayerId(1),
            look: Look::default(),
            saved: None
        }];
        let mut world = World::new(3);
        world.step(&Frame {
            joins,
            ..Frame::default()
        });
        world.players[0].protected = Steps::ZERO;
        let player = world.players[0];
        let boxes = Boxes::of(&world.players);
        let half = PLAYER_HALF_BOX.to_bits();
        let offsets = [
            -0x1_0000,
            -half - 1,
            -half,
            -1,
            0,
            half - 1,
            half,
            half + 1,
            0x1_0000,
        ]
        .map(Shift::from_bits);
        let mut hits = 0;
        for (x, y) in offsets
            .iter()
            .flat_map(|&x| offsets.iter().map(move |&y| (x, y)))
        {
            let pos = Point {
                x: player.pos.x + x,
                y: player.pos.y + y,
            };
            let shot = Projectile {
                id: ProjectileId(1),
                owner: PlayerId(2),
                aim: Aim(0),
                pos,
                life: Steps(1),
            };
            let hit = boxes.target(&world.players, &shot).is_some();
            assert_eq!(hit, player.covers(pos), "{pos:?}");
            hits += u32::from(hit);
        }
        assert_eq!(hits, 16, "four of the offsets on each axis are inside");
    }
}
