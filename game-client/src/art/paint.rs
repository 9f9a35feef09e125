//! How each picture is painted: shade below, ink around, light from the upper left.

use sim_core::StructureKind;

use super::atlas::{CELL_PIXELS, Picture};
use super::canvas::{Brush, Canvas};
use super::palette::{FLOOR, GLOW, HOT, INK, IRON, LINE, Rgb, STONE, WHITE, WOOD};
use super::shape::{
    at, circle, crack, dashes, drop, edge, either, flower, polygon, rounded, without,
};

const CELL: f32 = CELL_PIXELS as f32;
/// Half the side of a player's box, in cells: what is hit.
const BODY: f32 = 0.35;
/// How far ink goes around things.
const OUTLINE: f32 = 0.045;

/// Lighter towards the upper left.
fn lit(strength: f32) -> impl Fn(f32, f32) -> f32 {
    move |x, y| 1.0 - strength * (x + y)
}

pub(super) fn paint(picture: Picture, canvas: &mut Canvas) {
    match picture {
        Picture::Body(body) => self::body(body, canvas),
        Picture::Shadow => {
            let soft = Brush::solid(INK).alpha(0.55).blur(0.22);
            canvas.fill(CELL, soft, at(circle(0.34), (0.05, 0.09)));
        }
        Picture::Shield => {
            let soft = Brush::solid(WHITE).alpha(0.35).blur(0.16);
            canvas.fill(CELL, soft, edge(circle(0.52), 0.08));
            canvas.fill(
                CELL,
                Brush::solid(WHITE).alpha(0.9),
                dashes(0.52, 0.035, 12),
            );
        }
        Picture::Structure(kind, wear) => structure(kind, wear, canvas),
        Picture::Banner => {
            canvas.fill(CELL, Brush::solid(INK), rounded((0.13, 0.13), 0.05));
            canvas.shade(
                CELL,
                Brush::solid(WHITE),
                rounded((0.095, 0.095), 0.03),
                lit(0.8),
            );
        }
        Picture::Plan(kind) => plan(kind, canvas),
        Picture::Pointer => {
            let tick = |turned: bool| {
                move |x: f32, y: f32| {
                    let (x, y) = if turned { (y, x) } else { (x, y) };
                    rounded((0.07, 0.02), 0.02)(x.abs() - 0.24, y)
                }
            };
            let cross = || either(tick(false), tick(true));
            let dark = move |x: f32, y: f32| cross()(x, y) - 0.03;
            canvas.fill(CELL, Brush::solid(INK).alpha(0.7), dark);
            canvas.fill(CELL, Brush::solid(WHITE), cross());
            canvas.fill(CELL, Brush::solid(WHITE), circle(0.03));
        }
        Picture::Shot => {
            canvas.fill(CELL, Brush::solid(GLOW).alpha(0.5).blur(0.2), circle(0.13));
            canvas.fill(CELL, Brush::solid(GLOW), rounded((0.2, 0.075), 0.075));
            canvas.fill(
                CELL,
                Brush::solid(HOT),
                at(rounded((0.12, 0.045), 0.045), (0.05, 0.0)),
            );
        }
        Picture::Glow => canvas.fill(CELL, Brush::solid(WHITE).alpha(0.8).blur(0.7), circle(0.36)),
        Picture::Shard => {
            canvas.shade(CELL, Brush::solid(WHITE), polygon(3, 0.16, 0.02), lit(1.0));
        }
        Picture::Wave => {
            canvas.fill(
                CELL,
                Brush::solid(WHITE).alpha(0.4).blur(0.14),
                edge(circle(0.8), 0.12),
            );
            canvas.fill(CELL, Brush::solid(WHITE), edge(circle(0.8), 0.04));
        }
        Picture::Ghost => {
            canvas.fill(
                CELL,
                Brush::solid(WHITE).alpha(0.18),
                rounded((BODY, BODY), 0.06),
            );
            canvas.fill(
                CELL,
                Brush::solid(WHITE),
                edge(rounded((BODY, BODY), 0.06), 0.035),
            );
        }
        Picture::Floor => {
            canvas.fill(CELL, Brush::solid(LINE), rounded((0.5, 0.5), 0.0));
            canvas.fill(CELL, Brush::solid(FLOOR), rounded((0.484, 0.484), 0.03));
        }
        Picture::Blank => canvas.fill(CELL, Brush::solid(WHITE), rounded((2.0, 2.0), 0.0)),
    }
}

