//! Users and characters of databases of an older shape: what they lack is made, and stored with the next flush.
//!
//! * A user of `presence_players` gets a default character; whoever has no selection, or one that points nowhere, gets the
//!   default one.
//! * Of a character of which only a part is there, or makes sense, that part is kept.
//! * What is whole is not touched, so a second start repairs nothing.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use protocol::repaired_name;
use sim_core::Look;
use sim_core::rules::{BODIES, COLOURS};

use crate::characters::{DEFAULT, is_possible};
use crate::enter::is_user_id;
use crate::hydrate::CharacterRows;
use crate::input::Tables;
use crate::rows::{ActiveProfileRow, PartialProfileRow, Persist, ProfileRow};

/// Whoever has no name that could be shown.
const NAMELESS: &str = "Player";

/// Everybody's characters as the tables should have had them. What had to be made is to be stored; also says how many rows
/// stand for nobody.
pub(crate) fn characters(
    tables: &Tables,
    store: &mut Persist,
) -> (BTreeMap<String, CharacterRows>, usize) {
    let mut all: BTreeMap<String, CharacterRows> = BTreeMap::new();
    let mut left_out = 0;
    let (whole, impossible): (Vec<_>, Vec<_>) =
        tables.profiles.iter().partition(|row| is_possible(row));
    for row in whole {
        let of = all.entry(row.user_id.clone()).or_default();
        of.0.push(row.clone());
    }
    for row in &tables.active {
        let of = all.entry(row.user_id.clone()).or_default();
        of.1 = Some(row.character_id.clone());
    }
    let partial: Vec<_> = impossible
        .into_iter()
        .map(parts)
        .chain(tables.partial_profiles.iter().cloned())
        .collect();
    for row in &partial {
        let whole = completed(row);
        if !is_user_id(&row.user_id) || !is_possible(&whole) {
            left_out += 1;
            continue;
        }
        let of = all.entry(row.user_id.clone()).or_default();
        if of.0.iter().all(|one| one.character_id != row.character_id) {
            store.profiles.push(whole.clone());
            of.0.push(whole);
        }
    }
    for row in &partial {
        if let Some(of) = all.get_mut(&row.user_id) {
            give_default(&row.user_id, None, of, store);
        }
    }
    for row in &tables.presence {
        if !is_user_id(&row.user_id) {
            left_out += 1;
            continue;
        }
        let of = all.entry(row.user_id.clone()).or_default();
        give_default(&row.user_id, row.name.as_deref(), of, store);
    }
    (all, left_out)
}

/// Makes the default character if there is none, and selects it if nothing that exists is.
fn give_default(user_id: &str, name: Option<&str>, of: &mut CharacterRows, store: &mut Persist) {
    let (profiles, active) = of;
    let is_there =
        |id: &str, profiles: &[ProfileRow]| profiles.iter().any(|row| row.character_id == id);
    if !is_there(DEFAULT, profiles) {
        let made = completed(&PartialProfileRow {
            user_id: user_id.to_owned(),
            character_id: DEFAULT.to_owned(),
            name: name.map(str::to_owned),
            body: None,
            colour: None,
        });
        profiles.push(made.clone());
        store.profiles.push(made);
    }
    if !active.as_ref().is_some_and(|id| is_there(id, profiles)) {
        *active = Some(DEFAULT.to_owned());
        store.active.retain(|row| row.user_id != user_id);
        store.active.push(ActiveProfileRow {
            user_id: user_id.to_owned(),
            character_id: DEFAULT.to_owned(),
        });
    }
}

/// A row that makes no sense as a whole.
fn parts(row: &ProfileRow) -> PartialProfileRow {
    PartialProfileRow {
        user_id: row.user_id.clone(),
        character_id: row.character_id.clone(),
        name: Some(row.name.clone()),
        body: Some(i64::from(row.look.body)),
        colour: Some(i64::from(row.look.colour)),
    }
}

