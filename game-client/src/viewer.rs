//! A recording to look at: rerun from its bytes by the kernel that it names, at any step and any speed, beside what clients
//! predicted.
//!
//! * Nothing here draws, reads a clock or opens a file. Time enters only as `now`, and the same calls give the same
//!   answers natively and in a page.
//! * The world after a step is the same however one came to it: by playing, or by [`Viewer::seek`].
//! * Every recorded hash that a rerun passes is compared; [`Status`] says how many were, and where the first did not hold.
//! * No call does more than a bounded number of steps, but for a seek: at most those from one kept world to the next.
//! * What a ghost is, how it is reconstructed and what it leaves out is said where [`Ghost`] is made.
//!
//! Call [`Viewer::advance`] with every frame, then draw [`Viewer::pictures`], going from the first to the second by
//! [`Viewer::phase`]. Call [`Viewer::survey`] beside it until it is done, for the list of who was shot down.

mod checked;
mod ghost;
mod kept;
mod log;
mod past;
mod playback;
mod recorded;
mod rerun;
mod seen;
mod told;
mod verify;

use std::collections::BTreeMap;

use input_log::Native;
use kernel::{Moment, Translate};
use netcode::Micros;
use serde::Serialize;
use sim_core::{Event, Player, PlayerId, Step, Structures};

use past::{PAST_STEPS_MAX, Past};
use playback::Pace;
use rerun::{Done, Rerun};

pub use checked::Tally;
pub use ghost::Ghost;
pub use playback::{SPEED_MAX, SPEED_MIN, STEPS_PER_ADVANCE_MAX, Transport};
pub use recorded::{Gap, Guest, Info, OpenError, Played, Recorded, Shooting};
pub use told::{Row, Told, told};
pub use verify::{Verified, verify, verify_with};

/// What happened that nobody has asked for yet; the oldest goes if more does.
const EVENTS_MAX: usize = 4_096;

/// A world as it is drawn.
#[derive(Clone, Debug, Default)]
pub struct ShownWorld {
    /// Who and what is in it.
    pub moment: Moment,
    /// Its structures, by cell.
    pub structures: Structures,
}

impl ShownWorld {
    /// Draws another world. Most steps change no structure.
    fn redraw(&mut self, moment: Moment) {
        if self.moment.structures != moment.structures {
            self.structures = Structures::new();
            for structure in &moment.structures {
                // A kernel's world has no two in one cell.
                let _ = self.structures.insert(*structure);
            }
        }
        self.moment = moment;
    }
}

/// The part of a [`Viewer`] that does not depend on its kernel.
pub trait Play {
    /// See [`Viewer::info`].
    fn info(&self) -> &Info;
    /// See [`Viewer::survey`].
    fn survey(&mut self, steps_max: u64) -> bool;
    /// See [`Viewer::transport`].
    fn transport(&self) -> Transport;
    /// See [`Viewer::set_transport`].
    fn set_transport(&mut self, transport: Transport);
    /// See [`Viewer::step`].
    fn step(&self) -> Step;
    /// See [`Viewer::pictures`].
    fn pictures(&mut self) -> (&ShownWorld, &ShownWorld);
    /// See [`Viewer::phase`].
    fn phase(&self) -> f32;
    /// See [`Viewer::ghosts`].
    fn ghosts(&self) -> &BTreeMap<PlayerId, Ghost>;
    /// See [`Viewer::advance`].
    fn advance(&mut self, now: Micros);
    /// See [`Viewer::seek`].
    fn seek(&mut self, step: Step);
    /// See [`Viewer::status`].
    fn status(&self) -> Status;
}

/// How far a client's idea of its player was off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Off {
    /// Player that it belongs to.
    pub player: PlayerId,
    /// In cells; none if it is not known what the client predicted.
    pub distance: Option<f32>,
}

/// What there is to say of the step at hand.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The step.
    pub step: Step,
    /// Whether time passes.
    pub playing: bool,
    /// Times as fast as it was played.
    pub speed: f32,
    /// Whom the camera follows.
    pub follow: Option<PlayerId>,
    /// Hash of the world: 16 hexadecimal digits.
    pub hash: String,
    /// How many hashes were compared, and where the first did not hold.
    pub checked: Tally,
    /// How far clients were off, for everybody who is in; empty while ghosts are not shown.
    pub ghosts: Vec<Off>,
}

