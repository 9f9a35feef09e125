//! Worlds from bytes that nobody vouches for, and the hash's eye for every field.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use sim_core::layout::{COUNT_BYTES, FRONT_BYTES, PLAYER_BYTES, PROJECTILE_BYTES};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, DecodeError, DurableWorld, Frame, Join, Look, PlayerId,
    Preview, ProjectileId, Rng, Step, Structure, StructureId, StructureKind, World, diff, fields,
};

/// Two players, each busy with everything, one of them in the air; three structures, two shots.
fn busy_world() -> World {
    let mut world = World::new(9);
    let join = |id| Join {
        player: PlayerId(id),
        look: Look { body: 1, colour: 2 },
        saved: None,
    };
    world.step(&Frame {
        joins: vec![join(3), join(8)],
        ..Frame::default()
    });
    let cell = |player: u16| world.player(PlayerId(player)).unwrap().pos.cell().unwrap();
    let beside = |player: u16| Cell {
        x: cell(player).x ^ 1,
        ..cell(player)
    };
    let further = |player: u16| Cell {
        y: cell(player).y ^ 2,
        ..cell(player)
    };
    let place = |player, cell, kind| (PlayerId(player), Command::Act(Action::Place { cell, kind }));
    let first = Frame {
        buttons: vec![
            (PlayerId(3), Buttons::LEFT),
            (PlayerId(8), Buttons::DOWN.with(Buttons::RIGHT)),
        ],
        commands: vec![
            place(3, beside(3), StructureKind::Wall),
            place(8, beside(8), StructureKind::Fence),
        ],
        ..Frame::default()
    };
    let third = Frame {
        commands: vec![
            place(8, further(8), StructureKind::Gate),
            (PlayerId(3), Command::Act(Action::Fire { aim: Aim(9_000) })),
            (PlayerId(8), Command::Act(Action::Fire { aim: Aim(40_000) })),
            (
                PlayerId(8),
                Command::Preview(Some(Preview {
                    cell: Cell { x: 5, y: 6 },
                    kind: StructureKind::Wall,
                })),
            ),
        ],
        ..Frame::default()
    };
    world.step(&first);
    (0..12).for_each(|_| world.step(&Frame::default()));
    world.step(&third);
    assert_eq!(
        (world.structures().len(), world.projectiles().len()),
        (3, 2),
        "{:?}",
        world.events()
    );
    world
}

/// `players[3].pos.x` without the id.
fn kind_of(path: &str) -> String {
    match (path.split_once('['), path.split_once(']')) {
        (Some((list, _)), Some((_, field))) => format!("{list}{field}"),
        _ => path.to_string(),
    }
}

#[test]
fn every_field_is_in_the_encoding_the_hash_and_the_comparison() {
    let world = busy_world();
    let bytes = world.encode();
    let mut changed = BTreeSet::new();
    for at in 0..bytes.len() {
        for value in 0..=u8::MAX {
            let mut other = bytes.clone();
            other[at] = value;
            let Ok(decoded) = World::decode(&other) else {
                continue;
            };
            assert_eq!(decoded.encode(), other, "byte {at} = {value}");
            if value == bytes[at] {
                continue;
            }
            assert_ne!(decoded, world, "byte {at} = {value}");
            assert_ne!(decoded.hash(), world.hash(), "byte {at} = {value}");
            changed.insert(kind_of(&diff(&world, &decoded).unwrap().path));
        }
    }
    // A changed id makes another thing of it, so lists differ too. Nobody is dead here: `respawn_wait` has its own test.
    let all: BTreeSet<String> = fields(&world)
        .iter()
        .map(|(path, _)| kind_of(path))
        .collect();
    let lists = ["players", "structures", "projectiles"].map(String::from);
    let expected: BTreeSet<String> = all
        .into_iter()
        .chain(lists)
        .filter(|path| path != "players.respawn_wait")
        .collect();
    assert_eq!(changed, expected);
}

