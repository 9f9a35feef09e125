//! Local steps: predicted when they are due, and sent in batches.

use alloc::vec::Vec;
use core::mem;

use protocol::limits::INPUTS_PER_BATCH_MAX;
use protocol::{ClientCommand, Predicted};
use sim_core::Action;
use sim_core::rules::STEPS_PER_TICK;

use crate::controls::Controls;
use crate::link::Link;
use crate::output::{Event, Output};
use crate::time::Micros;

use super::Prediction;
use super::history::Record;

/// How long a full history that does anything may stay unanswered: longer than any round trip.
const UNHEARD_MAX: Micros = Micros::from_millis(3_000);

impl Prediction {
    /// Notes since when the history has been full.
    pub(crate) fn note_full(&mut self, now: Micros) {
        self.full_since = self.is_full().then(|| self.full_since.unwrap_or(now));
    }

    /// The wait for an answer to a full history begins anew.
    pub(crate) fn restart_full_wait(&mut self) {
        self.full_since = None;
    }

    /// When the client stops waiting for an answer to a full history that does anything. A room that sleeps has not heard
    /// of that: the inputs were lost on the way, or found no place.
    pub(crate) fn unanswered_deadline(&self, link: &Link) -> Option<Micros> {
        let waits = link.is_playing() && self.is_full() && !self.is_full_and_idle();
        self.full_since
            .filter(|_| waits)
            .map(|since| since.after(UNHEARD_MAX))
    }

    /// Whether the player does something new while the history is full. A room that sleeps must hear of it.
    pub(crate) fn has_news_but_is_full(&self, controls: &Controls, link: &Link) -> bool {
        let is_new = |held| controls.held() != held || controls.has_actions();
        let held = self.player().map(|player| player.buttons);
        link.is_playing() && self.is_full() && held.is_some_and(is_new)
    }

    /// Predicts the next step.
    pub(crate) fn step(&mut self, now: Micros, controls: &mut Controls, link: &mut Link) {
        let Some(local) = &mut self.local else {
            return;
        };
        let seq = self.next_seq;
        self.next_seq = seq.wrapping_add(1);
        let mut done = Vec::new();
        let mut fired = None;
        let held = controls.held();
        let actions = controls.take_actions();
        let said = |action, result| {
            if let Err(reject) = result {
                link.output(Output::Event(Event::Refused(reject)));
                return;
            }
            done.push(action);
            // Sent now, and the input with the batch: the authority hears of the action before it consumes the input.
            let act = ClientCommand::Act {
                input_seq: seq,
                action,
            };
            let command = link.command(now, act);
            if let Action::Fire { aim } = action {
                fired = Some(aim);
                self.shots.add(command, seq, aim);
            } else if let Action::Place { .. } = action {
                controls.preview_built();
            }
        };
        local.predicted.step(seq, held, actions, said);
        local.history.push(Record {
            seq,
            buttons: held,
            actions: done,
            fired,
            slipped: mem::take(&mut self.slipped),
            after: local.predicted.player,
        });
        self.unsent.push(protocol::Input { seq, buttons: held });
        self.counts.steps += 1;
        link.output(Output::Stepped { seq });
        if self.unsent.len() >= INPUTS_PER_BATCH_MAX {
            self.send_batch(now, link);
        }
    }

    /// Sends the inputs of a tick, when there are as many, and what is about to be built.
    pub(crate) fn send_tick(&mut self, now: Micros, controls: &mut Controls, link: &mut Link) {
        if self.unsent.len() < STEPS_PER_TICK as usize {
            return;
        }
        if self.player().is_none_or(|player| !player.is_alive()) {
            controls.preview_lost();
        } else if let Some(news) = controls.preview_to_send(now) {
            link.command(now, news);
        }
        self.send_batch(now, link);
    }

    fn send_batch(&mut self, now: Micros, link: &mut Link) {
        let inputs = mem::replace(&mut self.unsent, Vec::with_capacity(INPUTS_PER_BATCH_MAX));
        self.send_inputs(now, inputs, link);
    }

    /// Sends consecutive inputs, with what is predicted after the last of them.
    fn send_inputs(&self, now: Micros, inputs: Vec<protocol::Input>, link: &mut Link) {
        let Some(last) = inputs.last() else {
            return;
        };
        let predicted = self.after(last.seq).map(|player| Predicted {
            seq: last.seq,
            hash: player.predicted_hash(),
        });
        let ack = link.tell_ack();
        let command = ClientCommand::InputBatch {
            inputs,
            snapshot_ack: ack.map(|ack| ack.id),
            snapshot_proof: ack.and_then(|ack| ack.proof),
            predicted,
        };
        link.command(now, command);
    }

    /// Sends the newest input again, for what a batch says besides.
    pub(crate) fn send_newest_again(&self, now: Micros, link: &mut Link) {
        let newest = self
            .history()
            .and_then(|history| history.records().next_back())
            .map(|record| protocol::Input {
                seq: record.seq,
                buttons: record.buttons,
            });
        if link.is_playing() {
            self.send_inputs(now, newest.into_iter().collect(), link);
        }
    }

    /// Sends what the authority has not received, from this input on, with the actions that belong to it. Returns how many
    /// inputs that were.
    pub(super) fn send_again(&mut self, now: Micros, from: u32, link: &mut Link) -> usize {
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
                let number = link.command(now, act);
                if let Action::Fire { aim } = action {
                    self.shots.add(number, record.seq, aim);
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
            self.send_inputs(now, inputs, link);
        }
        again.len()
    }
}