/// Eight bodies that are told apart by their outline alone, each with a barrel towards +x.
fn body(body: u8, canvas: &mut Canvas) {
    match body {
        0 => wear(canvas, circle(0.33)),
        1 => wear(canvas, rounded((0.31, 0.31), 0.12)),
        2 => wear(canvas, polygon(6, 0.37, 0.07)),
        3 => wear(canvas, polygon(3, 0.44, 0.1)),
        4 => wear(canvas, polygon(4, 0.41, 0.08)),
        5 => wear(canvas, flower(8, 0.32, 0.03)),
        6 => wear(canvas, drop(0.28, 0.46)),
        _ => wear(
            canvas,
            either(rounded((0.34, 0.16), 0.08), rounded((0.16, 0.34), 0.08)),
        ),
    }
}

/// The barrel is below the body; on it is a visor, so that one sees where it looks.
fn wear(canvas: &mut Canvas, shape: impl Fn(f32, f32) -> f32) {
    let barrel = at(rounded((0.16, 0.085), 0.04), (0.4, 0.0));
    canvas.fill(CELL, Brush::solid(INK), move |x, y| {
        barrel(x, y) - OUTLINE * 0.8
    });
    let barrel = at(rounded((0.16, 0.085), 0.04), (0.4, 0.0));
    canvas.shade(CELL, Brush::solid(IRON), barrel, lit(0.5));
    canvas.fill(CELL, Brush::solid(INK), |x, y| shape(x, y) - OUTLINE);
    canvas.shade(CELL, Brush::solid(WHITE).alpha(1.0), &shape, lit(0.45));
    // A rim of light on the upper left, and shade on the lower right.
    let rim = |x: f32, y: f32| shape(x, y).max(-(shape(x + 0.035, y + 0.035)));
    canvas.fill(CELL, Brush::solid(INK).alpha(0.25), rim);
    let visor = at(rounded((0.075, 0.15), 0.06), (0.13, 0.0));
    canvas.fill(CELL, Brush::solid(INK), visor);
    let glint = at(rounded((0.02, 0.045), 0.02), (0.15, -0.06));
    canvas.fill(CELL, Brush::solid(WHITE).alpha(0.85), glint);
}

fn structure(kind: StructureKind, wear: u8, canvas: &mut Canvas) {
    let shade = Brush::solid(INK).alpha(0.5).blur(0.12);
    canvas.fill(CELL, shade, at(rounded((0.47, 0.47), 0.08), (0.04, 0.07)));
    match kind {
        StructureKind::Wall => wall(canvas),
        StructureKind::Gate => gate(canvas),
        StructureKind::Fence => fence(canvas),
    }
    // Cracks end where the structure does.
    let within = rounded((0.455, 0.455), 0.05);
    for number in 0..wear {
        let deep = 0.3 + 0.09 * f32::from(wear);
        let wide = crack(number, deep, 0.075);
        let ink = Brush::solid(INK).alpha(0.85);
        canvas.fill(CELL, ink, |x, y| wide(x, y).max(within(x, y)));
        if wear > 1 {
            let narrow = crack(number + 4, deep * 0.7, 0.05);
            let ink = Brush::solid(INK).alpha(0.7);
            canvas.fill(CELL, ink, |x, y| narrow(x, y).max(within(x, y)));
        }
    }
}

