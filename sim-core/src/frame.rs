//! Everything that happens to a world in one step.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::action::Command;
use crate::buttons::Buttons;
use crate::geometry::{Point, Velocity};
use crate::ids::PlayerId;
use crate::player::Look;

/// One step's happenings. They take effect in this order: leaves, joins, buttons, movement, commands, projectiles,
/// timers; within a list in the list's order. What the rules do not allow changes nothing and becomes an
/// [`Event::Rejected`](crate::Event::Rejected).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Players who enter.
    pub joins: Vec<Join>,
    /// Players who leave.
    pub leaves: Vec<PlayerId>,
    /// Buttons that changed, ids ascending. Who is not named keeps what is held.
    pub buttons: Vec<(PlayerId, Buttons)>,
    /// What players did, in the order of arrival.
    pub commands: Vec<(PlayerId, Command)>,
}

impl Frame {
    /// Whether nothing happens but time.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.joins.is_empty()
            && self.leaves.is_empty()
            && self.buttons.is_empty()
            && self.commands.is_empty()
    }

    /// Makes it the frame in which nothing happens, keeping its memory.
    pub fn clear(&mut self) {
        self.joins.clear();
        self.leaves.clear();
        self.buttons.clear();
        self.commands.clear();
    }
}

/// A player enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// Name in the room; must not be in use.
    pub player: PlayerId,
    /// Appearance; must exist.
    pub look: Look,
    /// Where the player was before; without it, the rules choose a place.
    pub saved: Option<SavedPlayer>,
}

/// What is kept of a player who is away. Values that the rules do not allow are repaired at the join: a place outside
/// is moved into the arena, an impossible velocity becomes rest, too much health becomes full health. Who left dead (health
/// zero) waits for respawn again, so that leaving is no way around the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlayer {
    /// Middle of the box.
    pub pos: Point,
    /// Velocity.
    pub vel: Velocity,
    /// Health points.
    pub health: u8,
    /// Others shot down.
    pub score: u16,
    /// Times shot down.
    pub deaths: u16,
}
