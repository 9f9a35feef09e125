//! What is watched in a room that is in memory, from one event to the next.

use authority::{Input, PlayerStats, Room, Waiting};
use netcode::Micros;

use super::Violation;
use super::held::HeldButtons;
use super::leaving::Leaving;
use super::silence::Silence;

/// Made anew with every life of the room.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    silence: Silence,
    leaving: Leaving,
    held: HeldButtons,
}

impl Watch {
    /// The room's host does nothing for so long.
    pub(crate) fn excuse(&mut self, length: Micros) {
        self.silence.excuse(length);
    }

    /// The room counts its steps anew.
    pub(crate) fn steps_begin_anew(&mut self) {
        self.silence.begins_anew();
    }

    /// The room is about to handle something.
    pub(crate) fn handles(&mut self, input: &Input<'_>) {
        if matches!(input, Input::Connect { .. }) {
            self.held.begins_anew();
        }
    }

    /// The room has handled something; `on_purpose` if it was that a player leaves.
    pub(crate) fn handled(&mut self, room: &Room, now: Micros, on_purpose: bool) -> Vec<Violation> {
        let seats = seats(room);
        let mut found = self.silence.watch(room, &seats, now);
        found.extend(self.leaving.watch(room, &seats, on_purpose));
        found.extend(self.held.watch(room, &seats));
        found
    }

    /// Time passed, and the room had nothing to handle.
    pub(crate) fn look(&mut self, room: &Room, now: Micros) -> Vec<Violation> {
        self.silence.watch(room, &seats(room), now)
    }
}

/// What waits for each player, and how it is connected.
fn seats(room: &Room) -> Vec<(Waiting, PlayerStats)> {
    room.waiting()
        .into_iter()
        .zip(room.player_stats())
        .collect()
}
