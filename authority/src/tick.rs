//! Time: which steps are run, what follows on them, and when the room sleeps.
//!
//! * A room in which nothing moves says so, and clients whose players rest stop sending.
//! * A room in which nothing has happened for a while, and whose clients have heard of everything, sleeps. What wakes it
//!   fast-forwards the world by exactly the steps that would have been run, also if it has left memory meanwhile.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use protocol::{
    CloseCode, Encoding, ErrorCode, Mode, ServerBody, ServerMessage, Snapshot, SnapshotDelta, View,
    encode_server,
};
use sim_core::Step;
use sim_core::rules::STEPS_PER_TICK;

use crate::clock::TickClock;
use crate::input::ConnId;
use crate::limits::{ACKS_TO_STORE_MAX, IDLE_AFTER_STEPS, SLEEP_AFTER_STEPS};
use crate::output::{Note, Output};
use crate::room::Room;
use crate::snapshot_stream::{Baseline, Turn, next_snapshot, snapshot_id};
use crate::time::Millis;

impl Room {
    /// Runs what is due.
    pub(crate) fn run(&mut self, now: Millis) {
        self.armed = None;
        if self.asleep {
            return;
        }
        self.close_silent(now);
        let first = self.clock(now).next();
        let stalled = self.clock(now).is_overdue(now);
        let due = self.clock(now).due(now);
        if due.ticks > 0 {
            self.stats.lateness.add(first, now);
        }
        if stalled {
            self.excuse(now, now.0.saturating_sub(first.0));
        }
        if due.dropped_ms > 0 {
            self.stats.dropped_ms += due.dropped_ms;
            self.stats.dropped_times += 1;
            let ms = due.dropped_ms;
            self.outputs
                .push_back(Output::Note(Note::TimeDropped { ms }));
        }
        for left in (0..due.ticks).rev() {
            let time = self.clock(now).tick();
            self.tick(now, time);
            // Ticks that are caught up with end in one snapshot: the others would be old when they leave.
            if left == 0 {
                self.send_due_snapshots(now, time);
            }
        }
        self.fall_asleep();
    }

    /// Runs ticks that the timer should have run. Events may come so thick that a timer never fires; then they run what
    /// is late by a whole tick. What is less late is left to the timer.
    pub(crate) fn run_overdue(&mut self, now: Millis) {
        let overdue = |clock: &TickClock| clock.is_overdue(now);
        if !self.asleep && self.clock.as_ref().is_some_and(overdue) {
            self.run(now);
        }
    }

    /// The room has not run for so long. Nobody is to blame for what waited meanwhile.
    fn excuse(&mut self, now: Millis, late_ms: u64) {
        for connection in self.connections.values_mut() {
            connection.bucket.stalled(now, late_ms);
        }
    }

    fn tick(&mut self, now: Millis, time: f64) {
        for _ in 0..STEPS_PER_TICK {
            self.step(time);
        }
        if self.world.step_number() >= self.store.next_flush
            || self.store.told_when_stored.len() >= ACKS_TO_STORE_MAX
        {
            self.flush();
            self.count_anew(now);
        }
    }

    fn send_due_snapshots(&mut self, now: Millis, time: f64) {
        let step = self.world.step_number();
        if step >= self.next_snapshot {
            self.next_snapshot = next_snapshot(step);
            self.send_snapshots(now, time);
        }
    }

    fn send_snapshots(&mut self, now: Millis, time: f64) {
        let step = self.world.step_number();
        let mut turns = Vec::new();
        let mut too_slow = Vec::new();
        for (conn, connection) in &mut self.connections {
            match connection.snapshots.turn(step) {
                Turn::Snapshot(base) => turns.push((*conn, base)),
                Turn::HeldBack => self.stats.held_snapshots += 1,
                Turn::TooSlow => too_slow.push(*conn),
            }
        }
        for conn in too_slow {
            self.close(now, conn, ErrorCode::SlowConsumer, CloseCode::SlowConsumer);
        }
        if turns.is_empty() {
            return;
        }
        let view = Arc::new(self.view());
        let mut shown = BTreeMap::new();
        for (conn, base) in turns {
            self.send_snapshot(conn, base, &view, time, &mut shown);
        }
        self.baselines.push(view);
    }

