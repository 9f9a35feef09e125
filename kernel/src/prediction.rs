//! One step of a client's prediction, again: what `netcode` does to the own player and the structures that it meets.
//!
//! The step is the world's own, see [`sim_core::player_step`]. Own shots are left out: they change nothing of the player who
//! fired them.

use std::sync::Arc;

use sim_core::player_step::{self, Surroundings};
use sim_core::{
    Action, Buttons, Player, PlayerId, Point, Projectile, ProjectileId, Reject, StructureId,
    Structures,
};

/// A client's prediction of its own player.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The predicted player.
    pub player: Player,
    known: Known,
}

/// What the client knew of the room around its player.
#[derive(Clone, Debug)]
struct Known {
    structures: Arc<Structures>,
    /// Middles of the other living players, as of the snapshot.
    others: Vec<Point>,
    /// Structures that the prediction has placed: their names count down from the last one there is.
    placed: u32,
}

impl Prediction {
    /// Begins with what a snapshot shows.
    #[must_use]
    pub fn of(player: Player, structures: Arc<Structures>, players: &[Player]) -> Self {
        let others = players
            .iter()
            .filter(|other| other.id != player.id && other.is_alive())
            .map(|other| other.pos)
            .collect();
        Self {
            player,
            known: Known {
                structures,
                others,
                placed: 0,
            },
        }
    }

    /// The step of one input and of what was done on it.
    pub fn step(&mut self, buttons: Buttons, actions: impl Iterator<Item = Action>) {
        // What is not possible changes nothing, for the client as for the authority.
        player_step::step(
            &mut self.player,
            buttons,
            actions,
            &mut self.known,
            |_, _| {},
        );
    }
}

impl Surroundings for Known {
    fn structures(&self) -> &Structures {
        &self.structures
    }

    fn structures_mut(&mut self) -> &mut Structures {
        Arc::make_mut(&mut self.structures)
    }

    fn others(&self, _: PlayerId) -> impl Iterator<Item = Point> {
        self.others.iter().copied()
    }

    fn name_shot(&mut self) -> Result<ProjectileId, Reject> {
        Ok(ProjectileId(0))
    }

    fn launch(&mut self, _: Projectile) {}

    fn name_structure(&mut self) -> Result<StructureId, Reject> {
        let id = StructureId(u32::MAX - self.placed);
        self.placed += 1;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use sim_core::{Aim, Cell, Frame, Join, Look, StructureKind, World};

    use super::*;

    const ME: PlayerId = PlayerId(1);

    fn me(world: &World) -> Player {
        *world.player(ME).expect("it has joined")
    }

    #[test]
    fn an_outline_walks_and_acts_as_the_world_lets_it() {
        let mut world = World::new(3);
        let join = Join {
            player: ME,
            look: Look::default(),
            saved: None,
        };
        world.step(&Frame {
            joins: vec![join],
            ..Frame::default()
        });
        let structures = Arc::new(world.structures().clone());
        let mut predicted = Prediction::of(me(&world), structures, world.players());
        let at = me(&world).pos.cell().expect("it is in the arena");
        let cell = Cell {
            x: at.x,
            y: at.y ^ 2,
        };
        let kind = StructureKind::Wall;
        let actions = [
            Action::Fire { aim: Aim(9_000) },
            Action::Place { cell, kind },
        ];
        for buttons in [Buttons::UP, Buttons::DOWN, Buttons::NONE] {
            predicted.step(buttons, actions.into_iter());
            world.step(&Frame {
                buttons: vec![(ME, buttons)],
                commands: actions.map(|action| (ME, action.into())).to_vec(),
                ..Frame::default()
            });
            assert_eq!(predicted.player, me(&world));
            assert!(!predicted.player.fire_wait.is_zero());
            assert!(predicted.known.structures.at(cell).is_some());
        }
    }
}
