//! Time in the reference model: every step is run, one by one, also those that a room sleeps through.

use std::collections::BTreeMap;

use protocol::{Ack, ErrorCode, ServerEvent};
use sim_core::{Action, Buttons, Command, Event, Frame, Join, PlayerId};

use super::input_buffer::Asked;
use super::model::{LEAVE_STEPS, Model, Told, saved};
use super::says::PER_SECOND;

/// Thousandths of a step in a millisecond and in a tick, and ticks that are caught up with at once.
const PARTS_PER_MS: u64 = 60;
const PARTS_PER_TICK: u64 = 2_000;
const CATCH_UP_TICKS: u64 = 8;
/// The longest stall that excuses anything, and for how long it does, in milliseconds.
const STALL_MS: u64 = 30_000;
const EXCUSED_MS: u64 = 2_000;
/// Steps without anything after which a room may sleep.
const SLEEP_STEPS: u64 = 120;

impl Model {
    pub(crate) fn pass(&mut self, ms: u64) {
        self.now += ms;
        let Some(parts) = &mut self.clock else { return };
        *parts += ms * PARTS_PER_MS;
        let ticks = *parts / PARTS_PER_TICK;
        *parts %= PARTS_PER_TICK;
        for _ in 0..ticks {
            self.close_silent();
            self.tick();
        }
    }

    pub(crate) fn jump(&mut self, ms: u64) {
        self.now += ms;
        let Some(parts) = &mut self.clock else { return };
        let first = (PARTS_PER_TICK - *parts).div_ceil(PARTS_PER_MS);
        *parts += ms * PARTS_PER_MS;
        let ticks = *parts / PARTS_PER_TICK;
        *parts %= PARTS_PER_TICK;
        self.close_silent();
        if ticks > 1 {
            self.excuse((ms - first).min(STALL_MS) * PER_SECOND);
        }
        (0..ticks.min(CATCH_UP_TICKS)).for_each(|_| self.tick());
    }

    /// The room has not run a whole tick that it should have: so much could have come meanwhile.
    fn excuse(&mut self, messages: u64) {
        for connection in self.connections.values_mut() {
            let (left, until) = connection.excused;
            let left = if self.now > until { 0 } else { left };
            if messages > left {
                connection.excused = (messages, self.now + EXCUSED_MS);
            }
        }
    }

    fn tick(&mut self) {
        self.step();
        self.step();
        let step = self.world.step_number();
        for (conn, connection) in &self.connections {
            let input_buffer = &self.seats[&connection.player].input_buffer;
            let consumed = (input_buffer.consumed > 0).then_some(input_buffer.consumed);
            let report = (consumed, input_buffer.depth(), connection.dropped);
            self.reports.insert((step, *conn), report);
        }
        if step.since(self.active) >= SLEEP_STEPS {
            // It may sleep now, and then it has flushed.
            self.forget_flush();
        }
        if self.is_flush_known() && step >= self.next_flush {
            self.flush();
        }
    }

    fn step(&mut self) {
        let mut frame = Frame::default();
        let step = self.world.step_number();
        self.take_leave(&mut frame);
        for (player, seat) in self.seats.iter_mut().filter(|(_, seat)| !seat.in_world) {
            seat.in_world = true;
            let user = &self.users[&seat.user];
            frame.joins.push(Join {
                player: *player,
                look: user.look(),
                saved: user.saved,
            });
        }
        let mut asked = Vec::new();
        let mut has_input = false;
        for (player, seat) in &mut self.seats {
            let (held, is_new, due) = seat.input_buffer.consume();
            has_input |= is_new;
            self.consumed += u64::from(is_new);
            let before = self.world.player(*player);
            if held != before.map_or(Buttons::NONE, |before| before.buttons) {
                frame.buttons.push((*player, held));
            }
            asked.extend(due.into_iter().map(|asked| (*player, asked)));
        }
        let commands = asked.iter();
        frame.commands = commands
            .map(|(player, asked)| (*player, asked.command))
            .collect();
        self.world.step(&frame);
        self.has_run = true;
        self.hold_in_fights();
        self.answer(&asked);
        self.spread_events();
        let waits = self.seats.values().any(|seat| seat.conn.is_none());
        if !frame.is_empty() || has_input || waits || !self.world.is_quiet() {
            self.active = step.after(1);
        }
    }

