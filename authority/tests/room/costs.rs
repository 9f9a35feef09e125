//! What one client can make the room store.

use authority::limits::{
    CHARACTER_CHANGES_BURST_MAX, CHARACTER_CHANGES_PER_MINUTE_MAX, CHECKPOINT_OLD_STEPS_MAX,
    FLUSHES_EARLY_BURST_MAX,
};
use authority::{ConnId, Hydration};
use protocol::{ClientCommand, ErrorCode};
use sim_core::{Buttons, Look};

use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;

fn save(id: &str, name: &str) -> ClientCommand {
    ClientCommand::SaveCharacter {
        character_id: id.to_owned(),
        name: name.to_owned(),
        look: Look { body: 1, colour: 2 },
    }
}

fn select(id: &str) -> ClientCommand {
    ClientCommand::SelectCharacter {
        character_id: id.to_owned(),
    }
}

/// Somebody who is in and has played.
fn playing() -> (Rig, ConnId) {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 40);
    (rig, conn)
}

#[test]
fn whoever_comes_back_all_the_time_costs_a_few_rows_a_second() {
    let (mut rig, mut conn) = playing();
    for _ in 0..FLUSHES_EARLY_BURST_MAX {
        conn = rig.join("anna");
    }
    let before = rig.disk.rows;
    const SECONDS: usize = 20;
    for _ in 0..SECONDS * 200 {
        conn = rig.join("anna");
        rig.pass(5);
    }
    // A flush a second and one in two seconds, each with a token in place of another, and at most the user's row.
    let rows = rig.disk.rows - before;
    assert!(rows <= SECONDS * 3 / 2 * 3 + 3, "{rows} rows");
    // The token that was given last is good after the next flush, also for the room that comes after.
    rig.pass(1_100);
    let token = rig.welcome(conn).unwrap().resume_token;
    let mut next = Rig::from(rig.disk.hydration_from_log(), rig.disk.clone(), rig.now);
    next.count_from(rig.last_conn());
    let back = next.open("anna", protocol::Encoding::Json, Some(&token));
    assert!(next.welcome(back).is_some_and(|welcome| welcome.resumed));
}

#[test]
fn whoever_comes_and_goes_is_stored_with_the_next_flush_at_the_latest() {
    let (mut rig, _) = playing();
    for _ in 0..2 * FLUSHES_EARLY_BURST_MAX {
        rig.join("anna");
    }
    let bob = rig.join("bob");
    let stored = |rig: &Rig| rig.disk.tables.checkpoints.len();
    assert_eq!(stored(&rig), 1, "the room has no early flush left");
    rig.play(&[bob], NONE, 31);
    assert_eq!(stored(&rig), 2);
}

#[test]
fn a_character_that_is_played_already_or_says_the_same_stores_nothing() {
    let (mut rig, conn) = playing();
    let acks = |rig: &Rig| rig.acks(conn).len();
    rig.send(conn, save("knight", "Anna"));
    rig.send(conn, select("knight"));
    rig.ticks(1);
    let (rows, told) = (rig.disk.rows, acks(&rig));
    assert_eq!(told, 2);
    for _ in 0..100 {
        rig.send(conn, select("knight"));
        rig.send(conn, save("knight", "Anna"));
        rig.ticks(2);
    }
    assert_eq!(rig.disk.rows - rows, 0);
    assert_eq!(acks(&rig) - told, 200, "{:?}", rig.errors(conn));
}

#[test]
fn characters_that_change_all_the_time_are_refused_until_there_is_time_again() {
    let (mut rig, conn) = playing();
    rig.send(conn, save("knight", "Anna"));
    let before = rig.disk.rows;
    for _ in 1..CHARACTER_CHANGES_BURST_MAX {
        rig.send(conn, select("knight"));
        rig.ticks(1);
        rig.send(conn, select("default"));
        rig.ticks(1);
    }
    let rows = (rig.disk.rows - before) as u64;
    assert!(rows <= CHARACTER_CHANGES_BURST_MAX + 1, "{rows} rows");
    let errors = rig.errors(conn);
    assert!(!errors.is_empty());
    for error in errors {
        assert_eq!(error.code, ErrorCode::RateLimited);
        assert!(!error.fatal && error.seq.is_some());
    }
    // Refused is refused: what is played is what was said last and taken.
    let active = rig.disk.of("anna").active.unwrap();
    let other = if active == "knight" {
        "default"
    } else {
        "knight"
    };
    rig.pass(60_000 / CHARACTER_CHANGES_PER_MINUTE_MAX);
    let refused = rig.errors(conn).len();
    rig.send(conn, select(other));
    assert_eq!(rig.errors(conn).len(), refused);
    assert_eq!(rig.disk.of("anna").active.as_deref(), Some(other));
}

#[test]
fn a_user_of_whom_nothing_has_changed_keeps_the_row() {
    let (mut rig, conn) = playing();
    rig.leave(conn);
    rig.join("anna");
    rig.pass(1_100);
    let conn = ConnId(rig.last_conn());
    let rows = |rig: &Rig| rig.disk.tables.checkpoints.clone();
    let before = rows(&rig);
    // It replaces itself: the row says what it said.
    rig.join("anna");
    rig.pass(1_100);
    assert_eq!(rows(&rig), before);
    rig.leave(ConnId(conn.0 + 1));
    rig.pass(1_100);
    assert_ne!(rows(&rig), before, "it tells who is in");
}

#[test]
fn a_row_that_has_become_old_is_written_anew() {
    let (mut rig, conn) = playing();
    // Of whom nothing changes while somebody else plays.
    rig.leave(conn);
    rig.join("anna");
    rig.pass(1_100);
    let conn = rig.join("bert");
    let kept = |rig: &Rig| {
        let rows = &rig.disk.tables.checkpoints;
        rows.iter().find(|row| row.user_id == "anna").unwrap().step
    };
    let before = kept(&rig);
    let old = before.after(CHECKPOINT_OLD_STEPS_MAX);
    while rig.room.world().step_number() < old {
        assert_eq!(kept(&rig), before, "it is not old yet");
        rig.play(&[conn], NONE, 1);
    }
    rig.join("anna");
    assert_eq!(kept(&rig), old);
}

#[test]
fn a_room_was_played_when_a_step_has_had_an_input() {
    let mut rig = Rig::new();
    assert!(!rig.room.was_played());
    let conn = rig.join("anna");
    rig.pass(5_000);
    assert!(!rig.room.was_played());
    rig.inputs(conn, &[NONE]);
    assert!(!rig.room.was_played());
    rig.pass(100);
    assert!(rig.room.was_played());
    let tables = Hydration::Tables(rig.disk.tables.clone());
    let next = Rig::from(tables, rig.disk.clone(), rig.now);
    assert!(next.room.was_played());
}

#[test]
fn a_room_was_played_when_somebody_has_a_character() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.send(conn, save("knight", "Anna"));
    assert!(rig.room.was_played());
}
