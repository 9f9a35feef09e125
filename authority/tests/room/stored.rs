//! What the room tells to be stored, and when.

use authority::limits::{FLUSHES_EARLY_BURST_MAX, USERS_MAX};
use authority::{Hydration, Input, Millis, Note, PartialProfileRow, Tables, UserRows};
use protocol::ClientCommand;
use sim_core::{Action, Buttons, StructureId};

use crate::commands::place;
use crate::disk::Disk;
use crate::rig::{EPOCH, Rig};

const NONE: Buttons = Buttons::NONE;

/// Somebody whose wall took effect, and the next flush is far.
fn built() -> (Rig, authority::ConnId, StructureId) {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 10);
    rig.handle(Input::Flush);
    let input_seq = rig.peers[&conn].next_input;
    place(&mut rig, conn, input_seq);
    rig.play(&[conn], NONE, 2);
    let id = rig.room.world().structures().iter().next().unwrap().id;
    (rig, conn, id)
}

#[test]
fn a_removal_is_told_to_be_stored_when_it_is() {
    let (mut rig, conn, id) = built();
    rig.handle(Input::Flush);
    let input_seq = rig.peers[&conn].next_input;
    let structure_id = id;
    let remove = ClientCommand::Act {
        input_seq,
        action: Action::Remove { id: structure_id },
    };
    let seq = rig.send(conn, remove);
    rig.play(&[conn], NONE, 2);
    let told = |rig: &Rig| -> Vec<(u32, Option<StructureId>, bool)> {
        let acks = rig.acks(conn).into_iter().skip(2);
        acks.map(|ack| (ack.seq, ack.structure_id, ack.durable))
            .collect()
    };
    assert_eq!(told(&rig), [(seq, Some(id), false)]);
    assert_eq!(rig.disk.tables.structures.len(), 1);
    rig.play(&[conn], NONE, 30);
    assert_eq!(told(&rig), [(seq, Some(id), false), (seq, Some(id), true)]);
    assert!(rig.disk.tables.structures.is_empty());
}

#[test]
fn what_is_told_leaves_only_behind_what_it_tells_of() {
    let (mut rig, conn, id) = built();
    let now = Millis(EPOCH + rig.now);
    let outputs: Vec<_> = rig.room.handle(now, Input::Flush).collect();
    let place_of = |what: fn(&authority::Output) -> bool| outputs.iter().position(what);
    let stores = |one: &authority::Output| matches!(one, authority::Output::Persist(rows) if !rows.structures.is_empty());
    let tells = |one: &authority::Output| matches!(one, authority::Output::SendStored { .. });
    assert!(place_of(stores).unwrap() < place_of(tells).unwrap());
    assert_eq!(outputs.iter().filter(|one| tells(one)).count(), 1);
    assert!(matches!(
        &outputs[place_of(tells).unwrap()],
        authority::Output::SendStored { conn: to, .. } if *to == conn
    ));
    assert!(rig.room.world().structures().get(id).is_some());
}

#[test]
fn who_has_gone_meanwhile_is_told_nothing_and_what_was_built_is_stored() {
    let (mut rig, conn, id) = built();
    let heard = rig.acks(conn);
    rig.leave(conn);
    rig.pass(2_000);
    assert_eq!(rig.acks(conn), heard);
    assert_eq!(rig.disk.tables.structures[0].id, id);
    // Nor is whoever comes in again.
    let again = rig.join("anna");
    rig.play(&[again], NONE, 60);
    assert!(rig.acks(again).is_empty());
}

#[test]
fn a_user_of_an_older_database_is_made_whole_once() {
    let mut disk = Disk::default();
    let half = |user_id: &str, character_id: &str| PartialProfileRow {
        user_id: user_id.to_owned(),
        character_id: character_id.to_owned(),
        name: Some("Sir Bert".to_owned()),
        body: None,
        colour: Some(-1),
    };
    let rows = UserRows {
        partial_profiles: vec![half("bert", "knight"), half("anna", "knight")],
        ..UserRows::default()
    };
    disk.users.insert("bert".to_owned(), rows);
    let mut rig = Rig::from(Hydration::Tables(Tables::default()), disk, 0);
    let bert = rig.join("bert");
    assert!(rig.notes.contains(&Note::RowsLeftOut { rows: 1 }));
    rig.handle(Input::Flush);
    assert_eq!(
        rig.disk.name_of("bert", "knight").as_deref(),
        Some("Sir Bert")
    );
    assert!(rig.disk.name_of("bert", "default").is_some());
    assert_eq!(rig.disk.of("bert").active.as_deref(), Some("default"));
    assert!(rig.disk.of("anna").profiles.is_empty());
    let profile = rig.welcome(bert).unwrap().profile;
    assert_eq!(profile.character_id, "default");

    let stored = rig.disk.of("bert");
    let mut next = Rig::from(
        Hydration::Tables(rig.disk.tables.clone()),
        rig.disk.clone(),
        rig.now,
    );
    next.count_from(rig.last_conn());
    next.join("bert");
    let without_token = |mut rows: UserRows| {
        rows.token = None;
        rows
    };
    assert_eq!(
        without_token(next.disk.of("bert")),
        without_token(stored),
        "what is whole is not touched"
    );
}

/// A room that knows as many users as it can, all of them away. The first two have a character that they made.
fn crowded() -> Rig {
    let mut rig = Rig::new();
    for n in 0..USERS_MAX {
        let conn = rig.join(&format!("user-{n}"));
        if n < 2 {
            rig.send(
                conn,
                ClientCommand::SaveCharacter {
                    character_id: "knight".to_owned(),
                    name: "Knight".to_owned(),
                    look: sim_core::Look { body: 1, colour: 1 },
                },
            );
        }
        rig.play(&[conn], NONE, 2);
        rig.leave(conn);
        rig.pass(31_000);
    }
    rig.handle(Input::Flush);
    assert_eq!(rig.disk.users.len(), USERS_MAX);
    rig
}

#[test]
fn a_user_whom_the_room_forgets_leaves_no_row() {
    let mut rig = crowded();
    rig.join("one-more");
    rig.handle(Input::Flush);
    assert!(!rig.room.remembers("user-0"), "who was away longest goes");
    assert!(!rig.disk.users.contains_key("user-0"));
    assert!(rig.disk.name_of("user-1", "knight").is_some());
    assert_eq!(rig.disk.users.len(), USERS_MAX);
    assert_eq!(rig.disk.tables.checkpoints.len(), USERS_MAX);
}

#[test]
fn who_comes_back_before_being_forgotten_is_stored_keeps_all_characters() {
    let mut rig = crowded();
    // From here on no flush comes early.
    for _ in 0..FLUSHES_EARLY_BURST_MAX {
        let conn = rig.join("user-9");
        rig.leave(conn);
    }
    rig.join("one-more");
    assert!(!rig.room.remembers("user-0"));
    assert!(rig.disk.name_of("user-0", "knight").is_some(), "not yet");
    let again = rig.join("user-0");
    let characters = rig.welcome(again).unwrap().characters;
    assert!(characters.iter().any(|one| one.character_id == "knight"));
    rig.handle(Input::Flush);
    assert!(rig.disk.name_of("user-0", "knight").is_some());
    assert!(!rig.disk.users.contains_key("user-1"), "it went instead");
    assert_eq!(rig.disk.users.len(), USERS_MAX);
}
