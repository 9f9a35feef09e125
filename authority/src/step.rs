//! One step: what players do becomes a frame, and what the frame did is told to them.

use alloc::vec::Vec;

use protocol::{Ack, ServerBody, ServerEvent};
use sim_core::{Effect, Event, Frame, Join, PlayerId, Step};

use crate::refusal::Refusal;
use crate::room::Room;
use crate::scratch::Scratch;
use crate::store::saved;

impl Room {
    /// Runs a step. `time` is when its tick ends, in milliseconds.
    pub(crate) fn step(&mut self, time: f64) {
        let mut scratch = core::mem::take(&mut self.scratch);
        scratch.frame.clear();
        scratch.asked.clear();
        scratch.consumed.clear();
        self.recorder.prepare(&self.world, &mut self.outputs);

        self.take_leave(&mut scratch.frame);
        self.join(&mut scratch.frame);
        self.consume(&mut scratch);
        self.world.step(&scratch.frame);

        let step = self.world.step_number();
        self.stats.steps += 1;
        self.recorder.step(step, &scratch.frame, self.world.hash());
        self.compare(step, &scratch.consumed);
        self.hold_in_fights(step);
        self.answer(time, &scratch);
        self.spread_events(time);
        self.check_seats();
        let waits = self.seats.iter().any(|(_, seat)| seat.conn.is_none());
        if !scratch.frame.is_empty() || waits || !self.world.is_quiet() {
            self.stirred = step;
            self.active = step;
        } else if !scratch.consumed.is_empty() {
            self.active = step;
        }
        self.played |= !scratch.consumed.is_empty();
        self.scratch = scratch;
    }

    fn take_leave(&mut self, frame: &mut Frame) {
        frame.leaves.append(&mut self.orphans);
        let step = self.world.step_number();
        let over: Vec<PlayerId> = self
            .seats
            .iter()
            .filter(|(_, seat)| seat.is_over(step))
            .map(|(player, _)| player)
            .collect();
        for player in over {
            let seat = self.seats.remove(player).expect("it was just found");
            assert!(seat.conn.is_none(), "only seats without connection end");
            let user = self
                .users
                .get_mut(&seat.user_id)
                .expect("who has a seat is known");
            user.next_input_seq = seat.input_buffer.next();
            user.seen = step;
            if seat.in_world {
                let player = self.world.player(player);
                user.saved = player.map(saved).or(user.saved);
                frame.leaves.extend(player.map(|player| player.id));
            }
            self.keep(&seat.user_id);
        }
    }

    fn join(&mut self, frame: &mut Frame) {
        for (player, seat) in self.seats.iter_mut().filter(|(_, seat)| !seat.in_world) {
            let user = self
                .users
                .get(&seat.user_id)
                .expect("who has a seat is known");
            seat.in_world = true;
            frame.joins.push(Join {
                player,
                look: user.characters.active().look,
                saved: user.saved,
            });
        }
    }

    fn consume(&mut self, scratch: &mut Scratch) {
        let world = &self.world;
        for (player, seat) in self.seats.iter_mut() {
            let input = seat.input_buffer.consume();
            let held = world
                .player(player)
                .map_or(sim_core::Buttons::NONE, |player| player.buttons);
            if input.buttons != held {
                scratch.frame.buttons.push((player, input.buttons));
            }
            match input.seq {
                Some(seq) => {
                    self.stats.consumed += 1;
                    scratch.consumed.push((player, seq));
                }
                None => {
                    let connection = seat.conn.and_then(|conn| self.connections.get_mut(&conn));
                    if let Some(connection) = connection.filter(|connection| connection.began) {
                        connection.starved = connection.starved.saturating_add(1);
                        self.stats.starved += 1;
                        seat.counts.starved += 1;
                        self.recorder.evidence.starved(player);
                    }
                }
            }
            seat.pending
                .take_due(seat.input_buffer.consumed(), &mut scratch.due);
            for asked in scratch.due.drain(..) {
                scratch.frame.commands.push((player, asked.command));
                scratch.asked.push(asked);
            }
        }
    }

    /// Holds what clients predicted against what came out.
    fn compare(&mut self, step: Step, consumed: &[(PlayerId, u32)]) {
        for &(player, seq) in consumed {
            let evidence = &mut self.recorder.evidence;
            evidence.consumed(player, step, seq);
            let seat = self.seats.get_mut(player).expect("who consumes has a seat");
            let Some(predicted) = seat.input_buffer.prediction(seq) else {
                continue;
            };
            let actual = self
                .world
                .player(player)
                .expect("who has a seat is in the world")
                .predicted_hash();
            evidence.predicted(player, step, seq, predicted, actual);
            if predicted == actual {
                self.stats.matches += 1;
                seat.counts.matches += 1;
            } else {
                self.stats.mismatches += 1;
                seat.counts.mismatches += 1;
            }
        }
    }

    /// Who left and is hit stays longer.
    fn hold_in_fights(&mut self, step: Step) {
        for event in self.world.events() {
            if let Event::Hit { player, .. } = event
                && let Some(seat) = self.seats.get_mut(*player)
            {
                seat.hit(step);
            }
        }
    }

    /// Tells who asked for something what became of it.
    fn answer(&mut self, time: f64, scratch: &Scratch) {
        assert_eq!(
            self.world.results().len(),
            scratch.asked.len(),
            "every command has its result"
        );
        for (nth, asked) in scratch.asked.iter().enumerate() {
            let body = match self.world.results()[nth] {
                Ok(effect) => {
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
                        self.store.told_when_stored.push((asked.conn, ack));
                    }
                    ServerBody::Ack(ack)
                }
                Err(reject) => {
                    self.stats.refused += 1;
                    ServerBody::Error(Refusal::Rejected(reject).body(Some(asked.seq)))
                }
            };
            self.tell_at(time, asked.conn, body);
        }
    }

    /// Tells everybody what happened. What snapshots show anyway within 100 ms is not said twice: shots and structures
    /// that players made or took away.
    fn spread_events(&mut self, time: f64) {
        let events: Vec<ServerEvent> = self
            .world
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
        if events.is_empty() {
            return;
        }
        let conns: Vec<_> = self
            .connections
            .iter()
            .filter(|(_, connection)| !connection.snapshots.is_stuck())
            .map(|(conn, _)| *conn)
            .collect();
        for event in events {
            for &conn in &conns {
                self.tell_at(time, conn, ServerBody::Event(event));
            }
        }
    }

    /// Everybody in the world has a seat, and every seat is in the world.
    fn check_seats(&self) {
        let in_world = self.world.players().iter().map(|player| player.id);
        assert!(
            in_world.eq(self.seats.iter().map(|(player, _)| player)),
            "seats are those of the players in the world"
        );
    }
}
