//! The predicted present: the own player, the own shots, and the structures that both meet.
//!
//! * A step here does to the own player what `World::step` does to it, in the same order: hold, walk, act, fly, wait.
//!   Every check and every movement is `sim_core`'s own.
//! * What only the authority knows is not guessed: hits, deaths, damage to structures, and where a respawn happens.

use alloc::vec::Vec;

use protocol::limits::ENTITY_ID_LAST;
use sim_core::build::{check_place, check_remove};
use sim_core::projectile::{Flight, advance, check_fire, spawn};
use sim_core::rules::{BUILD_COOLDOWN, FIRE_COOLDOWN, PROJECTILES_MAX};
use sim_core::{
    Aim, Buttons, Cell, Player, Point, Projectile, ProjectileId, Reject, Steps, Structure,
    StructureId, StructureKind, Structures, movement,
};

/// Things that a player can do in one step. The cooldowns allow one of each; the rest is for removals.
pub(crate) const DEEDS_PER_STEP_MAX: usize = 4;
/// Ids from which on structures are own placings that the authority has not named: it never comes here.
const PROVISIONAL_FROM: u32 = ENTITY_ID_LAST + 1;
/// How many there are, before the first is used again. A history is far shorter.
const PROVISIONAL_IDS: u32 = u32::MAX - ENTITY_ID_LAST;

/// Something that a player does on the step of one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Fire { aim: Aim },
    Place { cell: Cell, kind: StructureKind },
    Remove { id: StructureId },
}

/// An own shot in the predicted present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnShot {
    /// The input that fired it, if it is known.
    pub(crate) fired_by: Option<u32>,
    /// Its state; the id is the authority's if `fired_by` is not known, and meaningless otherwise.
    pub(crate) projectile: Projectile,
}

/// The predicted present.
#[derive(Clone, Debug)]
pub(crate) struct Present {
    pub(crate) player: Player,
    pub(crate) structures: Structures,
    pub(crate) shots: Vec<OwnShot>,
    /// Middles of the other living players, as of the newest snapshot.
    pub(crate) others: Vec<Point>,
}

/// The name of an own placing until the authority gives it one: the same however often the input is run again.
fn provisional(seq: u32, index: usize) -> StructureId {
    let within = seq
        .wrapping_mul(DEEDS_PER_STEP_MAX as u32)
        .wrapping_add(index as u32)
        % PROVISIONAL_IDS;
    StructureId(PROVISIONAL_FROM + within)
}

/// Whether the structure is an own placing that the authority has not named.
pub(crate) const fn is_provisional(id: StructureId) -> bool {
    id.0 >= PROVISIONAL_FROM
}

impl Present {
    /// The first half of a step: what is held, and where that leads.
    pub(crate) fn walk(&mut self, buttons: Buttons) {
        self.player.buttons = buttons;
        if self.player.is_alive() {
            let mut body = self.player.body();
            movement::advance(&mut body, buttons, &self.structures, self.player.id);
            self.player.pos = body.pos;
            self.player.vel = body.vel;
        }
    }

    /// The deed with this index on the step of this input.
    pub(crate) fn act(&mut self, seq: u32, index: usize, deed: Deed) -> Result<(), Reject> {
        match deed {
            Deed::Fire { aim } => self.fire(seq, aim),
            Deed::Place { cell, kind } => self.place(provisional(seq, index), cell, kind),
            Deed::Remove { id } => self.remove(id),
        }
    }

    /// The second half of a step: shots fly, waits run.
    pub(crate) fn finish(&mut self) {
        fly(&mut self.shots, &self.structures);
        wait(&mut self.player);
    }

    fn fire(&mut self, seq: u32, aim: Aim) -> Result<(), Reject> {
        check_fire(&self.player)?;
        if self.shots.len() >= PROJECTILES_MAX {
            return Err(Reject::ProjectileLimit);
        }
        self.player.fire_wait = FIRE_COOLDOWN;
        self.player.protected = Steps::ZERO;
        self.shots.push(own_shot(&self.player, aim, seq));
        Ok(())
    }

    fn place(&mut self, id: StructureId, cell: Cell, kind: StructureKind) -> Result<(), Reject> {
        let living = self.others.iter().copied().chain(
            [self.player.pos]
                .into_iter()
                .filter(|_| self.player.is_alive()),
        );
        check_place(&self.structures, living, &self.player, cell, kind)?;
        self.structures
            .insert(Structure {
                id,
                owner: self.player.id,
                kind,
                cell,
                hp: kind.hp_max(),
            })
            .map_err(|_| Reject::IdsExhausted)?;
        self.player.build_wait = BUILD_COOLDOWN;
        self.player.preview = None;
        Ok(())
    }

    fn remove(&mut self, id: StructureId) -> Result<(), Reject> {
        // The authority has never heard of what it has not named.
        if is_provisional(id) {
            return Err(Reject::UnknownStructure);
        }
        check_remove(&self.structures, &self.player, id)?;
        self.structures.remove(id);
        Ok(())
    }
}

/// The shot that the player fires with this input.
pub(crate) fn own_shot(player: &Player, aim: Aim, seq: u32) -> OwnShot {
    OwnShot {
        fired_by: Some(seq),
        projectile: spawn(player, aim, ProjectileId(seq)),
    }
}

