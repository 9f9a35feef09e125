//! Shapes as distances: how far a point is outside, negative within. In cells, x to the right, y down.

use std::f32::consts::{FRAC_PI_2, TAU};

pub(super) fn circle(radius: f32) -> impl Fn(f32, f32) -> f32 {
    move |x, y| x.hypot(y) - radius
}

/// A box with round corners, from the middle to its sides.
pub(super) fn rounded(half: (f32, f32), corner: f32) -> impl Fn(f32, f32) -> f32 {
    move |x, y| {
        let across = x.abs() - half.0 + corner;
        let down = y.abs() - half.1 + corner;
        let outside = across.max(0.0).hypot(down.max(0.0));
        outside + across.max(down).min(0.0) - corner
    }
}

/// A polygon with so many equal sides and round corners; a corner points to +x.
pub(super) fn polygon(sides: u8, radius: f32, corner: f32) -> impl Fn(f32, f32) -> f32 {
    let sector = TAU / f32::from(sides);
    let inner = (radius - corner) * (sector / 2.0).cos();
    let half_side = (radius - corner) * (sector / 2.0).sin();
    move |x, y| {
        // Turned into the sector whose side faces +x.
        let angle = y.atan2(x);
        let turned = angle - ((angle / sector).floor() + 0.5) * sector;
        let length = x.hypot(y);
        let (along, beside) = (length * turned.cos() - inner, length * turned.sin());
        let past = (beside.abs() - half_side).max(0.0);
        let distance = if along > 0.0 || past > 0.0 {
            along.max(0.0).hypot(past)
        } else {
            along
        };
        distance - corner
    }
}

/// A circle whose edge goes in and out so many times.
pub(super) fn flower(petals: u8, radius: f32, depth: f32) -> impl Fn(f32, f32) -> f32 {
    move |x, y| {
        let wave = (y.atan2(x) * f32::from(petals)).cos();
        // A slope makes the distance longer than it is; this much shorter keeps the edge as sharp as others.
        (x.hypot(y) - radius - depth * wave) * 0.85
    }
}

/// A drop with its point towards +x.
pub(super) fn drop(radius: f32, tip: f32) -> impl Fn(f32, f32) -> f32 {
    let angle = (radius / tip).clamp(-1.0, 1.0).acos();
    move |x, y| {
        let round = x.hypot(y) - radius;
        let side = x * angle.cos() + y.abs() * angle.sin() - radius;
        let within = y.abs().atan2(x) < angle;
        if within { side } else { round }
    }
}

/// Only the edge of a shape, so wide.
pub(super) fn edge(shape: impl Fn(f32, f32) -> f32, width: f32) -> impl Fn(f32, f32) -> f32 {
    move |x, y| (shape(x, y) + width / 2.0).abs() - width / 2.0
}

/// The edge of a circle, broken into so many dashes.
pub(super) fn dashes(radius: f32, width: f32, count: u8) -> impl Fn(f32, f32) -> f32 {
    let ring = edge(circle(radius), width);
    let sector = TAU / f32::from(count);
    move |x, y| {
        let along = (y.atan2(x) / sector).rem_euclid(1.0) - 0.5;
        let gap = (along.abs() - 0.28) * sector * radius;
        ring(x, y).max(gap)
    }
}

/// The shape somewhere else.
pub(super) fn at(
    shape: impl Fn(f32, f32) -> f32,
    (across, down): (f32, f32),
) -> impl Fn(f32, f32) -> f32 {
    move |x, y| shape(x - across, y - down)
}

/// What is in one or the other.
pub(super) fn either(
    one: impl Fn(f32, f32) -> f32,
    other: impl Fn(f32, f32) -> f32,
) -> impl Fn(f32, f32) -> f32 {
    move |x, y| one(x, y).min(other(x, y))
}

/// What is in one and not in the other.
pub(super) fn without(
    one: impl Fn(f32, f32) -> f32,
    other: impl Fn(f32, f32) -> f32,
) -> impl Fn(f32, f32) -> f32 {
    move |x, y| one(x, y).max(-other(x, y))
}

/// A crack that wanders from the middle of one side into the shape; each number another.
pub(super) fn crack(number: u8, length: f32, width: f32) -> impl Fn(f32, f32) -> f32 {
    let turn = f32::from(number) * FRAC_PI_2 + 0.4 * f32::from(number);
    let (sine, cosine) = turn.sin_cos();
    move |x, y| {
        let along = x * cosine + y * sine;
        let beside = -x * sine + y * cosine;
        // From the rim at half a cell towards the middle, in three bends.
        let depth = 0.5 - along;
        let wander = 0.05 * (depth * 21.0 + f32::from(number)).sin() + 0.03 * (depth * 47.0).cos();
        let taper = width * (1.0 - (depth / length).clamp(0.0, 1.0));
        let past = (depth - length).max(-depth).max(0.0);
        (beside - wander).abs() - taper / 2.0 + past
    }
}
