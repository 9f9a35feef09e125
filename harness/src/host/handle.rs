//! One event: the room handles it, and what the room wants is done, as far as its host lives.

use authority::{ConnId, Input, Millis, Note, Output, Room};
use netcode::Micros;
use sim_core::Step;

use super::{ClientActions, EPOCH_MS, Host};
use crate::fault::CrashPoint;
use crate::oracle::room as oracle;
use crate::violation::Violation;

/// How late a timer fires at most.
const TIMER_LATE_MICROS_MAX: u32 = 2_000;

impl Host {
    pub(super) fn handle(&mut self, now: Micros, input: Input<'_>) -> ClientActions {
        let mut wishes = ClientActions::default();
        let Some(room) = self.room.as_mut() else {
            return wishes;
        };
        let comes = matches!(
            input,
            Input::Connect { .. } | Input::Message { .. } | Input::Disconnect { .. }
        );
        let leaves = matches!(
            input,
            Input::Disconnect {
                on_purpose: true,
                ..
            }
        );
        let before = oracle::Before::of(room, &input);
        self.watch.handles(&input);
        let outputs: Vec<Output> = room
            .handle(Millis(EPOCH_MS + now.0 / 1_000), input)
            .collect();
        self.violations.extend(before.after(room));
        self.violations
            .extend(self.watch.handled(room, now, leaves));
        let matters = |output: &Output| matches!(output, Output::Send { .. } | Output::Persist(_));
        let doom = self.doom.filter(|_| outputs.iter().any(matters));
        if let Some((CrashPoint::BeforeCommit, storage)) = doom {
            self.die(storage);
            return ClientActions {
                died: true,
                ..ClientActions::default()
            };
        }
        let mut when_stored = Vec::new();
        let mut stored_step = None;
        let mut counted_anew = false;
        let is_stored = !matches!(doom, Some((CrashPoint::SentNotStored, _)));
        for output in outputs {
            match output {
                Output::Send { conn, bytes, text } => wishes.sends.push((conn, bytes, text)),
                Output::SendStored { conn, bytes, text } => when_stored.push((conn, bytes, text)),
                Output::Close { conn, code, .. } => {
                    self.listed.close(conn, code);
                    wishes.closes.push((conn, code));
                }
                Output::WakeAt(at) => {
                    let due = Micros(at.0.saturating_sub(EPOCH_MS) * 1_000).max(now);
                    self.due = Some(due);
                    let late = u64::from(self.rng.below(TIMER_LATE_MICROS_MAX));
                    self.timer = Some(due.after(Micros(late)));
                }
                Output::Sleep => (self.timer, self.due) = (None, None),
                Output::Persist(_) | Output::LogStart(_) | Output::Log(_) if !is_stored => {}
                Output::Persist(batch) => {
                    stored_step = batch.room.as_ref().map(|room| room.step).or(stored_step);
                    self.disk.store(batch);
                }
                Output::LogStart(header) => self.disk.start_log(header),
                Output::Log(block) => {
                    let room = self.room.as_ref();
                    self.slept_when_stored = room.map_or(0, |room| room.stats().slept_steps);
                    let world = room.map(Room::world);
                    self.violations
                        .extend(world.and_then(oracle::comes_back_from_its_bytes));
                    self.disk.append_log(&block);
                }
                Output::Note(note) => {
                    if let Note::CountedAnew { step } = note {
                        if step == Step(0) {
                            self.watch.steps_begin_anew();
                        }
                        // What was told before names structures by ids that mean others now.
                        let told = std::mem::take(&mut when_stored);
                        wishes.sends.extend(told.into_iter().filter(|_| is_stored));
                        counted_anew = true;
                    }
                    self.note(note);
                }
            }
        }
        let deadline = self.room.as_ref().and_then(Room::idle_deadline);
        self.alarm = deadline.map(|at| Micros(at.0.saturating_sub(EPOCH_MS) * 1_000).max(now));
        if is_stored {
            if counted_anew && let Some(room) = &self.room {
                self.told.counted_anew(room.world());
            }
            self.tell_what_is_stored(stored_step, when_stored, &mut wishes);
        }
        for (conn, bytes, text) in &mut wishes.sends {
            if let Some(as_sent) = self.worn.down(*conn, bytes, *text) {
                *bytes = as_sent;
            }
        }
        if !wishes.sends.is_empty() {
            let room = self.room.iter();
            wishes.views = room
                .flat_map(|room| room.shown().cloned().into_iter().chain([room.view()]))
                .collect();
        }
        if comes && let Some(due) = self.due {
            self.violations.extend(oracle::on_time(now.since(due)));
        }
        if let Some((point, storage)) = doom {
            if let CrashPoint::AfterSends(sent) = point {
                wishes.sends.truncate(usize::from(sent));
            }
            wishes.closes.clear();
            wishes.died = true;
            self.die(storage);
        }
        wishes
    }

    /// Everything of an event is stored: what waited for that may leave.
    fn tell_what_is_stored(
        &mut self,
        step: Option<Step>,
        waiting: Vec<(ConnId, Vec<u8>, bool)>,
        wishes: &mut ClientActions,
    ) {
        let world = self.room.as_ref().expect("it was just handled").world();
        if let Some(step) = step {
            self.told.stored(step, world);
        }
        for (conn, bytes, text) in waiting {
            let found = self.told.leaves(&bytes, text, world, &self.disk);
            self.violations.extend(found);
            wishes.sends.push((conn, bytes, text));
        }
    }

    /// What an operator would see in the error log must not come up.
    fn note(&mut self, note: Note) {
        match note {
            Note::RowsLeftOut { rows } => self.violations.push(Violation::RowsLeftOut { rows }),
            Note::TimeDropped { ms } => match self.stalled_ms.checked_sub(ms) {
                Some(left) => self.stalled_ms = left,
                // A room made anew has nothing to catch up with, so without a stall there is nothing to drop.
                None => self.violations.push(Violation::TimeDropped { ms }),
            },
            Note::Closed { .. }
            | Note::Recording { .. }
            | Note::CountedAnew { .. }
            | Note::Woke { .. } => {}
        }
    }
}