    /// `shown` are the features against each baseline, which connections share.
    fn send_snapshot(
        &mut self,
        conn: ConnId,
        base: Option<Baseline>,
        view: &View,
        time: f64,
        shown: &mut BTreeMap<Option<Step>, SnapshotDelta>,
    ) {
        let base = base.map(|base| {
            let view = self.baselines.at(base.step);
            let view = view.expect("views are kept as long as a delta may be against them");
            (base.id, Arc::clone(view))
        });
        let base_view = base.as_ref().map(|(_, view)| view.as_ref());
        let features = shown
            .entry(base_view.map(|view| view.step))
            .or_insert_with(|| View::diff(base_view, view))
            .clone();
        let idle = self.is_idle();
        let connection = self.connections.get_mut(&conn).expect("it is connected");
        let seat = self
            .seats
            .get(connection.player)
            .expect("a connection has a seat");
        let mode = match base {
            Some(_) => Mode::Delta,
            None => Mode::Full,
        };
        let id = snapshot_id(view.step);
        let message = ServerMessage {
            server_time: time,
            step: view.step,
            body: ServerBody::Snapshot(Snapshot {
                id,
                proof: Some(connection.snapshots.proof(id)),
                mode,
                base_id: base.as_ref().map(|(id, _)| *id),
                local_ack_seq: seat.input_buffer.consumed(),
                timing: connection.timing(&seat.input_buffer, idle),
                features,
            }),
        };
        let bytes = encode_server(&message, connection.encoding, base_view);
        connection
            .snapshots
            .sent(view.step, bytes.len(), mode == Mode::Full);
        if idle {
            connection.tell_idle(id);
        }
        self.stats.snapshot_bytes += bytes.len() as u64;
        self.stats.bytes_out += bytes.len() as u64;
        match mode {
            Mode::Full => self.stats.full_snapshots += 1,
            Mode::Delta => self.stats.delta_snapshots += 1,
        }
        self.outputs.push_back(Output::Send {
            conn,
            bytes,
            text: connection.encoding.is_text(),
        });
    }

    /// Whether nothing moves, so that nobody needs to send inputs.
    pub(crate) fn is_idle(&self) -> bool {
        self.world.step_number().since(self.stirred) >= IDLE_AFTER_STEPS
    }

    fn fall_asleep(&mut self) {
        let step = self.world.step_number();
        let all_heard = self
            .connections
            .values()
            .all(|connection| connection.snapshots.has_heard_of(self.active));
        if step.since(self.active) < SLEEP_AFTER_STEPS || !all_heard {
            return;
        }
        assert!(self.world.is_quiet(), "only a quiet room sleeps");
        self.asleep = true;
        self.flush();
        self.armed = None;
        self.outputs.push_back(Output::Sleep);
    }

    /// Makes up for the time slept through.
    pub(crate) fn wake_up(&mut self, now: Millis) {
        if !self.asleep {
            return;
        }
        self.asleep = false;
        // A room that has never been awake has no time to make up for.
        let ticks = self.clock.as_mut().map_or(0, |clock| clock.skip(now));
        let steps = ticks * u64::from(STEPS_PER_TICK);
        let before = self.world.step_number();
        if steps > 0 {
            self.recorder.prepare(&self.world, &mut self.outputs);
            self.recorder.gap(before.after(1), steps);
            self.world.fast_forward(steps);
            self.seats.slept(steps);
            self.stats.slept_steps += steps;
            self.outputs.push_back(Output::Note(Note::Woke { steps }));
        }
        let step = self.world.step_number();
        self.active = step;
        self.stirred = step;
        self.next_snapshot = next_snapshot(step);
        self.clock(now);
    }

    /// Asks for the next wake-up, if it is another than the one asked for.
    pub(crate) fn arm(&mut self, now: Millis) {
        if self.asleep {
            return;
        }
        let next = self.clock(now).next();
        if self.armed != Some(next) {
            self.armed = Some(next);
            self.outputs.push_back(Output::WakeAt(next));
        }
    }

    /// The clock, which starts when it is first asked for.
    fn clock(&mut self, now: Millis) -> &mut TickClock {
        self.clock.get_or_insert_with(|| TickClock::starting(now))
    }

    /// Sends a message that is about now.
    pub(crate) fn tell(&mut self, now: Millis, conn: ConnId, body: ServerBody) {
        self.tell_at(now.0 as f64, conn, body);
    }

    /// Sends a message, if the connection is still there.
    pub(crate) fn tell_at(&mut self, time: f64, conn: ConnId, body: ServerBody) {
        if let Some(connection) = self.connections.get(&conn) {
            self.send(conn, connection.encoding, time, body);
        }
    }

    /// Sends a message to whoever there is.
    pub(crate) fn send(&mut self, conn: ConnId, encoding: Encoding, time: f64, body: ServerBody) {
        let message = ServerMessage {
            server_time: time,
            step: self.world.step_number(),
            body,
        };
        let bytes = encode_server(&message, encoding, None);
        self.post(conn, bytes, encoding.is_text());
    }

    /// Sends what is no snapshot, and counts it.
    pub(crate) fn post(&mut self, conn: ConnId, bytes: Vec<u8>, text: bool) {
        self.stats.bytes_out += bytes.len() as u64;
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.snapshots.unread.send(bytes.len());
        }
        self.outputs.push_back(Output::Send { conn, bytes, text });
    }
}
