//! What operators are told of a room and its players.

use authority::{Input, PlayerStats, SeatCounts};
use sim_core::Buttons;

use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;

fn of(rig: &Rig, conn: authority::ConnId) -> PlayerStats {
    let player = rig.player_id(conn);
    let all = rig.room.player_stats();
    all.into_iter().find(|of| of.player == player).unwrap()
}

#[test]
fn lateness_is_that_of_the_first_tick_that_was_due() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 30);
    let lateness = |rig: &Rig| rig.room.stats().lateness;
    assert_eq!(lateness(&rig).counts.iter().sum::<u64>(), 30);
    // A tick is due at a third of a millisecond at times, and the timer counts whole ones.
    assert_eq!(lateness(&rig).quantile(1_000), Some(0));
    // Three ticks at once are one wait.
    let before = lateness(&rig);
    rig.now = rig.wake.unwrap() + 70;
    rig.handle(Input::Wake);
    let after = lateness(&rig);
    let more: Vec<u64> = (0..after.counts.len())
        .map(|at| after.counts[at] - before.counts[at])
        .collect();
    assert_eq!(more.iter().sum::<u64>(), 1);
    assert_eq!(after.quantile(1_000), Some(133));
    assert_eq!(after.quantile(500), Some(0));
}

#[test]
fn every_message_is_counted_by_its_bytes() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    let before = rig.room.stats();
    assert!(before.bytes_out > 0, "the welcome");
    rig.bytes(conn, b"no message");
    let after = rig.room.stats();
    assert_eq!(after.messages_in - before.messages_in, 1);
    assert_eq!(after.bytes_in - before.bytes_in, 10);
    assert!(after.bytes_out > before.bytes_out, "it was refused");
    rig.bytes(authority::ConnId(99), b"nobody");
    assert_eq!(rig.room.stats(), after);
    let snapshots = rig.room.stats().snapshot_bytes;
    let out = rig.room.stats().bytes_out;
    rig.play(&[conn], NONE, 3);
    let now = rig.room.stats();
    assert!(now.snapshot_bytes > snapshots);
    assert!(now.bytes_out - out >= now.snapshot_bytes - snapshots);
}

#[test]
fn a_player_is_counted_for_as_long_as_the_seat_is_taken() {
    let mut rig = Rig::new();
    let (anna, bert) = (rig.join("anna"), rig.join("bert"));
    rig.play(&[anna, bert], NONE, 5);
    rig.play(&[bert], NONE, 3);
    let starved = of(&rig, anna).counts.starved;
    assert!(starved >= 4, "{starved}");
    assert_eq!(of(&rig, bert).counts, SeatCounts::default());
    rig.inputs(bert, &[NONE; 8]);
    rig.inputs(bert, &[NONE; 8]);
    let stats = of(&rig, bert);
    assert!(stats.connected);
    assert!(stats.counts.dropped > 0);
    assert_eq!(
        stats.buffer_depth,
        authority::limits::INPUT_BUFFER_STEPS_MAX
    );
    let all = rig.room.stats();
    assert_eq!(all.starved, starved);
    assert_eq!(all.dropped, stats.counts.dropped);
    rig.leave(anna);
    rig.ticks(1);
    assert!(!of(&rig, anna).connected);
    assert_eq!(of(&rig, anna).counts.starved, starved);
}