/// A recording at a step.
#[derive(Clone, Debug)]
pub struct Viewer<K: Translate = Native> {
    kernel: K,
    recorded: Recorded<K>,
    rerun: Rerun<K>,
    /// One step earlier; none where nothing before it leads here step by step.
    previous: Option<K::World>,
    /// The previous step and the one at hand, as they were last drawn.
    drawn: [ShownWorld; 2],
    past: Past<K>,
    ghosts: BTreeMap<PlayerId, Ghost>,
    transport: Transport,
    pace: Pace,
    events: Vec<(Step, Event)>,
}

impl<K: Translate> Viewer<K> {
    /// At the first step, paused.
    #[must_use]
    pub fn new(recorded: Recorded<K>) -> Self {
        let first = recorded.info().first_step;
        let mut viewer = Self {
            kernel: recorded.kernel.clone(),
            rerun: Rerun::of(recorded.kernel.clone(), recorded.start(first)),
            recorded,
            previous: None,
            drawn: [ShownWorld::default(), ShownWorld::default()],
            past: Past::new(),
            ghosts: BTreeMap::new(),
            transport: Transport::default(),
            pace: Pace::ARRIVED,
            events: Vec::new(),
        };
        viewer.begin(first);
        viewer
    }

    /// What is known of the recording.
    #[must_use]
    pub fn info(&self) -> &Info {
        self.recorded.info()
    }

    /// See [`Recorded::survey`].
    pub fn survey(&mut self, steps_max: u64) -> bool {
        self.recorded.survey(steps_max)
    }

    /// How it plays.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Plays it like this from now on, as far as that is possible.
    pub fn set_transport(&mut self, transport: Transport) {
        let had_ghosts = self.transport.ghosts;
        self.transport = transport.possible();
        if self.transport.ghosts != had_ghosts {
            self.raise_ghosts();
        }
    }

    /// The step at hand.
    #[must_use]
    pub fn step(&self) -> Step {
        self.rerun.step()
    }

