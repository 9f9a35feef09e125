//! What is predicted is what happens.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::{Client, Event, Input, ShotKey};
use protocol::Encoding;
use protocol::limits::NUMBER_LAST;
use sim_core::{Action, Aim, Buttons, Cell, Command, StructureKind};
use table::{Delay, FAR, ME, NEAR, OTHER, Table};

#[test]
fn the_counts_are_those_of_what_goes_on() {
    let mut table = Table::new(FAR, Encoding::Binary);
    table.give(Input::Buttons(Buttons::RIGHT));
    table.idle(3_000);
    let stats = table.client.stats();
    assert_eq!(stats.step, table.client.view().unwrap().step);
    assert_eq!(stats.connects, 1);
    assert_eq!(stats.steps, table.stepped.len() as u64);
    let round_trip = 2 * FAR.base..=2 * (FAR.base + u64::from(FAR.jitter)) + 40_000;
    assert!(round_trip.contains(&stats.rtt.unwrap().0), "{stats:?}");
    assert_eq!(stats.starved, table.room.timing.starved);
    assert_eq!(stats.dropped, table.room.timing.dropped);
    assert!(stats.jitter.0 > 0 && stats.interpolation_delay.0 > 0);
    assert!(stats.buffer_depth > 0 && stats.buffer_target > 0);
    assert!(stats.unacked > 0);
    assert!(stats.snapshots > 20 && stats.snapshots_full > 0);
}

#[test]
fn without_starvation_nothing_is_ever_corrected() {
    for encoding in Encoding::CURRENT {
        for delay in [NEAR, FAR] {
            let mut table = Table::new(delay, encoding);
            table.idle(2_000);
            let starved = table.room.timing.starved;
            table.wander(60_000);
            assert_eq!(
                table.room.timing.starved, starved,
                "no starvation after 2 s"
            );
            assert_eq!(table.room.timing.dropped, 0);
            assert_eq!(table.corrections, []);
            assert_eq!(table.client.stats().corrections(), 0);
            assert_eq!(table.client.stats().stalls, 0);
            assert!(table.room.truth.len() > 3_500);
            let seen = *table.guesses.keys().nth(200).unwrap();
            table.room.truth = table.room.truth.split_off(&seen);
            assert_eq!(table.first_wrong_guess(), None);
            assert!(table.client.stats().replayed_steps < 300);
        }
    }
}

#[test]
fn the_buffer_settles_at_its_target() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(20_000);
    let stats = table.client.stats();
    assert!(stats.buffer_depth.abs_diff(stats.buffer_target) <= 1);
    assert!(stats.buffer_target <= 4, "a calm link needs little");
    let mut table = Table::new(FAR, Encoding::Json);
    table.idle(20_000);
    assert!(table.client.stats().buffer_target >= 5);
    assert!(table.client.stats().unacked <= 30);
}

#[test]
fn shots_and_structures_are_predicted_and_confirmed() {
    for encoding in Encoding::CURRENT {
        let mut table = Table::new(NEAR, encoding);
        table.idle(2_500);
        let at = table.room.me().pos.cell().unwrap();
        let cell = Cell {
            x: at.x,
            y: at.y - 2,
        };
        table.give(Input::Act(Action::Place {
            cell,
            kind: StructureKind::Wall,
        }));
        table.give(Input::Act(Action::Fire { aim: Aim(16_384) }));
        table.give(Input::Advance);
        table.idle(17);
        let placed = *table.client.structures().at(cell).unwrap();
        assert!(Client::is_provisional(placed.id));
        assert!(table.room.world.structures().is_empty());
        let fired = *table.guesses.keys().next_back().unwrap();
        let shots = table.client.scene(netcode::Micros(table.now)).shots;
        assert!(
            matches!(shots[..], [shot] if matches!(shot.key, ShotKey::Own(seq) if seq <= fired))
        );
        let key = shots[0].key;

        table.idle(400);
        let placed = *table.client.structures().at(cell).unwrap();
        assert!(!Client::is_provisional(placed.id));
        assert!(table.events.contains(&Event::Placed { id: placed.id }));
        let shots = table.client.scene(netcode::Micros(table.now)).shots;
        assert_eq!(shots.len(), 1);
        assert_eq!(shots[0].key, key, "confirmed, it keeps its name");
        // The predicted shot is where the authority's will be once it has consumed the same inputs.
        let ahead = table.client.predicted_after(table.client.next_seq() - 1);
        assert!(ahead.is_some());

        table.idle(1_500);
        assert!(
            table
                .client
                .scene(netcode::Micros(table.now))
                .shots
                .is_empty()
        );
        table.give(Input::Act(Action::Remove { id: placed.id }));
        table.idle(17);
        assert!(table.client.structures().at(cell).is_none());
        assert!(table.room.world.structures().at(cell).is_some());
        table.idle(300);
        assert!(table.room.world.structures().at(cell).is_none());
        assert_eq!(table.corrections, []);
    }
}

