use authority::limits::{GRACE_STEPS, RESUME_TOKEN_MS};
use authority::{CloseCode, Encoding, Input, ResumeHash};
use protocol::{ClientCommand, ErrorCode, ServerBody, ServerEvent};
use sim_core::rules::PLAYERS_MAX;
use sim_core::{Buttons, Look};

use crate::rig::{ROOM, Rig};

const NONE: Buttons = Buttons::NONE;
const RIGHT: Buttons = Buttons::RIGHT;

#[test]
fn who_resumes_finds_the_player_and_the_input_numbers_as_they_were() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    rig.play(&[first], RIGHT, 10);
    rig.inputs(first, &[RIGHT; 4]);
    let token = rig.welcome(first).unwrap().resume_token;
    rig.leave(first);
    rig.pass(5_000);
    let before = rig.player(first);
    let second = rig.open("anna", Encoding::Json, Some(&token));
    let welcome = rig.welcome(second).unwrap();
    assert!(welcome.resumed);
    assert_eq!(welcome.player_id, before.id);
    assert_eq!(welcome.next_input_seq, 25);
    assert_eq!(rig.player(second), before);
    rig.play(&[second], RIGHT, 3);
    assert!(rig.errors(second).is_empty());
    // The four inputs that were still waiting when the connection broke had their steps.
    assert_eq!(rig.room.stats().consumed, 20 + 4 + 6);
}

#[test]
fn a_token_is_good_once_and_for_its_user_only() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    let token = rig.welcome(first).unwrap().resume_token;
    assert_eq!(token.len(), 64);
    let thief = rig.open("bert", Encoding::Json, Some(&token));
    assert_eq!(
        rig.peers[&thief].closed,
        Some(CloseCode::BadResumeToken.number())
    );
    assert!(rig.welcome(thief).is_none());
    rig.leave(first);
    let second = rig.open("anna", Encoding::Json, Some(&token));
    let next = rig.welcome(second).unwrap().resume_token;
    assert_ne!(next, token);
    rig.leave(second);
    let again = rig.open("anna", Encoding::Json, Some(&token));
    assert_eq!(rig.last_error(again).code, ErrorCode::BadResumeToken);
    assert!(rig.last_error(again).fatal);
    let third = rig.open("anna", Encoding::Json, Some(&next));
    assert!(rig.welcome(third).is_some());
}

#[test]
fn a_token_expires() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    let token = rig.welcome(first).unwrap().resume_token;
    rig.leave(first);
    rig.pass(RESUME_TOKEN_MS);
    let late = rig.open("anna", Encoding::Json, Some(&token));
    assert_eq!(rig.last_error(late).code, ErrorCode::BadResumeToken);
}

#[test]
fn tokens_are_stored_only_as_hashes_bound_to_the_room() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    let token = rig.welcome(first).unwrap().resume_token;
    let stored = |rig: &Rig| rig.disk.of("anna").token.unwrap().hash;
    assert_eq!(stored(&rig), ResumeHash::of(ROOM, &token));
    assert_ne!(stored(&rig), ResumeHash::of("another-room", &token));
    rig.leave(first);
    rig.open("anna", Encoding::Json, Some(&token));
    assert_ne!(stored(&rig), ResumeHash::of(ROOM, &token));
    assert_eq!(format!("{:?}", stored(&rig)), "ResumeHash(..)");
}

#[test]
fn a_newer_connection_of_a_user_replaces_the_older_one() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    rig.play(&[first], NONE, 3);
    let second = rig.join("anna");
    assert_eq!(
        rig.peers[&first].closed,
        Some(CloseCode::ReplacedByNewerConnection.number())
    );
    assert_eq!(
        rig.last_error(first).code,
        ErrorCode::ReplacedByNewerConnection
    );
    assert_eq!(rig.player_id(first), rig.player_id(second));
    // What was still on its way over the older one is nobody's.
    rig.inputs_from(first, 1, &[RIGHT]);
    rig.leave(first);
    rig.play(&[second], NONE, 3);
    assert_eq!(rig.room.world().players().len(), 1);
    assert!(rig.errors(second).is_empty());
}

#[test]
fn a_full_room_turns_away_and_a_seat_without_connection_makes_place() {
    let mut rig = Rig::new();
    let conns: Vec<_> = (0..PLAYERS_MAX)
        .map(|n| rig.join(&format!("user-{n}")))
        .collect();
    rig.ticks(1);
    let late = rig.open("late", Encoding::Json, None);
    assert_eq!(rig.last_error(late).code, ErrorCode::RoomFull);
    assert_eq!(rig.peers[&late].closed, Some(CloseCode::RoomFull.number()));
    rig.leave(conns[5]);
    let in_time = rig.join("late");
    rig.ticks(1);
    assert_eq!(rig.room.world().players().len(), PLAYERS_MAX);
    assert!(rig.room.world().player(rig.player_id(in_time)).is_some());
    let back = rig.open("user-5", Encoding::Json, None);
    assert_eq!(rig.last_error(back).code, ErrorCode::RoomFull);
}

