//! What can be built where, by whom and how often.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sim_core::event::NOT_A_COMMAND;
use sim_core::rules::{BUILD_COOLDOWN, PLAYERS_MAX, STRUCTURES_MAX, STRUCTURES_PER_PLAYER_MAX};
use sim_core::{
    Action, Cell, Command, DurableWorld, Event, Frame, Join, Look, PlayerId, Preview, ProjectileId,
    Reject, SavedPlayer, Step, Structure, StructureId, StructureKind, Velocity, World,
};

const ME: PlayerId = PlayerId(1);
const OTHER: PlayerId = PlayerId(2);
const WALL: StructureKind = StructureKind::Wall;

/// Me in cell 10,10, the other in cell 12,10, and the structures.
fn site(structures: Vec<Structure>, next_structure: u32) -> World {
    let mut world = World::hydrate(DurableWorld {
        step: Step(0),
        seed: 1,
        structures,
        next_structure: StructureId(next_structure),
        next_projectile: ProjectileId(1),
    })
    .unwrap();
    let join = |player, x| Join {
        player,
        look: Look::default(),
        saved: Some(SavedPlayer {
            pos: Cell { x, y: 10 }.centre(),
            vel: Velocity::ZERO,
            health: 100,
            score: 0,
            deaths: 0,
        }),
    };
    world.step(&Frame {
        joins: vec![join(ME, 10), join(OTHER, 12)],
        ..Frame::default()
    });
    world
}

fn act(world: &mut World, command: Command) -> Event {
    world.step(&Frame {
        commands: vec![(ME, command)],
        ..Frame::default()
    });
    world.events()[0]
}

fn place(world: &mut World, x: u8, y: u8) -> Event {
    act(
        world,
        Command::Act(Action::Place {
            cell: Cell { x, y },
            kind: WALL,
        }),
    )
}

fn rejected(reason: Reject) -> Event {
    Event::Rejected {
        player: ME,
        command_index: 0,
        reason,
    }
}

fn wall(id: u32, owner: PlayerId, cell: Cell) -> Structure {
    Structure {
        id: StructureId(id),
        owner,
        kind: WALL,
        cell,
        hp: WALL.hp_max(),
    }
}

#[test]
fn a_structure_is_placed_whole_and_ends_the_preview() {
    let mut world = site(vec![], 7);
    let cell = Cell { x: 10, y: 13 };
    world.step(&Frame {
        commands: vec![(
            ME,
            Command::Preview(Some(Preview {
                cell,
                kind: StructureKind::Gate,
            })),
        )],
        ..Frame::default()
    });
    assert!(world.player(ME).unwrap().preview.is_some());
    let placed = act(
        &mut world,
        Command::Act(Action::Place {
            cell,
            kind: StructureKind::Gate,
        }),
    );
    assert_eq!(
        placed,
        Event::Placed {
            player: ME,
            id: StructureId(7),
            cell,
            kind: StructureKind::Gate
        }
    );
    assert_eq!(world.structures().at(cell).unwrap().hp, 80);
    assert_eq!(world.player(ME).unwrap().preview, None);
    assert_eq!(world.next_structure(), StructureId(8));
}

#[test]
fn placing_is_refused_where_it_cannot_be() {
    let mut world = site(vec![wall(1, OTHER, Cell { x: 10, y: 12 })], 2);
    for (x, y, reason) in [
        (64, 10, Reject::OutsideArena),
        (255, 255, Reject::OutsideArena),
        (15, 10, Reject::OutOfReach),
        (14, 13, Reject::OutOfReach),
        (10, 12, Reject::CellTaken),
        (10, 10, Reject::CellOccupied),
        (12, 10, Reject::CellOccupied),
    ] {
        assert_eq!(place(&mut world, x, y), rejected(reason), "{x},{y}");
    }
    assert_eq!(world.structures().len(), 1);
    // Four cells straight, or three by three, are in reach.
    assert!(matches!(place(&mut world, 6, 10), Event::Placed { .. }));
}

#[test]
fn the_next_structure_needs_the_whole_cooldown() {
    let mut world = site(vec![], 1);
    assert!(matches!(place(&mut world, 8, 10), Event::Placed { .. }));
    for _ in 1..BUILD_COOLDOWN.0 {
        assert_eq!(place(&mut world, 8, 11), rejected(Reject::BuildCooldown));
    }
    assert!(matches!(place(&mut world, 8, 11), Event::Placed { .. }));
}

