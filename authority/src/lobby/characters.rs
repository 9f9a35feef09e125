//! The characters of one user.
//!
//! * `default` always exists, and the active one exists.
//! * A default that was only assumed is not stored: rows that were not read may say otherwise.
//! * What changes nothing stores nothing.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use protocol::limits::CHARACTERS_PER_USER_MAX;
use protocol::{Profile, check_name, repaired_name};
use sim_core::rules::{BODIES, COLOURS};
use sim_core::{Look, PlayerId};

use crate::lobby::backfill;
use crate::refusal::Refusal;
use crate::rows::{ActiveProfileRow, Persist, ProfileRow, UserRows};

/// The character that everybody has.
pub(crate) const DEFAULT: &str = "default";

/// The characters of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Characters {
    by_id: BTreeMap<String, (String, Look)>,
    active: String,
    /// No row says what the default is.
    assumed: bool,
}

impl Characters {
    /// Those of somebody of whom nothing is known.
    pub(crate) fn assumed(player: PlayerId) -> Self {
        let look = Look {
            body: (player.0 % u16::from(BODIES)) as u8,
            colour: (player.0 % u16::from(COLOURS)) as u8,
        };
        let name = format!("Player {player}");
        Self {
            by_id: BTreeMap::from([(DEFAULT.to_owned(), (name, look))]),
            active: DEFAULT.to_owned(),
            assumed: true,
        }
    }

    /// The characters of these rows, of which there is at least one. A missing default is made, impossible rows are left out and
    /// counted, and what is made is added to the rows to store.
    pub(crate) fn loaded(
        user_id: &str,
        player: PlayerId,
        rows: &UserRows,
        store: &mut Persist,
    ) -> (Self, usize) {
        let mut characters = Self::assumed(player);
        characters.assumed = false;
        let mut has_default = false;
        let (profiles, left_out) = backfill::whole(user_id, rows, store);
        for mut row in profiles {
            // A name of before names were looked at is repaired, and the rest of the character stays.
            if check_name(&row.name).is_err()
                && let Some(name) = repaired_name(&row.name)
            {
                row.name = name;
                if row.user_id == user_id && row.is_possible() {
                    store.profiles.push(row.clone());
                }
            }
            let is_default = row.character_id == DEFAULT;
            let fits = is_default || characters.by_id.len() < CHARACTERS_PER_USER_MAX;
            if fits && row.user_id == user_id && row.is_possible() {
                has_default |= is_default;
                characters
                    .by_id
                    .insert(row.character_id, (row.name, row.look));
            }
        }
        if !has_default {
            store.profiles.push(characters.row(user_id, DEFAULT));
        }
        let active = rows.active.as_ref();
        match active.filter(|id| characters.by_id.contains_key(*id)) {
            Some(active) => characters.active.clone_from(active),
            None => store.active.push(characters.active_row(user_id)),
        }
        (characters, left_out)
    }

    /// The one that is played.
    pub(crate) fn active(&self) -> Profile {
        let (name, look) = self
            .by_id
            .get(&self.active)
            .expect("the active character exists");
        profile(&self.active, name, *look)
    }

    /// All of them, in the order of their ids.
    pub(crate) fn all(&self) -> Vec<Profile> {
        let characters = self.by_id.iter();
        characters
            .map(|(id, (name, look))| profile(id, name, *look))
            .collect()
    }

    /// Whether there is such a character.
    pub(crate) fn check_select(&self, id: &str) -> Result<(), Refusal> {
        if self.by_id.contains_key(id) {
            Ok(())
        } else {
            Err(Refusal::UnknownCharacter)
        }
    }

    /// Whether another one is played than before.
    pub(crate) fn select_changes(&self, id: &str) -> bool {
        self.active != id
    }

    /// Plays as one of them that exists.
    pub(crate) fn select(&mut self, user_id: &str, id: String, store: &mut Persist) {
        assert!(self.by_id.contains_key(&id));
        if self.select_changes(&id) {
            self.active = id;
            store.active.push(self.active_row(user_id));
        }
    }

