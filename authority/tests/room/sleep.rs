use authority::limits::GRACE_STEPS;
use input_log::{Entry, Recording};
use protocol::{ClientCommand, ErrorCode, ServerBody};
use sim_core::{Action, Aim, Buttons, Frame, World};

use crate::rig::{Rig, config};

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

/// Runs a recording from an empty world, every step of it, those that the room slept through too. Returns how many.
fn rerun_awake(bytes: &[u8]) -> (World, u64) {
    let mut world = World::new(config().seed);
    let recording = Recording::open(bytes).unwrap();
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Step { frame, .. } => world.step(frame),
            Entry::Gap { steps, .. } => {
                for _ in 0..steps {
                    world.step(&Frame::default());
                }
            }
            Entry::Keyframe(_) | Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
        }
    }
    let steps = world.step_number().0;
    (world, steps)
}

#[test]
fn a_room_that_slept_is_bit_for_bit_the_room_that_did_not() {
    // Just before who is in would be closed for its silence.
    for asleep_ms in [1, 33, 34, 1_000, 123_457, 880_000] {
        let mut rig = Rig::new();
        let conn = play_and_rest(&mut rig);
        rig.pass(10_000 + asleep_ms);
        assert!(rig.room.is_asleep());
        rig.inputs(conn, &[Buttons::RIGHT; 10]);
        assert!(!rig.room.is_asleep());
        let input_seq = rig.peers[&conn].next_input - 1;
        let aim = Aim(9_000);
        rig.send(
            conn,
            ClientCommand::Act {
                input_seq,
                action: Action::Fire { aim },
            },
        );
        rig.pass(500);
        rig.handle(authority::Input::Flush);
        assert!(rig.room.stats().slept_steps > 0);

        let (world, steps) = rerun_awake(&rig.disk.recordings[0]);
        assert_eq!(sim_core::diff(&world, rig.room.world()), None);
        assert_eq!(world.hash(), rig.room.world().hash());
        // No time is lost: the whole of it was run or slept through.
        assert_eq!(steps, rig.now * 60 / 2_000 * 2);
    }
}

#[test]
fn a_room_that_left_memory_in_its_sleep_has_slept_all_the_while() {
    for asleep_ms in [1_000, 123_457, 3_600_000] {
        let mut rig = Rig::new();
        let conn = play_and_rest(&mut rig);
        rig.pass(10_000);
        assert!(rig.room.is_asleep());
        let then = rig.now + asleep_ms;
        let mut next = Rig::from(rig.disk.hydration_from_log(), rig.disk.clone(), then);
        next.peers = std::mem::take(&mut rig.peers);
        next.handle(authority::Input::Restore {
            conn,
            encoding: protocol::Encoding::Json,
            user_id: "anna".into(),
            entropy: [9; 32],
        });
        assert!(next.room.is_asleep());
        assert_eq!(next.wake, None);
        next.play(&[conn], Buttons::RIGHT, 10);
        next.handle(authority::Input::Flush);

        assert!(next.room.stats().slept_steps >= asleep_ms * 60 / 1_000);
        assert_eq!(next.disk.recordings.len(), 1);
        let (world, steps) = rerun_awake(&next.disk.recordings[0]);
        assert_eq!(world.hash(), next.room.world().hash());
        // What is known of the sleep's begin is known to the millisecond, so a tick may be missing.
        let whole = next.now * 60 / 2_000 * 2;
        assert!((whole - 2..=whole).contains(&steps), "{steps} of {whole}");
    }
}

/// Who sleeps does not lose the right to come back because the room's host died meanwhile.
#[test]
fn nobody_is_sent_away_for_a_sleep() {
    let mut rig = Rig::new();
    play_and_rest(&mut rig);
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
    let mut next = Rig::from(
        rig.disk.hydration_from_log(),
        rig.disk.clone(),
        rig.now + 3_600_000,
    );
    next.count_from(rig.last_conn());
    next.join("bert");
    next.pass(1_000);
    assert_eq!(next.room.world().players().len(), 2);
    next.pass(GRACE_STEPS * 1_000 / 60);
    assert_eq!(next.room.world().players().len(), 1);
}

#[test]
fn a_recording_does_not_grow_while_the_room_sleeps() {
    let grows_by = |days: u64| {
        let mut rig = Rig::new();
        play_and_rest(&mut rig);
        rig.pass(10_000);
        let before = rig.disk.recordings[0].len();
        rig.pass(days * 86_400_000);
        rig.join("anna");
        rig.handle(authority::Input::Flush);
        assert_eq!(rig.disk.recordings.len(), 1);
        rig.disk.recordings[0].len() - before
    };
    // The numbers of its steps may be a few bytes longer.
    assert!(grows_by(30) <= grows_by(1) + 16);
}

#[test]
fn a_keepalive_is_answered_as_the_host_would_answer_it() {
    let mut rig = Rig::new();
    let conn = play_and_rest(&mut rig);
    for asleep in [false, true] {
        if asleep {
            rig.pass(10_000);
        }
        let sent = rig.room.stats().bytes_out;
        let outputs: Vec<_> = rig
            .room
            .handle(
                authority::Millis(rig.now + crate::rig::EPOCH),
                authority::Input::Message {
                    conn,
                    bytes: protocol::KEEPALIVE.as_bytes(),
                },
            )
            .collect();
        let answer = authority::Output::Send {
            conn,
            bytes: protocol::KEEPALIVE_ANSWER.into(),
            text: true,
        };
        assert_eq!(outputs, [answer]);
        assert_eq!(rig.room.is_asleep(), asleep);
        let answered = rig.room.stats().bytes_out - sent;
        assert_eq!(answered, protocol::KEEPALIVE_ANSWER.len() as u64);
    }
}

#[test]
fn pings_and_refused_messages_are_answered_without_waking_up() {
    let mut rig = Rig::new();
    let conn = play_and_rest(&mut rig);
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
    rig.ping(conn);
    let newest = rig.peers[&conn].received.last().unwrap();
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

#[test]
fn who_is_closed_while_the_room_sleeps_leaves_it_too() {
    let mut rig = Rig::new();
    let conn = play_and_rest(&mut rig);
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
    while rig.peers[&conn].closed.is_none() {
        rig.bytes(conn, b"no message");
    }
    assert!(!rig.room.is_asleep());
    rig.pass(1_000 * GRACE_STEPS / 60 + 1_000);
    assert!(rig.room.world().players().is_empty());
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
}
