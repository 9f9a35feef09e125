//! Counters of a world at their ends. `docs/COUNTERS.md` says of each what it does there.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use sim_core::rules::{HEALTH_MAX, SHOT_DAMAGE, SPAWN_PROTECTION};
use sim_core::{
    Action, Aim, Cell, Command, DurableWorld, Event, Frame, Join, Look, PlayerId, ProjectileId,
    Reject, SavedPlayer, Step, Structure, StructureId, StructureKind, Velocity, World,
};

const ANNA: PlayerId = PlayerId(1);
const BERT: PlayerId = PlayerId(2);

fn join(player: PlayerId, cell: Cell, saved: SavedPlayer) -> Join {
    let pos = cell.centre();
    Join {
        player,
        look: Look::default(),
        saved: Some(SavedPlayer { pos, ..saved }),
    }
}

/// Two players side by side, who are not protected any more.
fn world(next_structure: u32, next_projectile: u32, saved: SavedPlayer) -> World {
    let structure = |id: u32, x: u8| Structure {
        id: StructureId(id),
        owner: ANNA,
        kind: StructureKind::Wall,
        cell: Cell { x, y: 9 },
        hp: 40,
    };
    let mut world = World::hydrate(DurableWorld {
        step: Step(7),
        seed: 3,
        structures: vec![
            structure(next_structure - 3, 9),
            structure(next_structure - 1, 5),
        ],
        next_structure: StructureId(next_structure),
        next_projectile: ProjectileId(next_projectile),
    })
    .unwrap();
    world.step(&Frame {
        joins: vec![
            join(ANNA, Cell { x: 20, y: 20 }, saved),
            join(BERT, Cell { x: 22, y: 20 }, saved),
        ],
        ..Frame::default()
    });
    for _ in 0..SPAWN_PROTECTION.0 {
        world.step(&Frame::default());
    }
    world
}

const SAVED: SavedPlayer = SavedPlayer {
    pos: Cell { x: 0, y: 0 }.centre(),
    vel: Velocity::ZERO,
    health: HEALTH_MAX,
    score: 0,
    deaths: 0,
};

const FIRE: Command = Command::Act(Action::Fire { aim: Aim(0) });

fn does(world: &mut World, command: Command) -> Vec<Event> {
    world.step(&Frame {
        commands: vec![(ANNA, command)],
        ..Frame::default()
    });
    world.events().to_vec()
}

#[test]
fn at_the_last_id_nobody_fires_or_builds() {
    let mut world = world(u32::MAX, u32::MAX, SAVED);
    let place = Command::Act(Action::Place {
        cell: Cell { x: 20, y: 22 },
        kind: StructureKind::Wall,
    });
    for command in [FIRE, place] {
        let events = does(&mut world, command);
        let reason = Reject::IdsExhausted;
        assert!(
            matches!(events[..], [Event::Rejected { reason: of, .. }] if of == reason),
            "{events:?}"
        );
    }
    let mut anew = world.renumbered();
    for command in [FIRE, place] {
        let events = does(&mut anew, command);
        assert!(
            matches!(events[..], [Event::Fired { .. } | Event::Placed { .. }]),
            "{events:?}"
        );
    }
}

#[test]
fn a_world_counted_anew_is_the_same_but_for_its_numbers() {
    let mut world = world(4_000_000_000, 4_000_000_000, SAVED);
    does(&mut world, FIRE);
    let mut anew = world.renumbered().at_step(Step(3));
    assert_eq!(anew.step_number(), Step(3));
    assert_eq!(anew.next_structure(), StructureId(3));
    assert_eq!(anew.next_projectile(), ProjectileId(2));
    assert_eq!(World::decode(&anew.encode()).unwrap(), anew);
    let ids: Vec<u32> = anew.structures().iter().map(|one| one.id.0).collect();
    let cells =
        |world: &World| -> Vec<Cell> { world.structures().iter().map(|one| one.cell).collect() };
    assert_eq!((ids, cells(&anew)), (vec![1, 2], cells(&world)));
    // Both go on alike.
    for _ in 0..200 {
        world.step(&Frame::default());
        anew.step(&Frame::default());
        assert_eq!(world.players(), anew.players());
        assert_eq!(world.rng(), anew.rng());
        let flying = |world: &World| -> Vec<_> {
            world
                .projectiles()
                .iter()
                .map(|shot| (shot.pos, shot.life))
                .collect()
        };
        assert_eq!(flying(&world), flying(&anew));
    }
    assert!(world.player(BERT).unwrap().health < HEALTH_MAX, "it hit");
}

#[test]
fn score_and_deaths_stay_at_their_last_number() {
    let last = SavedPlayer {
        health: SHOT_DAMAGE,
        score: u16::MAX,
        deaths: u16::MAX,
        ..SAVED
    };
    let mut world = world(10, 1, last);
    does(&mut world, FIRE);
    for _ in 0..20 {
        world.step(&Frame::default());
    }
    assert!(!world.player(BERT).unwrap().is_alive());
    assert_eq!(world.player(BERT).unwrap().deaths, u16::MAX);
    assert_eq!(world.player(ANNA).unwrap().score, u16::MAX);
}
