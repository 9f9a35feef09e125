use authority::limits::{SEAT_KEPT_STEPS, SILENT_STEPS_MAX};
use authority::{CloseCode, ConnId, Encoding, Input};
use protocol::{ClientCommand, ErrorCode};
use sim_core::Buttons;
use sim_core::rules::PLAYERS_MAX;

use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;
const MINUTE: u64 = 60_000;
const SILENT_MS: u64 = SILENT_STEPS_MAX * 1_000 / 60;
const KEPT_MS: u64 = SEAT_KEPT_STEPS * 1_000 / 60;
const IDLE: Option<u16> = Some(CloseCode::IdleTimeout.number());

/// A room with a user in every seat, the first of them longest.
fn full() -> (Rig, Vec<ConnId>) {
    let mut rig = Rig::new();
    let conns = (0..PLAYERS_MAX)
        .map(|number| {
            let conn = rig.join(&format!("silent{number}"));
            rig.pass(100);
            conn
        })
        .collect();
    (rig, conns)
}

/// The room's memory is gone, and these connections are not.
fn evicted(rig: &mut Rig, users: &[(ConnId, &str)]) -> Rig {
    let mut next = Rig::from(rig.disk.hydration_from_log(), rig.disk.clone(), rig.now);
    next.count_from(rig.last_conn());
    next.peers = std::mem::take(&mut rig.peers);
    for (conn, user) in users {
        next.handle(Input::Restore {
            conn: *conn,
            encoding: Encoding::Json,
            user_id: (*user).to_owned(),
            entropy: [9; 32],
        });
    }
    next
}

#[test]
fn who_says_nothing_for_a_day_does_not_keep_others_out() {
    let mut rig = Rig::new();
    for number in 0..32 {
        rig.join(&format!("silent{number}"));
    }
    rig.pass(24 * 3_600_000);
    let late = rig.open("late", Encoding::Json, None);
    assert!(rig.welcome(late).is_some(), "{:?}", rig.errors(late));
}

#[test]
fn a_full_room_gives_the_seat_that_was_silent_longest_to_who_asks() {
    let (mut rig, conns) = full();
    rig.pass(KEPT_MS);
    assert!(rig.room.is_asleep());
    rig.inputs(conns[0], &[NONE]);
    rig.pass(1_000);
    let late = rig.join("late");
    assert_eq!(rig.peers[&conns[0]].closed, None, "it was heard");
    assert_eq!(rig.peers[&conns[1]].closed, IDLE);
    assert_eq!(rig.last_error(conns[1]).code, ErrorCode::IdleTimeout);
    assert!(rig.last_error(conns[1]).fatal);
    let open = conns.iter().filter(|conn| rig.peers[conn].closed.is_none());
    assert_eq!(open.count(), PLAYERS_MAX - 1);
    rig.ticks(1);
    assert_eq!(rig.room.world().players().len(), PLAYERS_MAX);
    assert!(rig.room.world().player(rig.player_id(late)).is_some());
}

#[test]
fn nobody_loses_the_seat_over_a_pause() {
    let (mut rig, conns) = full();
    // The first came before all others.
    rig.pass(KEPT_MS - rig.now - 100);
    let late = rig.open("late", Encoding::Json, None);
    assert_eq!(rig.last_error(late).code, ErrorCode::RoomFull);
    for conn in conns {
        assert_eq!(rig.peers[&conn].closed, None);
    }
}

#[test]
fn a_user_who_is_refused_takes_nobodys_seat() {
    let (mut rig, conns) = full();
    rig.pass(KEPT_MS);
    let refused = rig.open("late", Encoding::Json, Some("a token of nobody"));
    assert_eq!(rig.last_error(refused).code, ErrorCode::BadResumeToken);
    for conn in conns {
        assert_eq!(rig.peers[&conn].closed, None);
    }
}

#[test]
fn who_is_silent_for_a_quarter_of_an_hour_is_closed_and_leaves_a_room_that_sleeps() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 1);
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
    let deadline = rig.alarm.unwrap();
    assert!(
        (SILENT_MS..=SILENT_MS + 100).contains(&deadline),
        "{deadline}"
    );
    rig.pass(deadline - rig.now - 1);
    assert_eq!(rig.peers[&conn].closed, None);
    rig.pass(1);
    assert_eq!(rig.peers[&conn].closed, IDLE);
    // Nothing waits for anybody: the player leaves at once, and the room sleeps again.
    rig.pass(5_000);
    assert!(rig.room.world().players().is_empty());
    assert!(rig.room.is_asleep());
    assert_eq!(rig.alarm, None);
}

