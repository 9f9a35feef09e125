//! The predicted present: the own player, the own shots, and the structures that both meet.
//!
//! * A step of the own player is the world's own, see [`sim_core::player_step`].
//! * What only the authority knows is not guessed: hits, deaths, damage to structures, and where a respawn happens.

use alloc::vec::Vec;

use protocol::limits::ENTITY_ID_LAST;
use sim_core::player_step::{self, Surroundings};
use sim_core::projectile::{Flight, advance, spawn};
use sim_core::rules::{BUILD_COOLDOWN, PROJECTILES_MAX};
use sim_core::{
    Action, Aim, Buttons, Effect, Player, PlayerId, Point, Projectile, ProjectileId, Reject,
    StructureId, Structures,
};

/// Ids from which on structures are own placings that the authority has not named: it never comes here.
const PROVISIONAL_FROM: u32 = ENTITY_ID_LAST + 1;
/// How many there are, before the first is used again. A history is far shorter.
const PROVISIONAL_IDS: u32 = u32::MAX - ENTITY_ID_LAST;

const _: () = assert!(
    BUILD_COOLDOWN.0 > 0,
    "one step places one structure, so its input names it"
);

/// An own shot in the predicted state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OwnShot {
    /// The input that fired it, if it is known.
    pub(crate) fired_by: Option<u32>,
    /// Its state; the id is the authority's if `fired_by` is not known, and meaningless otherwise.
    pub(crate) projectile: Projectile,
}

/// The predicted state.
#[derive(Clone, Debug)]
pub(crate) struct PredictedState {
    pub(crate) player: Player,
    pub(crate) known: Known,
}

/// What is known of the room around the own player.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) structures: Structures,
    pub(crate) shots: Vec<OwnShot>,
    /// Middles of the other living players, as of the newest snapshot.
    pub(crate) others: Vec<Point>,
}

/// The same on the step of an input, which names what the authority has not named yet.
struct AtInput<'k> {
    known: &'k mut Known,
    seq: u32,
}

/// The name of what is placed with this input, until the authority gives it one: the same however often the input is run
/// again.
fn provisional(seq: u32) -> StructureId {
    StructureId(PROVISIONAL_FROM + seq % PROVISIONAL_IDS)
}

/// Whether the structure is an own placing that the authority has not named.
pub(crate) const fn is_provisional(id: StructureId) -> bool {
    id.0 >= PROVISIONAL_FROM
}

impl PredictedState {
    /// The step of one input. `said` is told of each action what became of it.
    pub(crate) fn step(
        &mut self,
        seq: u32,
        buttons: Buttons,
        actions: impl IntoIterator<Item = Action>,
        said: impl FnMut(Action, Result<Effect, Reject>),
    ) {
        let Self { player, known } = self;
        let mut around = AtInput { known, seq };
        player_step::step(player, buttons, actions, &mut around, said);
        fly(&mut known.shots, &known.structures);
    }
}

impl Surroundings for AtInput<'_> {
    fn structures(&self) -> &Structures {
        &self.known.structures
    }

    fn structures_mut(&mut self) -> &mut Structures {
        &mut self.known.structures
    }

    fn others(&self, _: PlayerId) -> impl Iterator<Item = Point> {
        self.known.others.iter().copied()
    }

    fn name_shot(&mut self) -> Result<ProjectileId, Reject> {
        if self.known.shots.len() >= PROJECTILES_MAX {
            return Err(Reject::ProjectileLimit);
        }
        Ok(ProjectileId(self.seq))
    }

    fn launch(&mut self, shot: Projectile) {
        self.known.shots.push(OwnShot {
            fired_by: Some(self.seq),
            projectile: shot,
        });
    }

    fn name_structure(&mut self) -> Result<StructureId, Reject> {
        Ok(provisional(self.seq))
    }

    fn is_public(&self, id: StructureId) -> bool {
        !is_provisional(id)
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

#[cfg(test)]
mod tests {
    use sim_core::{Cell, Frame, Join, Look, Rng, SavedPlayer, StructureKind, World};

    use super::*;

    const ME: PlayerId = PlayerId(4);

    #[test]
    fn placings_of_a_whole_history_have_ids_of_their_own() {
        let ids: alloc::collections::BTreeSet<StructureId> = (0..1_000).map(provisional).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.into_iter().all(is_provisional));
        assert!(!is_provisional(StructureId(ENTITY_ID_LAST)));
    }

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
            let mut state = PredictedState {
                player: *world.player(ME).expect("it joined"),
                known: Known {
                    structures: world.structures().clone(),
                    shots: Vec::new(),
                    others: alloc::vec![Cell { x: 22, y: 20 }.centre()],
                },
            };
            let mut held = Buttons::NONE;
            for seq in 0..600 {
                if rng.chance(1, 12) {
                    held = Buttons::from_bits_truncate(rng.next_u32() as u8);
                }
                let action = any_action(&mut rng, &world);
                let mut frame = Frame {
                    buttons: alloc::vec![(ME, held)],
                    ..Frame::default()
                };
                frame
                    .commands
                    .extend(action.map(|action| (ME, action.into())));
                world.step(&frame);
                let mut said = Vec::new();
                state.step(seq, held, action, |_, result| said.push(result.err()));
                let refused: Vec<_> = world.results().iter().map(|result| result.err()).collect();
                assert_eq!(said, refused, "seed {seed}, {action:?}");
                assert_eq!(Some(&state.player), world.player(ME), "seed {seed}");
                // Damage and names are the authority's.
                state.known.structures.clone_from(world.structures());
                let flying = world.projectiles().iter().map(|shot| (shot.pos, shot.life));
                let predicted = state
                    .known
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
        let mut state = PredictedState {
            player: *world.player(ME).expect("it joined"),
            known: Known {
                structures: Structures::new(),
                shots: Vec::new(),
                others: Vec::new(),
            },
        };
        let cell = Cell { x: 21, y: 20 };
        let kind = StructureKind::Wall;
        let mut act = |seq, action| {
            let mut said = None;
            state.step(seq, Buttons::NONE, [action], |_, result| {
                said = Some(result)
            });
            said.expect("it is told of")
        };
        let Ok(Effect::Placed(placed)) = act(7, Action::Place { cell, kind }) else {
            panic!("nothing is in the way");
        };
        assert!(is_provisional(placed.id));
        let refused = Err(Reject::UnknownStructure);
        assert_eq!(act(8, Action::Remove { id: placed.id }), refused);
        assert!(state.known.structures.at(cell).is_some());
    }

    fn any_action(rng: &mut Rng, world: &World) -> Option<Action> {
        let at = world.player(ME).and_then(|me| me.pos.cell())?;
        let near = |rng: &mut Rng, axis: u8| (axis + rng.below(9) as u8).saturating_sub(4);
        match rng.below(30) {
            0 => Some(Action::Fire {
                aim: Aim(rng.next_u32() as u16),
            }),
            1 => Some(Action::Place {
                cell: Cell {
                    x: near(rng, at.x),
                    y: near(rng, at.y),
                },
                kind: StructureKind::ALL[rng.below(3) as usize],
            }),
            2 => Some(Action::Remove {
                id: StructureId(rng.below(world.next_structure().0)),
            }),
            _ => None,
        }
    }
}
