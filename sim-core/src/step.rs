//! One step: a frame's happenings in their order.

use crate::aim::Aim;
use crate::build::{check_place, check_preview, check_remove};
use crate::buttons::Buttons;
use crate::combat::free_cell;
use crate::event::{Event, NOT_A_COMMAND, Reject};
use crate::frame::{Command, Frame, Join, SavedPlayer};
use crate::geometry::{Cell, Point, Velocity};
use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::movement;
use crate::player::{Look, Player, Preview};
use crate::projectile;
use crate::rules::{
    BUILD_COOLDOWN, FIRE_COOLDOWN, HEALTH_MAX, PLAYER_POS_MAX, PLAYER_POS_MIN, PLAYERS_MAX,
    PROJECTILES_MAX, RESPAWN_WAIT, SPAWN_PROTECTION,
};
use crate::structure::{Structure, StructureKind};
use crate::units::Steps;
use crate::world::World;

impl World {
    /// One step. Any frame is allowed: what the rules forbid changes nothing and is an [`Event::Rejected`].
    pub fn step(&mut self, frame: &Frame) {
        self.events.clear();
        for &player in &frame.leaves {
            let outcome = self.leave(player);
            self.reject(player, NOT_A_COMMAND, outcome);
        }
        for join in &frame.joins {
            let outcome = self.join(join);
            self.reject(join.player, NOT_A_COMMAND, outcome);
        }
        for &(player, buttons) in &frame.buttons {
            let outcome = self.hold(player, buttons);
            self.reject(player, NOT_A_COMMAND, outcome);
        }
        self.walk();
        for (index, (player, command)) in frame.commands.iter().enumerate() {
            let outcome = self.command(*player, command);
            // Indices beyond the last that there is room for share it.
            let index = u16::try_from(index)
                .unwrap_or(NOT_A_COMMAND)
                .min(NOT_A_COMMAND.saturating_sub(1));
            self.reject(*player, index, outcome);
        }
        self.fly();
        self.run_waits();
        self.step = self.step.after(1);
    }

    fn reject(&mut self, player: PlayerId, command_index: u16, outcome: Result<(), Reject>) {
        if let Err(reason) = outcome {
            self.events.push(Event::Rejected {
                player,
                command_index,
                reason,
            });
        }
    }

    fn leave(&mut self, player: PlayerId) -> Result<(), Reject> {
        let seat = self.seat(player).ok_or(Reject::UnknownPlayer)?;
        self.players.remove(seat);
        self.events.push(Event::Left { player });
        Ok(())
    }

    fn join(&mut self, join: &Join) -> Result<(), Reject> {
        let Err(seat) = self
            .players
            .binary_search_by_key(&join.player, |player| player.id)
        else {
            return Err(Reject::AlreadyJoined);
        };
        if self.players.len() >= PLAYERS_MAX {
            return Err(Reject::RoomFull);
        }
        if !join.look.exists() {
            return Err(Reject::UnknownLook);
        }
        let saved = match join.saved {
            Some(saved) => repaired(saved),
            None => SavedPlayer {
                pos: free_cell(&mut self.rng, &self.structures).centre(),
                vel: Velocity::ZERO,
                health: HEALTH_MAX,
                score: 0,
                deaths: 0,
            },
        };
        let dead = saved.health == 0;
        let player = Player {
            id: join.player,
            look: join.look,
            pos: saved.pos,
            vel: saved.vel,
            buttons: Buttons::NONE,
            health: saved.health,
            score: saved.score,
            deaths: saved.deaths,
            fire_wait: Steps::ZERO,
            build_wait: Steps::ZERO,
            respawn_wait: if dead { RESPAWN_WAIT } else { Steps::ZERO },
            protected: if dead { Steps::ZERO } else { SPAWN_PROTECTION },
            preview: None,
        };
        self.players.insert(seat, player);
        self.events.push(Event::Joined {
            player: join.player,
        });
        Ok(())
    }

    fn hold(&mut self, player: PlayerId, buttons: Buttons) -> Result<(), Reject> {
        self.player_mut(player)?.buttons = buttons;
        Ok(())
    }