    fn hold_in_fights(&mut self) {
        let step = self.world.step_number();
        for event in self.world.events() {
            if let Event::Hit { player, .. } = event
                && let Some(seat) = self.seats.get_mut(player)
                && let Some(latest) = seat.latest
            {
                seat.until = Some(step.after(LEAVE_STEPS).min(latest));
            }
        }
    }

    fn take_leave(&mut self, frame: &mut Frame) {
        let step = self.world.step_number();
        let (world, users) = (&self.world, &mut self.users);
        self.seats.retain(|player, seat| {
            let stays = !seat.given_up && seat.until.is_none_or(|until| step < until);
            if !stays {
                let user = users.get_mut(&seat.user).unwrap();
                user.next = seat.input_buffer.next;
                if seat.in_world {
                    user.saved = Some(saved(world.player(*player).unwrap()));
                    frame.leaves.push(*player);
                }
            }
            stays
        });
    }

    fn answer(&mut self, asked: &[(PlayerId, Asked)]) {
        let events = self.world.events().to_vec();
        let mut rejected = BTreeMap::new();
        for event in &events {
            if let Event::Rejected {
                command_index,
                reason,
                ..
            } = event
            {
                rejected.insert(usize::from(*command_index), *reason);
            }
        }
        // The traces of actions come in the order in which they were asked for.
        let mut traces = events.iter().filter(|event| {
            matches!(
                event,
                Event::Placed { .. } | Event::Removed { .. } | Event::Fired { .. }
            )
        });
        for (index, (player, asked)) in asked.iter().enumerate() {
            if let Some(reason) = rejected.get(&index) {
                let error = Told::Error {
                    code: ErrorCode::Rejected(*reason),
                    seq: Some(asked.seq),
                    fatal: false,
                };
                self.tell(asked.conn, error);
                continue;
            }
            let mut ack = Ack {
                seq: asked.seq,
                structure_id: None,
                projectile_id: None,
                durable: false,
            };
            if let Command::Act(Action::Fire { .. }) = asked.command {
                match traces.next() {
                    Some(Event::Fired { player: who, id }) if who == player => {
                        ack.projectile_id = Some(*id);
                    }
                    other => panic!("{other:?} instead of a shot of {player}"),
                }
            } else if let Command::Act(Action::Place { cell, .. }) = asked.command {
                match traces.next() {
                    Some(Event::Placed {
                        player: who,
                        id,
                        cell: at,
                        ..
                    }) if who == player && *at == cell => ack.structure_id = Some(*id),
                    other => panic!("{other:?} instead of a structure of {player}"),
                }
            } else if let Command::Act(Action::Remove { id }) = asked.command {
                match traces.next() {
                    Some(Event::Removed {
                        player: who,
                        id: gone,
                    }) if who == player && *gone == id => {
                        ack.structure_id = Some(id);
                    }
                    other => panic!("{other:?} instead of a removal by {player}"),
                }
            }
            self.tell(asked.conn, Told::Ack(ack));
        }
    }

    fn spread_events(&mut self) {
        let events = self.world.events().iter();
        let events: Vec<_> = events
            .filter(|event| {
                !matches!(
                    event,
                    Event::Placed { .. } | Event::Removed { .. } | Event::Fired { .. }
                )
            })
            .filter_map(ServerEvent::from_sim)
            .collect();
        let conns: Vec<u64> = self.connections.keys().copied().collect();
        for conn in conns {
            for event in &events {
                self.tell(conn, Told::Event(*event));
            }
        }
    }
}
