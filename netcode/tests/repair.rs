//! What was predicted wrong is repaired once, and named.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::{Cause, Input, Micros};
use protocol::{Encoding, ServerBody};
use sim_core::{Action, Aim, Buttons, Cell, Command, Shift, StructureKind};
use table::{Delay, FAR, NEAR, OTHER, Table};

fn causes(table: &Table) -> Vec<Cause> {
    table.corrections.iter().map(|one| one.cause).collect()
}

#[test]
fn a_divergence_is_corrected_once_and_slides_to_nothing() {
    for encoding in Encoding::CURRENT {
        let mut table = Table::new(NEAR, encoding);
        table.idle(3_000);
        assert_eq!(table.corrections, []);
        let half = Shift::from_bits(1 << 15);
        table.room.displace(half);
        let mut at = 0;
        let mut drawn_before = 0;
        let mut drawn = Vec::new();
        table.run(1_500, |table| {
            let x = |table: &Table| {
                let scene = table.client.scene(Micros(table.now));
                scene.local.unwrap().player.pos.x.to_bits()
            };
            if table.corrections.is_empty() {
                drawn_before = x(table);
                at = table.now;
            } else {
                drawn.push((table.now - at, x(table)));
            }
        });
        assert_eq!(table.corrections.len(), 1);
        assert_eq!(table.corrections[0].cause, Cause::Unknown);
        assert_eq!(table.corrections[0].distance, half);
        let end = table.client.predicted().unwrap().pos.x.to_bits();
        assert_eq!(end - drawn_before, half.to_bits());
        assert!(
            (drawn[0].1 - drawn_before).abs() < 2_000,
            "no jump at first"
        );
        assert!(drawn.is_sorted_by_key(|(_, x)| *x));
        for (after, x) in drawn {
            if after > 102_000 {
                assert_eq!(x, end, "{after} us later nothing is hidden any more");
            }
        }
    }
}

#[test]
fn inputs_that_come_late_starve_the_authority_and_are_blamed() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.give(Input::Buttons(Buttons::RIGHT));
    table.idle(3_000);
    let before = table.room.timing;
    table.give(Input::Buttons(Buttons::UP));
    table.delay.base += 150_000;
    table.idle(40);
    table.delay = NEAR;
    table.idle(2_000);
    assert!(table.room.timing.starved > before.starved);
    assert_eq!(table.room.timing.dropped, before.dropped);
    assert!(!table.corrections.is_empty());
    assert!(causes(&table).iter().all(|cause| *cause == Cause::Starved));
    let corrections = table.corrections.len();
    table.wander(20_000);
    assert_eq!(table.corrections.len(), corrections, "no offset is left");
}

#[test]
fn inputs_that_find_no_place_are_blamed() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(3_000);
    table.delay.base += 500_000;
    table.idle(40);
    table.delay = NEAR;
    table.wander(700);
    table.idle(3_000);
    assert!(table.room.timing.dropped > 0);
    let causes = causes(&table);
    assert!(causes.contains(&Cause::Dropped), "{causes:?}");
    assert!(!causes.contains(&Cause::Unknown), "{causes:?}");
    let corrections = table.corrections.len();
    table.wander(20_000);
    assert_eq!(table.corrections.len(), corrections, "no offset is left");
    assert!(table.client.stats().buffer_depth <= 8, "and no lag");
}

#[test]
fn a_structure_that_could_not_be_seen_is_blamed() {
    let mut table = Table::new(NEAR, Encoding::Json);
    table.idle(2_500);
    table.give(Input::Buttons(Buttons::RIGHT));
    let mut placed = false;
    table.run(3_000, |table| {
        if !placed && table.room.me().pos.x.to_bits() > (36 << 16) + 10_000 {
            placed = true;
            let place = Command::Act(Action::Place {
                cell: Cell { x: 37, y: 30 },
                kind: StructureKind::Fence,
            });
            table.room.frame.commands.push((OTHER, place));
        }
    });
    assert_eq!(causes(&table), [Cause::UnseenStructure]);
    assert_eq!(table.client.structures(), table.room.world.structures());
    assert_eq!(
        table.client.predicted().unwrap().pos,
        table.room.me().pos,
        "both stand at it"
    );
}

