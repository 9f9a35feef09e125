//! Time: which steps are run, what follows on them, and when the room sleeps.
//!
//! * A room in which nothing moves says so, and clients whose players rest stop sending.
//! * A room in which nothing has happened for a while, and whose clients have heard of everything, sleeps. What wakes it
//!   fast-forwards the world by exactly the steps that would have been run, also if it has left memory meanwhile.

use protocol::{CloseCode, ErrorCode};
use sim_core::rules::STEPS_PER_TICK;

use crate::output::{Note, Output};
use crate::room::Room;
use crate::time::Millis;

impl Room {
    /// Runs what is due.
    pub(super) fn run(&mut self, now: Millis) {
        self.schedule.wake_fired();
        if self.schedule.is_asleep() {
            return;
        }
        self.close_silent(now);
        let due = self.schedule.due(now);
        if let Some(late_ms) = due.stalled_ms {
            self.feed.forgive_stall(now, late_ms);
            let first = self.world().step_number().after(1);
            let late_ms = u32::try_from(late_ms).unwrap_or(u32::MAX);
            self.archive.evidence().stalled(first, late_ms);
        }
        if due.dropped_ms > 0 {
            let ms = due.dropped_ms;
            self.outputs
                .push_back(Output::Note(Note::TimeDropped { ms }));
        }
        for left in (0..due.ticks).rev() {
            let time = self.schedule.tick(now);
            self.tick(now, time);
            // Ticks that are caught up with end in one snapshot: the others would be old when they leave.
            if left == 0 {
                self.send_snapshots(now, time);
            }
        }
        self.fall_asleep();
    }

    /// Runs ticks that the timer should have run. Events may come so thick that a timer never fires; then they run what
    /// is late by a whole tick. What is less late is left to the timer.
    pub(super) fn run_overdue(&mut self, now: Millis) {
        if self.schedule.is_overdue(now) {
            self.run(now);
        }
    }

    fn tick(&mut self, now: Millis, time: f64) {
        for _ in 0..STEPS_PER_TICK {
            self.step(time);
        }
        if self.archive.is_flush_due(self.world().step_number()) {
            self.flush();
            self.count_anew(now);
        }
    }

    /// Sends the snapshots that are due.
    fn send_snapshots(&mut self, now: Millis, time: f64) {
        let step = self.world().step_number();
        let mut due = self.feed.due_snapshots(step);
        for conn in core::mem::take(&mut due.too_slow) {
            self.close(now, conn, ErrorCode::SlowConsumer, CloseCode::SlowConsumer);
        }
        for conn in due.conns() {
            let connection = self.feed.get(conn).expect("it is connected");
            self.archive.evidence().sent(connection.player, step);
        }
        if due.any() {
            let view = self.view();
            let idle = self.schedule.is_idle(step);
            let lobby = &self.lobby;
            let buffer_of = |player| &lobby.seat(player).input_buffer;
            let out = &mut self.outputs;
            self.feed
                .send_snapshots(due, view, time, idle, buffer_of, out);
        }
    }

    fn fall_asleep(&mut self) {
        let step = self.world().step_number();
        let quiet_since = self.schedule.quiet_since(step);
        if quiet_since.is_some_and(|active| self.feed.all_were_sent(active)) {
            assert!(self.world().is_quiet(), "only a quiet room sleeps");
            self.schedule.sleep();
            self.flush();
            self.schedule.wake_fired();
            self.outputs.push_back(Output::Sleep);
        }
    }

    /// Makes up for the time slept through.
    pub(super) fn wake_up(&mut self, now: Millis) {
        let Some(steps) = self.schedule.wake(now) else {
            return;
        };
        if steps > 0 {
            let world = self.simulation.world();
            self.archive.prepare(world, &mut self.outputs);
            self.archive.gap(world.step_number().after(1), steps);
            self.simulation.fast_forward(steps);
            self.lobby.extend_absences(steps);
            self.outputs.push_back(Output::Note(Note::Woke { steps }));
        }
        let step = self.world().step_number();
        self.schedule.note_activity(step, true);
        self.feed.restart_snapshots_at(step);
    }
}
