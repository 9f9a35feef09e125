//! One bot at its machine: its client, its clock, its link and what was counted of it.

use authority::ConnId;
use netcode::{Client, ClientConfig, Correction, Event, Input, Micros, Output};
use protocol::{CloseCode, Encoding, ErrorCode};
use sim_core::Rng;

use crate::bot::BotBrain;
use crate::clock::Clock;
use crate::link::Link;
use crate::outcome::SeatOutcome;
use crate::script::SeatScript;

/// How late the machine wakes its client at most.
const WAKE_LATE_MICROS_MAX: u32 = 1_500;

/// What the client wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Connect { token: Option<String> },
    Send { bytes: Vec<u8> },
    Close,
}

#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) user_id: String,
    pub(crate) encoding: Encoding,
    pub(crate) client: Client,
    pub(crate) link: Link,
    /// The newest connection, from asking for it until it is gone.
    pub(crate) conn: Option<ConnId>,
    /// When the client is woken next.
    pub(crate) timer: Option<Micros>,
    pub(crate) bytes_up: u64,
    pub(crate) bytes_down: u64,
    brain: BotBrain,
    clock: Clock,
    rng: Rng,
    here: bool,
    welcomes: u64,
    resumes: u64,
    corrections: Vec<Correction>,
    errors: Vec<ErrorCode>,
    snapshots: u64,
    watched: Watched,
}

/// Steps without input and inputs without place, as of the newest snapshot.
#[derive(Clone, Copy, Debug, Default)]
struct Watched {
    /// Snapshots of this connection.
    snapshots: u64,
    starved: u32,
    dropped: u32,
    starved_after_warm_up: u32,
    dropped_after_warm_up: u32,
}

impl Seat {
    pub(crate) fn new(number: usize, script: &SeatScript, mut rng: Rng) -> Self {
        let config = ClientConfig {
            seed: rng.next_u64(),
            json: script.encoding == Encoding::Json,
            resume_token: None,
        };
        Self {
            user_id: format!("bot-{number}"),
            encoding: script.encoding,
            client: Client::new(config),
            link: Link::new(script.link, rng.next_u64()),
            conn: None,
            timer: None,
            bytes_up: 0,
            bytes_down: 0,
            brain: BotBrain::new(script.behaviour, rng.next_u64()),
            clock: Clock {
                start: Micros(u64::from(rng.next_u32())),
                drift_ppm: script.drift_ppm,
            },
            rng,
            here: true,
            welcomes: 0,
            resumes: 0,
            corrections: Vec::new(),
            errors: Vec::new(),
            snapshots: 0,
            watched: Watched::default(),
        }
    }

    /// The bot leaves for good.
    pub(crate) fn leave(&mut self) {
        self.here = false;
        self.timer = None;
    }

    pub(crate) fn opened(&mut self, now: Micros) -> Vec<Wish> {
        self.handle(now, Input::Opened)
    }

    pub(crate) fn closed(&mut self, now: Micros, code: Option<CloseCode>) -> Vec<Wish> {
        self.conn = None;
        self.handle(now, Input::Closed { code })
    }

    pub(crate) fn advance(&mut self, now: Micros) -> Vec<Wish> {
        self.timer = None;
        self.handle(now, Input::Advance)
    }

    /// A message from the room. The flag says whether the client merged a snapshot.
    pub(crate) fn message(&mut self, now: Micros, bytes: &[u8], text: bool) -> (Vec<Wish>, bool) {
        self.bytes_down += bytes.len() as u64;
        let wishes = self.handle(now, Input::Message { bytes, text });
        let merged = self.client.stats().snapshots > self.snapshots;
        if merged {
            self.snapshots = self.client.stats().snapshots;
            self.watch();
        }
        (wishes, merged)
    }

    pub(crate) fn into_outcome(self) -> SeatOutcome {
        SeatOutcome {
            stats: self.client.stats(),
            corrections: self.corrections,
            starved_after_warm_up: self.watched.starved_after_warm_up,
            dropped_after_warm_up: self.watched.dropped_after_warm_up,
            bytes_up: self.bytes_up,
            bytes_down: self.bytes_down,
            welcomes: self.welcomes,
            resumes: self.resumes,
            errors: self.errors,
        }
    }

    fn handle(&mut self, now: Micros, input: Input<'_>) -> Vec<Wish> {
        if !self.here {
            return Vec::new();
        }
        let shown = self.clock.shows(now);
        let mut wishes = Vec::new();
        let mut steps = 0;
        let outputs: Vec<Output> = self.client.handle(shown, input).collect();
        for output in outputs {
            steps += u32::from(matches!(output, Output::Stepped { .. }));
            self.note(output, &mut wishes);
        }
        // Several steps at once are a client that caught up: its player had no say in between.
        if steps > 0 {
            for doing in self.brain.think(&self.client) {
                let outputs: Vec<Output> = self.client.handle(shown, doing).collect();
                for output in outputs {
                    self.note(output, &mut wishes);
                }
            }
        }
        self.timer = self.client.due().map(|due| {
            let late = u64::from(self.rng.below(WAKE_LATE_MICROS_MAX));
            self.clock.when(due).max(now).after(Micros(late))
        });
        wishes
    }

    fn note(&mut self, output: Output, wishes: &mut Vec<Wish>) {
        match output {
            Output::Connect { resume_token, .. } => wishes.push(Wish::Connect {
                token: resume_token,
            }),
            Output::Send { bytes, .. } => wishes.push(Wish::Send { bytes }),
            Output::Close => wishes.push(Wish::Close),
            Output::Corrected(correction) => self.corrections.push(correction),
            Output::Event(Event::Welcomed { resumed, .. }) => {
                self.welcomes += 1;
                self.resumes += u64::from(resumed);
                self.watched.snapshots = 0;
            }
            Output::Event(Event::Failed { code, .. }) => self.errors.push(code),
            Output::Stepped { .. }
            | Output::Event(
                Event::Outdated
                | Event::Disconnected { .. }
                | Event::Refused(_)
                | Event::Placed { .. }
                | Event::Room(_),
            ) => {}
        }
    }

    fn watch(&mut self) {
        let (watched, stats) = (&mut self.watched, self.client.stats());
        watched.snapshots += 1;
        if watched.snapshots > SeatOutcome::WARM_UP_SNAPSHOTS {
            watched.starved_after_warm_up += stats.starved.saturating_sub(watched.starved);
            watched.dropped_after_warm_up += stats.dropped.saturating_sub(watched.dropped);
        }
        watched.starved = stats.starved;
        watched.dropped = stats.dropped;
    }
}
