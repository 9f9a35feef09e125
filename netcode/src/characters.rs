//! The user's characters as the room knows them: told with the welcome, and from then on followed.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use protocol::limits::CHARACTERS_PER_USER_MAX;
use protocol::{ClientCommand, Profile};

/// Changes that wait for a connection, and changes that wait for their answer; the oldest are forgotten.
const COMMANDS_MAX: usize = 8;

/// The user's characters as the room knows them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Characters {
    /// In the order of their ids.
    known: Vec<Profile>,
    active: Option<String>,
    /// Changes that are on their way, by the numbers of their messages.
    asked: Vec<(u32, ClientCommand)>,
    /// Changes that wait for a connection.
    waiting: Vec<ClientCommand>,
}

impl Characters {
    pub(crate) fn all(&self) -> &[Profile] {
        &self.known
    }

    pub(crate) fn active(&self) -> Option<&str> {
        self.active.as_deref()
    }

    /// A connection begins, and its room has told of the characters. Numbers begin anew.
    pub(crate) fn welcomed(&mut self, known: Vec<Profile>, active: String) {
        self.known = known;
        self.active = Some(active);
        self.asked.clear();
    }

    /// Keeps a change for the next connection.
    pub(crate) fn wait(&mut self, command: ClientCommand) {
        if self.waiting.len() < COMMANDS_MAX {
            self.waiting.push(command);
        }
    }

    /// The changes that waited.
    pub(crate) fn waited(&mut self) -> Vec<ClientCommand> {
        mem::take(&mut self.waiting)
    }

    /// A change was sent.
    pub(crate) fn asked(&mut self, seq: u32, command: ClientCommand) {
        if self.asked.len() >= COMMANDS_MAX {
            self.asked.remove(0);
        }
        self.asked.push((seq, command));
    }

    /// The room has refused a message.
    pub(crate) fn refused(&mut self, seq: u32) {
        self.asked.retain(|(asked, _)| *asked != seq);
    }

    /// The room has done what a message asked for.
    pub(crate) fn acknowledged(&mut self, seq: u32) {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == seq) else {
            return;
        };
        match self.asked.remove(at).1 {
            ClientCommand::SelectCharacter { character_id } => self.active = Some(character_id),
            ClientCommand::SaveCharacter {
                character_id,
                name,
                look,
            } => self.save(Profile {
                character_id,
                name,
                look,
            }),
            ClientCommand::InputBatch { .. }
            | ClientCommand::Act { .. }
            | ClientCommand::Preview(_) => {}
        }
    }

    fn save(&mut self, profile: Profile) {
        let by_id = |known: &Profile| known.character_id.cmp(&profile.character_id);
        match self.known.binary_search_by(by_id) {
            Ok(at) => self.known[at] = profile,
            Err(at) if self.known.len() < CHARACTERS_PER_USER_MAX => self.known.insert(at, profile),
            // A room that takes more than it may says so itself with the next welcome.
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use sim_core::Look;

    use super::*;

    fn profile(id: &str, name: &str) -> Profile {
        Profile {
            character_id: id.to_string(),
            name: name.to_string(),
            look: Look { body: 1, colour: 2 },
        }
    }

    fn save(id: &str, name: &str) -> ClientCommand {
        let Profile {
            character_id,
            name,
            look,
        } = profile(id, name);
        ClientCommand::SaveCharacter {
            character_id,
            name,
            look,
        }
    }

    fn welcomed() -> Characters {
        let mut characters = Characters::default();
        assert_eq!((characters.all(), characters.active()), (&[][..], None));
        characters.welcomed(
            [profile("b", "Bert"), profile("d", "Dora")].into(),
            "d".to_string(),
        );
        characters
    }

    #[test]
    fn characters_are_those_of_the_welcome() {
        let characters = welcomed();
        assert_eq!(
            characters.all(),
            [profile("b", "Bert"), profile("d", "Dora")]
        );
        assert_eq!(characters.active(), Some("d"));
    }

    #[test]
    fn a_change_is_known_when_the_room_has_done_it_and_only_that_one() {
        let mut characters = welcomed();
        characters.asked(1, save("c", "Carl"));
        characters.asked(2, save("b", "Berta"));
        let select = |id: &str| ClientCommand::SelectCharacter {
            character_id: id.to_string(),
        };
        characters.asked(3, select("c"));
        characters.asked(4, select("b"));
        assert_eq!(characters.all(), welcomed().all(), "only asked for");
        assert_eq!(characters.active(), Some("d"));
        characters.acknowledged(1);
        characters.refused(2);
        characters.acknowledged(2);
        characters.acknowledged(3);
        characters.refused(4);
        characters.acknowledged(4);
        assert_eq!(
            characters.all(),
            [
                profile("b", "Bert"),
                profile("c", "Carl"),
                profile("d", "Dora")
            ]
        );
        assert_eq!(characters.active(), Some("c"));
    }

    #[test]
    fn what_waits_for_a_connection_is_given_out_once() {
        let mut characters = Characters::default();
        characters.wait(save("b", "Bert"));
        assert_eq!(characters.waited(), [save("b", "Bert")]);
        assert_eq!(characters.waited(), []);
        (0..=COMMANDS_MAX).for_each(|_| characters.wait(save("b", "Bert")));
        assert_eq!(characters.waited().len(), COMMANDS_MAX);
    }
}
