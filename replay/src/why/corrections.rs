//! The corrections of a client, rebuilt: what it had predicted when a snapshot came, and what the snapshot said.
//!
//! A snapshot moves a client if what it predicted after the input that the snapshot answers is not what came out. That prediction
//! began with the snapshot before, and ran the inputs that were consumed since: both are in the recording, and the kernel that it
//! names predicts them again. By how much the picture moved is compared after the newest input that the client had sent by then.

use std::collections::VecDeque;

use kernel::Translate;
use netcode::Cause;
use sim_core::units::FRACTION_BITS;
use sim_core::{Action, Buttons, Event, Frame, Player, PlayerId, Step};

use super::seen::{Applied, Seen};

/// Inputs that are taken as lost between two that were consumed. More are another numbering.
const LOST_MAX: u32 = 64;

/// A client was moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// The step of the snapshot that did it.
    pub step: Step,
    /// The input that the snapshot answers.
    pub seq: u32,
    /// How far the predicted present was moved, in 2^-16 of a cell, on the axis with more of it.
    pub distance: i32,
    /// Why. A clock that slipped is not seen in a recording: it is told as [`Cause::Starved`].
    pub cause: Cause,
    /// Steps without an input since the snapshot before.
    pub starved: u32,
    /// Inputs that were lost since the snapshot before.
    pub lost: u32,
    /// What the player held while there was no input.
    pub repeated: Option<Buttons>,
}

/// A prediction on its way, and the newest input in it.
#[derive(Clone, Debug)]
struct Running<P> {
    prediction: P,
    seq: Option<u32>,
}

/// What happened since the snapshot that a prediction began with.
#[derive(Clone, Copy, Debug, Default)]
struct Since {
    starved: u32,
    lost: u32,
    repeated: Option<Buttons>,
    rebuilt: bool,
    /// Whether an input was consumed behind a step without one.
    resumed: bool,
    /// Whether inputs found the buffer full in these seconds.
    dropped: bool,
}

/// A snapshot that may have moved the client, until the newest input of then has come.
#[derive(Clone, Debug)]
struct Pending<P> {
    of: Applied,
    seq: u32,
    right: bool,
    cause: Cause,
    since: Since,
    old: Running<P>,
    new: Running<P>,
}

/// Follows one client through a rerun.
pub(super) struct Follower<'s, K: Translate> {
    kernel: K,
    player: PlayerId,
    seen: &'s Seen,
    next: usize,
    base: Option<Running<K::Prediction>>,
    since: Since,
    pending: VecDeque<Pending<K::Prediction>>,
    pub(super) found: Vec<Corrected>,
}

impl<'s, K: Translate> Follower<'s, K> {
    pub(super) fn of(kernel: K, player: PlayerId, seen: &'s Seen) -> Self {
        Self {
            kernel,
            player,
            seen,
            next: 0,
            base: None,
            since: Since::default(),
            pending: VecDeque::new(),
            found: Vec::new(),
        }
    }

    /// The world has done a step.
    pub(super) fn stepped(
        &mut self,
        step: Step,
        world: &K::World,
        frame: &Frame,
        events: &[Event],
    ) {
        self.since.rebuilt |= events.iter().any(is_about_structures);
        let Some(held) = self.kernel.held_in(world, self.player) else {
            self.leave();
            return;
        };
        let window = self.seen.window(step);
        self.since.dropped |= window.is_some_and(|seen| seen.dropped > 0);
        match self.seen.consumed(step) {
            Some(seq) => self.consume(seq, held, frame),
            None => {
                let starves = window.is_some_and(|seen| seen.starved > 0);
                self.since.starved += u32::from(starves);
                self.since.repeated = Some(held).filter(|_| starves).or(self.since.repeated);
            }
        }
        while self
            .pending
            .front()
            .is_some_and(|one| one.of.newest <= step)
        {
            let done = self.pending.pop_front().expect("there is one");
            self.settle(&done);
        }
        while let Some(applied) = self.seen.applied().get(self.next) {
            if applied.step > step {
                break;
            }
            let applied = *applied;
            self.next += 1;
            if applied.step == step {
                self.apply(applied, world);
            }
        }
    }

