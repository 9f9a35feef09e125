//! One step: a frame's happenings in their order.

use alloc::vec::Vec;

use crate::action::{Action, Command, Effect};
use crate::build::check_preview;
use crate::buttons::Buttons;
use crate::combat::free_cell;
use crate::event::{Event, NOT_A_COMMAND, Reject};
use crate::frame::{Frame, Join, SavedPlayer};
use crate::geometry::{Point, Velocity};
use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::player::{Look, Player, Preview};
use crate::player_step::{self, Surroundings};
use crate::projectile::Projectile;
use crate::rules::{
    HEALTH_MAX, PLAYER_POS_MAX, PLAYER_POS_MIN, PLAYERS_MAX, PROJECTILES_MAX, RESPAWN_WAIT,
    SPAWN_PROTECTION,
};
use crate::structures::Structures;
use crate::units::Steps;
use crate::world::World;

/// A part of a step, in the order in which a step goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Players leave.
    Leave,
    /// Players enter.
    Join,
    /// Players hold other buttons.
    Hold,
    /// Everybody walks.
    Walk,
    /// Commands are done: shots are fired, structures placed and removed.
    Act,
    /// Shots fly and hit.
    Fly,
    /// Timers run down, the dead come back, and the step is counted.
    Wait,
}

impl Phase {
    /// Its name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Join => "join",
            Self::Hold => "hold",
            Self::Walk => "walk",
            Self::Act => "act",
            Self::Fly => "fly",
            Self::Wait => "wait",
        }
    }
}

impl World {
    /// One step. Any frame is allowed: what the rules forbid changes nothing and is an [`Event::Rejected`]. What became of each
    /// command says [`World::results`].
    pub fn step(&mut self, frame: &Frame) {
        self.step_in_phases(frame, |_, _| {});
    }

    /// The same step, and `after` sees the world after each of its phases.
    pub fn step_in_phases(&mut self, frame: &Frame, mut after: impl FnMut(Phase, &Self)) {
        self.events.clear();
        self.results.clear();
        for &player in &frame.leaves {
            let outcome = self.leave(player);
            self.reject(player, NOT_A_COMMAND, outcome);
        }
        after(Phase::Leave, self);
        for join in &frame.joins {
            let outcome = self.join(join);
            self.reject(join.player, NOT_A_COMMAND, outcome);
        }
        after(Phase::Join, self);
        for &(player, buttons) in &frame.buttons {
            let outcome = self.hold(player, buttons);
            self.reject(player, NOT_A_COMMAND, outcome);
        }
        after(Phase::Hold, self);
        self.walk();
        after(Phase::Walk, self);
        for (index, &(player, command)) in frame.commands.iter().enumerate() {
            let result = self.command(player, command);
            self.results.push(result);
            // Indices beyond the last that there is room for share it.
            let index = u16::try_from(index)
                .unwrap_or(NOT_A_COMMAND)
                .min(NOT_A_COMMAND.saturating_sub(1));
            self.reject(player, index, result.map(|_| ()));
        }
        after(Phase::Act, self);
        self.fly();
        after(Phase::Fly, self);
        self.run_waits();
        self.step = self.step.after(1);
        after(Phase::Wait, self);
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
            health: saved.health,
            score: saved.score,
            deaths: saved.deaths,
            respawn_wait: if dead { RESPAWN_WAIT } else { Steps::ZERO },
            protected: if dead { Steps::ZERO } else { SPAWN_PROTECTION },
            ..Player::default()
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
        for player in &mut self.players {
            player_step::walk(player, &self.structures);
        }
    }

    fn command(&mut self, player: PlayerId, command: Command) -> Result<Effect, Reject> {
        match command {
            Command::Act(action) => self.act(player, action),
            Command::Preview(preview) => self.preview(player, preview),
            Command::SetLook(look) => self.set_look(player, look),
        }
    }

    fn act(&mut self, id: PlayerId, action: Action) -> Result<Effect, Reject> {
        let seat = self.seat(id).ok_or(Reject::UnknownPlayer)?;
        // Nobody looks at the acting player's place among the players before it is put back.
        let mut player = self.players[seat];
        let mut arena = Arena {
            players: &self.players,
            structures: &mut self.structures,
            projectiles: &mut self.projectiles,
            next_structure: &mut self.next_structure,
            next_projectile: &mut self.next_projectile,
        };
        let effect = player_step::act(&mut player, action, &mut arena)?;
        self.players[seat] = player;
        match effect {
            Effect::Fired(shot) => self.events.push(Event::Fired {
                player: id,
                id: shot,
            }),
            Effect::Placed(structure) => self.events.push(Event::Placed {
                player: id,
                id: structure.id,
                cell: structure.cell,
                kind: structure.kind,
            }),
            Effect::Removed(structure) => self.events.push(Event::Removed {
                player: id,
                id: structure,
            }),
            Effect::Changed => {}
        }
        Ok(effect)
    }

    fn preview(&mut self, id: PlayerId, preview: Option<Preview>) -> Result<Effect, Reject> {
        let player = self.player_mut(id)?;
        check_preview(player, preview)?;
        player.preview = preview;
        Ok(Effect::Changed)
    }

    fn set_look(&mut self, id: PlayerId, look: Look) -> Result<Effect, Reject> {
        let player = self.player_mut(id)?;
        if !look.exists() {
            return Err(Reject::UnknownLook);
        }
        player.look = look;
        Ok(Effect::Changed)
    }

    fn player_mut(&mut self, id: PlayerId) -> Result<&mut Player, Reject> {
        let seat = self.seat(id).ok_or(Reject::UnknownPlayer)?;
        self.players.get_mut(seat).ok_or(Reject::UnknownPlayer)
    }
}

/// The world around a player who acts.
struct Arena<'w> {
    players: &'w [Player],
    structures: &'w mut Structures,
    projectiles: &'w mut Vec<Projectile>,
    next_structure: &'w mut StructureId,
    next_projectile: &'w mut ProjectileId,
}

impl Surroundings for Arena<'_> {
    fn structures(&self) -> &Structures {
        self.structures
    }

    fn structures_mut(&mut self) -> &mut Structures {
        self.structures
    }

    fn others(&self, player: PlayerId) -> impl Iterator<Item = Point> {
        let others = self
            .players
            .iter()
            .filter(move |other| other.id != player && other.is_alive());
        others.map(|other| other.pos)
    }

    fn name_shot(&mut self) -> Result<ProjectileId, Reject> {
        if self.projectiles.len() >= PROJECTILES_MAX {
            return Err(Reject::ProjectileLimit);
        }
        let id = *self.next_projectile;
        let next = id.0.checked_add(1).ok_or(Reject::IdsExhausted)?;
        *self.next_projectile = ProjectileId(next);
        Ok(id)
    }

    fn launch(&mut self, shot: Projectile) {
        self.projectiles.push(shot);
    }

    fn name_structure(&mut self) -> Result<StructureId, Reject> {
        let id = *self.next_structure;
        let next = id.0.checked_add(1).ok_or(Reject::IdsExhausted)?;
        *self.next_structure = StructureId(next);
        Ok(id)
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
