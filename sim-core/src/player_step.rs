//! One player's step: hold, walk, act, wait. The world does it with everybody; who predicts a player does it with that one.
//!
//! What differs between them is behind [`Surroundings`]: what is known of the room, and what only the authority decides.

use crate::action::{Action, Effect};
use crate::build::{check_place, check_remove};
use crate::buttons::Buttons;
use crate::event::Reject;
use crate::geometry::{Cell, Point, Velocity};
use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::movement;
use crate::player::Player;
use crate::projectile::{Projectile, check_fire, spawn};
use crate::rules::{BUILD_COOLDOWN, FIRE_COOLDOWN, HEALTH_MAX, SPAWN_PROTECTION};
use crate::structure::{Structure, StructureKind};
use crate::structures::Structures;
use crate::units::Steps;

/// What is around a player who acts.
pub trait Surroundings {
    /// The structures, as far as they are known.
    fn structures(&self) -> &Structures;

    /// The same, to be changed.
    fn structures_mut(&mut self) -> &mut Structures;

    /// Middles of all living players but this one, as far as they are known.
    fn others(&self, player: PlayerId) -> impl Iterator<Item = Point>;

    /// An id for one more shot.
    ///
    /// # Errors
    /// If there can be no further shot.
    fn name_shot(&mut self) -> Result<ProjectileId, Reject>;

    /// Takes a shot with the id that was just given.
    fn launch(&mut self, shot: Projectile);

    /// An id for one more structure.
    ///
    /// # Errors
    /// If no ids are left.
    fn name_structure(&mut self) -> Result<StructureId, Reject>;

    /// Whether somebody else may have heard of a structure with this id.
    fn is_public(&self, _: StructureId) -> bool {
        true
    }
}

/// A whole step of one player, but for shots, which fly by themselves, and for the respawn, which the authority decides. `said`
/// is told of each action what became of it.
pub fn step<A: IntoIterator<Item = Action>>(
    player: &mut Player,
    buttons: Buttons,
    actions: A,
    around: &mut impl Surroundings,
    mut said: impl FnMut(Action, Result<Effect, Reject>),
) {
    player.buttons = buttons;
    walk(player, around.structures());
    for action in actions {
        said(action, act(player, action, around));
    }
    wait(player, || None);
}

/// The player, if alive, goes where its buttons and its velocity lead.
#[inline]
pub fn walk(player: &mut Player, structures: &Structures) {
    if !player.is_alive() {
        return;
    }
    let mut body = player.body();
    movement::advance(&mut body, player.buttons, structures, player.id);
    player.pos = body.pos;
    player.vel = body.vel;
}

/// The player does something.
///
/// # Errors
/// The first check that fails; then nothing has changed.
pub fn act(
    player: &mut Player,
    action: Action,
    around: &mut impl Surroundings,
) -> Result<Effect, Reject> {
    match action {
        Action::Fire { aim } => {
            check_fire(player)?;
            let shot = around.name_shot()?;
            player.fire_wait = FIRE_COOLDOWN;
            player.protected = Steps::ZERO;
            around.launch(spawn(player, aim, shot));
            Ok(Effect::Fired(shot))
        }
        Action::Place { cell, kind } => place(player, cell, kind, around),
        Action::Remove { id } => {
            if !around.is_public(id) {
                return Err(Reject::UnknownStructure);
            }
            check_remove(around.structures(), player, id)?;
            around.structures_mut().remove(id);
            Ok(Effect::Removed(id))
        }
    }
}

fn place(
    player: &mut Player,
    cell: Cell,
    kind: StructureKind,
    around: &mut impl Surroundings,
) -> Result<Effect, Reject> {
    let others = around.others(player.id);
    check_place(around.structures(), others, player, cell, kind)?;
    let structure = Structure {
        id: around.name_structure()?,
        owner: player.id,
        kind,
        cell,
        hp: kind.hp_max(),
    };
    // The cell is free and the kind has hit points: only an id that is used again is in the way.
    around
        .structures_mut()
        .insert(structure)
        .map_err(|_| Reject::IdsExhausted)?;
    player.build_wait = BUILD_COOLDOWN;
    player.preview = None;
    Ok(Effect::Placed(structure))
}

/// The player's waits run one step down. When a dead one's is over, `respawn` says where the next life begins; if it does not,
/// the last step is waited for. True if the player is back.
#[inline]
pub fn wait(player: &mut Player, respawn: impl FnOnce() -> Option<Cell>) -> bool {
    player.run_down();
    match player.respawn_wait {
        Steps::ZERO => false,
        Steps(1) => {
            let Some(cell) = respawn() else {
                return false;
            };
            player.respawn_wait = Steps::ZERO;
            player.pos = cell.centre();
            player.vel = Velocity::ZERO;
            player.health = HEALTH_MAX;
            player.protected = SPAWN_PROTECTION;
            true
        }
        more => {
            player.respawn_wait = more.one_less();
            false
        }
    }
}