#[test]
fn who_is_silent_for_a_quarter_of_an_hour_is_closed_in_a_room_that_others_keep_awake() {
    let mut rig = Rig::new();
    let silent = rig.open("anna", Encoding::Json, None);
    let player = rig.open("bert", Encoding::Binary, None);
    rig.inputs_from(silent, 1, &[NONE, NONE]);
    for second in 1..=SILENT_MS / 1_000 {
        rig.inputs(player, &[Buttons::RIGHT]);
        rig.pass(1_000);
        assert!(!rig.room.is_asleep());
        assert_eq!(rig.peers[&player].closed, None);
        if second < SILENT_MS / 1_000 {
            assert_eq!(rig.peers[&silent].closed, None, "after {second} s");
        }
        // It takes its snapshots, and says the same inputs again and again, which are none.
        rig.inputs_from(silent, 1, &[NONE, NONE]);
        rig.ping(silent);
        rig.bytes(silent, protocol::KEEPALIVE.as_bytes());
    }
    rig.pass(100);
    assert_eq!(rig.peers[&silent].closed, IDLE);
    assert_eq!(rig.peers[&player].closed, None);
    assert_eq!(rig.room.world().players().len(), 1);
}

#[test]
fn silence_goes_on_over_lost_memory_and_over_other_connections() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    rig.play(&[first], NONE, 1);
    rig.pass(6 * MINUTE);
    let deadline = rig.alarm.unwrap();
    let second = rig.join("anna");
    rig.pass(10_000);
    assert!(rig.alarm.unwrap().abs_diff(deadline) <= 34);
    rig.pass(MINUTE);
    // Out of memory for a while, and back for a message that is no input.
    let mut next = evicted(&mut rig, &[(second, "anna")]);
    next.ping(second);
    assert!(next.alarm.unwrap().abs_diff(deadline) <= 68);
    // Out of memory until the alarm.
    next.now = deadline + 68;
    let mut last = evicted(&mut next, &[(second, "anna")]);
    assert_eq!(last.peers[&second].closed, None);
    last.handle(Input::Alarm);
    assert_eq!(last.peers[&second].closed, IDLE);
}

#[test]
fn who_comes_back_after_being_closed_for_silence_has_a_seat_and_all_the_time() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    rig.play(&[first], Buttons::RIGHT, 20);
    rig.play(&[first], NONE, 20);
    let before = rig.player(first);
    let token = rig.welcome(first).unwrap().resume_token;
    rig.pass(SILENT_MS + 1_000);
    assert_eq!(rig.peers[&first].closed, IDLE);
    rig.pass(MINUTE);
    let second = rig.open("anna", Encoding::Json, Some(&token));
    let welcome = rig.welcome(second).unwrap();
    assert!(!welcome.resumed);
    rig.pass(10_000);
    assert_eq!(rig.player(second).pos, before.pos);
    let left = rig.alarm.unwrap() - rig.now;
    assert!(left > SILENT_MS - 11_000, "{left}");
}

#[test]
fn a_seat_that_nobody_was_in_for_long_is_not_lost_at_once_by_who_takes_it() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    rig.play(&[first], NONE, 1);
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
    // Its connection goes while the room is out of memory, and the room is not told.
    rig.now += 24 * 60 * MINUTE;
    let mut next = evicted(&mut rig, &[]);
    assert_eq!(next.alarm, None);
    let second = next.join("anna");
    next.pass(2 * MINUTE);
    assert_eq!(next.peers[&second].closed, None);
}

#[test]
fn an_alarm_that_rings_at_any_other_time_changes_nothing() {
    let mut rig = Rig::new();
    rig.handle(Input::Alarm);
    assert!(rig.room.is_asleep());
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 1);
    // Awake, it is a wake-up, and the next one is asked for.
    rig.now += 5;
    rig.handle(Input::Alarm);
    assert!(rig.wake.is_some());
    rig.pass(10_000);
    let before = (rig.fingerprint(), rig.alarm);
    rig.pass(5 * MINUTE);
    rig.handle(Input::Alarm);
    assert!(rig.room.is_asleep());
    assert_eq!((rig.fingerprint(), rig.alarm), before);
    assert_eq!(rig.peers[&conn].closed, None);
}

#[test]
fn other_commands_are_no_inputs() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 1);
    rig.pass(5 * MINUTE);
    rig.send(conn, ClientCommand::Preview(None));
    rig.pass(10_000);
    assert!(rig.alarm.unwrap() <= SILENT_MS + 100);
    rig.inputs(conn, &[NONE]);
    rig.pass(10_000);
    assert!(rig.alarm.unwrap() > SILENT_MS + 4 * MINUTE);
}
