//! Shots: they fly straight until something ends them.

use serde::{Deserialize, Serialize};

use crate::aim::Aim;
use crate::event::Reject;
use crate::geometry::{Cell, Point, Velocity};
use crate::ids::{PlayerId, ProjectileId};
use crate::player::Player;
use crate::projectile_fields;
use crate::record::record;
use crate::rules::{SHOT_LIFE, SHOT_SPEED};
use crate::structures::Structures;
use crate::table::thing;
use crate::units::{Pos, Steps, Vel};

projectile_fields! { thing [
    /// A shot in flight. Its velocity follows from its direction, it has a step to fly at the least, and it never hurts its owner.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    Projectile(ProjectileId)
]}

projectile_fields!(record[Projectile(ProjectileId)]);

/// What a step of flight came to, before players are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flight {
    /// It flies on, if nobody is hit.
    Free,
    /// It hit the structure in this cell.
    Structure(Cell),
    /// It left the arena.
    Edge,
}

impl Projectile {
    /// Its velocity.
    #[must_use]
    pub fn velocity(&self) -> Velocity {
        self.aim.at_speed(SHOT_SPEED)
    }

    /// Flies `steps` steps through an arena without structures and players, at once. False if it ended on the way, by
    /// leaving the arena or by its lifetime; then it is not to be used any more.
    #[must_use]
    pub fn coast(&mut self, steps: u64) -> bool {
        if steps >= u64::from(self.life.0) {
            return false;
        }
        let velocity = self.velocity();
        // Below the lifetime, so the distance is a few dozen cells.
        let along = |pos: Pos, vel: Vel| {
            let shift = i64::from(vel.to_bits()).wrapping_mul(steps as i64);
            Pos::from_bits(
                i64::from(pos.to_bits())
                    .saturating_add(shift)
                    .clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
            )
        };
        self.pos = Point {
            x: along(self.pos.x, velocity.x),
            y: along(self.pos.y, velocity.y),
        };
        self.life = self.life.less(steps);
        self.pos.in_arena()
    }
}

/// Whether the player may fire now, as far as that is about the player.
///
/// # Errors
/// The first check that fails.
pub(crate) const fn check_fire(player: &Player) -> Result<(), Reject> {
    if !player.is_alive() {
        return Err(Reject::Dead);
    }
    if !player.fire_wait.is_zero() {
        return Err(Reject::FireCooldown);
    }
    Ok(())
}

/// The shot that the player would fire: from the middle of its box.
#[must_use]
pub fn spawn(player: &Player, aim: Aim, id: ProjectileId) -> Projectile {
    Projectile {
        id,
        owner: player.id,
        aim,
        pos: player.pos,
        life: SHOT_LIFE,
    }
}

/// One step of flight, up to the structure or edge that ends it. Whether it hits a player is asked afterwards, and only
/// then its lifetime is: `life` counts down here, and a shot whose life is zero after the players were asked is over.
pub fn advance(shot: &mut Projectile, structures: &Structures) -> Flight {
    let velocity = shot.velocity();
    shot.pos = Point {
        x: shot.pos.x + velocity.x,
        y: shot.pos.y + velocity.y,
    };
    shot.life = shot.life.one_less();
    match shot.pos.cell() {
        None => Flight::Edge,
        Some(cell)
            if structures
                .at(cell)
                .is_some_and(|structure| structure.stops_shot(shot.owner)) =>
        {
            Flight::Structure(cell)
        }
        Some(_) => Flight::Free,
    }
}
