//! The way of one input: from the client's prediction over its message and the room's buffer to the screens of the others.

use std::collections::BTreeMap;

use input_log::{Diverged, Recording, Rerun};
use kernel::Translate;
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{Action, Buttons, Command, Event, PlayerId, Step};

use crate::seen::{Evidence, Seen};

/// How far around an input its line is looked at, in steps.
const AROUND_STEPS: u64 = 2 * STEPS_PER_SECOND as u64;

/// The way of one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journey {
    /// The step of the newest snapshot that the client had applied when it predicted the input.
    pub basis: Option<Step>,
    /// Steps from a snapshot's sending to the message that acknowledges it, the fewest of the seconds around: the round trip, and what
    /// the client waits for the end of a batch.
    pub round_trip: Option<u64>,
    /// When its message came.
    pub arrival: Option<Arrival>,
    /// What became of it.
    pub end: Fate,
    /// What was done on it.
    pub actions: Vec<Action>,
    /// What the player did or met in the step that consumed it.
    pub events: Vec<Event>,
    /// Whom a snapshot showed what came of it.
    pub shown: BTreeMap<PlayerId, Showing>,
}

/// When a message came, as far as the acknowledgements around it tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Not before this step was run.
    pub after: Step,
    /// This was the last step before it, at the latest.
    pub until: Step,
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A step consumed it.
    Consumed {
        /// The step.
        step: Step,
        /// What was held.
        buttons: Buttons,
    },
    /// It found the buffer full.
    Dropped {
        /// The last step before its message came.
        step: Step,
        /// What was held.
        buttons: Buttons,
    },
}

/// A snapshot that shows what came of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Showing {
    /// The step that it shows.
    pub sent: Step,
    /// The last step before the room heard that it was applied; none if the recording ends before.
    pub heard: Option<Step>,
}

/// The input of a player that a step consumed; none if it consumed none, or the recording does not say.
#[must_use]
pub fn consumed<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    player: PlayerId,
    step: Step,
) -> Option<u32> {
    let evidence = Evidence::of(kernel, recording, &[player]);
    evidence.players.get(&player)?.consumed(step)
}

/// The way of an input of a player; none if the recording does not hold it.
///
/// # Errors
/// Where the recording cannot be rerun by this kernel.
pub fn journey<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    player: PlayerId,
    seq: u32,
) -> Result<Option<Journey>, Box<Diverged>> {
    let evidence = Evidence::of(kernel, recording, &[]);
    let Some(seen) = evidence.players.get(&player) else {
        return Ok(None);
    };
    let dropped = seen.dropped.iter();
    let mut dropped =
        dropped.filter(|run| (run.seq..run.seq.saturating_add(run.inputs)).contains(&seq));
    let Some(step) = seen.consumed_at(seq) else {
        let journey = dropped.next().map(|run| Journey {
            basis: basis(seen, seq),
            round_trip: round_trip(seen, run.step),
            arrival: Some(Arrival {
                after: run.step,
                until: run.step,
            }),
            end: Fate::Dropped {
                step: run.step,
                buttons: run.buttons,
            },
            actions: Vec::new(),
            events: Vec::new(),
            shown: BTreeMap::new(),
        });
        return Ok(journey);
    };
    let mut rerun = Rerun::towards(recording, step).unchecked();
    let frame = rerun.reach(step)?.flatten();
    let frame = frame.map(|frame| kernel.frame(&frame)).unwrap_or_default();
    let world = rerun.world();
    let held = world.and_then(|world| kernel.held_in(world, player));
    let events = world.map_or_else(Vec::new, |world| kernel.events(world));
    let others = evidence.players.iter().filter(|(id, _)| **id != player);
    Ok(Some(Journey {
        basis: basis(seen, seq),
        round_trip: round_trip(seen, step),
        arrival: arrival(seen, seq, step),
        end: Fate::Consumed {
            step,
            buttons: held.unwrap_or_default(),
        },
        actions: frame
            .commands
            .iter()
            .filter_map(|(who, command)| match command {
                Command::Act(action) if *who == player => Some(*action),
                Command::Act(_) | Command::Preview(_) | Command::SetLook(_) => None,
            })
            .collect(),
        events: events
            .into_iter()
            .filter(|event| is_of(event, player))
            .collect(),
        shown: others
            .filter_map(|(id, seen)| Some((*id, showing(seen, step)?)))
            .collect(),
    }))
}

/// The newest snapshot that the client had applied when it predicted an input.
fn basis(seen: &Seen, seq: u32) -> Option<Step> {
    let mut known = seen.applied().iter().filter(|one| one.is_certain);
    Some(known.rfind(|one| one.newest < seq)?.step)
}

fn round_trip(seen: &Seen, step: Step) -> Option<u64> {
    let near = |(at, _): &(Step, u64)| at.0.abs_diff(step.0) <= AROUND_STEPS;
    seen.round_trips()
        .filter(near)
        .map(|(_, steps)| steps)
        .min()
}

/// The message came before its input was consumed, not before the message of an earlier one or the snapshot that it was predicted
/// on, and not after the message of a later one.
fn arrival(seen: &Seen, seq: u32, consumed: Step) -> Option<Arrival> {
    let acked = &seen.acked;
    let behind = acked.partition_point(|ack| ack.newest.is_none_or(|newest| newest < seq));
    let before = behind.checked_sub(1).and_then(|at| acked.get(at));
    let last = Step(consumed.0.checked_sub(1)?);
    let later = acked.get(behind).map_or(last, |ack| ack.step);
    let until = later.min(last);
    let after = before.map_or(Step(0), |ack| ack.step);
    let after = basis(seen, seq).map_or(after, |basis| basis.max(after));
    let after = after.min(until);
    Some(Arrival { after, until })
}

fn showing(seen: &Seen, step: Step) -> Option<Showing> {
    let at = seen.sent.partition_point(|sent| *sent < step);
    let sent = *seen.sent.get(at)?;
    let heard = seen.acked.iter();
    let mut heard =
        heard.filter(|ack| ack.step >= sent && ack.snapshot >= crate::seen::id_of(sent));
    Some(Showing {
        sent,
        heard: heard.next().map(|ack| ack.step),
    })
}

fn is_of(event: &Event, me: PlayerId) -> bool {
    match *event {
        Event::Hit { player, by, .. } | Event::Died { player, by } => player == me || by == me,
        Event::Destroyed { by, .. } => by == me,
        Event::Joined { player }
        | Event::Left { player }
        | Event::Respawned { player }
        | Event::Rejected { player, .. }
        | Event::Placed { player, .. }
        | Event::Removed { player, .. }
        | Event::Fired { player, .. } => player == me,
    }
}
