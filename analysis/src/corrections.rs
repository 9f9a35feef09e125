//! The corrections of a client, rebuilt: what it had predicted when a snapshot came, and what the snapshot said.
//!
//! It is `netcode`'s own reconciliation, from the evidence. A prediction begins with a snapshot and runs the inputs that the client
//! had by then: all of them came to the room, which consumed them or had no place. The kernel that the recording names predicts them
//! again. A snapshot moves the client if what it had predicted after the input that the snapshot answers is not what came out.

use std::collections::{BTreeMap, VecDeque};

use input_log::Stall;
use kernel::Translate;
use netcode::limits::HISTORY_STEPS_MAX;
use netcode::{Cause, Circumstances};
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::units::FRACTION_BITS;
use sim_core::{Action, Buttons, Event, Frame, Player, PlayerId, Step};

use crate::client::{Client, Local};
use crate::origin::Origin;
use crate::seen::{Applied, Seen};

/// How late the room must be, in milliseconds, that inputs are lost or missing for it.
const LATE_MS: u32 = 100;

/// A client was moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// The step of the snapshot that did it.
    pub step: Step,
    /// The input that the snapshot answers.
    pub seq: u32,
    /// How far the predicted present was moved, in 2^-16 of a cell, on the axis with more of it.
    pub distance: i32,
    /// Why.
    pub cause: Cause,
    /// What was behind that.
    pub origin: Origin,
    /// Steps without an input since the snapshot before.
    pub starved: u32,
    /// Inputs that were lost since the snapshot before.
    pub lost: u32,
    /// What the player held while there was no input.
    pub repeated: Option<Buttons>,
}

/// An input as the client predicted it.
#[derive(Clone, Debug, Default)]
struct Input {
    buttons: Buttons,
    actions: Vec<Action>,
}

/// What a snapshot shows, and what the room had counted by then.
#[derive(Clone, Debug)]
struct Shown<P> {
    of: Applied,
    /// None if the player is not in it.
    prediction: Option<P>,
    /// The newest input that was consumed.
    ack: Option<u32>,
    /// Whether the step of the snapshot consumed an input.
    is_fed: bool,
    /// Whether structures have changed since the snapshot before.
    rebuilt: bool,
    starved: u32,
    repeated: Option<Buttons>,
}

/// Follows one client through a rerun.
pub(crate) struct Follower<'s, K: Translate> {
    kernel: K,
    player: PlayerId,
    seen: &'s Seen,
    stalls: &'s [Stall],
    next: usize,
    /// Inputs of which the client has heard nothing, with what was done on them.
    inputs: BTreeMap<u32, Input>,
    consumed: Option<u32>,
    rebuilt: bool,
    starved: u32,
    repeated: Option<Buttons>,
    /// The newest snapshot, whose memory the next one shares.
    newest: Option<K::Snapshot>,
    /// Snapshots that wait for the newest input that the client had.
    waiting: VecDeque<Shown<K::Prediction>>,
    client: Client<K::Prediction>,
    found: Vec<Corrected>,
}

impl<'s, K: Translate> Follower<'s, K> {
    pub(crate) fn of(kernel: K, player: PlayerId, seen: &'s Seen, stalls: &'s [Stall]) -> Self {
        let mut inputs = BTreeMap::new();
        for run in &seen.dropped {
            for seq in (run.seq..=u32::MAX).take(run.inputs as usize) {
                let actions = Vec::new();
                let buttons = run.buttons;
                inputs.insert(seq, Input { buttons, actions });
            }
        }
        Self {
            kernel,
            player,
            seen,
            stalls,
            next: 0,
            inputs,
            consumed: None,
            rebuilt: false,
            starved: 0,
            repeated: None,
            newest: None,
            waiting: VecDeque::new(),
            client: Client::new(),
            found: Vec::new(),
        }
    }

    /// The world has done a step.
    pub(crate) fn stepped(
        &mut self,
        step: Step,
        world: &K::World,
        frame: &Frame,
        events: &[Event],
    ) {
        self.rebuilt |= events.iter().any(is_about_structures);
        let held = self.kernel.held_in(world, self.player);
        let consumed = self.seen.consumed(step);
        if let Some(held) = held {
            self.consume(consumed, held, frame);
            if self.seen.is_starved(step) {
                self.starved += 1;
                self.repeated = Some(held);
            }
        }
        while let Some(applied) = self.seen.applied().get(self.next) {
            if applied.step > step {
                break;
            }
            let applied = *applied;
            self.next += 1;
            if applied.step == step {
                self.show(applied, world, consumed.is_some());
            }
        }
        while let Some(certain) = self.waiting.iter().find(|shown| shown.of.is_certain)
            && Some(certain.of.newest) <= self.consumed
        {
            self.apply_next();
        }
    }