#[test]
fn what_the_rules_forbid_is_refused_here_and_not_sent() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(1_000);
    let sent = table.room.commands.len();
    for _ in 0..2 {
        table.give(Input::Act(Action::Fire { aim: Aim(0) }));
    }
    table.give(Input::Act(Action::Place {
        cell: Cell { x: 63, y: 63 },
        kind: StructureKind::Gate,
    }));
    table.give(Input::Act(Action::Remove {
        id: sim_core::StructureId(77),
    }));
    table.idle(300);
    use sim_core::Reject::{FireCooldown, OutOfReach, UnknownStructure};
    for reject in [FireCooldown, OutOfReach, UnknownStructure] {
        assert!(table.events.contains(&Event::Refused(reject)));
    }
    let actions = table.room.commands[sent..]
        .iter()
        .filter(|command| !matches!(command, protocol::ClientCommand::InputBatch { .. }))
        .count();
    assert_eq!(actions, 1, "the first shot");
}

#[test]
fn a_placing_that_the_authority_refuses_is_undone() {
    let mut table = Table::new(FAR, Encoding::Binary);
    table.idle(2_500);
    let at = table.room.me().pos.cell().unwrap();
    let cell = Cell {
        x: at.x,
        y: at.y - 3,
    };
    // The other stands in reach, and is quicker.
    let place = Command::Act(Action::Place {
        cell: Cell { x: 40, y: 27 },
        kind: StructureKind::Fence,
    });
    table.room.frame.commands.push((OTHER, place));
    table.idle(1_000);
    assert!(
        table
            .client
            .structures()
            .at(Cell { x: 40, y: 27 })
            .is_some()
    );
    table.give(Input::Act(Action::Place {
        cell,
        kind: StructureKind::Wall,
    }));
    table.idle(17);
    assert!(table.client.structures().at(cell).is_some());
    // Meanwhile the authority's copy of the player cannot build.
    let mut cells = (20..40).flat_map(|x| (33..36).map(move |y| Cell { x, y }));
    let mut structures: Vec<sim_core::Structure> = Vec::new();
    while structures.len() < sim_core::rules::STRUCTURES_PER_PLAYER_MAX {
        structures.push(sim_core::Structure {
            id: sim_core::StructureId(1_000 + structures.len() as u32),
            owner: ME,
            kind: StructureKind::Fence,
            cell: cells.next().unwrap(),
            hp: 1,
        });
    }
    table.room.world = rebuilt(&table.room.world, structures);
    table.idle(1_000);
    assert!(table.client.structures().at(cell).is_none());
    assert_eq!(
        table.client.structures(),
        table.room.world.structures(),
        "what is predicted is what stands"
    );
}

/// The world with other structures.
fn rebuilt(world: &sim_core::World, structures: Vec<sim_core::Structure>) -> sim_core::World {
    let mut other = sim_core::World::hydrate(sim_core::DurableWorld {
        step: world.step_number(),
        seed: 1,
        structures,
        next_structure: sim_core::StructureId(5_000),
        next_projectile: world.next_projectile(),
    })
    .unwrap();
    let saved = |player: &sim_core::Player| sim_core::Join {
        player: player.id,
        look: player.look,
        saved: Some(sim_core::SavedPlayer {
            pos: player.pos,
            vel: player.vel,
            health: player.health,
            score: player.score,
            deaths: player.deaths,
        }),
    };
    other.step(&sim_core::Frame {
        joins: world.players().iter().map(saved).collect(),
        ..sim_core::Frame::default()
    });
    other
}

#[test]
fn inputs_are_batched_and_acknowledge_snapshots() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.give(Input::Buttons(Buttons::RIGHT));
    table.idle(10_000);
    let batches = table.room.batches.len();
    assert!((260..=320).contains(&batches), "{batches} in 10 s");
    assert!(table.room.delta_sent > 90);
    assert!(table.room.full_sent <= 3);
    assert!(table.room.message_seqs.is_sorted_by(|a, b| a < b));
}

