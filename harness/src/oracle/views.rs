//! Delta equals full: what a client merged is what the room had, in every bit.

use std::collections::BTreeMap;
use std::fmt;

use netcode::Client;
use protocol::View;
use sim_core::Step;

use super::Violation;

/// How long a step's view is kept for clients that hear of it late: a minute.
const STEPS_KEPT: u64 = 60 * sim_core::rules::STEPS_PER_SECOND as u64;

/// Compares what clients see with what the room has.
#[derive(Debug, Default)]
pub(crate) struct Views {
    /// Views of the moments at which the room sent something. Presence can change between two steps, so a step may have
    /// more than one.
    sent: BTreeMap<Step, Vec<View>>,
    /// Views of rooms that died: what they had sent may still be on its way, and their steps are done again, differently.
    sent_before: BTreeMap<Step, Vec<View>>,
    pub(crate) compared: u64,
}

impl Views {
    /// The room has sent something while it was like this.
    pub(crate) fn room_sent(&mut self, view: View) {
        let step = view.step;
        let of_step = self.sent.entry(step).or_default();
        if !of_step.contains(&view) {
            of_step.push(view);
        }
        let oldest = Step(step.0.saturating_sub(STEPS_KEPT));
        if self
            .sent
            .first_key_value()
            .is_some_and(|(step, _)| *step < oldest)
        {
            self.sent = self.sent.split_off(&oldest);
        }
    }

    /// The room is a new one: steps that were not flushed will be done again, differently.
    pub(crate) fn room_restarted(&mut self) {
        self.sent_before = std::mem::take(&mut self.sent);
    }

    /// The client has merged a snapshot.
    pub(crate) fn client_merged(&mut self, seat: usize, client: &Client) -> Option<Violation> {
        let merged = client.view()?;
        self.compared += 1;
        let step = merged.step;
        let of_step = |sent: &BTreeMap<Step, Vec<View>>| sent.get(&step).cloned();
        let sent = of_step(&self.sent);
        let before = of_step(&self.sent_before);
        let both = sent.iter().chain(&before);
        let mut views = both.flatten();
        match sent.iter().chain(&before).flatten().next_back() {
            None => Some(Violation::UnknownStep { seat, step }),
            Some(newest) if !views.any(|view| view == merged) => {
                let what = difference(newest, merged).unwrap_or_else(|| "the step".to_owned());
                Some(Violation::MergedViewDiffers { seat, step, what })
            }
            Some(_) => None,
        }
    }
}

/// The first channel in which they differ.
pub(crate) fn difference(room: &View, client: &View) -> Option<String> {
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
}
