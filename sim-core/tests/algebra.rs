//! What commutes, what undoes what, what adds up, and what looks the same in a mirror.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sessions;

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sessions::{hostile_frame, session};
use sim_core::movement::{Body, walk};
use sim_core::rules::{ARENA_CELLS, PLAYER_POS_MAX, PLAYER_POS_MIN, SHOT_LIFE, SHOT_SPEED};
use sim_core::{
    Aim, Buttons, Cell, Command, DurableWorld, Frame, Join, Look, Player, PlayerId, Point, Pos,
    Projectile, ProjectileId, Rng, SavedPlayer, Step, Steps, Structure, StructureId, StructureKind,
    Structures, Vel, Velocity, World, diff,
};

fn played(seed: u64, frames: &[Frame]) -> World {
    let mut world = World::new(seed);
    frames.iter().for_each(|frame| world.step(frame));
    world
}

fn buttons() -> impl Strategy<Value = Buttons> {
    any::<u8>().prop_map(Buttons::from_bits_truncate)
}

fn structure() -> impl Strategy<Value = Structure> {
    let kind = select(&StructureKind::ALL[..]);
    (0_u32..40, 0_u16..4, kind, 0_u8..12, 0_u8..12, any::<u8>()).prop_map(
        |(id, owner, kind, x, y, hp)| Structure {
            id: StructureId(id),
            owner: PlayerId(owner),
            kind,
            cell: Cell { x, y },
            hp: 1 + hp % kind.hp_max(),
        },
    )
}

/// Structures that can stand together.
fn structures() -> impl Strategy<Value = Vec<Structure>> {
    vec(structure(), 0..40).prop_map(|mut all| {
        let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
        all.retain(|one| ids.insert(one.id) && cells.insert((one.cell.x, one.cell.y)));
        all
    })
}

fn standing(all: &[Structure]) -> Structures {
    let mut structures = Structures::new();
    all.iter().for_each(|one| structures.insert(*one).unwrap());
    structures
}

fn saved(player: &Player) -> SavedPlayer {
    SavedPlayer {
        pos: player.pos,
        vel: player.vel,
        health: player.health,
        score: player.score,
        deaths: player.deaths,
    }
}

/// The place on the other side of the arena's middle.
fn across(pos: Pos) -> Pos {
    Pos::from_bits(Pos::of_cell(ARENA_CELLS).to_bits() - pos.to_bits())
}

fn in_mirror(body: Body) -> Body {
    Body {
        pos: Point {
            x: across(body.pos.x),
            ..body.pos
        },
        vel: Velocity {
            x: -body.vel.x,
            ..body.vel
        },
    }
}

fn on_its_head(body: Body) -> Body {
    Body {
        pos: Point {
            y: across(body.pos.y),
            ..body.pos
        },
        vel: Velocity {
            y: -body.vel.y,
            ..body.vel
        },
    }
}