#[test]
fn a_client_whose_numbers_are_used_up_comes_back_and_begins_them_again() {
    let room = table::Room::new(3, NUMBER_LAST - 100);
    let mut table = Table::with(room, NEAR, Encoding::Json);
    table.wander(4_000);
    assert_eq!(table.connects.len(), 2);
    assert!(table.client.is_playing());
    assert!((100..1_000).contains(&table.client.next_seq()));
    let numbers = table.stepped.iter().map(|(_, seq)| *seq);
    assert_eq!(numbers.max(), Some(NUMBER_LAST));
    assert!(table.room.truth.contains_key(&1));
    assert!(!table.room.truth.contains_key(&0));
    let corrections = table.corrections.len();
    table.wander(4_000);
    assert_eq!(table.connects.len(), 2);
    assert_eq!(table.corrections.len(), corrections);
}

#[test]
fn others_are_drawn_in_the_past_and_smoothly() {
    let mut table = Table::new(
        Delay {
            base: 30_000,
            jitter: 20_000,
        },
        Encoding::Binary,
    );
    table.idle(3_000);
    table.room.frame.buttons.push((OTHER, Buttons::RIGHT));
    let mut last: Option<i32> = None;
    let mut most = 0;
    table.run(3_000, |table| {
        let scene = table.client.scene(netcode::Micros(table.now));
        let [drawn] = scene.players[..] else {
            panic!("one other player")
        };
        let x = drawn.player.pos.x.to_bits();
        let truth = table.room.world.player(OTHER).unwrap().pos.x.to_bits();
        assert!(x <= truth, "never ahead of the authority on a steady way");
        assert!(!drawn.frozen);
        if let Some(last) = last {
            assert!(x >= last, "never back");
            most = most.max(x - last);
        }
        last = Some(x);
    });
    // A millisecond of a walk is 393 / 2^16 of a cell.
    assert!(most <= 450, "{most}");
    let moved = last.unwrap() - Cell { x: 40, y: 30 }.centre().x.to_bits();
    assert!(moved > 10 << 16);
}

#[test]
fn a_short_gap_is_bridged_and_a_long_one_freezes() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(2_000);
    table.room.frame.buttons.push((OTHER, Buttons::RIGHT));
    table.idle(1_000);
    let drawn = |table: &Table| table.client.scene(netcode::Micros(table.now)).players[0];
    table.deliver = |_| false;
    table.idle(170);
    let bridged = drawn(&table);
    assert!(!bridged.frozen);
    table.idle(20);
    assert!(drawn(&table).player.pos.x > bridged.player.pos.x);
    table.idle(300);
    let frozen = drawn(&table);
    assert!(frozen.frozen);
    table.idle(500);
    assert_eq!(drawn(&table), frozen);
    table.deliver = |_| true;
    table.idle(500);
    assert!(!drawn(&table).frozen);
    assert!(drawn(&table).player.pos.x > frozen.player.pos.x);
}

#[test]
fn shots_of_others_fly_smoothly_and_end_at_the_wall() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(2_000);
    let wall = Cell { x: 44, y: 30 };
    let place = Command::Act(Action::Place {
        cell: wall,
        kind: StructureKind::Wall,
    });
    table.room.frame.commands.push((OTHER, place));
    table.idle(1_000);
    table
        .room
        .frame
        .commands
        .push((OTHER, Command::Act(Action::Fire { aim: Aim(0) })));
    let mut last = None;
    let mut frames = 0;
    table.run(1_500, |table| {
        let shots = table.client.scene(netcode::Micros(table.now)).shots;
        assert!(shots.len() <= 1);
        for shot in &shots {
            let x = shot.pos.x.to_bits();
            assert!(x <= 44 << 16, "not in the wall");
            if let Some(last) = last {
                // 0.3 cells a step are 1180 / 2^16 of a cell in a millisecond; the clock may slew by 5 %.
                assert!(x > last && x - last < 1_300, "{}", x - last);
            }
            last = Some(x);
            frames += 1;
        }
    });
    let way = 3 * 65_536 + 32_768;
    assert!(last.unwrap() > (44 << 16) - 65_536 / 2);
    assert!(
        (way / 1_300 - 20..=way / 1_100).contains(&frames),
        "{frames}"
    );
}

#[test]
fn a_preview_is_told_as_often_as_it_is_heard() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(1_000);
    table.run(1_000, |table| {
        let cell = Cell {
            x: (table.now / 1_000 % 60) as u8,
            y: 3,
        };
        table.give(Input::Preview(Some(sim_core::Preview {
            cell,
            kind: StructureKind::Wall,
        })));
    });
    table.give(Input::Preview(None));
    table.idle(500);
    let told = |wanted: fn(&protocol::ClientCommand) -> bool| {
        table.room.commands.iter().filter(|one| wanted(one)).count()
    };
    let shown = told(|one| matches!(one, protocol::ClientCommand::Preview { .. }));
    assert!((8..=11).contains(&shown), "{shown}");
    assert_eq!(
        told(|one| *one == protocol::ClientCommand::Preview(None)),
        1
    );
}
