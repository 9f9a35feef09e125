//! One step: what players do becomes a frame, and what the frame did is told to them.

use alloc::vec::Vec;

use protocol::{Ack, ServerBody, ServerEvent};
use sim_core::{Effect, Event};

use crate::feed::Moment;
use crate::refusal::Refusal;
use crate::room::Room;
use crate::simulation::scratch::Scratch;

impl Room {
    /// Runs a step. `time` is when its tick ends, in milliseconds.
    pub(super) fn step(&mut self, time: f64) {
        let mut scratch = core::mem::take(&mut self.scratch);
        scratch.frame.clear();
        scratch.asked.clear();
        scratch.consumed.clear();
        let world = self.simulation.world();
        self.archive.prepare(world, &mut self.outputs);

        for user_id in self.lobby.remove_leaving(world, &mut scratch.frame) {
            self.keep(&user_id);
        }
        self.lobby.add_joining(&mut scratch.frame);
        let Self {
            lobby,
            simulation,
            feed,
            archive,
            ..
        } = self;
        simulation.consume_inputs(lobby, feed, archive.evidence(), &mut scratch);
        simulation.step(&scratch);
        archive.step(simulation.world(), &scratch.frame);
        simulation.compare_predictions(lobby, archive.evidence(), &scratch.consumed);

        let step = self.world().step_number();
        self.hold_in_fights();
        let at = self.at(time);
        self.answer(at, &scratch);
        self.spread_events(at);
        self.lobby.assert_matches(self.simulation.world());
        let moves =
            !scratch.frame.is_empty() || self.lobby.has_absent_player() || !self.world().is_quiet();
        if moves || !scratch.consumed.is_empty() {
            self.schedule.note_activity(step, moves);
        }
        self.played |= !scratch.consumed.is_empty();
        self.scratch = scratch;
    }

    /// Who left and is hit stays longer.
    fn hold_in_fights(&mut self) {
        let world = self.simulation.world();
        for event in world.events() {
            if let Event::Hit { player, .. } = event {
                self.lobby.note_hit(*player, world.step_number());
            }
        }
    }

    /// Tells who asked for something what became of it.
    fn answer(&mut self, at: Moment, scratch: &Scratch) {
        for (asked, result) in self.simulation.results(&scratch.asked) {
            let effect = match result {
                Ok(effect) => effect,
                Err(reject) => {
                    let body = Refusal::Rejected(reject).body(Some(asked.seq));
                    let body = ServerBody::Error(body);
                    self.feed
                        .send_refusal(at, asked.conn, body, &mut self.outputs);
                    continue;
                }
            };
            let (structure_id, projectile_id) = match effect {
                Effect::Fired(shot) => (None, Some(shot)),
                Effect::Placed(structure) => (Some(structure.id), None),
                Effect::Removed(structure) => (Some(structure), None),
                Effect::Changed => (None, None),
            };
            let ack = Ack {
                seq: asked.seq,
                structure_id,
                projectile_id,
                durable: false,
            };
            if structure_id.is_some() {
                self.archive.ack_when_stored(asked.conn, ack);
            }
            let body = ServerBody::Ack(ack);
            self.feed.send(at, asked.conn, body, &mut self.outputs);
        }
    }

    /// Tells everybody what happened. What snapshots show anyway within 100 ms is not said twice: shots and structures
    /// that players made or took away.
    fn spread_events(&mut self, at: Moment) {
        let events: Vec<ServerEvent> = self
            .world()
            .events()
            .iter()
            .filter(|event| match event {
                Event::Joined { .. }
                | Event::Left { .. }
                | Event::Destroyed { .. }
                | Event::Hit { .. }
                | Event::Died { .. }
                | Event::Respawned { .. } => true,
                Event::Placed { .. }
                | Event::Removed { .. }
                | Event::Fired { .. }
                | Event::Rejected { .. } => false,
            })
            .filter_map(ServerEvent::from_sim)
            .collect();
        if !events.is_empty() {
            self.feed.broadcast(at, &events, &mut self.outputs);
        }
    }
}
