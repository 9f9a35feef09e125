//! How players walk: acceleration, friction, and boxes that slide along what they cannot enter.
//!
//! * Axis by axis, first x, then y. What blocks an axis stops only that axis, so a box slides along it.
//! * Only cells that the box newly enters can block it. Nobody is ever stuck in a cell that they are in already.
//! * Boxes and cells contain their left and upper edges, not their right and lower ones: touching is not overlapping.

use serde::{Deserialize, Serialize};

use crate::buttons::Buttons;
use crate::geometry::{Cell, Point, Velocity};
use crate::ids::PlayerId;
use crate::rules::{
    ACCELERATION, ACCELERATION_DIAGONAL, FRICTION_KEEPS, PLAYER_HALF_BOX, PLAYER_POS_MAX,
    PLAYER_POS_MIN,
};
use crate::structures::Structures;
use crate::units::{FRACTION_BITS, Pos, Shift, Vel};

/// The part of a player that movement changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Body {
    /// Middle of the box.
    pub pos: Point,
    /// Velocity.
    pub vel: Velocity,
}

/// One step of a living player's body.
pub fn advance(body: &mut Body, buttons: Buttons, structures: &Structures, player: PlayerId) {
    walk(body, buttons, |cell| {
        structures
            .at(cell)
            .is_some_and(|structure| structure.blocks(player))
    });
}

/// One step of a body among cells that `blocked` knows. It is not asked about cells outside of the arena.
pub fn walk(body: &mut Body, buttons: Buttons, blocked: impl Fn(Cell) -> bool) {
    if body.vel.is_zero() && buttons.is_empty() {
        return;
    }
    let (right, down) = buttons.direction();
    let push = if right != 0 && down != 0 {
        ACCELERATION_DIAGONAL
    } else {
        ACCELERATION
    };
    body.vel.x = faster(body.vel.x, right, push);
    body.vel.y = faster(body.vel.y, down, push);

    let y = body.pos.y;
    slide(&mut body.pos.x, &mut body.vel.x, |column| {
        span(y).any(|row| blocked(Cell { x: column, y: row }))
    });
    let x = body.pos.x;
    slide(&mut body.pos.y, &mut body.vel.y, |row| {
        span(x).any(|column| blocked(Cell { x: column, y: row }))
    });
}

/// Friction, then acceleration. The product is rounded towards zero, so friction ends at rest from both sides.
fn faster(vel: Vel, direction: i8, push: Vel) -> Vel {
    let kept = i64::from(vel.to_bits()).wrapping_mul(i64::from(FRICTION_KEEPS)) / 65_536;
    let kept = Vel::from_bits(kept as i32);
    match direction {
        0 => kept,
        1.. => kept + push,
        ..0 => kept + -push,
    }
}

/// Moves one axis, up to what blocks it. `blocked` is asked for each newly entered line of cells.
fn slide(pos: &mut Pos, vel: &mut Vel, blocked: impl Fn(u8) -> bool) {
    let from = *pos;
    let mut to = from + *vel;
    let mut stopped = false;
    // Nothing enters a cell outside of the arena: the walls come before it.
    if to > PLAYER_POS_MAX || to < PLAYER_POS_MIN {
        to = to.clamp(PLAYER_POS_MIN, PLAYER_POS_MAX);
        stopped = true;
    }
    if *vel > Vel::ZERO {
        let entered = last_cell(from).saturating_add(1)..=last_cell(to);
        for line in entered {
            if blocked(line as u8) {
                to = Pos::from_bits(line << FRACTION_BITS) - PLAYER_HALF_BOX;
                stopped = true;
                break;
            }
        }
    } else if *vel < Vel::ZERO {
        let entered = first_cell(to)..first_cell(from);
        for line in entered.rev() {
            if blocked(line as u8) {
                to = Pos::from_bits(line.saturating_add(1) << FRACTION_BITS) + PLAYER_HALF_BOX;
                stopped = true;
                break;
            }
        }
    }
    *pos = to;
    if stopped {
        *vel = Vel::ZERO;
    }
}

/// The cells that a box around this middle covers on one axis.
fn span(middle: Pos) -> core::ops::RangeInclusive<u8> {
    first_cell(middle) as u8..=last_cell(middle) as u8
}

fn first_cell(middle: Pos) -> i32 {
    (middle - PLAYER_HALF_BOX).cell()
}

fn last_cell(middle: Pos) -> i32 {
    (middle + PLAYER_HALF_BOX - Shift::from_bits(1)).cell()
}

/// Whether the box of a player in `middle` overlaps the cell.
#[must_use]
pub fn overlaps(middle: Point, cell: Cell) -> bool {
    let covers = |axis: Pos, line: u8| {
        first_cell(axis) <= i32::from(line) && i32::from(line) <= last_cell(axis)
    };
    covers(middle.x, cell.x) && covers(middle.y, cell.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_to_the_edge_of_the_arena_without_passing_it_is_not_stopped() {
        let step: i32 = 100;
        for (edge, way) in [(PLAYER_POS_MIN, -step), (PLAYER_POS_MAX, step)] {
            for (beyond, stopped) in [(0, false), (way.signum(), true)] {
                let mut pos = Pos::from_bits(edge.to_bits() - way + beyond);
                let mut vel = Vel::from_bits(way);
                slide(&mut pos, &mut vel, |_| false);
                assert_eq!(pos, edge);
                assert_eq!(vel == Vel::ZERO, stopped);
            }
        }
    }
}