#[test]
fn every_field_that_has_a_bound_is_refused_beyond_it() {
    let world = busy_world();
    let bytes = world.encode();
    let mut all = BTreeSet::new();
    let mut refused = BTreeSet::new();
    for at in 0..bytes.len() {
        // A byte that takes no other value is not known to be of any field; the bytes beside it are.
        let mut path = None;
        let mut is_refused = false;
        for value in 0..=u8::MAX {
            let mut other = bytes.clone();
            other[at] = value;
            match World::decode(&other) {
                Ok(decoded) if decoded != world => {
                    path = Some(kind_of(&diff(&world, &decoded).unwrap().path));
                }
                Ok(_) => {}
                Err(_) => is_refused = true,
            }
        }
        if let Some(path) = path {
            all.insert(path.clone());
            if is_refused {
                refused.insert(path);
            }
        }
    }
    let without: Vec<&String> = all.difference(&refused).collect();
    let expected = [
        "players.deaths",
        "players.score",
        "projectiles.aim",
        "projectiles.owner",
        "rng",
        "step",
        "structures.owner",
    ];
    assert_eq!(without, expected, "these take any value");
}

#[test]
fn a_dead_player_s_wait_is_in_the_hash() {
    let mut world = busy_world();
    let leave = Frame {
        leaves: vec![PlayerId(3)],
        ..Frame::default()
    };
    let gone = *world.player(PlayerId(3)).unwrap();
    world.step(&leave);
    let saved = sim_core::SavedPlayer {
        pos: gone.pos,
        vel: gone.vel,
        health: 0,
        score: 1,
        deaths: 1,
    };
    world.step(&Frame {
        joins: vec![Join {
            player: PlayerId(3),
            look: gone.look,
            saved: Some(saved),
        }],
        ..Frame::default()
    });
    let bytes = world.encode();
    // Of all numbers in the first player's record only the wait is 179.
    let record = &bytes[FRONT_BYTES..FRONT_BYTES + PLAYER_BYTES];
    let places = (0..PLAYER_BYTES - 1).filter(|&at| record[at..at + 2] == 179_u16.to_le_bytes());
    let [at] = places.collect::<Vec<_>>()[..] else {
        panic!("more than one place: {record:?}");
    };
    let at = FRONT_BYTES + at;
    let mut other = bytes;
    other[at] -= 1;
    let other = World::decode(&other).unwrap();
    assert_ne!(other.hash(), world.hash());
    let difference = diff(&world, &other).unwrap();
    assert_eq!(
        (
            difference.path.as_str(),
            difference.expected.as_str(),
            difference.actual.as_str()
        ),
        ("players[3].respawn_wait", "179", "178")
    );
}

