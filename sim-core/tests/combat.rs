//! Shots, what they do to players and structures, death and respawn.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sim_core::rules::{FIRE_COOLDOWN, RESPAWN_WAIT, SHOT_LIFE, SPAWN_PROTECTION};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, DurableWorld, Event, Frame, Join, Look, Player, PlayerId,
    Preview, Projectile, ProjectileId, Reject, SavedPlayer, Step, Steps, Structure, StructureId,
    StructureKind, Structures, Velocity, World, projectile,
};

const SHOOTER: PlayerId = PlayerId(5);
const VICTIM: PlayerId = PlayerId(6);
const RIGHT: Aim = Aim(0);
const DOWN: Aim = Aim(16_384);

/// The shooter in cell 10,10, the victim in cell 14,10, nobody protected any more.
fn duel(structures: &[(u8, u8, StructureKind, PlayerId)]) -> World {
    let structures = (1..)
        .zip(structures)
        .map(|(id, &(x, y, kind, owner))| Structure {
            id: StructureId(id),
            owner,
            kind,
            cell: Cell { x, y },
            hp: kind.hp_max(),
        })
        .collect();
    let mut world = World::hydrate(DurableWorld {
        step: Step(0),
        seed: 1,
        structures,
        next_structure: StructureId(100),
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
        joins: vec![join(SHOOTER, 10), join(VICTIM, 14)],
        ..Frame::default()
    });
    wait(&mut world, SPAWN_PROTECTION.0);
    world
}

fn wait(world: &mut World, steps: u16) -> Vec<Event> {
    let mut events = Vec::new();
    for _ in 0..steps {
        world.step(&Frame::default());
        events.extend_from_slice(world.events());
    }
    events
}

fn act(world: &mut World, player: PlayerId, command: impl Into<Command>) -> Vec<Event> {
    world.step(&Frame {
        commands: vec![(player, command.into())],
        ..Frame::default()
    });
    world.events().to_vec()
}

fn fire(world: &mut World, aim: Aim) -> Vec<Event> {
    let mut events = act(world, SHOOTER, Action::Fire { aim });
    events.extend(wait(world, FIRE_COOLDOWN.0));
    events
}

fn get(world: &World, id: PlayerId) -> Player {
    *world.player(id).unwrap()
}

fn rejected(player: PlayerId, reason: Reject) -> Event {
    Event::Rejected {
        player,
        command_index: 0,
        reason,
    }
}

#[test]
fn a_shot_takes_health_and_is_gone() {
    let mut world = duel(&[]);
    let events = fire(&mut world, RIGHT);
    assert_eq!(
        events,
        [
            Event::Fired {
                player: SHOOTER,
                id: ProjectileId(1)
            },
            Event::Hit {
                player: VICTIM,
                by: SHOOTER,
                damage: 20,
                health: 80
            },
        ]
    );
    assert!(world.projectiles().is_empty());
    assert_eq!(get(&world, SHOOTER).health, 100);
}

#[test]
fn five_shots_kill_and_the_dead_come_back_after_their_wait() {
    let mut world = duel(&[]);
    let preview = Preview {
        cell: Cell { x: 1, y: 1 },
        kind: StructureKind::Wall,
    };
    act(&mut world, VICTIM, Command::Preview(Some(preview)));
    let mut events = Vec::new();
    for _ in 0..4 {
        events.extend(fire(&mut world, RIGHT));
    }
    assert_eq!(get(&world, VICTIM).health, 20);
    act(&mut world, SHOOTER, Action::Fire { aim: RIGHT });
    while get(&world, VICTIM).is_alive() {
        world.step(&Frame::default());
    }
    assert_eq!(
        world.events()[1],
        Event::Died {
            player: VICTIM,
            by: SHOOTER
        }
    );
    let dead = get(&world, VICTIM);
    assert_eq!(
        (dead.health, dead.deaths, dead.preview, dead.vel),
        (0, 1, None, Velocity::ZERO)
    );
    assert_eq!(
        dead.respawn_wait,
        RESPAWN_WAIT.one_less(),
        "the wait runs from the step of death"
    );
    assert_eq!(get(&world, SHOOTER).score, 1);

    let events = wait(&mut world, RESPAWN_WAIT.0 - 2);
    assert_eq!(events, []);
    world.step(&Frame::default());
    assert_eq!(world.events(), [Event::Respawned { player: VICTIM }]);
    let back = get(&world, VICTIM);
    assert_eq!(
        (back.health, back.protected, back.deaths),
        (100, SPAWN_PROTECTION, 1)
    );
}

