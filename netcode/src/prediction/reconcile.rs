//! Reconciliation: the prediction after the acknowledged input is compared with the snapshot's player, bit for bit.
//!
//! * If the predicted fields match, only own shots and fields that are not predicted are refreshed, unless timers or structures
//!   ask for a resimulation. If they differ, the later inputs are resimulated from the snapshot's player.
//! * Structures are not compared input by input: a resimulation takes those of the newest snapshot.
//! * What was predicted from inputs that are gone cannot be compared. It is replaced without being called a correction,
//!   until the authority has consumed the last of them.

use alloc::vec::Vec;

use protocol::{Snapshot, View};
use sim_core::{Action, Player, Point, Shift, Step, Vel};

use crate::correction::{Cause, Circumstances, Correction};
use crate::limits::UNANSWERED_MAX;
use crate::link::{Link, Reported};
use crate::output::Output;
use crate::presentation::Presentation;
use crate::replica;
use crate::seq::is_after;
use crate::time::Micros;

use super::history::{Forgotten, History};
use super::state::{Known, OwnShot, PredictedState, fly, own_shot};
use super::{Local, Prediction};

impl Prediction {
    /// Holds the prediction against a snapshot, which has become the newest view.
    pub(crate) fn take_snapshot(
        &mut self,
        now: Micros,
        snapshot: &Snapshot,
        reported: Reported,
        link: &mut Link,
        presentation: &mut Presentation,
    ) {
        // What found no place comes behind what waits, so its absence is noticed later.
        if reported.dropped {
            self.dropped_until = Some(self.newest_seq());
        }
        let circumstances = Circumstances {
            dropped: reported.dropped,
            dropped_before: self.dropped_until.is_some(),
            starved: reported.starved,
            slipped: reported.stalled,
            structures: false,
        };
        if let (Some(until), Some(ack)) = (self.dropped_until, snapshot.local_ack_seq)
            && !is_after(until, ack)
        {
            self.dropped_until = None;
        }
        let ack = snapshot.local_ack_seq;
        self.reconcile(now, ack, circumstances, link, presentation);
        if self.is_unanswered(snapshot) {
            self.forget_history(now, link, presentation);
        }
    }

    /// Whether the authority goes on without inputs while the client waits for the answer to a whole history of them: they
    /// were lost on the way, or found no place. Waiting on would be for ever.
    fn is_unanswered(&mut self, snapshot: &Snapshot) -> bool {
        if !self.is_full() || snapshot.timing.buffer_depth > 0 {
            self.unanswered = 0;
            return false;
        }
        self.unanswered += 1;
        let is_unheard = self.unanswered >= UNANSWERED_MAX;
        if is_unheard {
            self.unanswered = 0;
        }
        is_unheard
    }

    fn reconcile(
        &mut self,
        now: Micros,
        ack: Option<u32>,
        mut circumstances: Circumstances,
        link: &mut Link,
        presentation: &mut Presentation,
    ) {
        let (Some(view), Some(me)) = (link.newest(), self.me) else {
            return;
        };
        let step = view.step;
        let rebuilt = replica::sync_structures(&mut self.authoritative, view);
        let Some(player) = replica::player(view, me) else {
            self.local = None;
            return;
        };
        let others: Vec<Point> = view
            .players
            .iter()
            .filter(|(id, state)| **id != me && state.is_alive())
            .map(|(_, state)| state.pos)
            .collect();
        let newest_sent = self.newest_seq();
        let Some(local) = &mut self.local else {
            self.begin(player, others, ack, view);
            presentation.begin();
            if !link.is_pace_started() {
                link.start_pace(now, 0);
            }
            return;
        };
        local.predicted.known.others = others;
        let ack = ack.unwrap_or(local.history.base_seq());
        let guess = local.history.at(ack).copied();
        let was = local.predicted.player;
        let comparable = !local.history.is_blind();
        // While nobody was connected, nobody was heard; the counters of this connection do not tell.
        circumstances.starved |= is_after(link.first_seq(), local.history.base_seq());
        let forgotten = if local.history.allows(ack) {
            local.history.rebase(ack, player)
        } else {
            // The authority is somewhere that the history does not know.
            let ack = if is_after(ack, newest_sent) {
                newest_sent
            } else {
                ack
            };
            local.history = History::new(player, ack, newest_sent);
            self.counts.resyncs += 1;
            Forgotten::default()
        };
        let guess = guess.filter(|_| comparable);
        let right = guess.is_some_and(|guess| guess.predicted_fields_match(&player));
        let in_time = guess.is_some_and(|guess| guess.timers_match(&player));
        let builds = forgotten.built || local.history.records().any(|record| record.builds());
        let drawn = drawn(now, local, link, presentation);
        if right && in_time && !rebuilt && !builds {
            self.adopt(player);
            self.resimulate_shots(ack, view);
        } else {
            self.resimulate(Some(view));
        }
        let Some(local) = &self.local else { return };
        let is = local.predicted.player;
        if !link.is_pace_started() {
            link.start_pace(now, local.history.len());
        }
        if !was.predicted_fields_match(&is) {
            let to = local.position(link.phase(now));
            let same_life = was.is_alive() == is.is_alive();
            presentation.smooth_correction(now, drawn, to, same_life);
        }
        if let Some(guess) = guess
            && (!right || !was.predicted_fields_match(&is))
        {
            let seq = if right { newest_sent } else { ack };
            let stalled = circumstances.slipped;
            circumstances.slipped |= forgotten.slipped;
            circumstances.structures = rebuilt || builds;
            let cause = circumstances.classify(guess.is_alive(), player.is_alive());
            // Until the client steps again, its stall is one correction, however many snapshots tell of it.
            let told = cause == Cause::ClockSlip && self.stall_told;
            self.stall_told |= cause == Cause::ClockSlip && stalled;
            if !told {
                let correction = self.correct(step, seq, &was, &is, cause);
                link.output(Output::Corrected(correction));
            }
        } else if guess.is_some() && !in_time {
            self.counts.retimed += 1;
        }
    }

