use protocol::{ClientCommand, ErrorCode, ServerBody};
use sim_core::{Aim, Buttons};

use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;

/// Plays a little, and lets go.
fn play_and_rest(rig: &mut Rig) -> authority::ConnId {
    let conn = rig.join("anna");
    rig.play(&[conn], Buttons::DOWN, 20);
    rig.play(&[conn], NONE, 20);
    conn
}

#[test]
fn a_room_in_which_nothing_happens_sleeps_and_asks_for_no_wake_up() {
    let mut rig = Rig::new();
    play_and_rest(&mut rig);
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
    assert_eq!(rig.wake, None);
    let before = rig.room.world().step_number();
    rig.handle(authority::Input::Wake);
    assert_eq!(rig.room.world().step_number(), before);
}

#[test]
fn a_fresh_room_sleeps_until_somebody_comes_and_stores_nothing() {
    let mut rig = Rig::new();
    assert!(rig.room.is_asleep());
    rig.handle(authority::Input::Wake);
    assert_eq!(rig.wake, None);
    assert_eq!(rig.disk.batches, 0);
    assert!(rig.disk.recordings.is_empty());
}

#[test]
fn a_room_that_slept_is_bit_for_bit_the_room_that_did_not() {
    for asleep_ms in [1, 33, 34, 1_000, 123_457, 86_400_000] {
        let run = |may_sleep: bool| {
            let mut rig = Rig::new();
            let conn = play_and_rest(&mut rig);
            if may_sleep {
                rig.pass(10_000 + asleep_ms);
                assert!(rig.room.is_asleep());
            } else {
                // Steps through what the other sleeps through, with inputs of nobody.
                rig.pass(10_000 + asleep_ms);
            }
            rig.inputs(conn, &[Buttons::RIGHT; 10]);
            let input_seq = rig.peers[&conn].next_input - 1;
            rig.send(
                conn,
                ClientCommand::Fire {
                    input_seq,
                    aim: Aim(9_000),
                },
            );
            rig.pass(500);
            rig
        };
        let slept = run(true);
        let mut world = sim_core::World::new(crate::rig::config().seed);
        let mut steps = 0;
        // The same frames, every step of the gap run.
        let recording = {
            let mut slept = slept;
            slept.handle(authority::Input::Flush);
            assert!(slept.room.stats().slept_steps > 0 || asleep_ms < 34);
            let bytes = slept.disk.recordings[0].clone();
            (bytes, slept.room.world().clone())
        };
        let opened = input_log::Recording::open(&recording.0).unwrap();
        let mut entries = opened.entries();
        while let Some(entry) = entries.next() {
            match entry {
                input_log::Entry::Step { frame, .. } => {
                    world.step(frame);
                    steps += 1;
                }
                input_log::Entry::Gap { steps: gap, .. } => {
                    let run = gap.min(10_000);
                    for _ in 0..run {
                        world.step(&sim_core::Frame::default());
                    }
                    world.fast_forward(gap - run);
                    steps += gap;
                }
                input_log::Entry::Keyframe(_)
                | input_log::Entry::Digest { .. }
                | input_log::Entry::Evidence(_)
                | input_log::Entry::End => {}
            }
        }
        assert_eq!(sim_core::diff(&recording.1, &world), None, "{asleep_ms}");
        assert_eq!(world, recording.1);
        // Time and steps still go together: all of it was run or slept through.
        let elapsed = 40 * 100 / 3 + 10_000 + asleep_ms + 500;
        let expected = elapsed * 60 / 1_000;
        assert!(steps.abs_diff(expected) <= 2, "{steps} of {expected} steps");
    }
}

#[test]
fn pings_and_refused_messages_are_answered_without_waking_up() {
    let mut rig = Rig::new();
    let conn = play_and_rest(&mut rig);
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
    rig.ping(conn);
    let newest = rig.peers[&conn].inbox.last().unwrap();
    assert!(matches!(newest.body, ServerBody::Pong { client_time, .. } if client_time == 1.5));
    rig.bytes(conn, b"{");
    assert_eq!(rig.last_error(conn).code, ErrorCode::Malformed);
    assert!(rig.room.is_asleep());
    assert_eq!(rig.wake, None);
}

#[test]
fn everybody_has_seen_the_end_before_the_room_sleeps() {
    let mut rig = Rig::new();
    let conn = play_and_rest(&mut rig);
    rig.pass(10_000);
    let newest = rig.peers[&conn].newest().unwrap();
    let mut shown = rig.peers[&conn].views[&newest].clone();
    let mut view = rig.room.view();
    // Only time has passed since.
    shown.dead_reckon(view.step);
    view.dead_reckon(shown.step);
    assert_eq!(shown, view);
}

#[test]
fn a_player_who_is_away_leaves_before_the_room_sleeps() {
    let mut rig = Rig::new();
    let conn = play_and_rest(&mut rig);
    rig.leave(conn);
    rig.pass(20_000);
    assert!(!rig.room.is_asleep());
    assert_eq!(rig.room.world().players().len(), 1);
    rig.pass(20_000);
    assert!(rig.room.is_asleep());
    assert!(rig.room.world().players().is_empty());
}
