//! How it feels to walk: speeds, walls, corners and gates.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sim_core::movement::{Body, advance};
use sim_core::rules::{PLAYER_POS_MAX, PLAYER_POS_MIN, TERMINAL_SPEED};
use sim_core::{
    Buttons, Cell, PlayerId, Pos, Structure, StructureId, StructureKind, Structures, Vel,
};

const ME: PlayerId = PlayerId(1);
const OTHER: PlayerId = PlayerId(2);
const HALF: i32 = 22_938;

fn standing(x: u8, y: u8) -> Body {
    Body {
        pos: Cell { x, y }.centre(),
        ..Body::default()
    }
}

fn with(cells: &[(u8, u8)], kind: StructureKind, owner: PlayerId) -> Structures {
    let mut structures = Structures::new();
    for (id, &(x, y)) in (1..).zip(cells) {
        structures
            .insert(Structure {
                id: StructureId(id),
                owner,
                kind,
                cell: Cell { x, y },
                hp: 1,
            })
            .unwrap();
    }
    structures
}

fn walk(mut body: Body, buttons: Buttons, structures: &Structures, steps: usize) -> Body {
    (0..steps).for_each(|_| advance(&mut body, buttons, structures, ME));
    body
}

#[test]
fn a_walk_reaches_terminal_speed_and_ends_at_rest() {
    let nothing = Structures::new();
    let fast = walk(standing(5, 5), Buttons::RIGHT, &nothing, 120);
    assert!(
        TERMINAL_SPEED.to_bits() - fast.vel.x.to_bits() <= 7,
        "{:?}",
        fast.vel
    );
    assert_eq!(fast.vel.y, Vel::ZERO);
    let stopped = walk(fast, Buttons::NONE, &nothing, 60);
    assert!(stopped.vel.is_zero());
    let mirrored = walk(
        walk(standing(40, 5), Buttons::LEFT, &nothing, 120),
        Buttons::NONE,
        &nothing,
        60,
    );
    assert_eq!(
        stopped.pos.x - Cell { x: 5, y: 5 }.centre().x,
        Cell { x: 40, y: 5 }.centre().x - mirrored.pos.x
    );
}

#[test]
fn a_diagonal_is_as_fast_as_a_straight_walk() {
    let nothing = Structures::new();
    let speed = |buttons| {
        let vel = walk(standing(5, 5), buttons, &nothing, 100).vel;
        i64::from(vel.x.to_bits()).pow(2) + i64::from(vel.y.to_bits()).pow(2)
    };
    let (straight, diagonal) = (
        speed(Buttons::DOWN),
        speed(Buttons::DOWN.with(Buttons::RIGHT)),
    );
    assert!(
        diagonal <= straight && diagonal > straight * 99 / 100,
        "{diagonal} {straight}"
    );
}

#[test]
fn a_wall_is_touched_but_not_entered_and_slid_along() {
    let wall = with(&[(7, 4), (7, 5), (7, 6), (7, 7)], StructureKind::Wall, ME);
    let body = walk(standing(5, 5), Buttons::RIGHT, &wall, 60);
    assert_eq!(body.pos.x, Pos::from_bits((7 << 16) - HALF));
    assert_eq!(body.vel.x, Vel::ZERO);
    let slid = walk(body, Buttons::RIGHT.with(Buttons::DOWN), &wall, 20);
    assert_eq!(slid.pos.x, body.pos.x);
    assert!(slid.pos.y > body.pos.y);

    let back = walk(standing(9, 5), Buttons::LEFT, &wall, 60);
    assert_eq!(back.pos.x, Pos::from_bits((8 << 16) + HALF));
    assert!(back.vel.is_zero());
}

#[test]
fn walls_above_and_below_are_walls_too() {
    let wall = with(&[(5, 3), (5, 7)], StructureKind::Fence, OTHER);
    assert_eq!(
        walk(standing(5, 5), Buttons::UP, &wall, 60).pos.y,
        Pos::from_bits((4 << 16) + HALF)
    );
    assert_eq!(
        walk(standing(5, 5), Buttons::DOWN, &wall, 60).pos.y,
        Pos::from_bits((7 << 16) - HALF)
    );
}

#[test]
fn a_box_that_overhangs_is_stopped_by_its_corner() {
    let wall = with(&[(7, 6)], StructureKind::Wall, ME);
    let mut low = standing(5, 5);
    // One unit further down than the box may be to pass above row 6.
    low.pos.y = Pos::from_bits((6 << 16) - HALF + 1);
    assert_eq!(
        walk(low, Buttons::RIGHT, &wall, 60).pos.x,
        Pos::from_bits((7 << 16) - HALF)
    );
    low.pos.y = Pos::from_bits((6 << 16) - HALF);
    assert!(walk(low, Buttons::RIGHT, &wall, 60).pos.x > Pos::of_cell(8));
}

#[test]
fn a_gap_of_one_cell_is_wide_enough() {
    let walls = with(
        &[(7, 4), (7, 6), (8, 4), (8, 6)],
        StructureKind::Wall,
        OTHER,
    );
    assert!(walk(standing(5, 5), Buttons::RIGHT, &walls, 90).pos.x > Pos::of_cell(10));
}

#[test]
fn only_its_owner_passes_a_gate() {
    let mine = with(&[(7, 5)], StructureKind::Gate, ME);
    let theirs = with(&[(7, 5)], StructureKind::Gate, OTHER);
    assert!(walk(standing(5, 5), Buttons::RIGHT, &mine, 60).pos.x > Pos::of_cell(8));
    assert_eq!(
        walk(standing(5, 5), Buttons::RIGHT, &theirs, 60).pos.x,
        Pos::from_bits((7 << 16) - HALF)
    );
}

#[test]
fn who_is_in_a_wall_walks_out_of_it() {
    let wall = with(&[(5, 5), (6, 5)], StructureKind::Wall, OTHER);
    let out = walk(standing(5, 5), Buttons::LEFT, &wall, 30);
    assert!(out.pos.x < Pos::of_cell(4));
    let against = walk(standing(5, 5), Buttons::RIGHT, &wall, 30);
    assert_eq!(against.pos.x, Pos::from_bits((6 << 16) - HALF));
}

#[test]
fn the_arena_ends_at_its_edges() {
    let nothing = Structures::new();
    let corner = walk(
        standing(1, 1),
        Buttons::LEFT.with(Buttons::UP),
        &nothing,
        120,
    );
    assert_eq!(
        (corner.pos.x, corner.pos.y),
        (PLAYER_POS_MIN, PLAYER_POS_MIN)
    );
    assert!(corner.vel.is_zero());
    let corner = walk(
        standing(62, 62),
        Buttons::RIGHT.with(Buttons::DOWN),
        &nothing,
        120,
    );
    assert_eq!(
        (corner.pos.x, corner.pos.y),
        (PLAYER_POS_MAX, PLAYER_POS_MAX)
    );
    // A wall in the last cells beside the edge.
    let wall = with(&[(62, 63), (63, 62)], StructureKind::Wall, ME);
    let caught = walk(standing(63, 63), Buttons::LEFT.with(Buttons::UP), &wall, 60);
    assert_eq!(
        (caught.pos.x, caught.pos.y),
        (
            Pos::from_bits((63 << 16) + HALF),
            Pos::from_bits((63 << 16) + HALF)
        )
    );
}
