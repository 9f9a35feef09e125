//! Local steps: predicted when they are due, and sent in batches.

use alloc::vec::Vec;
use core::mem;

use protocol::limits::INPUTS_PER_BATCH_MAX;
use protocol::{ClientCommand, Predicted};
use sim_core::Action;
use sim_core::rules::STEPS_PER_TICK;

use crate::client::Client;
use crate::history::Record;
use crate::output::{Event, Output};
use crate::time::Micros;

/// From one message about the preview to the next: as often as the others hear of it.
const PREVIEW_INTERVAL: Micros = Micros::from_millis(100);

/// How long a full history that does anything may stay unanswered: longer than any round trip.
const UNHEARD_MAX: Micros = Micros::from_millis(3_000);

impl Client {
    /// Whether local steps can be predicted: somebody listens, and has not been silent for the whole history.
    pub(crate) fn can_step(&self) -> bool {
        self.session.is_playing()
            && !self.rests()
            && self
                .local
                .as_ref()
                .is_some_and(|local| !local.history.is_full())
    }

    /// Whether there is nothing to say: nothing moves in the room, and nothing of the player's would.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.session.is_playing()
            && self.timing.idle
            && self.held.is_empty()
            && self.actions.is_empty()
            && self.preview.wanted == self.preview.sent
            && self
                .local
                .as_ref()
                .is_some_and(|local| local.history.is_idle() && self.unsent.is_empty())
    }

    pub(crate) fn run_due_steps(&mut self, now: Micros) {
        self.note_full(now);
        if self.is_waiting_with_news() || self.unheard_until().is_some_and(|until| until <= now) {
            self.forget_history(now);
            self.full_since = None;
        }
        if !self.can_step() {
            return;
        }
        if mem::take(&mut self.rested) {
            // The time of the rest is no time that was missed.
            self.pace.resume(now);
        }
        let due = self.pace.due_steps(now);
        if due.steps > 0 {
            self.stall_told = false;
        }
        if due.skipped {
            self.counts.stalls += 1;
            self.slipped = true;
        }
        for _ in 0..due.steps {
            if !self.can_step() {
                break;
            }
            self.step(now);
        }
        self.note_full(now);
        if self.unsent.len() >= STEPS_PER_TICK as usize {
            self.send_preview(now);
            self.send_batch(now);
        }
    }

    fn note_full(&mut self, now: Micros) {
        let is_full = self
            .local
            .as_ref()
            .is_some_and(|local| local.history.is_full());
        self.full_since = is_full.then(|| self.full_since.unwrap_or(now));
    }

    /// When the client stops waiting for an answer to a full history that does anything. A room that sleeps has not heard
    /// of that: the inputs were lost on the way, or found no place.
    pub(crate) fn unheard_until(&self) -> Option<Micros> {
        let waits = self.session.is_playing()
            && self
                .local
                .as_ref()
                .is_some_and(|local| local.history.is_full() && !local.history.is_idle());
        self.full_since
            .filter(|_| waits)
            .map(|since| since.after(UNHEARD_MAX))
    }

    /// Whether pings may be answered by the host alone: a room that is asleep has nothing to say either.
    pub(crate) fn needs_no_room(&self) -> bool {
        let waits_idly = || {
            !self.is_waiting_with_news()
                && self
                    .local
                    .as_ref()
                    .is_some_and(|local| local.history.is_full() && local.history.is_idle())
        };
        self.rests() || waits_idly()
    }

    /// Whether the player does something new while the history is full. A room that sleeps must hear of it.
    pub(crate) fn is_waiting_with_news(&self) -> bool {
        self.session.is_playing()
            && self.local.as_ref().is_some_and(|local| {
                local.history.is_full()
                    && (self.held != local.predicted.player.buttons || !self.actions.is_empty())
            })
    }

    fn step(&mut self, now: Micros) {
        let Some(local) = &mut self.local else {
            return;
        };
        let seq = self.next_seq;
        self.next_seq = seq.wrapping_add(1);
        let mut done = Vec::new();
        let mut fired = None;
        let actions = mem::take(&mut self.actions);
        let outputs = &mut self.outputs;
        let said = |action, result| {
            if let Err(reject) = result {
                outputs.push_back(Output::Event(Event::Refused(reject)));
                return;
            }
            done.push(action);
            // Sent now, and the input with the batch: the authority hears of the action before it consumes the input.
            let act = ClientCommand::Act {
                input_seq: seq,
                action,
            };
            let command = self.session.command(now, act, outputs);
            if let Action::Fire { aim } = action {
                fired = Some(aim);
                self.fires.add(command, seq, aim);
            } else if let Action::Place { .. } = action {
                self.preview.wanted = None;
                self.preview.sent = None;
            }
        };
        local.predicted.step(seq, self.held, actions, said);
        local.history.push(Record {
            seq,
            buttons: self.held,
            actions: done,
            fired,
            slipped: mem::take(&mut self.slipped),
            after: local.predicted.player,
        });
        self.unsent.push(protocol::Input {
            seq,
            buttons: self.held,
        });
        self.counts.steps += 1;
        self.outputs.push_back(Output::Stepped { seq });
        if self.unsent.len() >= INPUTS_PER_BATCH_MAX {
            self.send_batch(now);
        }
    }

    fn send_preview(&mut self, now: Micros) {
        if self.predicted().is_none_or(|player| !player.is_alive()) {
            // Death takes the preview away; in the next life it is shown again.
            self.preview.sent = None;
            return;
        }
        if self.preview.wanted == self.preview.sent
            || now.since(self.preview.sent_at) < PREVIEW_INTERVAL
        {
            return;
        }
        self.preview.sent = self.preview.wanted;
        self.preview.sent_at = now;
        let command = ClientCommand::Preview(self.preview.wanted);
        self.session.command(now, command, &mut self.outputs);
    }

    fn send_batch(&mut self, now: Micros) {
        let inputs = mem::replace(&mut self.unsent, Vec::with_capacity(INPUTS_PER_BATCH_MAX));
        self.send_inputs(now, inputs);
    }

    /// Sends consecutive inputs, with what is predicted after the last of them.
    fn send_inputs(&mut self, now: Micros, inputs: Vec<protocol::Input>) {
        let Some(last) = inputs.last() else {
            return;
        };
        let predicted = self.predicted_after(last.seq).map(|player| Predicted {
            seq: last.seq,
            hash: player.predicted_hash(),
        });
        let ack = self.views.tell_ack();
        let command = ClientCommand::InputBatch {
            inputs,
            snapshot_ack: ack.map(|ack| ack.id),
            snapshot_proof: ack.and_then(|ack| ack.proof),
            predicted,
        };
        self.session.command(now, command, &mut self.outputs);
    }

    /// Sends the newest input again, for what a batch says besides.
    pub(crate) fn send_newest_again(&mut self, now: Micros) {
        let newest = self
            .local
            .as_ref()
            .and_then(|local| local.history.records().next_back())
            .map(|record| protocol::Input {
                seq: record.seq,
                buttons: record.buttons,
            });
        if self.session.is_playing() {
            self.send_inputs(now, newest.into_iter().collect());
        }
    }

    /// Sends what the authority has not received, from this input on, with the actions that belong to it. Returns how many
    /// inputs that were.
    pub(crate) fn send_again(&mut self, now: Micros, from: u32) -> usize {
        let Some(local) = &self.local else {
            return 0;
        };
        let again: Vec<Record> = local
            .history
            .records()
            .filter(|record| !crate::seq::is_after(from, record.seq))
            .cloned()
            .collect();
        for record in &again {
            for &action in &record.actions {
                let act = ClientCommand::Act {
                    input_seq: record.seq,
                    action,
                };
                let number = self.session.command(now, act, &mut self.outputs);
                if let Action::Fire { aim } = action {
                    self.fires.add(number, record.seq, aim);
                }
            }
        }
        self.counts.inputs_resent += again.len() as u64;
        for batch in again.chunks(INPUTS_PER_BATCH_MAX) {
            let inputs = batch
                .iter()
                .map(|record| protocol::Input {
                    seq: record.seq,
                    buttons: record.buttons,
                })
                .collect();
            self.send_inputs(now, inputs);
        }
        again.len()
    }
}