#[test]
fn structures_are_limited_for_the_player_and_the_room() {
    let far = |index: usize| Cell {
        x: (index % 64) as u8,
        y: 20 + (index / 64) as u8,
    };
    let own = (0..STRUCTURES_PER_PLAYER_MAX)
        .map(|index| wall(index as u32, ME, far(index)))
        .collect();
    assert_eq!(
        place(&mut site(own, 1000), 8, 10),
        rejected(Reject::PlayerStructureLimit)
    );
    let full = (0..STRUCTURES_MAX).map(|index| {
        wall(
            index as u32,
            PlayerId(100 + (index % 16) as u16),
            far(index),
        )
    });
    assert_eq!(
        place(&mut site(full.collect(), 1000), 8, 10),
        rejected(Reject::RoomStructureLimit)
    );
}

#[test]
fn only_the_owner_takes_a_structure_away_and_only_in_reach() {
    let own = Cell { x: 10, y: 12 };
    let mut world = site(
        vec![
            wall(1, ME, own),
            wall(2, OTHER, Cell { x: 10, y: 8 }),
            wall(3, ME, Cell { x: 40, y: 40 }),
        ],
        4,
    );
    let remove = |world: &mut World, id| {
        act(
            world,
            Command::Act(Action::Remove {
                id: StructureId(id),
            }),
        )
    };
    assert_eq!(remove(&mut world, 2), rejected(Reject::NotOwner));
    assert_eq!(remove(&mut world, 3), rejected(Reject::OutOfReach));
    assert_eq!(remove(&mut world, 9), rejected(Reject::UnknownStructure));
    assert_eq!(
        remove(&mut world, 1),
        Event::Removed {
            player: ME,
            id: StructureId(1)
        }
    );
    assert_eq!(remove(&mut world, 1), rejected(Reject::UnknownStructure));
    assert!(world.structures().at(own).is_none());
    assert!(
        matches!(
            place(&mut world, 10, 12),
            Event::Placed {
                id: StructureId(4),
                ..
            }
        ),
        "ids are not given again"
    );
}

#[test]
fn the_last_id_is_never_given() {
    let mut world = site(vec![], u32::MAX);
    assert_eq!(place(&mut world, 8, 10), rejected(Reject::IdsExhausted));
    assert!(world.structures().is_empty());
}

#[test]
fn previews_stay_in_the_arena() {
    let mut world = site(vec![], 1);
    let preview = |x, y| {
        Command::Preview(Some(Preview {
            cell: Cell { x, y },
            kind: WALL,
        }))
    };
    assert_eq!(
        act(&mut world, preview(64, 0)),
        rejected(Reject::OutsideArena)
    );
    let both = vec![
        (ME, preview(60, 60)),
        (ME, Command::Preview(None)),
        (OTHER, preview(60, 60)),
    ];
    world.step(&Frame {
        commands: both,
        ..Frame::default()
    });
    assert_eq!(world.player(ME).unwrap().preview, None);
    assert!(world.player(OTHER).unwrap().preview.is_some());
}

#[test]
fn joins_and_leaves_that_cannot_be_are_refused() {
    let mut world = site(vec![], 1);
    let join = |id, body| Join {
        player: PlayerId(id),
        look: Look { body, colour: 0 },
        saved: None,
    };
    let refusal = |id, reason| Event::Rejected {
        player: PlayerId(id),
        command_index: NOT_A_COMMAND,
        reason,
    };
    world.step(&Frame {
        leaves: vec![PlayerId(9)],
        joins: vec![join(1, 0), join(9, 8)],
        ..Frame::default()
    });
    assert_eq!(
        world.events(),
        [
            refusal(9, Reject::UnknownPlayer),
            refusal(1, Reject::AlreadyJoined),
            refusal(9, Reject::UnknownLook)
        ]
    );
    let many = (0..=PLAYERS_MAX as u16)
        .map(|id| join(100 + id, 0))
        .collect();
    world.step(&Frame {
        joins: many,
        ..Frame::default()
    });
    assert_eq!(world.players().len(), PLAYERS_MAX);
    let refused = world
        .events()
        .iter()
        .filter(|event| matches!(event, Event::Rejected { .. }))
        .count();
    assert_eq!(refused, 3, "two were in already, one was too many");
}

#[test]
fn looks_change_to_what_exists() {
    let mut world = site(vec![], 1);
    assert_eq!(
        act(&mut world, Command::SetLook(Look { body: 8, colour: 0 })),
        rejected(Reject::UnknownLook)
    );
    let look = Look {
        body: 7,
        colour: 15,
    };
    world.step(&Frame {
        commands: vec![(ME, Command::SetLook(look))],
        ..Frame::default()
    });
    assert_eq!(world.player(ME).unwrap().look, look);
}

#[test]
fn building_and_taking_away_change_structures_and_shooting_does_not() {
    let cell = Cell { x: 1, y: 2 };
    let place = Action::Place { cell, kind: WALL };
    let remove = Action::Remove { id: StructureId(1) };
    let fire = Action::Fire {
        aim: sim_core::Aim(0),
    };
    assert!(place.changes_structures() && remove.changes_structures());
    assert!(!fire.changes_structures());
}