#[test]
fn who_comes_back_after_the_grace_period_is_the_same_player_with_the_same_score() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    let other = rig.join("bert");
    rig.play(&[first, other], RIGHT, 30);
    rig.play(&[first, other], NONE, 30);
    let before = rig.player(first);
    rig.leave(first);
    rig.play(&[other], NONE, (GRACE_STEPS / 2) as usize + 1);
    assert_eq!(rig.room.world().players().len(), 1);
    let left = |message: &protocol::ServerMessage| {
        message.body
            == ServerBody::Event(ServerEvent::Left {
                player_id: before.id,
            })
    };
    assert!(rig.peers[&other].received.iter().any(left));
    let again = rig.join("anna");
    let welcome = rig.welcome(again).unwrap();
    assert!(!welcome.resumed);
    assert_eq!(welcome.player_id, before.id);
    assert_eq!(welcome.next_input_seq, 121);
    rig.ticks(1);
    let after = rig.player(again);
    assert_eq!((after.pos, after.score), (before.pos, before.score));
}

#[test]
fn a_connection_that_goes_before_its_first_step_leaves_nothing_broken() {
    let mut rig = Rig::new();
    let first = rig.join("anna");
    rig.leave(first);
    rig.leave(first);
    rig.pass(60_000);
    assert!(rig.room.is_asleep());
    assert!(rig.room.world().players().is_empty());
}

#[test]
fn characters_are_saved_selected_and_stored() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    let other = rig.join("bert");
    let look = Look { body: 3, colour: 9 };
    let save = ClientCommand::SaveCharacter {
        character_id: "knight".into(),
        name: "Sir Anna".into(),
        look,
    };
    let select = |id: &str| ClientCommand::SelectCharacter {
        character_id: id.into(),
    };
    rig.send(conn, select("knight"));
    assert_eq!(rig.last_error(conn).code, ErrorCode::UnknownCharacter);
    let saved = rig.send(conn, save);
    let selected = rig.send(conn, select("knight"));
    rig.ticks(3);
    let acks: Vec<_> = rig.acks(conn).iter().map(|ack| ack.seq).collect();
    assert_eq!(acks, [saved, selected]);
    assert_eq!(rig.player(conn).look, look);
    let id = rig.player_id(conn);
    let shown = &rig.features(other).presence.upserts[&id];
    assert_eq!(shown.name, "Sir Anna");
    assert_eq!(shown.look, look);
    let anna = rig.disk.of("anna");
    assert!(anna.profiles.iter().any(|row| row.name == "Sir Anna"));
    assert_eq!(anna.active.as_deref(), Some("knight"));
    rig.send(
        conn,
        ClientCommand::SaveCharacter {
            character_id: "giant".into(),
            name: "Giant".into(),
            look: Look {
                body: 200,
                colour: 0,
            },
        },
    );
    assert_eq!(rig.errors(conn).len(), 2);
}

#[test]
fn stored_characters_are_played_and_a_default_that_nobody_changed_needs_no_row() {
    let mut rig = Rig::new();
    let look = Look { body: 2, colour: 5 };
    let queen = authority::ProfileRow {
        user_id: "anna".into(),
        character_id: "queen".into(),
        name: "Queen".into(),
        look,
    };
    let stored = authority::UserRows {
        profiles: vec![queen],
        active: Some("queen".into()),
        ..authority::UserRows::default()
    };
    rig.disk.users.insert("anna".to_owned(), stored);
    let anna = rig.join("anna");
    let bert = rig.join("bert");
    assert_eq!(rig.welcome(anna).unwrap().profile.name, "Queen");
    assert_eq!(rig.welcome(bert).unwrap().profile.character_id, "default");
    rig.ticks(1);
    assert_eq!(rig.player(anna).look, look);
    // What Anna lacked was made.
    assert!(rig.disk.name_of("anna", "default").is_some());
    assert_eq!(rig.disk.of("bert").profiles, []);
    assert_eq!(rig.disk.of("bert").active, None);
}

#[test]
fn rows_of_a_user_whom_the_room_knows_say_nothing_new() {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    assert!(!rig.room.lacks_rows_of("anna"));
    let before = rig.room.view();
    let late = authority::UserRows {
        active: Some("queen".into()),
        ..authority::UserRows::default()
    };
    rig.handle(Input::UserLoaded {
        user_id: "anna".into(),
        rows: late,
    });
    assert_eq!(rig.room.view(), before);
    assert!(rig.peers[&anna].closed.is_none());
}

#[test]
fn who_is_in_the_world_of_a_room_from_storage_is_called_as_before() {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    let look = Look { body: 1, colour: 1 };
    let name = "Sir Anna".to_owned();
    let character_id = "default".to_owned();
    rig.send(
        anna,
        ClientCommand::SaveCharacter {
            character_id,
            name,
            look,
        },
    );
    rig.play(&[anna], Buttons::NONE, 6);
    rig.handle(Input::Flush);
    let called = |rig: &Rig| {
        let view = rig.room.view();
        let names = view.presence.into_values().map(|one| one.name);
        names.collect::<Vec<_>>()
    };
    let stored = rig.disk.clone();
    let mut next = Rig::from(stored.hydration_from_log(), stored, rig.now);
    assert_eq!(called(&next), ["Sir Anna"]);
    assert_eq!(next.room.lacking(), [""; 0]);
    next.handle(Input::Wake);
    assert_eq!(called(&next), ["Sir Anna"]);
}

#[test]
fn a_room_that_ends_says_so_and_does_nothing_any_more() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], RIGHT, 10);
    rig.handle(Input::Close);
    assert_eq!(
        rig.peers[&conn].closed,
        Some(CloseCode::RoomClosed.number())
    );
    let recording = input_log::Recording::open(&rig.disk.recordings[0]).unwrap();
    assert_eq!(recording.lost(), None);
    let before = rig.room.world().step_number();
    rig.now += 1_000;
    rig.handle(Input::Wake);
    assert_eq!(rig.room.world().step_number(), before);
}
