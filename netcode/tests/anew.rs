//! Where room and client do not know the same inputs, they begin anew.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::{Event, Input, Micros, ShotKey};
use protocol::Encoding;
use sim_core::{Action, Aim, Buttons, Command};
use table::{ME, NEAR, Room, Table};

#[test]
fn what_a_restarted_room_has_forgotten_is_begun_anew() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.wander(5_000);
    table.cut();
    // The room is back from its last checkpoint, a second ago.
    let old = Room::new(7, 200);
    table.room = old;
    table.idle(2_000);
    assert!(table.client.is_playing());
    assert_eq!(table.room.truth.keys().next(), Some(&200));
    assert!(table.client.next_seq() < 350);
    let corrections = table.corrections.len();
    table.wander(10_000);
    assert_eq!(table.corrections.len(), corrections);
}

#[test]
fn a_shot_that_only_a_restarted_room_knows_is_not_taken_for_one_of_before() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    let aim = Aim(5);
    table.idle(1_000);
    table.give(Input::Act(Action::Fire { aim }));
    table.idle(4_000);
    let fired = table.client.next_seq() - 240;
    table.cut();
    // It goes on behind the input that fired, which the client has forgotten with all others.
    table.room = Room::new(7, fired + 100);
    let fire = Command::Act(Action::Fire { aim });
    table.run(2_000, |table| {
        if table.client.is_playing() && table.room.world.projectiles().is_empty() {
            table.room.frame.commands = vec![(ME, fire)];
        }
        for shot in table.client.scene(Micros(table.now)).shots {
            assert_eq!(shot.key, ShotKey::Room(shot.projectile.id));
        }
    });
    assert!(table.client.is_playing());
    assert!(!table.client.scene(Micros(table.now)).shots.is_empty());
}

#[test]
fn who_comes_back_as_another_client_is_behind_the_inputs_that_still_wait_and_corrects_nothing() {
    let mut room = Room::new(7, 1);
    let buttons = Buttons::RIGHT;
    room.buffer = (1..=12)
        .map(|seq| protocol::Input { seq, buttons })
        .collect();
    room.received = 12;
    let mut table = Table::with(room, NEAR, Encoding::Binary);
    table.idle(3_000);
    assert_eq!(table.stepped[0].1, 13);
    assert_eq!(table.corrections, []);
    assert_eq!(table.client.stats().resyncs, 0);
}

#[test]
fn a_new_seat_begins_anew() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.wander(3_000);
    table.cut();
    table.resumes = false;
    table.room = Room::new(8, 1);
    table.idle(2_000);
    let resumed: Vec<bool> = table
        .events
        .iter()
        .filter_map(|event| {
            if let Event::Welcomed { resumed, .. } = event {
                Some(*resumed)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(resumed, [false, false]);
    assert_eq!(table.room.truth.keys().next(), Some(&1));
    assert_eq!(table.client.stats().inputs_resent, 0);
}
