//! Who is not heard of lets go of the buttons.

use std::collections::BTreeMap;

use authority::{Room, limits};
use sim_core::rules::STEPS_PER_TICK;
use sim_core::{PlayerId, Step};

use super::Violation;

/// Steps after the last input at which nothing is held any more: what the room holds them for, and what it may do at once
/// between two looks.
const HELD_STEPS_MAX: u64 =
    limits::STARVED_HOLD_STEPS_MAX as u64 + limits::CATCH_UP_TICKS_MAX * STEPS_PER_TICK as u64;

/// Since when nothing is heard of each player.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    /// The number of the next input, and the step at which it was first seen to be awaited.
    since: BTreeMap<PlayerId, (u32, Step)>,
}

impl Silence {
    /// The room has handled something.
    pub(crate) fn watch(&mut self, room: &Room) -> Vec<Violation> {
        let now = room.world().step_number();
        let mut found = Vec::new();
        let before = std::mem::take(&mut self.since);
        for of in room.waiting() {
            let known = before.get(&of.player);
            let since = known
                .filter(|(next, _)| *next == of.next_input_seq && of.inputs.is_empty())
                .map_or(now, |(_, since)| *since);
            self.since.insert(of.player, (of.next_input_seq, since));
            let steps = now.since(since);
            let player = room.world().player(of.player);
            if steps > HELD_STEPS_MAX && player.is_some_and(|player| !player.buttons.is_empty()) {
                let player = of.player;
                found.push(Violation::ButtonsJam { player, steps });
            }
        }
        found
    }
}
