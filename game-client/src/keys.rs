//! Which key does what, and what is held.
//!
//! * Keys are named by their place on the keyboard, as `KeyboardEvent.code` does: <https://www.w3.org/TR/uievents-code/>.
//! * A key does one thing; one thing may have several keys.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sim_core::{Buttons, StructureKind};

/// Something that a key can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Walk towards smaller y.
    Up,
    /// Walk towards larger y.
    Down,
    /// Walk towards smaller x.
    Left,
    /// Walk towards larger x.
    Right,
    /// Turn the aim to the left, for who has no pointer.
    TurnLeft,
    /// Turn the aim to the right.
    TurnRight,
    /// Shoot where the pointer is, or where the aim goes, as long as it is held.
    Fire,
    /// Build there, as long as it is held.
    Place,
    /// Take the own structure there away.
    Remove,
    /// Build walls from now on.
    Wall,
    /// Build gates from now on.
    Gate,
    /// Build fences from now on.
    Fence,
    /// Show or hide how the netcode is doing.
    Overlay,
}

impl Action {
    /// Every action, in the order in which they are listed.
    pub const ALL: [Self; 13] = [
        Self::Up,
        Self::Down,
        Self::Left,
        Self::Right,
        Self::TurnLeft,
        Self::TurnRight,
        Self::Fire,
        Self::Place,
        Self::Remove,
        Self::Wall,
        Self::Gate,
        Self::Fence,
        Self::Overlay,
    ];

    /// What is built after this; none if it is about something else.
    #[must_use]
    pub const fn kind(self) -> Option<StructureKind> {
        match self {
            Self::Wall => Some(StructureKind::Wall),
            Self::Gate => Some(StructureKind::Gate),
            Self::Fence => Some(StructureKind::Fence),
            Self::Up
            | Self::Down
            | Self::Left
            | Self::Right
            | Self::TurnLeft
            | Self::TurnRight
            | Self::Fire
            | Self::Place
            | Self::Remove
            | Self::Overlay => None,
        }
    }
}

/// Keys beside the pointer's buttons, which shoot and build.
const DEFAULTS: [(&str, Action); 16] = [
    ("KeyW", Action::Up),
    ("ArrowUp", Action::Up),
    ("KeyS", Action::Down),
    ("ArrowDown", Action::Down),
    ("KeyA", Action::Left),
    ("ArrowLeft", Action::Left),
    ("KeyD", Action::Right),
    ("ArrowRight", Action::Right),
    ("KeyJ", Action::TurnLeft),
    ("KeyL", Action::TurnRight),
    ("Space", Action::Fire),
    ("KeyE", Action::Place),
    ("KeyQ", Action::Remove),
    ("Digit1", Action::Wall),
    ("Digit2", Action::Gate),
    ("Digit3", Action::Fence),
];
/// The overlay's key cannot be given to something else.
const OVERLAY: &str = "F3";

/// What each key does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bindings {
    keys: BTreeMap<String, Action>,
}

impl Default for Bindings {
    fn default() -> Self {
        let keys = DEFAULTS.map(|(code, action)| (code.to_owned(), action));
        Self { keys: keys.into() }
    }
}

impl Bindings {
    /// What this key does.
    #[must_use]
    pub fn action(&self, code: &str) -> Option<Action> {
        if code == OVERLAY {
            return Some(Action::Overlay);
        }
        self.keys.get(code).copied()
    }

    /// Gives a key to an action, whatever it did before.
    pub fn bind(&mut self, code: &str, action: Action) {
        if code != OVERLAY {
            self.keys.insert(code.to_owned(), action);
        }
    }

    /// The keys of an action.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = &str> {
        let bound = self.keys.iter().filter(move |(_, does)| **does == action);
        bound.map(|(code, _)| code.as_str())
    }
}

/// The keys that are down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldKeys {
    codes: BTreeSet<String>,
}

impl HeldKeys {
    /// A key goes down. Returns what it begins to do; nothing if it was down before.
    pub fn press(&mut self, code: &str, bindings: &Bindings) -> Option<Action> {
        let is_new = self.codes.insert(code.to_owned());
        bindings.action(code).filter(|_| is_new)
    }

    /// A key goes up.
    pub fn release(&mut self, code: &str) {
        self.codes.remove(code);
    }

    /// Nobody can tell any more what is held: the page is left, or another field has the keyboard.
    pub fn release_all(&mut self) {
        self.codes.clear();
    }

    /// Whether a key of this action is down.
    #[must_use]
    pub fn is_held(&self, action: Action, bindings: &Bindings) -> bool {
        let held = |code: &String| bindings.action(code) == Some(action);
        self.codes.iter().any(held)
    }

    /// The buttons of the game that are held.
    #[must_use]
    pub fn buttons(&self, bindings: &Bindings) -> Buttons {
        let held = |action| self.is_held(action, bindings);
        Buttons::new(
            held(Action::Up),
            held(Action::Down),
            held(Action::Left),
            held(Action::Right),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_of_one_action_are_one_button() {
        let bindings = Bindings::default();
        let mut held = HeldKeys::default();
        assert_eq!(held.press("KeyW", &bindings), Some(Action::Up));
        assert_eq!(held.press("KeyW", &bindings), None, "it repeats");
        held.press("ArrowUp", &bindings);
        held.press("KeyD", &bindings);
        held.release("KeyW");
        let expected = Buttons::new(true, false, false, true);
        assert_eq!(held.buttons(&bindings), expected);
        held.release_all();
        assert_eq!(held.buttons(&bindings), Buttons::NONE);
    }

    #[test]
    fn every_action_has_a_key_and_every_key_one_action() {
        let bindings = Bindings::default();
        assert_eq!(bindings.keys.len(), DEFAULTS.len());
        for action in Action::ALL {
            let has_key = bindings.keys(action).next().is_some();
            assert!(has_key || action == Action::Overlay, "{action:?}");
        }
        assert_eq!(bindings.action(OVERLAY), Some(Action::Overlay));
    }

    #[test]
    fn a_key_that_is_given_away_does_what_it_is_given_to() {
        let mut bindings = Bindings::default();
        bindings.bind("Space", Action::Place);
        bindings.bind(OVERLAY, Action::Up);
        assert_eq!(bindings.action("Space"), Some(Action::Place));
        assert_eq!(bindings.action(OVERLAY), Some(Action::Overlay));
    }
}
