//! A player with the real client: the client, the bot that plays, and what is counted of both.

use netcode::{Client, ClientConfig, Correction, Event, Input, Micros, Output};
use protocol::{Encoding, ErrorCode};
use sim_core::{PlayerId, Rng, Step};

use crate::bot::{Behaviour, BotBrain};
use crate::client_action::{ClientAction, Reaches};
use crate::oracle::drawn::Drawn;
use crate::oracle::{Violation, client as oracle, prediction};
use crate::outcome::SeatOutcome;

#[derive(Debug)]
pub(crate) struct Honest {
    pub(crate) client: Client,
    pub(crate) bytes_up: u64,
    pub(crate) bytes_down: u64,
    /// Whether the newest thing handled made the client merge a snapshot.
    pub(crate) merged: bool,
    brain: BotBrain,
    encoding: Encoding,
    seeds: Rng,
    player: Option<PlayerId>,
    welcomes: u64,
    resumes: u64,
    corrections: Vec<Correction>,
    errors: Vec<ErrorCode>,
    snapshots: u64,
    watched: Watched,
    drawn: Drawn,
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
    /// The step of this connection's last warm-up snapshot.
    warm: Option<Step>,
}

impl Honest {
    pub(crate) fn new(
        behaviour: Behaviour,
        encoding: Encoding,
        client_seed: u64,
        bot_seed: u64,
    ) -> Self {
        Self {
            client: Client::new(ClientConfig {
                seed: client_seed,
                json: encoding == Encoding::Json,
                resume_token: None,
            }),
            bytes_up: 0,
            bytes_down: 0,
            merged: false,
            brain: BotBrain::new(behaviour, bot_seed),
            encoding,
            seeds: Rng::new(client_seed),
            player: None,
            welcomes: 0,
            resumes: 0,
            corrections: Vec::new(),
            errors: Vec::new(),
            snapshots: 0,
            watched: Watched::default(),
            drawn: Drawn::default(),
        }
    }

    /// A new client takes the place of the old one.
    pub(crate) fn reload(&mut self, seat: usize, keeps_token: bool) -> Option<Violation> {
        let token = self.client.resume_token().map(str::to_owned);
        let config = ClientConfig {
            seed: self.seeds.next_u64(),
            json: self.encoding == Encoding::Json,
            resume_token: token.filter(|_| keeps_token),
        };
        let old = std::mem::replace(&mut self.client, Client::new(config));
        self.snapshots = 0;
        self.drawn = Drawn::default();
        oracle::ends(seat, &old)
    }

    /// The bot lets go of everything.
    pub(crate) fn rest(&mut self) {
        self.brain.rest();
    }

    /// The bot lets go of everything for a while, or goes on.
    pub(crate) fn pause(&mut self, paused: bool) {
        self.brain.pause(paused);
    }

    /// Whether the room has closed its connection because nothing came from it.
    pub(crate) fn was_silent(&self) -> bool {
        !self.client.is_playing() && self.errors.last() == Some(&ErrorCode::IdleTimeout)
    }

    pub(crate) fn due(&self) -> Option<Micros> {
        self.client.due()
    }

    pub(crate) fn handle(
        &mut self,
        seat: usize,
        shown: Micros,
        what: Reaches<'_>,
        wishes: &mut Vec<ClientAction>,
    ) -> Vec<Violation> {
        let input = match what {
            Reaches::Time => Input::Advance,
            Reaches::Opened => Input::Opened,
            Reaches::Closed { code } => Input::Closed { code },
            Reaches::Message { bytes, text } => {
                self.bytes_down += bytes.len() as u64;
                Input::Message { bytes, text }
            }
        };
        let steps = self.give(shown, input, wishes);
        let mut found = Vec::new();
        self.merged = self.client.stats().snapshots > self.snapshots;
        if self.merged {
            self.snapshots = self.client.stats().snapshots;
            self.watch();
            found.extend(oracle::merged(seat, &self.client));
            found.extend(prediction::follows(seat, &self.client));
            found.extend(self.drawn.merged(seat, &self.client, shown));
        }
        found.extend(oracle::handled(seat, &self.client, steps));
        // Several steps at once are a client that caught up: its player had no say in between.
        if steps > 0 {
            for doing in self.brain.think(&self.client) {
                self.give(shown, doing, wishes);
            }
        }
        found
    }

    pub(crate) fn into_outcome(self) -> SeatOutcome {
        SeatOutcome {
            player: self.player,
            stats: self.client.stats(),
            corrections: self.corrections,
            starved_after_warm_up: self.watched.starved_after_warm_up,
            dropped_after_warm_up: self.watched.dropped_after_warm_up,
            warm: self.watched.warm,
            bytes_up: self.bytes_up,
            bytes_down: self.bytes_down,
            welcomes: self.welcomes,
            resumes: self.resumes,
            errors: self.errors,
        }
    }

    /// Gives the client an input; returns how many steps it did over it.
    fn give(&mut self, shown: Micros, input: Input<'_>, wishes: &mut Vec<ClientAction>) -> u64 {
        let mut steps = 0;
        let outputs: Vec<Output> = self.client.handle(shown, input).collect();
        for output in outputs {
            steps += u64::from(matches!(output, Output::Stepped { .. }));
            self.note(output, wishes);
        }
        steps
    }

    fn note(&mut self, output: Output, wishes: &mut Vec<ClientAction>) {
        match output {
            Output::Connect { resume_token, .. } => wishes.push(ClientAction::Connect {
                token: resume_token,
            }),
            Output::Send { bytes, .. } => {
                self.bytes_up += bytes.len() as u64;
                wishes.push(ClientAction::Send { bytes });
            }
            Output::Close { .. } => wishes.push(ClientAction::Close),
            Output::Corrected(correction) => self.corrections.push(correction),
            Output::Event(Event::Welcomed { player, resumed }) => {
                self.player = Some(player);
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
                | Event::Stored { .. }
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
        } else {
            watched.warm = Some(stats.step);
        }
        watched.starved = stats.starved;
        watched.dropped = stats.dropped;
    }
}
