//! The user's characters, and who the user is.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::Input;
use protocol::{ClientCommand, Encoding};
use sim_core::Look;
use table::{ME, NEAR, Table};

#[test]
fn characters_are_those_of_the_welcome_and_then_those_that_the_room_has_taken() {
    let look = Look { body: 1, colour: 2 };
    let mut table = Table::new(NEAR, Encoding::Json);
    let ids = |table: &Table| -> Vec<String> {
        let all = table.client.characters().iter();
        all.map(|one| one.character_id.clone()).collect()
    };
    assert_eq!(table.client.player_id(), None);
    assert_eq!(table.client.active_character(), None);
    // It waits for somebody who listens.
    table.give(Input::SaveCharacter {
        character_id: "bert".into(),
        name: "Bert".into(),
        look,
    });
    assert!(ids(&table).is_empty());
    table.idle(500);
    assert_eq!(table.client.player_id(), Some(ME));
    assert_eq!(ids(&table), ["bert", "default"]);
    assert_eq!(table.client.active_character(), Some("default"));

    let select = |id: &str| Input::SelectCharacter {
        character_id: id.into(),
    };
    table.give(select("bert"));
    assert_eq!(table.client.active_character(), Some("default"));
    table.idle(100);
    assert_eq!(table.client.active_character(), Some("bert"));

    // The numbers of another connection say nothing of what was asked on this one.
    table.give(select("default"));
    table.cut();
    table.idle(2_000);
    assert!(table.client.is_playing());
    assert_eq!(ids(&table), ["default"]);
    let asked = table.room.commands.iter().filter(|command| {
        matches!(
            command,
            ClientCommand::SelectCharacter { .. } | ClientCommand::SaveCharacter { .. }
        )
    });
    let asked: Vec<&ClientCommand> = asked.collect();
    assert!(matches!(
        asked[..],
        [
            ClientCommand::SaveCharacter { .. },
            ClientCommand::SelectCharacter { .. }
        ]
    ));
}
