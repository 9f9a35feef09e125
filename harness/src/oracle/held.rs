//! Who brings no input for a moment goes on as before: the room repeats the buttons of the last one.

use std::collections::BTreeMap;

use authority::{PlayerStats, Room, Waiting, limits};
use sim_core::rules::STEPS_PER_TICK;
use sim_core::{Buttons, PlayerId, Step};

use super::Violation;

/// What the room may do between two looks.
const BETWEEN_LOOKS: u64 = limits::CATCH_UP_TICKS_MAX * STEPS_PER_TICK as u64;
/// Steps after a look for which the buttons stay for sure.
const HELD_STEPS: u64 = limits::STARVED_HOLD_STEPS_MAX as u64 - BETWEEN_LOOKS;

/// What each connected player holds.
#[derive(Debug, Default)]
pub(crate) struct HeldButtons {
    since: BTreeMap<PlayerId, Since>,
}

/// Since when the newest consumed input is this one.
#[derive(Clone, Copy, Debug)]
struct Since {
    consumed: Option<u32>,
    /// None if it was consumed over another connection: with that, everything was let go of.
    buttons: Option<Buttons>,
    step: Step,
}

impl HeldButtons {
    /// Somebody connects, perhaps in the place of a connection that is there: with that, everything is let go of.
    pub(crate) fn begins_anew(&mut self) {
        self.since.clear();
    }

    /// The room has handled something.
    pub(crate) fn watch(
        &mut self,
        room: &Room,
        seats: &[(Waiting, PlayerStats)],
    ) -> Vec<Violation> {
        let (world, step) = (room.world(), room.world().step_number());
        let before = std::mem::take(&mut self.since);
        let mut found = Vec::new();
        for (of, _) in seats.iter().filter(|(_, seat)| seat.connected) {
            let player = of.player;
            let Some(buttons) = world.player(player).map(|player| player.buttons) else {
                continue;
            };
            // One of a higher step is from before the room counted its steps anew.
            let known = before.get(&player).filter(|known| known.step <= step);
            let since = match known {
                Some(known) if known.consumed == of.consumed => *known,
                _ => Since {
                    consumed: of.consumed,
                    buttons: known.map(|_| buttons),
                    step,
                },
            };
            let steps = step.since(since.step);
            if since.buttons.is_some_and(|held| held != buttons) && steps <= HELD_STEPS {
                found.push(Violation::ButtonsLost { player, steps });
            }
            self.since.insert(player, since);
        }
        found
    }
}
