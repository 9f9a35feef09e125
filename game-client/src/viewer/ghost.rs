//! Ghosts: where a client believed its own player to be, beside where the authority had it.
//!
//! The ghost of a step is the player that the client predicted after the newest input that the authority had consumed by
//! that step: what `netcode` compares when a snapshot comes. It is reconstructed as the client made it.
//!
//! 1. With the input came the number of the newest snapshot that the client had applied. The evidence says after which
//!    step each such number came; how long inputs waited bounds when this one did.
//! 2. A snapshot shows the player, the structures and the newest consumed input of its step. The rerun has all three.
//! 3. From there the inputs since then are run again, each with what the player did on it, by `sim_core`'s own movement.
//!
//! So the ghost knows nothing that the client did not: not which later steps starved, not who shot at it meanwhile, not
//! what others built or took away.
//!
//! * **Tried.** More than one snapshot may have been the newest, and more than one step the snapshot's: a room that
//!   catches up sends it up to four steps late. Then all are run. If they come to the same player, that is the ghost.
//! * **Proven.** A wrong prediction was recorded as the client reported it, with the last input of a batch, and a batch
//!   is of two inputs or more. So the ghost of an input that was reported wrong, and of the one before it, is that which
//!   has the reported hash, or none.
//! * **None** where the tried differ and nothing is proven, where evidence is missing, and, unless it is proven, after a
//!   pause of more than a few steps, in which the client may have connected anew or forgotten its inputs, until it has
//!   acknowledged what came after. None for ever where an input since the snapshot found no place in the room: the client
//!   ran it, and nobody else knows what it was. None while a pause lasts: who has gone predicts nothing.
//! * **Left out**: what a client asked for and no step tried, because it came too late or not at all; snapshots that it
//!   had applied and never acknowledged, since that was lost with a connection; what it predicted anew when a later
//!   snapshot came; and what is only drawn, such as the slide that hides a correction.

use kernel::Translate;
use sim_core::rules::{STEPS_PER_SNAPSHOT, STEPS_PER_TICK};
use sim_core::{Action, Command, Player, PlayerId, Step};

use crate::viewer::log::Log;
use crate::viewer::past::{Moment, Past};

use crate::viewer::seen::Stretch;

/// Steps without an input after which the client may have done more than wait: as many as the room has inputs in store.
const PAUSE_STEPS: u64 = 12;

/// Where a client believed its player to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ghost {
    /// As predicted after the newest input that was consumed.
    pub player: Player,
    /// The same one step earlier; none if that is not known.
    pub before: Option<Player>,
    /// Cells between it and the authority's player.
    pub distance: f32,
}

/// The input that a step consumed.
#[derive(Clone, Copy, Debug)]
struct Eaten {
    step: Step,
    seq: u32,
}

/// What the client of this player predicted after the newest input that was consumed up to this step. The past must reach
/// to the step.
pub(super) fn predicted<K: Translate>(
    kernel: &K,
    log: &Log,
    past: &Past<K>,
    player: PlayerId,
    step: Step,
) -> Option<Player> {
    let stay = log.stay(player, step)?;
    let stretch = log.seen().of(player, step)?;
    let known_from = stay
        .joined
        .map_or(stretch.first, |joined| joined.max(stretch.first));
    let (at, seq) = stretch.consumed(step)?;
    if at < known_from || step.since(at) > PAUSE_STEPS {
        return None;
    }
    let eaten = Eaten { step: at, seq };
    let is_new = stay.joined.is_some_and(|joined| stretch.first <= joined);
    let case = Case {
        kernel,
        log,
        past,
        player,
        stretch,
        known_from,
        is_new,
    };
    case.of(eaten)
}

/// Everything that is asked about one player.
struct Case<'c, K: Translate> {
    kernel: &'c K,
    log: &'c Log,
    past: &'c Past<K>,
    player: PlayerId,
    stretch: Stretch<'c>,
    /// From here on it was in, and everything about it is known.
    known_from: Step,
    /// Whether it was not in before that.
    is_new: bool,
}

/// What may have been predicted.
struct Tried<P> {
    all: Vec<P>,
    /// Whether what was predicted is among them for sure.
    complete: bool,
}

