//! In a room in which nothing moves, a client whose player does nothing sends nothing.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::{Input, Micros};
use protocol::Encoding;
use sim_core::{Action, Aim, Buttons, Cell, Preview, StructureKind};
use table::{NEAR, Table};

/// A client that has played and let go, in a room that has just said that nothing moves.
fn at_rest() -> Table {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.host_answers = true;
    table.give(Input::Buttons(Buttons::RIGHT));
    table.idle(1_000);
    table.give(Input::Buttons(Buttons::NONE));
    table.idle(1_500);
    table.room.timing.idle = true;
    table.idle(500);
    assert_eq!(table.corrections, []);
    table
}

#[test]
fn who_rests_takes_no_steps_and_is_not_frozen() {
    let mut table = at_rest();
    assert!(table.client.rests());
    let (steps, batches) = (table.stepped.len(), table.room.batches.len());
    table.idle(10_000);
    assert_eq!(table.stepped.len(), steps);
    assert_eq!(table.room.batches.len(), batches);
    assert!(table.keepalives > 0, "pings need no room");
    let scene = table.client.scene(Micros(table.now));
    assert!(!scene.local.unwrap().frozen);
    assert!(table.client.is_playing());
}

#[test]
fn a_room_that_wakes_up_is_stepped_with_again() {
    let mut table = at_rest();
    let steps = table.stepped.len();
    table.room.timing.idle = false;
    table.idle(1_000);
    assert!(!table.client.rests());
    assert!(table.stepped.len() > steps + 40);
    assert_eq!(table.corrections, []);
}

#[test]
fn whatever_the_player_does_ends_the_rest_at_once() {
    let shown = Preview {
        cell: Cell { x: 30, y: 33 },
        kind: StructureKind::Wall,
    };
    for input in [
        Input::Buttons(Buttons::UP),
        Input::Act(Action::Fire { aim: Aim(5) }),
        Input::Preview(Some(shown)),
    ] {
        let mut table = at_rest();
        let steps = table.stepped.len();
        table.give(input);
        assert!(!table.client.rests());
        table.idle(34);
        assert!(table.stepped.len() > steps);
    }
}

#[test]
fn after_a_rest_of_any_length_nothing_is_corrected_and_nobody_starves() {
    for rest in [0, 5, 20, 60, 300, 5_000] {
        let mut table = at_rest();
        table.idle(rest);
        table.give(Input::Buttons(Buttons::UP));
        table.room.timing.idle = false;
        table.idle(1_000);
        assert_eq!(table.client.stats().stalls, 0, "{rest} ms");
        let starved = table.room.timing.starved;
        table.idle(3_000);
        assert_eq!(table.room.timing.starved, starved, "{rest} ms");
        assert_eq!(table.room.timing.dropped, 0, "{rest} ms");
        assert_eq!(table.corrections, [], "{rest} ms");
    }
}