    fn consume(&mut self, seq: Option<u32>, buttons: Buttons, frame: &Frame) {
        self.consumed = seq.or(self.consumed);
        let commands = frame.commands.iter();
        let own = commands.filter_map(|(player, command)| match command {
            sim_core::Command::Act(action) if *player == self.player => Some(*action),
            sim_core::Command::Act(_)
            | sim_core::Command::Preview(_)
            | sim_core::Command::SetLook(_) => None,
        });
        let own: Vec<Action> = own.collect();
        if let Some(seq) = seq {
            let actions = own;
            self.inputs.insert(seq, Input { buttons, actions });
        } else if let Some(seq) = self.consumed
            && let Some(input) = self.inputs.get_mut(&seq)
        {
            // What belongs to an input that is over is done in the next step, with or without one.
            input.actions.extend(own);
        }
    }

    fn show(&mut self, applied: Applied, world: &K::World, is_fed: bool) {
        let snapshot = self.kernel.snapshot(world, self.newest.as_ref());
        self.waiting.push_back(Shown {
            of: applied,
            prediction: self.kernel.predict(&snapshot, self.player),
            ack: self.consumed,
            is_fed,
            rebuilt: std::mem::take(&mut self.rebuilt),
            starved: std::mem::take(&mut self.starved),
            repeated: self.repeated.take(),
        });
        self.newest = Some(snapshot);
    }

    /// The client applies the snapshot that has waited longest. If nobody knows whether it came, and whether those behind it did,
    /// what the client predicted on its next connection tells.
    fn apply_next(&mut self) {
        let all = self.waiting.iter();
        let doubtful = all.take_while(|shown| !shown.of.is_certain).count();
        let came = self.came_of(doubtful);
        for nth in 0..doubtful {
            let Some(shown) = self.waiting.pop_front() else {
                return;
            };
            if nth < came {
                self.apply(shown);
            } else if let Some(next) = self.waiting.front_mut() {
                next.rebuilt |= shown.rebuilt;
                next.starved += shown.starved;
                next.repeated = next.repeated.or(shown.repeated);
            }
        }
        if let Some(shown) = self.waiting.pop_front() {
            self.apply(shown);
        }
    }

    /// How many of the snapshots that wait in front the client had applied when it connected again: as many as lead to what it
    /// said that it predicted then.
    fn came_of(&self, doubtful: usize) -> usize {
        let told = || {
            let first = self.waiting.get(doubtful).filter(|_| doubtful > 0)?;
            let next_seq = first.of.connected?.next_seq;
            let wrong = self.seen.mismatch(next_seq, first.of.newest)?;
            let local = self.client.local.as_ref()?;
            let old = (local.base.clone(), local.base_seq);
            let shown = self.waiting.iter().take(doubtful);
            let shown = shown.map_while(|shown| Some((shown.prediction.clone()?, shown.ack?)));
            std::iter::once(old)
                .chain(shown)
                .position(|(mut base, base_seq)| {
                    self.predict(&mut base, base_seq, wrong.seq);
                    self.kernel.prediction_hash(&base) == wrong.predicted
                })
        };
        told().unwrap_or(0)
    }

    /// The client applies a snapshot.
    fn apply(&mut self, shown: Shown<K::Prediction>) {
        if let Some(connected) = shown.of.connected {
            self.client.connect(connected.next_seq);
        }
        let newest = self.client.newest_at(&shown.of);
        let since = shown.of.connected.map_or(Step(0), |one| one.step);
        let since = since.max(self.client.applied);
        let dropped = self.seen.dropped_between(since, shown.of.step);
        if dropped {
            self.client.dropped_until = Some(newest);
        }
        let mut circumstances = Circumstances {
            dropped,
            dropped_before: self.client.dropped_until.is_some(),
            starved: shown.starved > 0,
            slipped: false,
            structures: shown.rebuilt,
        };
        if let (Some(until), Some(ack)) = (self.client.dropped_until, shown.ack)
            && until <= ack
        {
            self.client.dropped_until = None;
        }
        self.client.applied = shown.of.step;
        let Some(new) = shown.prediction.clone() else {
            self.client.local = None;
            return;
        };
        let Some(local) = self.client.local.clone() else {
            // Who begins has predicted nothing yet.
            let base_seq = shown
                .ack
                .unwrap_or(0)
                .max(self.client.first_seq.saturating_sub(1));
            self.client.local = Some(Local {
                base: new,
                base_seq,
                blind_until: None,
            });
            return;
        };
        let ack = shown.ack.unwrap_or(local.base_seq);
        circumstances.starved |= self.client.first_seq > local.base_seq;
        circumstances.slipped = self.client.is_stalled || self.seen.slipped(local.base_seq, ack);
        let is_allowed = (local.base_seq..=newest.max(local.base_seq)).contains(&ack)
            || local
                .blind_until
                .is_some_and(|until| ack <= until && ack >= local.base_seq);
        if !is_allowed {
            let base_seq = ack.min(newest);
            self.client.local = Some(Local {
                base: new,
                base_seq,
                blind_until: (newest > base_seq).then_some(newest),
            });
            return;
        }
        if local.blind_until.is_none() {
            self.compare(&local, &new, ack, newest, &shown, circumstances);
        }
        self.client.local = Some(Local {
            base: new,
            base_seq: ack,
            blind_until: local.blind_until.filter(|until| *until > ack),
        });
        self.inputs = self.inputs.split_off(&ack);
        self.client.note_unanswered(newest, shown.is_fed);
    }