fn block(canvas: &mut Canvas, colour: Rgb) {
    canvas.fill(CELL, Brush::solid(INK), rounded((0.49, 0.49), 0.07));
    canvas.shade(
        CELL,
        Brush::solid(colour),
        rounded((0.455, 0.455), 0.05),
        lit(0.3),
    );
}

/// Stones in two rows.
fn wall(canvas: &mut Canvas) {
    block(canvas, Rgb(0x55, 0x5e, 0x6c));
    for (x, y, half) in [
        (-0.23, -0.22, 0.195),
        (0.21, -0.22, 0.215),
        (-0.32, 0.22, 0.105),
        (0.0, 0.22, 0.185),
        (0.32, 0.22, 0.105),
    ] {
        let stone = at(rounded((half, 0.195), 0.05), (x, y));
        canvas.shade(CELL, Brush::solid(STONE), stone, lit(0.35));
        let light = at(rounded((half - 0.04, 0.012), 0.012), (x, y - 0.165));
        canvas.fill(CELL, Brush::solid(WHITE).alpha(0.25), light);
    }
}

/// Planks with a gap, and a lock that takes the owner's colour by the banner above it.
fn gate(canvas: &mut Canvas) {
    block(canvas, Rgb(0x6b, 0x4a, 0x2b));
    for x in [-0.33, -0.11, 0.11, 0.33] {
        let plank = at(rounded((0.095, 0.42), 0.03), (x, 0.0));
        canvas.shade(CELL, Brush::solid(WOOD), plank, lit(0.35));
    }
    for y in [-0.27, 0.27] {
        let band = at(rounded((0.43, 0.055), 0.02), (0.0, y));
        canvas.shade(CELL, Brush::solid(IRON), band, lit(0.4));
        for x in [-0.33, 0.0, 0.33] {
            canvas.fill(
                CELL,
                Brush::solid(INK).alpha(0.6),
                at(circle(0.025), (x, y)),
            );
        }
    }
}

/// Posts and wire: one sees, and shoots, through it.
fn fence(canvas: &mut Canvas) {
    for y in [-0.2, 0.2] {
        let wire = at(rounded((0.44, 0.035), 0.03), (0.0, y));
        canvas.fill(CELL, Brush::solid(INK), move |x, y| wire(x, y) - 0.025);
        let wire = at(rounded((0.44, 0.035), 0.03), (0.0, y));
        canvas.shade(CELL, Brush::solid(IRON), wire, lit(0.4));
    }
    for x in [-0.36, 0.0, 0.36] {
        let post = at(rounded((0.075, 0.43), 0.05), (x, 0.0));
        canvas.fill(CELL, Brush::solid(INK), move |x, y| post(x, y) - 0.03);
        let post = at(rounded((0.075, 0.43), 0.05), (x, 0.0));
        canvas.shade(CELL, Brush::solid(WOOD), post, lit(0.35));
    }
}

fn plan(kind: StructureKind, canvas: &mut Canvas) {
    let frame = || rounded((0.46, 0.46), 0.07);
    canvas.fill(CELL, Brush::solid(WHITE).alpha(0.16), frame());
    canvas.fill(CELL, Brush::solid(WHITE).alpha(0.9), edge(frame(), 0.035));
    let sign = Brush::solid(WHITE).alpha(0.8);
    match kind {
        StructureKind::Wall => {
            canvas.fill(
                CELL,
                sign,
                without(rounded((0.2, 0.14), 0.03), rounded((0.24, 0.018), 0.0)),
            );
        }
        StructureKind::Gate => {
            for x in [-0.13, 0.0, 0.13] {
                canvas.fill(CELL, sign, at(rounded((0.045, 0.2), 0.02), (x, 0.0)));
            }
        }
        StructureKind::Fence => {
            for y in [-0.1, 0.1] {
                canvas.fill(CELL, sign, at(rounded((0.22, 0.025), 0.02), (0.0, y)));
            }
            for x in [-0.15, 0.15] {
                canvas.fill(CELL, sign, at(rounded((0.03, 0.2), 0.02), (x, 0.0)));
            }
        }
    }
}
