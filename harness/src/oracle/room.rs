//! The room consumes one input a step, keeps no more than it may, and comes back as it was stored.

use authority::{Input, Room, limits};
use netcode::Micros;
use sim_core::rules::{STEPS_PER_SECOND, STEPS_PER_TICK};
use sim_core::{PlayerId, Step, World, diff};

use super::Violation;
use crate::disk::Disk;

/// Steps that one event may run, and so how far the newest flush may be behind when the host dies.
const REWOUND_STEPS_MAX: u64 =
    limits::FLUSH_STEPS + limits::CATCH_UP_TICKS_MAX * STEPS_PER_TICK as u64;

/// The room before it handles something.
#[derive(Debug)]
pub(crate) struct Before {
    /// Steps run. The world may count its own anew.
    steps: u64,
    /// For each player, the input that is consumed next; only before a wake-up, which brings no inputs itself.
    next: Option<Vec<(PlayerId, u32)>>,
}

impl Before {
    pub(crate) fn of(room: &Room, input: &Input<'_>) -> Self {
        let runs = matches!(input, Input::Wake);
        Self {
            steps: room.stats().steps,
            next: runs.then(|| {
                let waiting = room.waiting().into_iter();
                waiting
                    .map(|of| {
                        (
                            of.player,
                            of.next_input_seq.wrapping_sub(of.inputs.len() as u32),
                        )
                    })
                    .collect()
            }),
        }
    }

    /// The same room afterwards.
    pub(crate) fn after(self, room: &Room) -> Vec<Violation> {
        let mut found: Vec<Violation> = bounded(room).chain(in_order(room)).collect();
        let steps = room.stats().steps - self.steps;
        if steps > limits::CATCH_UP_TICKS_MAX * u64::from(STEPS_PER_TICK) {
            found.push(Violation::RoomBurst { steps });
        }
        let Some(next) = self.next else {
            return found;
        };
        for of in room.waiting() {
            let (player, inputs) = (of.player, of.inputs.len());
            let Ok(at) = next.binary_search_by_key(&player, |(player, _)| *player) else {
                continue;
            };
            let now = of.next_input_seq.wrapping_sub(inputs as u32);
            let inputs = i64::from(now.wrapping_sub(next[at].1) as i32);
            if inputs < 0 || inputs > steps as i64 {
                found.push(Violation::ConsumedWrong {
                    player,
                    inputs,
                    steps,
                });
            }
        }
        found
    }
}

/// Something came when a tick had been due for this long, and was handled. A tick that is late by as much as the next one
/// may not be waiting any more.
pub(crate) fn on_time(late: Micros) -> Option<Violation> {
    // The room counts in milliseconds, and a tick is a third of a millisecond longer than 33.
    const LATE_MS_MAX: u64 = 1_000 * STEPS_PER_TICK as u64 / STEPS_PER_SECOND as u64 + 1;
    let ms = late.0 / 1_000;
    (ms > LATE_MS_MAX).then_some(Violation::TickOverdue { ms })
}

/// Commands that name an input, and those that name none.
const COMMANDS_WAITING_MAX: usize = 2 * limits::COMMANDS_PENDING_MAX;

/// What waits has not been consumed, and comes once.
fn in_order(room: &Room) -> impl Iterator<Item = Violation> {
    room.waiting().into_iter().filter_map(|of| {
        let seqs = of.inputs.iter().map(|input| input.seq);
        let mut ahead = of.consumed.into_iter().chain(seqs);
        let first = ahead.next()?;
        let rises = ahead.try_fold(first, |before, seq| (before < seq).then_some(seq));
        let newest = of.inputs.last().map_or(0, |input| input.seq);
        let player = of.player;
        (rises.is_none() || newest >= of.next_input_seq)
            .then_some(Violation::WaitsOutOfOrder { player })
    })
}

/// Nothing that players send piles up: a flood is over before the next step.
fn bounded(room: &Room) -> impl Iterator<Item = Violation> {
    room.waiting().into_iter().filter_map(|of| {
        let (player, inputs, commands) = (of.player, of.inputs.len(), of.commands);
        let snapshots = room.unacknowledged(player);
        let fits = inputs <= limits::INPUT_BUFFER_STEPS_MAX
            && commands <= COMMANDS_WAITING_MAX
            && snapshots <= limits::SNAPSHOTS_KEPT_MAX;
        (!fits).then_some(Violation::QueueTooLong {
            player,
            inputs,
            commands,
            snapshots,
        })
    })
}

/// A world whose recording is stored comes back from its bytes with every field, those included that no hash would miss: a
/// keyframe has only these bytes.
pub(crate) fn comes_back_from_its_bytes(world: &World) -> Option<Violation> {
    let what = match World::decode(&world.encode()) {
        Err(why) => why.to_string(),
        Ok(decoded) => {
            let difference = diff(world, &decoded)?;
            format!(
                "{} was {} and is {}",
                difference.path, difference.expected, difference.actual
            )
        }
    };
    let step = world.step_number();
    Some(Violation::BytesDiffer { step, what })
}

/// A room was made from its storage; its last life left at a step.
pub(crate) fn came_back(room: &Room, disk: &Disk, left: Step, is_exact: bool) -> Vec<Violation> {
    let mut found = Vec::new();
    let is = room.world().step_number();
    let steps = left.0.saturating_sub(is.0);
    // A torn log may have lost any number of steps in which nothing moved; what moved is in the tables.
    if !disk.newest_is_torn() && steps > REWOUND_STEPS_MAX {
        found.push(Violation::RewoundTooFar { steps });
    }
    if disk.has_log() && !is_exact {
        let error = "the tables were taken instead".to_owned();
        found.push(Violation::LogNotRecovered { error });
    }
    let mut stored = disk.tables().structures;
    stored.sort_by_key(|structure| structure.id);
    let stands = room.world().structures();
    let lost = stored.iter().find(|one| stands.get(one.id) != Some(one));
    if let Some(one) = lost {
        let what = format!("stored {one:?}, now {:?}", stands.get(one.id));
        found.push(Violation::StructuresDiffer { what });
    } else if stands.len() != stored.len() {
        let what = format!("{} were stored, {} are there", stored.len(), stands.len());
        found.push(Violation::StructuresDiffer { what });
    }
    found
}