fn swapped(held: Buttons, one: Buttons, other: Buttons) -> Buttons {
    let both = one.to_bits() | other.to_bits();
    let mut bits = held.to_bits() & !both;
    if held.holds(one) {
        bits |= other.to_bits();
    }
    if held.holds(other) {
        bits |= one.to_bits();
    }
    Buttons::from_bits_truncate(bits)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn a_walk_and_its_mirror_images_stay_mirror_images(
        x in PLAYER_POS_MIN.to_bits()..=PLAYER_POS_MAX.to_bits(),
        y in PLAYER_POS_MIN.to_bits()..=PLAYER_POS_MAX.to_bits(),
        walls in vec((-4_i32..=4, -4_i32..=4), 0..30),
        held in vec((buttons(), 1_usize..40), 1..30),
    ) {
        let pos = Point { x: Pos::from_bits(x), y: Pos::from_bits(y) };
        let last = ARENA_CELLS - 1;
        let near = |of: Pos, by: i32| (of.cell() + by).clamp(0, i32::from(last)) as u8;
        let walls: BTreeSet<_> =
            walls.into_iter().map(|(x, y)| (near(pos.x, x), near(pos.y, y))).collect();
        let mut body = Body { pos, vel: Velocity::ZERO };
        let (mut mirrored, mut upside) = (in_mirror(body), on_its_head(body));
        for (held, steps) in held {
            for _ in 0..steps {
                walk(&mut body, held, |cell| walls.contains(&(cell.x, cell.y)));
                let sideways = swapped(held, Buttons::LEFT, Buttons::RIGHT);
                walk(&mut mirrored, sideways, |cell| walls.contains(&(last - cell.x, cell.y)));
                let upright = swapped(held, Buttons::UP, Buttons::DOWN);
                walk(&mut upside, upright, |cell| walls.contains(&(cell.x, last - cell.y)));
                prop_assert_eq!(mirrored, in_mirror(body));
                prop_assert_eq!(upside, on_its_head(body));
            }
        }
    }

    #[test]
    fn buttons_of_different_players_commute(seed: u64, start in session(), held in vec(buttons(), 6)) {
        let mut one = played(seed, &start);
        let mut other = one.clone();
        let mut frame = Frame {
            buttons: (0..6).map(PlayerId).zip(held).collect(),
            ..Frame::default()
        };
        one.step(&frame);
        frame.buttons.reverse();
        other.step(&frame);
        prop_assert_eq!(diff(&one, &other), None);
    }

    #[test]
    fn what_players_look_like_commutes_with_what_they_do(seed: u64, start in session(), at: Index, look in 0_u8..8) {
        let look = Look { body: look, colour: look };
        for player in (0..6).map(PlayerId) {
            let mut one = played(seed, &start[..at.index(start.len())]);
            let mut other = one.clone();
            let mut frame = start[at.index(start.len())].clone();
            let is_same = |(of, command): &(PlayerId, Command)| *of == player && matches!(command, Command::SetLook(_));
            frame.commands.retain(|command| !is_same(command));
            let mut first = frame.clone();
            first.commands.insert(0, (player, Command::SetLook(look)));
            frame.commands.push((player, Command::SetLook(look)));
            one.step(&first);
            other.step(&frame);
            prop_assert_eq!(diff(&one, &other), None);
        }
    }

    #[test]
    fn leaving_in_any_order_and_coming_in_any_order_is_the_same(
        seed: u64, start in session(), order in Just((0..6_u16).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut one = played(seed, &start);
        let mut other = one.clone();
        let joins = |world: &World, order: &[u16]| -> Vec<Join> {
            let players = order.iter().filter_map(|id| world.player(PlayerId(*id)));
            players.map(|player| Join { player: player.id, look: player.look, saved: Some(saved(player)) }).collect()
        };
        let sorted: Vec<_> = (0..6).collect();
        for (world, order) in [(&mut one, &sorted), (&mut other, &order)] {
            let joins = joins(world, order);
            world.step(&Frame { leaves: joins.iter().map(|join| join.player).collect(), ..Frame::default() });
            world.step(&Frame { joins, ..Frame::default() });
        }
        prop_assert_eq!(diff(&one, &other), None);
    }

    #[test]
    fn who_leaves_and_comes_back_at_once_has_lost_nothing_that_is_kept(seed: u64, start in session()) {
        let world = played(seed, &start);
        for player in world.players() {
            let mut again = world.clone();
            let mut stays = world.clone();
            let back = Join { player: player.id, look: player.look, saved: Some(saved(player)) };
            again.step(&Frame { leaves: vec![player.id], joins: vec![back], ..Frame::default() });
            // Let go, as who comes back has.
            stays.step(&Frame { buttons: vec![(player.id, Buttons::NONE)], ..Frame::default() });
            let (again, stays) = (again.player(player.id).unwrap(), stays.player(player.id).unwrap());
            prop_assert_eq!((again.score, again.look), (stays.score, stays.look));
            // Who is brought back to life on this very step is put somewhere by chance, here and there.
            if player.is_alive() || !stays.is_alive() {
                prop_assert_eq!(again.pos, stays.pos);
            }
            if player.is_alive() && stays.is_alive() {
                prop_assert_eq!(again.vel, stays.vel);
                // Whoever comes is protected, so a shot may have hurt only who stayed.
                prop_assert!(again.health == player.health && stays.health <= again.health);
            }
        }
    }

    #[test]
    fn what_is_held_already_changes_nothing_when_it_is_said_again(seed: u64, start in session(), frame in hostile_frame()) {
        let mut one = played(seed, &start);
        let mut other = one.clone();
        let is_known = |world: &World, id: PlayerId| world.player(id).is_some();
        let stays = |id: PlayerId| is_known(&one, id) && !frame.leaves.contains(&id);
        let quiet = Frame { buttons: Vec::new(), ..frame.clone() };
        let again = one.players().iter().filter(|player| stays(player.id));
        let again = Frame { buttons: again.map(|player| (player.id, player.buttons)).collect(), ..quiet.clone() };
        one.step(&quiet);
        other.step(&again);
        prop_assert_eq!(diff(&one, &other), None);
        prop_assert_eq!(one.events(), other.events());
    }

    #[test]
    fn taking_away_undoes_inserting(all in structures(), order in vec(any::<Index>(), 0..40)) {
        let mut left = all.clone();
        let mut structures = standing(&all);
        for index in order {
            if left.is_empty() {
                break;
            }
            let gone = left.swap_remove(index.index(left.len()));
            prop_assert_eq!(structures.remove(gone.id), Some(gone));
            prop_assert_eq!(structures.remove(gone.id), None);
            prop_assert_eq!(structures.at(gone.cell), None);
            prop_assert_eq!(&structures, &standing(&left));
            prop_assert_eq!(structures.digest(), standing(&left).digest());
        }
    }

    #[test]
    fn a_refused_insert_changes_nothing(all in structures(), one in structure()) {
        let before = standing(&all);
        let mut after = before.clone();
        let clashes = all.iter().any(|other| other.id == one.id || other.cell == one.cell);
        prop_assert_eq!(after.insert(one).is_err(), clashes);
        if clashes {
            prop_assert_eq!(&after, &before);
            prop_assert_eq!(after.len(), before.len());
        }
    }

    #[test]
    fn damage_adds_up(all in structures(), amounts in vec(0_u8..60, 0..4)) {
        let sum: u32 = amounts.iter().map(|amount| u32::from(*amount)).sum();
        for one in &all {
            let (mut bit_by_bit, mut at_once) = (standing(&all), standing(&all));
            for amount in &amounts {
                bit_by_bit.damage(one.cell, *amount);
            }
            at_once.damage(one.cell, sum.min(255) as u8);
            prop_assert_eq!(bit_by_bit, at_once);
        }
    }

    #[test]
    fn hydration_does_not_care_for_the_order_of_rows(
        seed: u64, all in structures().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let world = |structures: Vec<Structure>| World::hydrate(DurableWorld {
            step: Step(9),
            seed,
            structures,
            next_structure: StructureId(40),
            next_projectile: ProjectileId(1),
        });
        let (one, other) = (world(all.0).unwrap(), world(all.1).unwrap());
        prop_assert_eq!(one.hash(), other.hash());
        prop_assert_eq!(one.encode(), other.encode());
    }

    #[test]
    fn worlds_are_equal_exactly_if_bytes_and_hashes_are(seed: u64, frames in session(), at: Index, byte: u8) {
        let world = played(seed, &frames);
        let mut bytes = world.encode();
        let place = at.get_mut(&mut bytes);
        let is_same = *place == byte;
        *place = byte;
        if let Ok(other) = World::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes, "only one encoding of a world is one");
            prop_assert_eq!(other == world, is_same);
            prop_assert_eq!(other.hash() == world.hash(), is_same);
            prop_assert_eq!(diff(&world, &other).is_none(), is_same);
        }
    }

    #[test]
    fn waits_and_flights_can_be_taken_in_parts(
        steps: u16, parts in vec(0_u64..200, 0..6), aim: u16, life in 1..=SHOT_LIFE.0,
        x in 0..Pos::of_cell(ARENA_CELLS).to_bits(), y in 0..Pos::of_cell(ARENA_CELLS).to_bits(),
    ) {
        let sum: u64 = parts.iter().sum();
        let wait = Steps(steps);
        prop_assert_eq!(parts.iter().fold(wait, |wait, part| wait.less(*part)), wait.less(sum));
        let start = Projectile {
            id: ProjectileId(1),
            owner: PlayerId(1),
            aim: Aim(aim),
            pos: Point { x: Pos::from_bits(x), y: Pos::from_bits(y) },
            life: Steps(life),
        };
        let (mut at_once, mut in_parts) = (start, start);
        let arrives = at_once.coast(sum);
        let arrives_in_parts = parts.iter().all(|part| in_parts.coast(*part));
        prop_assert_eq!(arrives, arrives_in_parts);
        if arrives {
            prop_assert_eq!(at_once, in_parts);
        }
    }

    #[test]
    fn opposite_shots_are_opposite_and_none_is_faster_than_shots_are(aim: u16) {
        let velocity = Aim(aim).at_speed(SHOT_SPEED);
        let back = Aim(aim.wrapping_add(1 << 15)).at_speed(SHOT_SPEED);
        prop_assert_eq!(back, Velocity { x: -velocity.x, y: -velocity.y });
        let square = |vel: Vel| i64::from(vel.to_bits()).pow(2);
        let (speed, most) = (square(velocity.x) + square(velocity.y), square(SHOT_SPEED));
        // Rounded towards zero on each axis: at most two bits too slow.
        prop_assert!(speed <= most && speed > most - 6 * i64::from(SHOT_SPEED.to_bits()));
    }

    #[test]
    fn a_generator_goes_on_from_its_state(seed: u64, draws in 0_usize..50) {
        let mut rng = Rng::new(seed);
        (0..draws).for_each(|_| { rng.next_u64(); });
        let mut again = Rng::new(rng.state());
        prop_assert_eq!(again.next_u64(), rng.next_u64());
        prop_assert_eq!(again, rng);
    }
}
