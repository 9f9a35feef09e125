//! The characters of a user in a database of an older shape: what they lack is made, and stored with the next flush.
//!
//! * Of a character of which only a part is there, or makes sense, that part is kept.
//! * What is whole is not touched, so a second start repairs nothing.

use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;

use protocol::repaired_name;
use sim_core::Look;
use sim_core::rules::{BODIES, COLOURS};

use crate::rows::{PartialProfileRow, Persist, ProfileRow, UserRows};

/// Whoever has no name that could be shown.
const NAMELESS: &str = "Player";

/// A user's characters as the table should have had them, and how many rows stand for nothing. What had to be made is to be
/// stored.
pub(crate) fn whole(
    user_id: &str,
    rows: &UserRows,
    store: &mut Persist,
) -> (Vec<ProfileRow>, usize) {
    let (whole, impossible): (Vec<&ProfileRow>, Vec<&ProfileRow>) =
        rows.profiles.iter().partition(|row| row.is_possible());
    let mut profiles: Vec<ProfileRow> = whole.into_iter().cloned().collect();
    let partial = impossible
        .into_iter()
        .map(parts)
        .chain(rows.partial_profiles.iter().cloned());
    let mut left_out = 0;
    for row in partial {
        let made = completed(&row);
        if row.user_id != user_id || !made.is_possible() {
            left_out += 1;
            continue;
        }
        let mut known = profiles.iter();
        if known.all(|one| one.character_id != row.character_id) {
            store.profiles.push(made.clone());
            profiles.push(made);
        }
    }
    (profiles, left_out)
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

    fn partial(id: &str, name: Option<&str>, body: Option<i64>, colour: Option<i64>) -> UserRows {
        UserRows {
            partial_profiles: vec![PartialProfileRow {
                user_id: "anna".into(),
                character_id: id.into(),
                name: name.map(str::to_owned),
                body,
                colour,
            }],
            ..UserRows::default()
        }
    }

    #[test]
    fn of_half_a_character_that_half_is_kept() {
        let mut store = Persist::default();
        let rows = partial("knight", None, Some(1), Some(i64::MAX));
        let (profiles, _) = whole("anna", &rows, &mut store);
        let [knight] = &profiles[..] else {
            panic!("{profiles:?}");
        };
        assert_eq!((knight.name.as_str(), knight.look.body), (NAMELESS, 1));
        assert!(knight.look.exists());
        assert_eq!(store.profiles, profiles);

        let rows = partial("default", Some("Anna"), None, Some(2));
        let (profiles, left_out) = whole("anna", &rows, &mut Persist::default());
        let [default] = &profiles[..] else {
            panic!("{profiles:?}");
        };
        assert_eq!((default.name.as_str(), default.look.colour), ("Anna", 2));
        assert_eq!(left_out, 0);
    }

    #[test]
    fn what_stands_for_nothing_is_left_out_and_what_is_whole_is_not_touched() {
        let mut store = Persist::default();
        let nothing = partial("\u{7}", None, None, None);
        assert_eq!(whole("anna", &nothing, &mut store), (vec![], 1));
        let annas = partial("knight", Some("Knight"), Some(1), Some(1));
        assert_eq!(whole("bert", &annas, &mut store), (vec![], 1));
        assert!(store.is_empty());

        let (profiles, _) = whole("anna", &annas, &mut store);
        let mut rows = annas;
        rows.profiles = core::mem::take(&mut store.profiles);
        assert_eq!(whole("anna", &rows, &mut store), (profiles, 0));
        assert!(store.is_empty(), "what is whole is not touched");
    }
}
