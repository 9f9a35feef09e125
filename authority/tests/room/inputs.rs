use protocol::{ClientCommand, ErrorCode, Input, Predicted};
use sim_core::Buttons;

use crate::rig::Rig;

const RIGHT: Buttons = Buttons::RIGHT;
const NONE: Buttons = Buttons::NONE;

#[test]
fn every_step_consumes_one_input() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs(conn, &[RIGHT, NONE, RIGHT, NONE]);
    rig.ticks(1);
    assert_eq!(rig.player(conn).buttons, NONE);
    rig.ticks(2);
    let snapshot = rig.last_snapshot(conn);
    assert_eq!(snapshot.local_ack_seq, Some(4));
    assert_eq!(snapshot.timing.starved, 2);
    assert_eq!(rig.room.stats().consumed, 4);
}

#[test]
fn a_step_without_input_repeats_the_last_buttons_and_is_counted() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs(conn, &[RIGHT]);
    rig.ticks(3);
    assert_eq!(rig.player(conn).buttons, RIGHT);
    let snapshot = rig.last_snapshot(conn);
    assert_eq!(snapshot.timing.starved, 5);
    assert_eq!(snapshot.local_ack_seq, Some(1));
    // The number was not used up: the next input is the one after the last consumed.
    rig.inputs(conn, &[NONE]);
    rig.ticks(3);
    assert_eq!(rig.last_snapshot(conn).local_ack_seq, Some(2));
    assert!(rig.errors(conn).is_empty());
}

#[test]
fn nobody_starves_before_the_first_input() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(30);
    assert_eq!(rig.last_snapshot(conn).timing.starved, 0);
    assert_eq!(rig.room.stats().starved, 0);
}

#[test]
fn who_was_told_that_the_room_is_idle_starves_only_after_an_input_that_more_must_follow() {
    let starved_after = |held: Buttons, somebody_comes: bool| {
        let mut rig = Rig::new();
        let conn = rig.join("anna");
        rig.play(&[conn], NONE, 300);
        assert!(rig.last_snapshot(conn).timing.idle);
        if somebody_comes {
            rig.join("bert");
            rig.ticks(3);
            assert!(!rig.last_snapshot(conn).timing.idle);
        }
        rig.inputs(conn, &[held]);
        rig.ticks(3);
        rig.room.stats().starved
    };
    // Who rests and acknowledges nothing newer may have meant to send no more.
    assert_eq!(starved_after(NONE, false), 0);
    assert_eq!(starved_after(RIGHT, false), 5);
    assert_eq!(starved_after(NONE, true), 5);
}

#[test]
fn who_stalls_stops_walking_after_a_second() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs(conn, &[RIGHT]);
    rig.ticks(30);
    assert_eq!(rig.player(conn).buttons, RIGHT);
    rig.ticks(1);
    assert_eq!(rig.player(conn).buttons, NONE);
}

#[test]
fn inputs_beyond_the_buffer_are_dropped_and_passed_over() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs(conn, &[RIGHT; 12]);
    rig.inputs(conn, &[RIGHT; 3]);
    rig.ticks(9);
    let snapshot = rig.last_snapshot(conn);
    assert_eq!(snapshot.timing.dropped, 3);
    assert_eq!(snapshot.local_ack_seq, Some(12));
    rig.inputs(conn, &[NONE]);
    rig.ticks(3);
    assert_eq!(rig.last_snapshot(conn).local_ack_seq, Some(16));
    assert_eq!(rig.room.stats().dropped, 3);
    assert!(rig.errors(conn).is_empty());
}

#[test]
fn inputs_that_come_twice_count_once() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs_from(conn, 1, &[RIGHT; 4]);
    rig.inputs_from(conn, 1, &[NONE; 4]);
    rig.inputs_from(conn, 3, &[NONE, NONE, RIGHT]);
    rig.ticks(3);
    assert_eq!(rig.room.stats().consumed, 5);
    assert_eq!(rig.player(conn).buttons, RIGHT);
    assert!(rig.errors(conn).is_empty());
}

#[test]
fn a_hole_in_the_inputs_is_an_error() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs_from(conn, 1, &[RIGHT; 2]);
    let before = rig.fingerprint();
    rig.inputs_from(conn, 4, &[RIGHT; 2]);
    let error = rig.last_error(conn);
    assert_eq!(error.code, ErrorCode::InputSeqGap);
    assert_eq!(error.field.as_deref(), Some("payload.inputs[0].seq"));
    assert_eq!(error.seq, Some(2));
    assert!(!error.fatal);
    assert_eq!(rig.fingerprint(), before);
}

#[test]
fn a_right_prediction_matches_and_a_wrong_one_is_evidence() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(2);
    // Anna stands still, so she predicts herself as she is.
    let hash = rig.player(conn).predicted_hash();
    let mut batch = |seq, hash| {
        rig.send(
            conn,
            ClientCommand::InputBatch {
                inputs: vec![Input { seq, buttons: NONE }],
                snapshot_ack: None,
                snapshot_proof: None,
                predicted: Some(Predicted { seq, hash }),
            },
        )
    };
    batch(1, hash);
    batch(2, hash ^ 1);
    rig.ticks(1);
    let stats = rig.room.stats();
    assert_eq!((stats.matches, stats.mismatches), (1, 1));
    // What is counted of a player is said of that player, too.
    let of_all = rig.room.player_stats();
    let counts = of_all.first().unwrap().counts;
    assert_eq!((counts.matches, counts.mismatches), (1, 1));
    // Evidence is held back for more of its kind; the end of the room holds nothing back.
    rig.handle(authority::Input::Close);
    let recording = input_log::Recording::open(&rig.disk.recordings[0]).unwrap();
    let mut entries = recording.entries();
    let mut mismatches = Vec::new();
    while let Some(entry) = entries.next() {
        if let input_log::Entry::Evidence(evidence) = entry {
            let of = evidence.players.values();
            mismatches.extend(of.flat_map(|of| of.mismatches.clone()));
        }
    }
    assert_eq!(mismatches.len(), 1);
    assert_eq!(mismatches[0].seq, 2);
    assert_eq!(mismatches[0].predicted, hash ^ 1);
    assert_eq!(mismatches[0].actual, hash);
}

#[test]
fn no_more_time_is_caught_up_with_than_the_bound_allows() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs(conn, &[RIGHT]);
    let before = rig.room.world().step_number();
    rig.now += 5_000;
    rig.handle(authority::Input::Wake);
    let steps = rig.room.world().step_number().since(before);
    assert_eq!(steps, 2 * authority::limits::CATCH_UP_TICKS_MAX);
    let stats = rig.room.stats();
    assert_eq!(stats.dropped_times, 1);
    assert_eq!(stats.dropped_ms + steps * 1_000 / 60, 5_000 - 1);
    // The clock goes on from there, not from what was lost.
    let before = rig.room.world().step_number();
    rig.pass(1_000);
    assert_eq!(rig.room.world().step_number().since(before), 60);
}
