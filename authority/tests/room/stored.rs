//! What the room tells to be stored, and when.

use authority::{Hydration, Input, Millis, Note, PartialProfileRow, PresenceRow, Room, Tables};
use protocol::ClientCommand;
use sim_core::{Buttons, StructureId};

use crate::commands::place;
use crate::rig::{Disk, EPOCH, Rig, config};

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
    let remove = ClientCommand::Remove {
        input_seq,
        structure_id,
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
fn users_of_an_older_database_are_made_whole_once() {
    let tables = Tables {
        presence: vec![
            PresenceRow {
                user_id: "anna".to_owned(),
                name: Some("Anna".to_owned()),
            },
            PresenceRow {
                user_id: "\u{7}".to_owned(),
                name: None,
            },
        ],
        partial_profiles: vec![PartialProfileRow {
            user_id: "bert".to_owned(),
            character_id: "knight".to_owned(),
            name: Some("Sir Bert".to_owned()),
            body: None,
            colour: Some(-1),
        }],
        ..Tables::default()
    };
    let disk = Disk {
        tables: tables.clone(),
        ..Disk::default()
    };
    let mut rig = Rig::from(Hydration::Tables(tables), disk, 0);
    rig.handle(Input::Wake);
    assert!(rig.notes.contains(&Note::RowsLeftOut { rows: 1 }));
    rig.handle(Input::Flush);
    let mut stored: Vec<_> = rig.disk.tables.profiles.iter().collect();
    stored.sort_by_key(|row| (&row.user_id, &row.character_id));
    let of = |row: &authority::ProfileRow| {
        let names = [&row.user_id, &row.character_id, &row.name];
        names.map(String::clone)
    };
    let stored: Vec<_> = stored.into_iter().map(of).collect();
    assert_eq!(
        stored,
        [
            ["anna", "default", "Anna"],
            ["bert", "default", "Player"],
            ["bert", "knight", "Sir Bert"],
        ]
    );
    let active = &rig.disk.tables.active;
    assert_eq!(active.len(), 2);
    assert!(active.iter().all(|row| row.character_id == "default"));

    let anna = rig.join("anna");
    let profile = rig.welcome(anna).unwrap().profile;
    assert_eq!(
        (&*profile.character_id, &*profile.name),
        ("default", "Anna")
    );

    // The older rows are still there when the room starts again, and nothing is left to repair.
    let mut room = Room::new(config(), Hydration::Tables(rig.disk.tables.clone()));
    let now = Millis(EPOCH + 60_000);
    let mut outputs: Vec<_> = room.handle(now, Input::Wake).collect();
    outputs.extend(room.handle(now, Input::Flush));
    let repairs = |one: &authority::Output| matches!(one, authority::Output::Persist(rows) if !rows.profiles.is_empty() || !rows.active.is_empty());
    assert!(!outputs.iter().any(repairs));
}