/// The row with what it lacks. Two users rarely look alike.
fn completed(row: &PartialProfileRow) -> ProfileRow {
    let letters: u64 = row.user_id.bytes().map(u64::from).sum();
    let within = |part: Option<i64>, count: u8| {
        let told = part.and_then(|part| u8::try_from(part).ok());
        told.filter(|part| *part < count)
            .unwrap_or((letters % u64::from(count)) as u8)
    };
    let name = row.name.as_deref().and_then(repaired_name);
    ProfileRow {
        user_id: row.user_id.clone(),
        character_id: row.character_id.clone(),
        name: name.unwrap_or_else(|| NAMELESS.to_owned()),
        look: Look {
            body: within(row.body, BODIES),
            colour: within(row.colour, COLOURS),
        },
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::rows::PresenceRow;

    fn presence(user_id: &str, name: Option<&str>) -> PresenceRow {
        PresenceRow {
            user_id: user_id.into(),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn who_was_only_present_gets_a_default_character_once() {
        let mut tables = Tables {
            presence: vec![
                presence("anna", Some("Anna")),
                presence("bert", None),
                presence("cleo", Some("a name that is far too long for a head")),
                presence("", Some("Nobody")),
            ],
            ..Tables::default()
        };
        let mut store = Persist::default();
        let (all, left_out) = characters(&tables, &mut store);
        assert_eq!((all.len(), left_out), (3, 1));
        let names: vec::Vec<_> = store.profiles.iter().map(|row| row.name.as_str()).collect();
        // A name that is too long ends where a name may end.
        assert_eq!(names, ["Anna", NAMELESS, "a name that is far too l"]);
        assert!(store.profiles.iter().all(is_possible));
        assert!(store.active.iter().all(|row| row.character_id == DEFAULT));
        assert_eq!(store.active.len(), 3);

        tables.profiles = core::mem::take(&mut store.profiles);
        tables.active = core::mem::take(&mut store.active);
        characters(&tables, &mut store);
        assert!(store.is_empty(), "what is whole is not touched");
    }

    #[test]
    fn of_half_a_character_that_half_is_kept() {
        let partial = |user: &str, id: &str, name: Option<&str>, body, colour| PartialProfileRow {
            user_id: user.into(),
            character_id: id.into(),
            name: name.map(str::to_owned),
            body,
            colour,
        };
        let tables = Tables {
            partial_profiles: vec![
                partial("anna", DEFAULT, Some("Anna"), None, Some(2)),
                partial("bert", "knight", None, Some(1), Some(i64::MAX)),
                partial("bert", "\u{7}", None, None, None),
                partial("cleo", "knight", Some("Knight"), Some(1), Some(1)),
                partial("cleo", DEFAULT, Some("Cleo"), Some(1), None),
            ],
            active: vec![
                ActiveProfileRow {
                    user_id: "anna".into(),
                    character_id: "gone".into(),
                },
                ActiveProfileRow {
                    user_id: "bert".into(),
                    character_id: "knight".into(),
                },
            ],
            ..Tables::default()
        };
        let mut store = Persist::default();
        let (all, left_out) = characters(&tables, &mut store);
        assert_eq!(left_out, 1);
        let of = |user: &str, id: &str| {
            let rows = &all.get(user).expect("it is known").0;
            let row = rows.iter().find(|row| row.character_id == id);
            row.expect("it is there").clone()
        };
        assert_eq!(of("anna", DEFAULT).name, "Anna");
        assert_eq!(of("anna", DEFAULT).look.colour, 2);
        assert_eq!(of("bert", "knight").name, NAMELESS);
        assert_eq!(of("bert", "knight").look.body, 1);
        assert_eq!(of("bert", DEFAULT).name, NAMELESS);
        assert_eq!(of("cleo", DEFAULT).name, "Cleo");
        let selected = |user: &str| all.get(user).and_then(|of| of.1.clone());
        assert_eq!(selected("anna").as_deref(), Some(DEFAULT));
        assert_eq!(selected("bert").as_deref(), Some("knight"));
        assert_eq!(store.profiles.len(), 5);
        assert_eq!(store.active.len(), 2);
    }
}
