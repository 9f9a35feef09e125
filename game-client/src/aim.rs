//! Angles and places: from the screen's floats to the game's integers and back.

use std::f32::consts::TAU;

use sim_core::{Aim, Cell, Point, Pos};

/// Units of a position in a cell.
const CELL: f32 = 65_536.0;

/// A position in cells, as floats: x to the right, y down.
#[must_use]
pub fn cells(point: Point) -> (f32, f32) {
    let axis = |pos: Pos| pos.to_bits() as f32 / CELL;
    (axis(point.x), axis(point.y))
}

/// The direction that points along this vector; none if it has no length.
#[must_use]
pub fn towards((x, y): (f32, f32)) -> Option<Aim> {
    let angle = y.atan2(x);
    let pointing = (x * x + y * y) > 0.0 && angle.is_finite();
    // A turn is 65536; what is negative is counted from a whole turn.
    pointing.then(|| Aim((angle / TAU * 65_536.0).round() as i64 as u16))
}

/// The angle of a direction, in radians clockwise from +x, as y goes down.
#[must_use]
pub fn radians(aim: Aim) -> f32 {
    f32::from(aim.0) / 65_536.0 * TAU
}

/// The cell that a place is in; none outside of the arena.
#[must_use]
pub fn cell_at((x, y): (f32, f32)) -> Option<Cell> {
    let axis = |cells: f32| (0.0..256.0).contains(&cells).then_some(cells as u8);
    let cell = Cell {
        x: axis(x)?,
        y: axis(y)?,
    };
    cell.in_arena().then_some(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_winds_are_exact() {
        for (vector, aim) in [
            ((1.0, 0.0), 0),
            ((0.0, 1.0), 16_384),
            ((-1.0, 0.0), 32_768),
            ((0.0, -1.0), 49_152),
        ] {
            assert_eq!(towards(vector), Some(Aim(aim)));
        }
        assert_eq!(towards((0.0, 0.0)), None);
        assert_eq!(towards((f32::NAN, 1.0)), None);
        assert_eq!(towards((f32::INFINITY, f32::NAN)), None);
    }

    #[test]
    fn an_angle_and_back_is_the_same_direction() {
        for aim in (0..=u16::MAX).step_by(64) {
            let angle = radians(Aim(aim));
            let back = towards((angle.cos() * 3.0, angle.sin() * 3.0)).expect("it points");
            let off = back.0.wrapping_sub(aim) as i16;
            assert!(off.abs() <= 1, "{aim} became {}", back.0);
        }
    }

    #[test]
    fn only_the_arena_has_cells() {
        assert_eq!(cell_at((0.0, 63.99)), Some(Cell { x: 0, y: 63 }));
        for outside in [(-0.01, 1.0), (1.0, 64.0), (1e9, 1.0), (f32::NAN, 1.0)] {
            assert_eq!(cell_at(outside), None);
        }
    }
}