    fn leave(&mut self) {
        self.base = None;
        self.pending.clear();
        self.since = Since::default();
    }

    fn consume(&mut self, seq: u32, held: Buttons, frame: &Frame) {
        self.since.resumed |= self.since.starved > 0;
        let commands = frame.commands.iter();
        let own = commands.filter_map(|(player, command)| match command {
            sim_core::Command::Act(action) if *player == self.player => Some(*action),
            sim_core::Command::Act(_)
            | sim_core::Command::Preview(_)
            | sim_core::Command::SetLook(_) => None,
        });
        let own: Vec<Action> = own.collect();
        let before = self.base.as_ref().and_then(|base| base.seq);
        if let Some(lost) = before.and_then(|before| seq.checked_sub(before + 1))
            && lost <= LOST_MAX
        {
            self.since.lost += lost;
        }
        let kernel = &self.kernel;
        let both = self.pending.iter_mut();
        let both = both.flat_map(|one| [&mut one.old, &mut one.new]);
        for running in both.chain(&mut self.base) {
            let lost = running.seq.and_then(|before| seq.checked_sub(before + 1));
            // Nobody knows what was held in an input that was lost; the next one is the best guess.
            for _ in 0..lost.filter(|lost| *lost <= LOST_MAX).unwrap_or(0) {
                kernel.predict_step(&mut running.prediction, held, &[]);
            }
            kernel.predict_step(&mut running.prediction, held, &own);
            running.seq = Some(seq);
        }
    }

    /// The client applies a snapshot of this world.
    fn apply(&mut self, applied: Applied, world: &K::World) {
        let snapshot = self.kernel.snapshot(world, None);
        let Some(prediction) = self.kernel.predict(&snapshot, self.player) else {
            return;
        };
        let seq = self.base.as_ref().and_then(|base| base.seq);
        let new = Running { prediction, seq };
        let since = std::mem::take(&mut self.since);
        let Some(old) = self.base.replace(new.clone()) else {
            return;
        };
        let kernel = &self.kernel;
        let right =
            kernel.prediction_hash(&old.prediction) == kernel.prediction_hash(&new.prediction);
        if right && !since.rebuilt {
            return;
        }
        let guess = kernel.predicted(&old.prediction);
        let is = kernel.predicted(&new.prediction);
        self.pending.push_back(Pending {
            of: applied,
            seq: seq.unwrap_or(0),
            right,
            cause: classify(&guess, &is, since),
            since,
            old,
            new,
        });
    }

    fn settle(&mut self, done: &Pending<K::Prediction>) {
        let kernel = &self.kernel;
        let hash = |of: &Running<K::Prediction>| kernel.prediction_hash(&of.prediction);
        if done.right && hash(&done.old) == hash(&done.new) {
            return;
        }
        let was = kernel.predicted(&done.old.prediction);
        let is = kernel.predicted(&done.new.prediction);
        self.found.push(Corrected {
            step: done.of.step,
            seq: done.seq,
            distance: distance(&was, &is),
            cause: done.cause,
            starved: done.since.starved,
            lost: done.since.lost,
            repeated: done.since.repeated,
        });
    }

    /// The recording ends: what is on its way is settled as it is.
    pub(super) fn end(mut self) -> Vec<Corrected> {
        while let Some(done) = self.pending.pop_front() {
            self.settle(&done);
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

fn classify(guess: &Player, is: &Player, since: Since) -> Cause {
    match (guess.is_alive(), is.is_alive()) {
        (true, false) => return Cause::Hit,
        (false, true) => return Cause::Respawn,
        (true, true) | (false, false) => {}
    }
    // Who was waited for and then sends more than there is room for is told that first.
    let is_full = since.starved > 0 && since.resumed && since.dropped;
    if since.lost > 0 || is_full {
        Cause::Dropped
    } else if since.starved > 0 {
        Cause::Starved
    } else if since.rebuilt {
        Cause::UnseenStructure
    } else {
        Cause::Unknown
    }
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