#[test]
fn a_structure_beside_the_way_corrects_nothing() {
    let mut table = Table::new(FAR, Encoding::Json);
    table.idle(2_500);
    let corrections = table.corrections.len();
    table.give(Input::Buttons(Buttons::LEFT));
    for y in [27, 28, 32, 33] {
        let place = Command::Act(Action::Place {
            cell: Cell { x: 40, y },
            kind: StructureKind::Wall,
        });
        table.room.frame.commands.push((OTHER, place));
        table.idle(400);
    }
    assert_eq!(table.client.structures().len(), 4);
    assert_eq!(table.corrections.len(), corrections);
}

#[test]
fn death_and_respawn_are_blamed_on_themselves() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(2_500);
    for _ in 0..5 {
        let fire = Command::Act(Action::Fire { aim: Aim(32_768) });
        table.room.frame.commands.push((OTHER, fire));
        table.idle(300);
    }
    table.idle(700);
    table.give(Input::Buttons(Buttons::DOWN));
    table.idle(300);
    assert!(!table.room.me().is_alive());
    assert_eq!(causes(&table), [Cause::Hit]);
    assert!(!table.client.predicted().unwrap().is_alive());
    table.idle(3_000);
    assert!(table.room.me().is_alive());
    assert_eq!(causes(&table), [Cause::Hit, Cause::Respawn]);
    assert_eq!(table.client.predicted().unwrap().health, 100);
    table.wander(5_000);
    assert_eq!(table.corrections.len(), 2);
}

#[test]
fn a_merged_delta_is_the_full_view_of_its_moment() {
    for encoding in Encoding::CURRENT {
        let mut table = Table::new(FAR, encoding);
        let mut compared = None;
        let mut count = 0;
        table.run(20_000, |table| {
            if table.rng.chance(1, 150) {
                let buttons = Buttons::from_bits_truncate(table.rng.next_u32() as u8);
                table.give(Input::Buttons(buttons));
                table.room.frame.buttons.push((OTHER, buttons));
                table.room.frame.buttons.dedup_by_key(|(player, _)| *player);
                let aim = Aim(table.rng.next_u32() as u16);
                table.give(Input::Act(Action::Fire { aim }));
                let at = table.room.me().pos.cell().unwrap();
                table.give(Input::Act(Action::Place {
                    cell: Cell {
                        x: at.x.saturating_add(2).min(63),
                        y: at.y,
                    },
                    kind: StructureKind::Gate,
                }));
                table
                    .room
                    .frame
                    .commands
                    .push((OTHER, Command::Act(Action::Fire { aim })));
            }
            let ack = table.client.snapshot_ack();
            if ack != compared
                && let Some(id) = ack
            {
                compared = ack;
                count += 1;
                assert_eq!(table.client.view(), Some(&table.room.views[&id]));
            }
        });
        assert!(count > 190);
        assert!(table.room.delta_sent > 180);
        let unknown = causes(&table)
            .iter()
            .filter(|cause| **cause == Cause::Unknown)
            .count();
        assert_eq!(unknown, 0);
    }
}

#[test]
fn a_delta_against_an_unknown_base_is_answered_with_a_full_snapshot() {
    for encoding in Encoding::CURRENT {
        let mut table = Table::new(NEAR, encoding);
        table.idle(2_000);
        let full = table.room.full_sent;
        table.deliver = |message| !matches!(message.body, ServerBody::Snapshot(_));
        table.idle(110);
        table.deliver = |_| true;
        // The room believes that the lost one was acknowledged.
        let lost = table.room.snapshot_id;
        table.run(120, |table| table.room.acked = Some(lost));
        table.idle(1_000);
        assert!(table.client.stats().snapshots_unknown_base >= 1);
        assert!(table.room.full_sent > full);
        let newest = table.client.snapshot_ack().unwrap();
        assert!(table.room.snapshot_id - newest <= 1);
        assert_eq!(table.client.view(), Some(&table.room.views[&newest]));
        assert_eq!(table.corrections, []);
    }
}