impl<K: Translate> Case<'_, K> {
    fn of(&self, eaten: Eaten) -> Option<Player> {
        let tried = self.tries(eaten);
        let hash = |one: &K::Prediction| self.kernel.prediction_hash(one);
        let player = |one: &K::Prediction| self.kernel.predicted(one);
        if let Some(reported) = self.reported(eaten) {
            let is_it = |one: &&K::Prediction| hash(one) == reported;
            return tried.all.iter().find(is_it).map(player);
        }
        let next = self.stretch.consumed_next(eaten.step);
        let next = next.map(|(step, seq)| Eaten { step, seq });
        if let Some(next) = next.filter(|next| next.seq == eaten.seq + 1)
            && let Some(reported) = self.reported(next)
        {
            let is_it = |one: &&K::Prediction| {
                let mut later = (*one).clone();
                self.run(&mut later, next).is_some() && hash(&later) == reported
            };
            return tried.all.iter().find(is_it).map(player);
        }
        let first = tried.all.first()?;
        let agree = tried.all.iter().all(|one| hash(one) == hash(first));
        (tried.complete && agree).then(|| player(first))
    }

    /// What the client said that it predicted after this input, if it was wrong.
    fn reported(&self, eaten: Eaten) -> Option<u32> {
        let wrong = self.stretch.mismatch(eaten.step)?;
        (wrong.seq == eaten.seq).then_some(wrong.predicted)
    }

    /// From every snapshot that may have been the newest, and every step that it may be of.
    fn tries(&self, eaten: Eaten) -> Tried<K::Prediction> {
        let settled = self.settled(eaten);
        let (before, during) = self.stretch.acked(eaten.step);
        let before = before.filter(|ack| self.known_from <= ack.step);
        // Of who is new, the first acknowledgement is known to be that. Of others there may have been one before.
        let mut tried = Tried {
            all: Vec::new(),
            complete: before.is_some() || self.is_new,
        };
        for ack in before.iter().chain(during) {
            let first = u64::from(ack.snapshot) * u64::from(STEPS_PER_SNAPSHOT);
            let mut is_there = false;
            for late in (0..STEPS_PER_SNAPSHOT).step_by(STEPS_PER_TICK as usize) {
                let step = Step(first + u64::from(late));
                let Some(moment) = self.past.at(step).filter(|_| step <= ack.step) else {
                    continue;
                };
                is_there = true;
                tried.complete &= settled <= step;
                match self.from(moment, eaten) {
                    Some(predicted) => tried.all.push(predicted),
                    None => tried.complete = false,
                }
            }
            tried.complete &= is_there;
        }
        tried
    }

    /// The step from which on snapshots tell for sure what the client went on from: the first behind the last pause.
    fn settled(&self, eaten: Eaten) -> Step {
        self.stretch
            .resumed(eaten.step, self.known_from, PAUSE_STEPS)
    }

    /// The newest input consumed before this step.
    fn before(&self, step: Step) -> Option<Eaten> {
        let (step, seq) = self.stretch.consumed(Step(step.0.checked_sub(1)?))?;
        (self.known_from <= step).then_some(Eaten { step, seq })
    }

    /// The snapshot's player with every input since, up to this one. None if not all of them are known.
    fn from(&self, from: &Moment<K>, last: Eaten) -> Option<K::Prediction> {
        let mut inputs = vec![last];
        let mut first = last;
        loop {
            match self.before(first.step) {
                Some(before) if before.seq + 1 != first.seq => return None,
                Some(before) if before.step > from.step => {
                    inputs.push(before);
                    first = before;
                }
                None if !self.is_new => return None,
                Some(_) | None => break,
            }
        }
        let mut predicted = self.kernel.predict(&from.snapshot, self.player)?;
        for input in inputs.iter().rev() {
            self.run(&mut predicted, *input)?;
        }
        Some(predicted)
    }

    /// Runs one input. The past need not reach to its step if it reaches to the input before.
    fn run(&self, predicted: &mut K::Prediction, input: Eaten) -> Option<()> {
        let held = match self.past.at(input.step) {
            Some(moment) => self.kernel.held(&moment.snapshot, self.player)?,
            None => {
                let before = self.kernel.predicted(predicted).buttons;
                self.log.held(self.player, before, input.step)
            }
        };
        let commands = self.log.commands(input.step).iter();
        let own = commands.filter_map(|(player, command)| match command {
            Command::Act(action) if *player == self.player => Some(*action),
            // Neither preview nor look belongs to an input, and neither is in a player's way.
            Command::Act(_) | Command::Preview(_) | Command::SetLook(_) => None,
        });
        let own: Vec<Action> = own.collect();
        self.kernel.predict_step(predicted, held, &own);
        Some(())
    }
}

/// Cells between two players.
pub(super) fn distance(one: &Player, other: &Player) -> f32 {
    let (x, y) = crate::aim::cells(one.pos);
    let (to_x, to_y) = crate::aim::cells(other.pos);
    (to_x - x).hypot(to_y - y)
}