    /// Whether such a character can be made or changed.
    pub(crate) fn check_save(&self, id: &str, look: Look) -> Result<(), Refusal> {
        if !look.exists() {
            return Err(Refusal::Rejected(sim_core::Reject::UnknownLook));
        }
        if !self.by_id.contains_key(id) && self.by_id.len() >= CHARACTERS_PER_USER_MAX {
            return Err(Refusal::TooManyCharacters {
                max: CHARACTERS_PER_USER_MAX,
            });
        }
        Ok(())
    }

    /// Whether a character would be another one than before.
    pub(crate) fn save_changes(&self, id: &str, name: &str, look: Look) -> bool {
        let is_same = self
            .by_id
            .get(id)
            .is_some_and(|(now, looks)| now == name && *looks == look);
        !is_same || self.assumed && id == DEFAULT
    }

    /// Makes or changes one of them. Returns whether it is the one that is played.
    pub(crate) fn save(
        &mut self,
        user_id: &str,
        id: String,
        name: String,
        look: Look,
        store: &mut Persist,
    ) -> bool {
        if self.save_changes(&id, &name, look) {
            self.assumed &= id != DEFAULT;
            self.by_id.insert(id.clone(), (name, look));
            assert!(self.by_id.len() <= CHARACTERS_PER_USER_MAX);
            store.profiles.push(self.row(user_id, &id));
        }
        self.active == id
    }

    fn row(&self, user_id: &str, id: &str) -> ProfileRow {
        let (name, look) = self.by_id.get(id).expect("only what exists is stored");
        ProfileRow {
            user_id: user_id.to_owned(),
            character_id: id.to_owned(),
            name: name.clone(),
            look: *look,
        }
    }

    fn active_row(&self, user_id: &str) -> ActiveProfileRow {
        ActiveProfileRow {
            user_id: user_id.to_owned(),
            character_id: self.active.clone(),
        }
    }
}

fn profile(id: &str, name: &str, look: Look) -> Profile {
    Profile {
        character_id: id.to_owned(),
        name: name.to_owned(),
        look,
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;

    fn row(id: &str, name: &str, body: u8) -> ProfileRow {
        ProfileRow {
            user_id: "anna".into(),
            character_id: id.into(),
            name: name.into(),
            look: Look { body, colour: 0 },
        }
    }

    #[test]
    fn a_user_without_a_default_gets_one_and_it_is_stored() {
        let mut store = Persist::default();
        let rows = UserRows {
            profiles: vec![row("knight", "Anna", 1)],
            ..UserRows::default()
        };
        let (characters, _) = Characters::loaded("anna", PlayerId(3), &rows, &mut store);
        assert_eq!(characters.active().character_id, DEFAULT);
        assert_eq!(store.profiles.len(), 1);
        assert_eq!(store.active.len(), 1);
    }

    #[test]
    fn of_too_many_characters_as_many_are_taken_as_a_user_may_have() {
        let mut store = Persist::default();
        let many =
            (0..CHARACTERS_PER_USER_MAX + 1).map(|one| row(&format!("knight-{one}"), "Anna", 1));
        let rows = UserRows {
            profiles: core::iter::once(row(DEFAULT, "Anna", 1))
                .chain(many)
                .collect(),
            ..UserRows::default()
        };
        let (characters, _) = Characters::loaded("anna", PlayerId(3), &rows, &mut store);
        assert_eq!(characters.by_id.len(), CHARACTERS_PER_USER_MAX);
    }

    #[test]
    fn impossible_rows_are_left_out_and_a_missing_selection_becomes_the_default() {
        let mut store = Persist::default();
        let rows = UserRows {
            profiles: vec![row("default", "Anna", 1), row("\u{1}", "Bell", 1)],
            active: Some("giant".to_owned()),
            ..UserRows::default()
        };
        let (characters, left_out) = Characters::loaded("anna", PlayerId(3), &rows, &mut store);
        assert_eq!(characters.active().name, "Anna");
        assert_eq!(left_out, 1);
        assert!(store.profiles.is_empty());
        assert_eq!(store.active.len(), 1);
        for left_out in ["giant", "\u{1}"] {
            assert_eq!(
                characters.check_select(left_out),
                Err(Refusal::UnknownCharacter)
            );
        }
    }
}