    fn walk(&mut self) {
        let Self {
            players,
            structures,
            ..
        } = self;
        for player in players.iter_mut().filter(|player| player.is_alive()) {
            let mut body = player.body();
            movement::advance(&mut body, player.buttons, structures, player.id);
            player.pos = body.pos;
            player.vel = body.vel;
        }
    }

    fn command(&mut self, player: PlayerId, command: &Command) -> Result<(), Reject> {
        match *command {
            Command::Fire { aim } => self.fire(player, aim),
            Command::Place { cell, kind } => self.place(player, cell, kind),
            Command::Remove { id } => self.remove(player, id),
            Command::Preview(preview) => self.preview(player, preview),
            Command::SetLook(look) => self.set_look(player, look),
        }
    }

    fn fire(&mut self, id: PlayerId, aim: Aim) -> Result<(), Reject> {
        let shot = self.next_projectile;
        let flying = self.projectiles.len();
        let player = self.player_mut(id)?;
        projectile::check_fire(player)?;
        if flying >= PROJECTILES_MAX {
            return Err(Reject::ProjectileLimit);
        }
        let next = shot.0.checked_add(1).ok_or(Reject::IdsExhausted)?;
        player.fire_wait = FIRE_COOLDOWN;
        player.protected = Steps::ZERO;
        let fired = projectile::spawn(player, aim, shot);
        self.projectiles.push(fired);
        self.next_projectile = ProjectileId(next);
        self.events.push(Event::Fired {
            player: id,
            id: shot,
        });
        Ok(())
    }

    fn place(&mut self, id: PlayerId, cell: Cell, kind: StructureKind) -> Result<(), Reject> {
        let player = self.player(id).ok_or(Reject::UnknownPlayer)?;
        let living = self
            .players
            .iter()
            .filter(|player| player.is_alive())
            .map(|player| player.pos);
        check_place(&self.structures, living, player, cell, kind)?;
        let structure = self.next_structure;
        let next = structure.0.checked_add(1).ok_or(Reject::IdsExhausted)?;
        self.structures
            .insert(Structure {
                id: structure,
                owner: id,
                kind,
                cell,
                hp: kind.hp_max(),
            })
            .expect("the cell was free and the id is new");
        self.next_structure = StructureId(next);
        let player = self.player_mut(id)?;
        player.build_wait = BUILD_COOLDOWN;
        player.preview = None;
        self.events.push(Event::Placed {
            player: id,
            id: structure,
            cell,
            kind,
        });
        Ok(())
    }

    fn remove(&mut self, id: PlayerId, structure: StructureId) -> Result<(), Reject> {
        let player = self.player(id).ok_or(Reject::UnknownPlayer)?;
        check_remove(&self.structures, player, structure)?;
        self.structures
            .remove(structure)
            .expect("it was just found");
        self.events.push(Event::Removed {
            player: id,
            id: structure,
        });
        Ok(())
    }

    fn preview(&mut self, id: PlayerId, preview: Option<Preview>) -> Result<(), Reject> {
        let player = self.player_mut(id)?;
        check_preview(player, preview)?;
        player.preview = preview;
        Ok(())
    }

    fn set_look(&mut self, id: PlayerId, look: Look) -> Result<(), Reject> {
        let player = self.player_mut(id)?;
        if !look.exists() {
            return Err(Reject::UnknownLook);
        }
        player.look = look;
        Ok(())
    }

    fn player_mut(&mut self, id: PlayerId) -> Result<&mut Player, Reject> {
        let seat = self.seat(id).ok_or(Reject::UnknownPlayer)?;
        self.players.get_mut(seat).ok_or(Reject::UnknownPlayer)
    }
}

/// The saved player with everything that the rules do not allow made allowed.
fn repaired(saved: SavedPlayer) -> SavedPlayer {
    let dead = saved.health == 0;
    SavedPlayer {
        pos: Point {
            x: saved.pos.x.clamp(PLAYER_POS_MIN, PLAYER_POS_MAX),
            y: saved.pos.y.clamp(PLAYER_POS_MIN, PLAYER_POS_MAX),
        },
        vel: if saved.vel.is_walkable() && !dead {
            saved.vel
        } else {
            Velocity::ZERO
        },
        health: saved.health.min(HEALTH_MAX),
        ..saved
    }
}