#[test]
fn a_world_cut_anywhere_is_truncated() {
    let bytes = busy_world().encode();
    for length in 0..bytes.len() {
        assert_eq!(
            World::decode(&bytes[..length]),
            Err(DecodeError::Truncated),
            "{length}"
        );
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(World::decode(&longer), Err(DecodeError::Trailing(1)));
}

#[test]
fn worlds_of_other_rules_are_refused() {
    let mut bytes = World::new(1).encode();
    bytes[0] ^= 0x80;
    assert!(matches!(
        World::decode(&bytes),
        Err(DecodeError::Version(_))
    ));
}

#[test]
fn huge_counts_are_refused_before_anything_is_read() {
    // The counts of a world without anybody stand one behind the other.
    let errors = [
        DecodeError::TooManyPlayers as fn(u32) -> DecodeError,
        DecodeError::TooManyStructures,
        DecodeError::TooManyProjectiles,
    ];
    let first = FRONT_BYTES - COUNT_BYTES;
    for (at, error) in (first..).step_by(COUNT_BYTES).zip(errors) {
        let mut bytes = World::new(1).encode();
        bytes[at..at + COUNT_BYTES].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(World::decode(&bytes), Err(error(u32::MAX)));
    }
}

#[test]
fn ids_that_repeat_or_descend_are_refused() {
    let world = busy_world();
    let bytes = world.encode();
    let swapped = |first: usize, length: usize| {
        let mut bytes = bytes.clone();
        let (before, after) = bytes.split_at_mut(first + length);
        before[first..].swap_with_slice(&mut after[..length]);
        bytes
    };
    let repeated = |first: usize, length: usize| {
        let mut bytes = bytes.clone();
        bytes.copy_within(first..first + length, first + length);
        bytes
    };

    let lower = DecodeError::PlayerOrder(PlayerId(3));
    for bytes in [
        repeated(FRONT_BYTES, PLAYER_BYTES),
        swapped(FRONT_BYTES, PLAYER_BYTES),
    ] {
        assert_eq!(World::decode(&bytes), Err(lower));
    }
    // Two shots are the last of all.
    let shots = bytes.len() - 2 * PROJECTILE_BYTES;
    let lower = DecodeError::ProjectileOrder(world.projectiles()[0].id);
    for bytes in [
        repeated(shots, PROJECTILE_BYTES),
        swapped(shots, PROJECTILE_BYTES),
    ] {
        assert_eq!(World::decode(&bytes), Err(lower));
    }
}

#[test]
fn hydration_keeps_the_limits_of_the_rules() {
    let structure = |id: u32, owner: u16| Structure {
        id: StructureId(id),
        owner: PlayerId(owner),
        kind: StructureKind::Wall,
        cell: Cell {
            x: (id % 64) as u8,
            y: (id / 64) as u8,
        },
        hp: 120,
    };
    let hydrate = |structures: Vec<Structure>| {
        World::hydrate(DurableWorld {
            step: Step(77),
            seed: 5,
            structures,
            next_structure: StructureId(1000),
            next_projectile: ProjectileId(1),
        })
    };
    let world = hydrate(
        (0..768)
            .map(|id| structure(id, (id % 16) as u16))
            .rev()
            .collect(),
    )
    .unwrap();
    assert_eq!(
        (world.structures().len(), world.step_number()),
        (768, Step(77))
    );
    assert_eq!(World::decode(&world.encode()).as_ref(), Ok(&world));

    let many = hydrate((0..769).map(|id| structure(id, id as u16)).collect());
    assert_eq!(many, Err(DecodeError::TooManyStructures(769)));
    let greedy = hydrate((0..49).map(|id| structure(id, 4)).collect());
    assert_eq!(greedy, Err(DecodeError::TooManyOwned(PlayerId(4))));
    let future = hydrate(vec![structure(1000, 1)]);
    assert_eq!(
        future,
        Err(DecodeError::StructureFromFuture(StructureId(1000)))
    );
    let twice = hydrate(vec![
        structure(1, 1),
        Structure {
            id: StructureId(2),
            ..structure(1, 1)
        },
    ]);
    assert!(matches!(
        twice,
        Err(DecodeError::Structure(StructureId(2), _))
    ));
}

proptest! {
    #[test]
    fn no_bytes_make_decoding_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(world) = World::decode(&bytes) {
            prop_assert_eq!(world.encode(), bytes);
        }
    }

    #[test]
    fn what_mutated_bytes_decode_to_encodes_to_them_and_plays_on(seed: u64, changes in 1_usize..6) {
        let mut rng = Rng::new(seed);
        let mut bytes = busy_world().encode();
        for _ in 0..changes {
            let at = rng.below(bytes.len() as u32) as usize;
            bytes[at] = rng.next_u32() as u8;
        }
        if let Ok(mut world) = World::decode(&bytes) {
            prop_assert_eq!(world.encode(), bytes);
            (0..100).for_each(|_| world.step(&Frame::default()));
            let decoded = World::decode(&world.encode());
            prop_assert_eq!(decoded.as_ref(), Ok(&world));
        }
    }
}