#[test]
fn the_dead_neither_walk_nor_act_nor_stop_shots() {
    let mut world = duel(&[]);
    (0..5).for_each(|_| drop(fire(&mut world, RIGHT)));
    let fallen = get(&world, VICTIM).pos;
    let place = Action::Place {
        cell: Cell { x: 15, y: 10 },
        kind: StructureKind::Wall,
    };
    let commands = vec![
        (VICTIM, Action::Fire { aim: RIGHT }.into()),
        (VICTIM, place.into()),
        (VICTIM, Command::Preview(None)),
    ];
    world.step(&Frame {
        buttons: vec![(VICTIM, Buttons::RIGHT)],
        commands,
        ..Frame::default()
    });
    let refusals: Vec<Event> = (0..3)
        .map(|command_index| Event::Rejected {
            player: VICTIM,
            command_index,
            reason: Reject::Dead,
        })
        .collect();
    assert_eq!(world.events(), refusals);
    assert_eq!(get(&world, VICTIM).pos, fallen);
    assert_eq!(fire(&mut world, RIGHT).len(), 1, "only the firing itself");
    assert_eq!(world.projectiles().len(), 1);
}

#[test]
fn who_has_just_come_is_protected_until_the_first_own_shot() {
    let mut world = duel(&[]);
    let protected = |world: &mut World| {
        world.step(&Frame {
            leaves: vec![VICTIM],
            ..Frame::default()
        });
        let saved = SavedPlayer {
            pos: Cell { x: 14, y: 10 }.centre(),
            vel: Velocity::ZERO,
            health: 60,
            score: 3,
            deaths: 4,
        };
        let joins = vec![Join {
            player: VICTIM,
            look: Look::default(),
            saved: Some(saved),
        }];
        world.step(&Frame {
            joins,
            ..Frame::default()
        });
    };
    protected(&mut world);
    assert_eq!(fire(&mut world, RIGHT).len(), 1);
    assert_eq!(get(&world, VICTIM).health, 60);
    act(&mut world, VICTIM, Action::Fire { aim: DOWN });
    fire(&mut world, RIGHT);
    assert_eq!(get(&world, VICTIM).health, 40);
}

#[test]
fn the_next_shot_needs_the_whole_cooldown() {
    let mut world = duel(&[]);
    act(&mut world, SHOOTER, Action::Fire { aim: DOWN });
    for _ in 1..FIRE_COOLDOWN.0 {
        let events = act(&mut world, SHOOTER, Action::Fire { aim: DOWN });
        assert_eq!(events, [rejected(SHOOTER, Reject::FireCooldown)]);
    }
    let events = act(&mut world, SHOOTER, Action::Fire { aim: DOWN });
    assert_eq!(
        events,
        [Event::Fired {
            player: SHOOTER,
            id: ProjectileId(2)
        }]
    );
}

#[test]
fn a_shot_ends_with_its_life_or_at_the_edge() {
    let mut world = duel(&[]);
    act(&mut world, SHOOTER, Action::Fire { aim: DOWN });
    wait(&mut world, SHOT_LIFE.0 - 2);
    assert_eq!(world.projectiles()[0].life, Steps(1));
    wait(&mut world, 1);
    assert!(world.projectiles().is_empty());
    act(&mut world, SHOOTER, Action::Fire { aim: Aim(32_768) });
    // Ten and a half cells at three tenths a step, the step of firing included.
    wait(&mut world, 33);
    assert_eq!(world.projectiles().len(), 1);
    wait(&mut world, 1);
    assert!(world.projectiles().is_empty());
}