/// One step of all own shots. Whom they hit is the authority's to say.
pub(crate) fn fly(shots: &mut Vec<OwnShot>, structures: &Structures) {
    shots.retain_mut(|shot| match advance(&mut shot.projectile, structures) {
        Flight::Edge | Flight::Structure(_) => false,
        Flight::Free => !shot.projectile.life.is_zero(),
    });
}

fn wait(player: &mut Player) {
    player.fire_wait = player.fire_wait.one_less();
    player.build_wait = player.build_wait.one_less();
    player.protected = player.protected.one_less();
    // The last step of the wait for respawn is the authority's: it chooses the place.
    if player.respawn_wait > Steps(1) {
        player.respawn_wait = player.respawn_wait.one_less();
    }
}

#[cfg(test)]
mod tests {
    use sim_core::{Command, Frame, Join, Look, PlayerId, Rng, SavedPlayer, World};

    use super::*;

    const ME: PlayerId = PlayerId(4);

    fn join(player: PlayerId, cell: Cell) -> Join {
        Join {
            player,
            look: Look::default(),
            saved: Some(SavedPlayer {
                pos: cell.centre(),
                vel: sim_core::Velocity::ZERO,
                health: 100,
                score: 0,
                deaths: 0,
            }),
        }
    }

    #[test]
    fn a_predicted_step_is_the_worlds_step() {
        for seed in 0..40 {
            let mut rng = Rng::new(seed);
            let mut world = World::new(seed);
            world.step(&Frame {
                joins: alloc::vec![
                    join(ME, Cell { x: 20, y: 20 }),
                    join(PlayerId(9), Cell { x: 22, y: 20 }),
                ],
                ..Frame::default()
            });
            let mut present = Present {
                player: *world.player(ME).expect("it joined"),
                structures: world.structures().clone(),
                shots: Vec::new(),
                others: alloc::vec![Cell { x: 22, y: 20 }.centre()],
            };
            let mut held = Buttons::NONE;
            for seq in 0..600 {
                if rng.chance(1, 12) {
                    held = Buttons::from_bits_truncate(rng.next_u32() as u8);
                }
                let deed = any_deed(&mut rng, &world);
                let mut frame = Frame {
                    buttons: alloc::vec![(ME, held)],
                    ..Frame::default()
                };
                present.walk(held);
                if let Some(deed) = deed {
                    let possible = present.act(seq, 0, deed).is_ok();
                    frame.commands.push((ME, command(deed)));
                    world.step(&frame);
                    let rejected = world
                        .events()
                        .iter()
                        .any(|event| matches!(event, sim_core::Event::Rejected { .. }));
                    assert_eq!(possible, !rejected, "seed {seed}, {deed:?}");
                } else {
                    world.step(&frame);
                }
                present.finish();
                assert_eq!(Some(&present.player), world.player(ME), "seed {seed}");
                // Damage and names are the authority's.
                present.structures.clone_from(world.structures());
                let flying = world.projectiles().iter().map(|shot| (shot.pos, shot.life));
                let predicted = present
                    .shots
                    .iter()
                    .map(|shot| (shot.projectile.pos, shot.projectile.life));
                if world
                    .player(PlayerId(9))
                    .is_some_and(|other| other.health == 100)
                {
                    assert!(flying.eq(predicted), "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn what_the_authority_has_not_named_cannot_be_removed() {
        let mut world = World::new(1);
        world.step(&Frame {
            joins: alloc::vec![join(ME, Cell { x: 20, y: 20 })],
            ..Frame::default()
        });
        let mut present = Present {
            player: *world.player(ME).expect("it joined"),
            structures: Structures::new(),
            shots: Vec::new(),
            others: Vec::new(),
        };
        let cell = Cell { x: 21, y: 20 };
        let kind = StructureKind::Wall;
        assert_eq!(present.act(7, 0, Deed::Place { cell, kind }), Ok(()));
        let placed = present.structures.at(cell).expect("it was placed").id;
        assert!(is_provisional(placed));
        let refused = Err(Reject::UnknownStructure);
        assert_eq!(present.act(8, 0, Deed::Remove { id: placed }), refused);
        assert!(present.structures.at(cell).is_some());
    }

    fn any_deed(rng: &mut Rng, world: &World) -> Option<Deed> {
        let at = world.player(ME).and_then(|me| me.pos.cell())?;
        let near = |rng: &mut Rng, axis: u8| (axis + rng.below(9) as u8).saturating_sub(4);
        match rng.below(30) {
            0 => Some(Deed::Fire {
                aim: Aim(rng.next_u32() as u16),
            }),
            1 => Some(Deed::Place {
                cell: Cell {
                    x: near(rng, at.x),
                    y: near(rng, at.y),
                },
                kind: StructureKind::ALL[rng.below(3) as usize],
            }),
            2 => Some(Deed::Remove {
                id: StructureId(rng.below(world.next_structure().0)),
            }),
            _ => None,
        }
    }

    fn command(deed: Deed) -> Command {
        match deed {
            Deed::Fire { aim } => Command::Fire { aim },
            Deed::Place { cell, kind } => Command::Place { cell, kind },
            Deed::Remove { id } => Command::Remove { id },
        }
    }
}
