//! Where to aim, with the rules' own table of directions and no trigonometry.

use sim_core::rules::TERMINAL_SPEED;
use sim_core::{Aim, Point, Vel};

/// Square of the distance, in squared bits of a position.
pub(crate) fn distance_squared(from: Point, to: Point) -> i64 {
    let (x, y) = offset(from, to);
    x * x + y * y
}

/// The direction from one point to another: that of the table's 1024 which points there best.
pub(crate) fn aim_at(from: Point, to: Point) -> Aim {
    const COARSE: u16 = 1 << 10;
    const FINE: u16 = 1 << 6;
    let (x, y) = offset(from, to);
    let along = |aim: Aim| {
        let direction = aim.at_speed(SPEED);
        x * i64::from(direction.x.to_bits()) + y * i64::from(direction.y.to_bits())
    };
    let best = |from: u16, by: u16, count: u16| {
        let steps = (0..count).map(|step| Aim(from.wrapping_add(by.wrapping_mul(step))));
        steps.max_by_key(|aim| along(*aim)).unwrap_or_default()
    };
    let near = best(0, COARSE, 64);
    best(near.0.wrapping_sub(COARSE), FINE, 2 * COARSE / FINE)
}

/// Long enough for every direction to be told from its neighbours.
const SPEED: Vel = Vel::from_bits(TERMINAL_SPEED.to_bits() * 8);

fn offset(from: Point, to: Point) -> (i64, i64) {
    (
        i64::from(to.x.to_bits()) - i64::from(from.x.to_bits()),
        i64::from(to.y.to_bits()) - i64::from(from.y.to_bits()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::Pos;

    #[test]
    fn aims_point_where_they_should() {
        let at = |x: u8, y: u8| Point {
            x: Pos::of_cell(x),
            y: Pos::of_cell(y),
        };
        let middle = at(30, 30);
        assert_eq!(aim_at(middle, at(40, 30)).0 >> 6, 0);
        assert_eq!(aim_at(middle, at(40, 40)), Aim(8_192));
        assert_eq!(aim_at(middle, at(30, 40)), Aim(16_384));
        assert_eq!(aim_at(middle, at(20, 30)), Aim(32_768));
        assert_eq!(aim_at(middle, at(30, 20)), Aim(49_152));
    }
}