    /// The world's hash after the step at hand.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.kernel.hash(self.rerun.world())
    }

    /// The world one step earlier and after the step at hand. Where nothing leads to it step by step, both are the same.
    pub fn pictures(&mut self) -> (&ShownWorld, &ShownWorld) {
        let now = self.kernel.moment(self.rerun.world());
        let before = self.previous.as_ref();
        let before = before.map_or_else(|| now.clone(), |world| self.kernel.moment(world));
        let [was, is] = &mut self.drawn;
        was.redraw(before);
        is.redraw(now);
        (was, is)
    }

    /// How much of the way from the previous step to the step at hand is over, from 0 to 1.
    #[must_use]
    pub fn phase(&self) -> f32 {
        self.pace.phase()
    }

    /// Where clients believed their players to be, as far as that is known; empty while ghosts are not shown.
    #[must_use]
    pub fn ghosts(&self) -> &BTreeMap<PlayerId, Ghost> {
        &self.ghosts
    }

    /// What happened in the steps that were played since this was last asked. A seek forgets it.
    pub fn events(&mut self) -> impl Iterator<Item = (Step, Event)> {
        self.events.drain(..)
    }

    /// Lets time pass. Does at most [`STEPS_PER_ADVANCE_MAX`] steps; what is due beyond that is never made up for. A
    /// sleep passes in one step, and at the end it stops.
    pub fn advance(&mut self, now: Micros) {
        let due = self.pace.pass(now, self.transport);
        let last = self.info().last_step;
        for _ in 0..due {
            if self.go(last) == Done::Ended {
                self.transport.playing = false;
                self.pace.arrive();
                break;
            }
            self.pace.stepped();
            self.note_events();
        }
        if due > 0 {
            self.raise_ghosts();
        }
    }

    /// Goes to a step; to the first or last one if it is not in the recording.
    pub fn seek(&mut self, step: Step) {
        let Info {
            first_step,
            last_step,
            ..
        } = *self.info();
        let target = step.clamp(first_step, last_step);
        // Ghosts need what was before.
        let warm_up = PAST_STEPS_MAX as u64;
        let passing = Step(target.0.saturating_sub(warm_up)).max(first_step);
        let is_ahead = self.step() <= target;
        if !is_ahead || self.recorded.start_step(passing) > self.step() {
            self.begin(passing);
        }
        while self.step() < target {
            if self.go(target) == Done::Ended {
                break;
            }
        }
        self.events.clear();
        self.pace.arrive();
        self.raise_ghosts();
    }

    /// What there is to say of the step at hand.
    #[must_use]
    pub fn status(&self) -> Status {
        let off = |player: &Player| Off {
            player: player.id,
            distance: self.ghosts.get(&player.id).map(|ghost| ghost.distance),
        };
        let ghosts = self.transport.ghosts;
        let shown = ghosts.then(|| self.kernel.moment(self.rerun.world()).players);
        Status {
            step: self.step(),
            playing: self.transport.playing,
            speed: self.transport.speed,
            follow: self.transport.follow,
            hash: format!("{:016x}", self.hash()),
            checked: self.recorded.tally(),
            ghosts: shown.unwrap_or_default().iter().map(off).collect(),
        }
    }

    /// Goes to where a rerun begins that passes everything behind a step.
    fn begin(&mut self, passing: Step) {
        self.rerun = Rerun::of(self.kernel.clone(), self.recorded.start(passing));
        self.previous = None;
        self.past.clear();
        self.past.push(&self.kernel, self.rerun.world());
    }

    fn go(&mut self, until: Step) -> Done {
        let before = self.rerun.world().clone();
        let recorded = &mut self.recorded;
        let done = self.rerun.next(&recorded.log, until, &mut recorded.checked);
        match done {
            Done::Ended => return done,
            Done::Stepped => self.previous = Some(before),
            // Nothing before it leads here step by step.
            Done::Slept(_) | Done::Jumped => {
                self.previous = None;
                self.past.clear();
            }
        }
        self.past.push(&self.kernel, self.rerun.world());
        recorded.kept.pass(&self.kernel, self.rerun.world());
        done
    }

    fn note_events(&mut self) {
        let step = self.step();
        let events = self.kernel.events(self.rerun.world());
        self.events
            .extend(events.into_iter().map(|event| (step, event)));
        let beyond = self.events.len().saturating_sub(EVENTS_MAX);
        self.events.drain(..beyond);
    }

    fn raise_ghosts(&mut self) {
        self.ghosts.clear();
        if !self.transport.ghosts {
            return;
        }
        let step = self.step();
        let before = Step(step.0.saturating_sub(1));
        for is in self.kernel.moment(self.rerun.world()).players {
            let of =
                |step| ghost::predicted(&self.kernel, &self.recorded.log, &self.past, is.id, step);
            if let Some(player) = of(step) {
                let ghost = Ghost {
                    player,
                    before: of(before),
                    distance: ghost::distance(&player, &is),
                };
                self.ghosts.insert(is.id, ghost);
            }
        }
    }
}

impl<K: Translate> Play for Viewer<K> {
    fn info(&self) -> &Info {
        Self::info(self)
    }

    fn survey(&mut self, steps_max: u64) -> bool {
        Self::survey(self, steps_max)
    }

    fn transport(&self) -> Transport {
        Self::transport(self)
    }

    fn set_transport(&mut self, transport: Transport) {
        Self::set_transport(self, transport);
    }

    fn step(&self) -> Step {
        Self::step(self)
    }

    fn pictures(&mut self) -> (&ShownWorld, &ShownWorld) {
        Self::pictures(self)
    }

    fn phase(&self) -> f32 {
        Self::phase(self)
    }

    fn ghosts(&self) -> &BTreeMap<PlayerId, Ghost> {
        Self::ghosts(self)
    }

    fn advance(&mut self, now: Micros) {
        Self::advance(self, now);
    }

    fn seek(&mut self, step: Step) {
        Self::seek(self, step);
    }

    fn status(&self) -> Status {
        Self::status(self)
    }
}
