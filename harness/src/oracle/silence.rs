//! Who is not heard of lets go of the buttons, and in the end of the seat.

use std::collections::BTreeMap;

use authority::{PlayerStats, Room, Waiting, limits};
use netcode::Micros;
use sim_core::rules::{STEPS_PER_SECOND, STEPS_PER_TICK};
use sim_core::{PlayerId, Step};

use super::Violation;

/// Steps after the last input at which nothing is held any more: what the room holds them for, and what it may do at once
/// between two looks.
const HELD_STEPS_MAX: u64 =
    limits::STARVED_HOLD_STEPS_MAX as u64 + limits::CATCH_UP_TICKS_MAX * STEPS_PER_TICK as u64;
/// How long a connection may be silent.
pub(crate) const SILENT: Micros =
    Micros::from_millis(limits::SILENT_STEPS_MAX * 1_000 / STEPS_PER_SECOND as u64);
/// How late the room may notice, and how exactly its steps tell the time.
const LATE: Micros = Micros::from_millis(1_000);

/// Since when nothing is heard of each player.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    since: BTreeMap<PlayerId, Since>,
    /// Time that the room's host did nothing or that the room dropped, which counts for nobody.
    lost: Micros,
    /// Milliseconds that the room had dropped when it was last looked at.
    dropped: u64,
}

/// When it was first seen that the next input has this number.
#[derive(Clone, Copy, Debug)]
struct Since {
    next: u32,
    /// Whether a connection was there when it was last looked at.
    connected: bool,
    step: Step,
    at: Micros,
    lost: Micros,
}

impl Silence {
    /// The room's host does nothing for so long.
    pub(crate) fn excuse(&mut self, length: Micros) {
        self.lost = self.lost.after(length);
    }

    /// The room counts its steps anew, and with them everybody's silence.
    pub(crate) fn begins_anew(&mut self) {
        self.since.clear();
    }

    /// The room has handled something, or may have.
    pub(crate) fn watch(
        &mut self,
        room: &Room,
        seats: &[(Waiting, PlayerStats)],
        now: Micros,
    ) -> Vec<Violation> {
        let step = room.world().step_number();
        let mut found = Vec::new();
        let dropped = room.stats().dropped_ms;
        // A room that came back into memory begins to count anew.
        let more = dropped.checked_sub(self.dropped).unwrap_or(dropped);
        self.dropped = dropped;
        self.lost = self.lost.after(Micros::from_millis(more));
        let before = std::mem::take(&mut self.since);
        for (of, seat) in seats {
            let (player, next) = (of.player, of.next_input_seq);
            let news = Since {
                next,
                connected: seat.connected,
                step,
                at: now,
                lost: self.lost,
            };
            let passed = |since: &Since| {
                let lost = self.lost.since(since.lost);
                now.since(since.at).since(lost)
            };
            let known = before.get(&player).filter(|known| known.next == next);
            // Who was closed for silence, or was away when it was too long, and comes back is silent anew.
            let comes_back = |known: &Since| seat.connected && !known.connected;
            let forgiven = |known: &Since| comes_back(known) && passed(known).after(LATE) >= SILENT;
            let since = Since {
                connected: seat.connected,
                ..known
                    .copied()
                    .filter(|known| !forgiven(known))
                    .unwrap_or(news)
            };
            self.since.insert(player, since);
            let steps = step.since(since.step);
            let held = room.world().player(player);
            if of.inputs.is_empty()
                && steps > HELD_STEPS_MAX
                && held.is_some_and(|player| !player.buttons.is_empty())
            {
                found.push(Violation::ButtonsJam { player, steps });
            }
            let silent = passed(&since);
            if seat.connected && silent > SILENT.after(LATE) {
                let seconds = silent.0 / 1_000_000;
                found.push(Violation::SeatHeld { player, seconds });
            }
        }
        found
    }
}