    /// The authority shows the own player for the first time on this connection.
    fn begin(&mut self, player: Player, others: Vec<Point>, ack: Option<u32>, view: &View) {
        let newest_sent = self.newest_seq();
        let base = match ack {
            Some(ack) if !is_after(ack, newest_sent) => ack,
            Some(_) | None => newest_sent,
        };
        self.local = Some(Local {
            history: History::new(player, base, newest_sent),
            predicted: PredictedState {
                player,
                known: Known {
                    structures: self.authoritative.clone(),
                    shots: Vec::new(),
                    others,
                },
            },
        });
        self.resimulate(Some(view));
    }

    /// Goes on from what the authority last said, without the inputs that it has not answered.
    pub(crate) fn forget_history(
        &mut self,
        now: Micros,
        link: &Link,
        presentation: &mut Presentation,
    ) {
        let newest_sent = self.newest_seq();
        let Some(local) = &mut self.local else { return };
        let drawn = drawn(now, local, link, presentation);
        local.history = History::new(*local.history.base(), local.history.base_seq(), newest_sent);
        self.counts.resyncs += 1;
        self.resimulate(link.newest());
        if let Some(local) = &self.local {
            let to = local.position(link.phase(now));
            presentation.smooth_correction(now, drawn, to, true);
        }
    }

    fn correct(
        &mut self,
        step: Step,
        seq: u32,
        was: &Player,
        is: &Player,
        cause: Cause,
    ) -> Correction {
        let shift = |a: Shift, b: Shift| {
            Shift::from_bits(
                a.to_bits()
                    .saturating_abs()
                    .max(b.to_bits().saturating_abs()),
            )
        };
        let slower = |a: Vel, b: Vel| a.to_bits().saturating_sub(b.to_bits()).saturating_abs();
        let correction = Correction {
            step,
            seq,
            distance: shift(is.pos.x - was.pos.x, is.pos.y - was.pos.y),
            velocity: Vel::from_bits(slower(is.vel.x, was.vel.x).max(slower(is.vel.y, was.vel.y))),
            cause,
        };
        self.counts.corrections_by_cause[cause as usize] += 1;
        self.counts.correction_max = self.counts.correction_max.max(correction.distance);
        correction
    }

    /// Takes over what is not predicted: it changes nothing that is.
    fn adopt(&mut self, player: Player) {
        let Some(local) = &mut self.local else { return };
        local.predicted.player.be_told(&player);
        for record in local.history.records_mut() {
            record.after.be_told(&player);
        }
    }

    /// The own shots that the authority has in flight after `ack`, as far as the view shows them.
    fn confirmed_shots(&mut self, ack: u32, view: &View) -> Vec<OwnShot> {
        view.projectiles
            .values()
            .filter(|shot| Some(shot.owner) == self.me)
            .map(|shot| OwnShot {
                fired_by: self.shots.fired_by(shot, ack),
                projectile: *shot,
            })
            .collect()
    }

    /// Own shots again from the authority's, along the inputs that it has not consumed. Structures have not changed.
    fn resimulate_shots(&mut self, ack: u32, view: &View) {
        let mut shots = self.confirmed_shots(ack, view);
        let Some(local) = &mut self.local else { return };
        for record in local.history.records() {
            if let Some(aim) = record.fired {
                shots.push(own_shot(&record.after, aim, record.seq));
            }
            fly(&mut shots, &local.predicted.known.structures);
        }
        local.predicted.known.shots = shots;
    }

    /// Resimulates every unacknowledged input, from the authority's player and structures.
    pub(super) fn resimulate(&mut self, view: Option<&View>) {
        let Some(local) = &self.local else { return };
        let ack = local.history.base_seq();
        let shots = view.map_or_else(Vec::new, |view| self.confirmed_shots(ack, view));
        let Some(local) = &mut self.local else { return };
        let Local { history, predicted } = local;
        predicted.player = *history.base();
        predicted.known.structures.clone_from(&self.authoritative);
        predicted.known.shots = shots;
        for record in history.records_mut() {
            record.fired = None;
            let actions = record.actions.iter().copied();
            // An action that is not possible any more changes nothing, here as at the authority.
            predicted.step(record.seq, record.buttons, actions, |action, result| {
                if let (Action::Fire { aim }, Ok(_)) = (action, result) {
                    record.fired = Some(aim);
                }
            });
            record.after = predicted.player;
            self.counts.replayed_steps += 1;
        }
    }
}

/// Where the own player is drawn, what hides a correction included.
fn drawn(now: Micros, local: &Local, link: &Link, presentation: &Presentation) -> Point {
    presentation.drawn(now, local.position(link.phase(now)))
}