#[test]
fn a_wall_takes_six_shots_for_who_is_behind_it() {
    let mut world = duel(&[(12, 10, StructureKind::Wall, SHOOTER)]);
    for left in [100, 80, 60, 40, 20] {
        assert_eq!(fire(&mut world, RIGHT).len(), 1);
        assert_eq!(world.structures().get(StructureId(1)).unwrap().hp, left);
    }
    let gone = Event::Destroyed {
        id: StructureId(1),
        by: SHOOTER,
        cell: Cell { x: 12, y: 10 },
    };
    assert_eq!(fire(&mut world, RIGHT)[1], gone);
    assert!(world.structures().is_empty());
    assert_eq!(world.structures().digest(), Structures::new().digest());
    fire(&mut world, RIGHT);
    assert_eq!(get(&world, VICTIM).health, 80);
}

#[test]
fn shots_pass_fences_and_the_own_gate_only() {
    for (kind, owner, hurt) in [
        (StructureKind::Fence, VICTIM, true),
        (StructureKind::Fence, SHOOTER, true),
        (StructureKind::Gate, SHOOTER, true),
        (StructureKind::Gate, VICTIM, false),
        (StructureKind::Wall, SHOOTER, false),
    ] {
        let mut world = duel(&[(12, 10, kind, owner)]);
        fire(&mut world, RIGHT);
        assert_eq!(
            get(&world, VICTIM).health < 100,
            hurt,
            "{kind:?} of {owner}"
        );
        let whole = world.structures().get(StructureId(1)).unwrap().hp == kind.hp_max();
        assert_eq!(whole, hurt, "{kind:?} of {owner}");
    }
}

#[test]
fn the_lower_id_is_hit_where_two_stand() {
    let mut world = duel(&[]);
    let saved = SavedPlayer {
        pos: get(&world, VICTIM).pos,
        vel: Velocity::ZERO,
        health: 100,
        score: 0,
        deaths: 0,
    };
    let joins = vec![Join {
        player: PlayerId(2),
        look: Look::default(),
        saved: Some(saved),
    }];
    world.step(&Frame {
        joins,
        ..Frame::default()
    });
    wait(&mut world, SPAWN_PROTECTION.0);
    fire(&mut world, RIGHT);
    assert_eq!(
        (get(&world, PlayerId(2)).health, get(&world, VICTIM).health),
        (80, 100)
    );
}

#[test]
fn a_shot_outlives_its_shooter_and_scores_for_nobody() {
    let mut world = duel(&[]);
    (0..4).for_each(|_| drop(fire(&mut world, RIGHT)));
    act(&mut world, SHOOTER, Action::Fire { aim: RIGHT });
    world.step(&Frame {
        leaves: vec![SHOOTER],
        ..Frame::default()
    });
    let events = wait(&mut world, 20);
    assert_eq!(
        events[1],
        Event::Died {
            player: VICTIM,
            by: SHOOTER
        }
    );
    assert!(world.player(SHOOTER).is_none());
}

#[test]
fn leaving_is_no_way_around_the_wait_for_respawn() {
    let mut world = duel(&[]);
    let saved = SavedPlayer {
        health: 0,
        pos: get(&world, VICTIM).pos,
        vel: Velocity::ZERO,
        score: 0,
        deaths: 1,
    };
    world.step(&Frame {
        leaves: vec![VICTIM],
        ..Frame::default()
    });
    let joins = vec![Join {
        player: VICTIM,
        look: Look::default(),
        saved: Some(saved),
    }];
    world.step(&Frame {
        joins,
        ..Frame::default()
    });
    assert_eq!(get(&world, VICTIM).respawn_wait, RESPAWN_WAIT.one_less());
}

#[test]
fn coasting_is_flying_through_nothing() {
    let nothing = Structures::new();
    for aim in (0..=u16::MAX).step_by(997) {
        let start = Projectile {
            id: ProjectileId(1),
            owner: SHOOTER,
            aim: Aim(aim),
            pos: Cell { x: 20, y: 50 }.centre(),
            life: SHOT_LIFE,
        };
        let mut flown = start;
        for steps in 1..=u64::from(SHOT_LIFE.0) {
            let free = projectile::advance(&mut flown, &nothing) == projectile::Flight::Free;
            let mut coasted = start;
            let going_on = coasted.coast(steps);
            let flies = free && !flown.life.is_zero();
            assert_eq!(going_on, flies, "{aim} after {steps}");
            if !going_on {
                break;
            }
            assert_eq!(coasted, flown);
        }
    }
}
