//! What must hold in every session, checked while it runs.

use std::collections::BTreeMap;
use std::fmt;

use netcode::Client;
use protocol::View;
use sim_core::Step;

/// Something that must hold and did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// The view that a client merged is not the one that the room had at that step.
    MergedViewDiffers {
        /// The client's seat.
        seat: usize,
        /// The view's step.
        step: Step,
        /// The first channel that differs, with both sides.
        what: String,
    },
    /// A client merged a view of a step that the room never sent.
    UnknownStep {
        /// The client's seat.
        seat: usize,
        /// The view's step.
        step: Step,
    },
    /// A client could not decode or apply a message.
    MessageRefused {
        /// The client's seat.
        seat: usize,
        /// How many.
        messages: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MergedViewDiffers { seat, step, what } => {
                write!(
                    out,
                    "seat {seat}, step {step}: the merged view differs in {what}"
                )
            }
            Self::UnknownStep { seat, step } => {
                write!(
                    out,
                    "seat {seat}: a view of step {step}, which the room never sent"
                )
            }
            Self::MessageRefused { seat, messages } => {
                write!(
                    out,
                    "seat {seat}: {messages} messages of the room could not be used"
                )
            }
        }
    }
}

/// Violations that are kept; beyond that they only repeat.
const VIOLATIONS_MAX: usize = 32;

/// How long a step's view is kept for clients that hear of it late: a minute.
const STEPS_KEPT: u64 = 60 * sim_core::rules::STEPS_PER_SECOND as u64;

/// Compares what clients see with what the room has.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    /// Views of the moments at which the room sent something. Presence can change between two steps, so a step may have
    /// more than one.
    sent: BTreeMap<Step, Vec<View>>,
    pub(crate) compared: u64,
    pub(crate) violations: Vec<Violation>,
}

impl Oracle {
    /// The room has sent something while it was like this.
    pub(crate) fn room_sent(&mut self, view: View) {
        let step = view.step;
        let of_step = self.sent.entry(step).or_default();
        if !of_step.contains(&view) {
            of_step.push(view);
        }
        let oldest = Step(step.0.saturating_sub(STEPS_KEPT));
        self.sent = self.sent.split_off(&oldest);
    }

    /// The room is a new one: steps that were not flushed will be done again, differently.
    pub(crate) fn room_restarted(&mut self) {
        self.sent.clear();
    }

    /// The client has merged a snapshot.
    pub(crate) fn client_merged(&mut self, seat: usize, client: &Client) {
        let Some(merged) = client.view() else { return };
        self.compared += 1;
        let step = merged.step;
        let sent = self.sent.get(&step).map(Vec::as_slice).unwrap_or_default();
        match sent.last() {
            None => self.violated(Violation::UnknownStep { seat, step }),
            Some(newest) if !sent.contains(merged) => {
                let what = difference(newest, merged);
                self.violated(Violation::MergedViewDiffers { seat, step, what });
            }
            Some(_) => {}
        }
    }

    /// The session is over.
    pub(crate) fn client_ends(&mut self, seat: usize, client: &Client) {
        let messages = client.stats().messages_bad;
        if messages > 0 {
            self.violated(Violation::MessageRefused { seat, messages });
        }
    }

    fn violated(&mut self, violation: Violation) {
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(violation);
        }
    }
}

/// The first channel in which they differ.
fn difference(room: &View, client: &View) -> String {
    fn first<Id: Ord + fmt::Debug, Entry: PartialEq + fmt::Debug>(
        channel: &str,
        room: &BTreeMap<Id, Entry>,
        client: &BTreeMap<Id, Entry>,
    ) -> Option<String> {
        let id = room
            .keys()
            .chain(client.keys())
            .find(|id| room.get(id) != client.get(id))?;
        Some(format!(
            "{channel} {id:?}: the room has {:?}, the client {:?}",
            room.get(id),
            client.get(id)
        ))
    }
    first("presence", &room.presence, &client.presence)
        .or_else(|| first("movement", &room.players, &client.players))
        .or_else(|| first("structures", &room.structures, &client.structures))
        .or_else(|| first("previews", &room.previews, &client.previews))
        .or_else(|| first("projectile", &room.projectiles, &client.projectiles))
        .unwrap_or_else(|| "nothing but the step".to_owned())
}
