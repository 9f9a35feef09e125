//! One step of a client's prediction, again: what `netcode` does to the own player and the structures that it meets.
//!
//! * The same checks and the same movement of `sim_core`, in the same order: hold, walk, act, wait.
//! * Own shots are left out. They change nothing of the player who fired them.

use std::sync::Arc;

use sim_core::build::{check_place, check_remove};
use sim_core::projectile::check_fire;
use sim_core::rules::{BUILD_COOLDOWN, FIRE_COOLDOWN};
use sim_core::{
    Buttons, Cell, Command, Player, Point, Reject, Steps, Structure, StructureId, StructureKind,
    Structures, movement,
};

/// What is predicted.
#[derive(Clone, Debug)]
pub(super) struct Predicted {
    pub(super) player: Player,
    structures: Arc<Structures>,
    /// Middles of the other living players, as of the snapshot.
    others: Vec<Point>,
    /// Structures that the prediction has placed: their names count down from the last one there is.
    placed: u32,
}

impl Predicted {
    /// From what a snapshot says.
    pub(super) fn of(player: Player, structures: Arc<Structures>, players: &[Player]) -> Self {
        let others = players
            .iter()
            .filter(|other| other.id != player.id && other.is_alive())
            .map(|other| other.pos)
            .collect();
        Self {
            player,
            structures,
            others,
            placed: 0,
        }
    }

    /// The step of one input and of what was done on it.
    pub(super) fn step(&mut self, buttons: Buttons, deeds: impl Iterator<Item = Command>) {
        self.player.buttons = buttons;
        if self.player.is_alive() {
            let mut body = self.player.body();
            movement::advance(&mut body, buttons, &self.structures, self.player.id);
            self.player.pos = body.pos;
            self.player.vel = body.vel;
        }
        for deed in deeds {
            // What is not possible changes nothing, for the client as for the authority.
            let _ = self.act(deed);
        }
        self.wait();
    }

    fn act(&mut self, deed: Command) -> Result<(), Reject> {
        match deed {
            Command::Fire { .. } => {
                check_fire(&self.player)?;
                self.player.fire_wait = FIRE_COOLDOWN;
                self.player.protected = Steps::ZERO;
                Ok(())
            }
            Command::Place { cell, kind } => self.place(cell, kind),
            Command::Remove { id } => {
                check_remove(&self.structures, &self.player, id)?;
                Arc::make_mut(&mut self.structures).remove(id);
                Ok(())
            }
            // Neither belongs to an input, and neither is in a player's way.
            Command::Preview(_) | Command::SetLook(_) => Ok(()),
        }
    }

    fn place(&mut self, cell: Cell, kind: StructureKind) -> Result<(), Reject> {
        let own = Some(self.player.pos).filter(|_| self.player.is_alive());
        let living = self.others.iter().copied().chain(own);
        check_place(&self.structures, living, &self.player, cell, kind)?;
        let structure = Structure {
            id: StructureId(u32::MAX - self.placed),
            owner: self.player.id,
            kind,
            cell,
            hp: kind.hp_max(),
        };
        Arc::make_mut(&mut self.structures)
            .insert(structure)
            .map_err(|_| Reject::IdsExhausted)?;
        self.placed += 1;
        self.player.build_wait = BUILD_COOLDOWN;
        self.player.preview = None;
        Ok(())
    }

    fn wait(&mut self) {
        let player = &mut self.player;
        player.fire_wait = player.fire_wait.one_less();
        player.build_wait = player.build_wait.one_less();
        player.protected = player.protected.one_less();
        // The last step of the wait for respawn is the authority's: it chooses the place.
        if player.respawn_wait > Steps(1) {
            player.respawn_wait = player.respawn_wait.one_less();
        }
    }
}