#[test]
fn a_hidden_tab_comes_back_without_a_burst() {
    let mut table = Table::new(
        Delay {
            base: 40_000,
            jitter: 10_000,
        },
        Encoding::Binary,
    );
    table.give(Input::Buttons(Buttons::RIGHT));
    table.idle(3_000);
    let (steps, batches) = (table.stepped.len(), table.room.batches.len());
    table.client_stalls_until = table.now + 5_000_000;
    table.idle(5_000);
    assert_eq!(table.stepped.len(), steps);
    table.give(Input::Buttons(Buttons::LEFT));
    table.idle(500);
    let after = table.stepped.len() - steps;
    assert!(after <= 45, "{after} steps in half a second");
    assert_eq!(table.client.stats().stalls, 1);
    for (_, inputs) in &table.room.batches[batches..] {
        assert!(*inputs <= 12);
    }
    table.idle(1_000);
    assert_eq!(causes(&table), [Cause::ClockSlip]);
    assert_eq!(table.client.stats().snapshots_unknown_base, 0);
    let (corrections, starved) = (table.corrections.len(), table.room.timing.starved);
    table.wander(20_000);
    assert_eq!(table.room.timing.starved, starved);
    assert_eq!(table.corrections.len(), corrections, "no offset is left");
    // Whenever it was hidden it is told so.
    for buttons in [Buttons::LEFT, Buttons::RIGHT, Buttons::LEFT] {
        table.corrections.clear();
        table.client_stalls_until = table.now + 5_000_000;
        table.idle(5_000);
        table.give(Input::Buttons(buttons));
        table.idle(2_000);
        assert!(causes(&table).contains(&Cause::ClockSlip));
    }
}

#[test]
fn who_hears_nothing_waits_instead_of_guessing_on() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(2_000);
    table.deliver = |_| false;
    table.idle(4_000);
    let stats = table.client.stats();
    assert_eq!(stats.unacked, 120);
    let steps = stats.steps;
    table.idle(1_000);
    assert_eq!(table.client.stats().steps, steps);
    assert!(table.client.scene(Micros(table.now)).local.unwrap().frozen);
    // Unless the player has something to say, which a sleeping room would wake up from.
    table.give(Input::Buttons(Buttons::UP));
    table.idle(100);
    assert!(table.client.stats().steps > steps);
    assert_eq!(table.client.stats().resyncs, 1);
    table.deliver = |_| true;
    table.idle(2_000);
    let corrections = table.corrections.len();
    table.wander(10_000);
    assert!(table.client.stats().steps > steps + 600);
    assert_eq!(table.client.stats().resyncs, 1);
    assert_eq!(table.corrections.len(), corrections);
}

#[test]
fn inputs_that_are_lost_on_the_way_are_given_up_a_second_after_the_history_is_full_of_them() {
    for buttons in [Buttons::NONE, Buttons::RIGHT] {
        let mut table = Table::new(NEAR, Encoding::Binary);
        table.idle(1_000);
        table.carries_up = false;
        table.give(Input::Buttons(buttons));
        let (mut full_at, mut given_up_at) = (None, None);
        table.run(4_500, |table| {
            let stats = table.client.stats();
            if stats.unacked == 120 {
                full_at.get_or_insert(table.now);
            }
            if stats.resyncs == 1 {
                given_up_at.get_or_insert(table.now);
            }
        });
        let waited = given_up_at.unwrap() - full_at.unwrap();
        assert!((900_000..=1_110_000).contains(&waited), "{waited} us");
        // One after the other, and without another connection.
        assert_eq!(table.client.stats().resyncs, 1);
        assert_eq!(table.connects.len(), 1);
    }
}

#[test]
fn an_authority_that_is_where_no_input_leads_is_followed() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(1_000);
    table.carries_up = false;
    table.idle(300);
    table.room.consumed = Some(table.client.next_seq() + 1_000);
    table.room.displace(Shift::from_bits(1 << 16));
    table.idle(150);
    assert!(table.client.stats().resyncs > 0);
    assert_eq!(table.client.confirmed().unwrap().pos, table.room.me().pos);
}
