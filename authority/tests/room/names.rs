//! Names that show nothing, where they are given and where they were stored.

use authority::{Hydration, Input};
use protocol::{ClientCommand, ErrorCode};
use sim_core::Look;

use crate::rig::Rig;

#[test]
fn a_name_of_nothing_to_see_is_refused() {
    for name in [
        "\u{200b}",
        "\u{2060}\u{200d}",
        "\u{3164}",
        "\u{00ad}",
        "\u{2800}",
        "\u{feff}",
        "\u{202e}nnA",
    ] {
        let mut rig = Rig::new();
        let conn = rig.join("anna");
        let (character_id, name) = ("default".to_owned(), name.to_owned());
        rig.send(
            conn,
            ClientCommand::SaveCharacter {
                character_id,
                name: name.clone(),
                look: Look::default(),
            },
        );
        rig.ticks(2);
        let error = rig.last_error(conn);
        assert_eq!(error.code, ErrorCode::OutOfRange, "{name:?} was taken");
        assert_eq!(error.field.as_deref(), Some("payload.name"));
        assert!(
            error.message.contains("leave that character out"),
            "{}",
            error.message
        );
    }
}

#[test]
fn a_stored_name_of_before_is_repaired_and_the_character_stays() {
    let mut before = Rig::new();
    let conn = before.join("anna");
    before.pass(100);
    before.leave(conn);
    before.handle(Input::Flush);
    let mut disk = before.disk.clone();
    let look = Look { body: 3, colour: 4 };
    for (character_id, name) in [("default", "\u{202e}Anna\u{200b}"), ("knight", "\u{3164}")] {
        let anna = disk.users.entry("anna".to_owned()).or_default();
        anna.profiles.push(authority::ProfileRow {
            user_id: "anna".to_owned(),
            character_id: character_id.to_owned(),
            name: name.to_owned(),
            look,
        });
    }
    let mut rig = Rig::from(Hydration::Tables(disk.tables.clone()), disk, before.now);
    rig.count_from(before.last_conn());
    let conn = rig.join("anna");
    let welcome = rig.welcome(conn).unwrap();
    assert_eq!(
        (welcome.profile.name.as_str(), welcome.profile.look),
        ("Anna", look)
    );
    let knight = welcome
        .characters
        .iter()
        .find(|one| one.character_id == "knight");
    assert_eq!(
        knight.map(|knight| (knight.name.as_str(), knight.look)),
        Some(("Player", look))
    );
    rig.handle(Input::Flush);
    let stored = |id: &str| rig.disk.name_of("anna", id).unwrap();
    assert_eq!(stored("default"), "Anna");
    assert_eq!(stored("knight"), "Player");
}