    fn compare(
        &mut self,
        local: &Local<K::Prediction>,
        new: &K::Prediction,
        ack: u32,
        newest: u32,
        shown: &Shown<K::Prediction>,
        mut circumstances: Circumstances,
    ) {
        let newest = newest.max(ack);
        let mut old = local.base.clone();
        let built = self.predict(&mut old, local.base_seq, ack);
        let hash = |of: &K::Prediction| self.kernel.prediction_hash(of);
        let right = hash(&old) == hash(new);
        let builds = built || self.builds(ack, newest);
        if right && !shown.rebuilt && !builds {
            return;
        }
        let guess_is_alive = self.kernel.predicted(&old).is_alive();
        let is_alive = self.kernel.predicted(new).is_alive();
        let mut is = new.clone();
        self.predict(&mut old, ack, newest);
        self.predict(&mut is, ack, newest);
        let hash = |of: &K::Prediction| self.kernel.prediction_hash(of);
        if right && hash(&old) == hash(&is) {
            return;
        }
        circumstances.structures |= builds;
        let cause = circumstances.classify(guess_is_alive, is_alive);
        // Until the client steps again, its stall is one correction, however many snapshots tell of it.
        if cause == Cause::ClockSlip && std::mem::replace(&mut self.client.stall_is_told, true) {
            return;
        }
        let is_new = self.client.first_seq > local.base_seq;
        let origin = Origin::of(cause, is_new, self.was_late(shown.of.step));
        let was = self.kernel.predicted(&old);
        let is = self.kernel.predicted(&is);
        self.found.push(Corrected {
            step: shown.of.step,
            seq: if right { newest } else { ack },
            distance: distance(&was, &is),
            cause,
            origin,
            starved: shown.starved,
            lost: self.lost(local.base_seq, ack),
            repeated: shown.repeated,
        });
    }

    /// Whether the room itself was late in the second before a step.
    fn was_late(&self, step: Step) -> bool {
        let from = Step(step.0.saturating_sub(u64::from(STEPS_PER_SECOND)));
        let at = self.stalls.partition_point(|stall| stall.step < from);
        let stall = self.stalls.get(at);
        stall.is_some_and(|stall| stall.step <= step && stall.late_ms >= LATE_MS)
    }

    /// Predicts the inputs behind one up to another. Whether any of them builds.
    fn predict(&self, prediction: &mut K::Prediction, behind: u32, until: u32) -> bool {
        let mut built = false;
        let mut held = Buttons::NONE;
        for seq in (behind..until).map(|seq| seq + 1).take(HISTORY_STEPS_MAX) {
            let none = Input::default();
            let input = self.inputs.get(&seq);
            // Of an input that never came nobody knows what was held.
            held = input.map_or(held, |input| input.buttons);
            let actions = &input.unwrap_or(&none).actions;
            built |= actions.iter().any(|action| action.changes_structures());
            self.kernel.predict_step(prediction, held, actions);
        }
        built
    }

    fn builds(&self, behind: u32, until: u32) -> bool {
        let inputs = (behind < until).then(|| self.inputs.range(behind + 1..=until));
        let mut inputs = inputs.into_iter().flatten();
        inputs.any(|(_, input)| {
            input
                .actions
                .iter()
                .any(|action| action.changes_structures())
        })
    }

    /// Inputs behind one up to another that found the buffer full.
    fn lost(&self, behind: u32, until: u32) -> u32 {
        let all = self.seen.dropped.iter();
        let within = all.filter(|run| behind < run.seq && run.seq <= until);
        within.map(|run| run.inputs).sum()
    }

    /// The recording ends: what waits is compared by the inputs that are known.
    pub(crate) fn end(mut self) -> Vec<Corrected> {
        while !self.waiting.is_empty() {
            self.apply_next();
        }
        self.found
    }
}

fn is_about_structures(event: &Event) -> bool {
    matches!(
        event,
        Event::Placed { .. } | Event::Removed { .. } | Event::Destroyed { .. }
    )
}

fn distance(was: &Player, is: &Player) -> i32 {
    let apart = |was: i32, is: i32| is.saturating_sub(was).saturating_abs();
    let x = apart(was.pos.x.to_bits(), is.pos.x.to_bits());
    x.max(apart(was.pos.y.to_bits(), is.pos.y.to_bits()))
}

impl Corrected {
    /// How far, in cells.
    #[must_use]
    pub fn cells(&self) -> f64 {
        f64::from(self.distance) / f64::from(1 << FRACTION_BITS)
    }
}
