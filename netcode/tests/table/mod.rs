//! A client at a table with a room: virtual time, a link with delay and jitter in order, and the smallest authority that
//! keeps the protocol. Real codecs in between.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, VecDeque};

use netcode::{Client, ClientConfig, Correction, Event, Input, Micros, Output};
use protocol::{
    CloseCode, Encoding, KEEPALIVE, KEEPALIVE_ANSWER, ServerBody, ServerMessage, decode_client,
    encode_server,
};
use sim_core::{Buttons, Player, PlayerId, Rng};

mod room;
pub use room::Room;

pub const ME: PlayerId = PlayerId(1);
pub const OTHER: PlayerId = PlayerId(2);
/// How far the authority's clock is ahead, in microseconds.
pub const SERVER_EPOCH: u64 = 3_600_000_000;

/// A link's delays in one direction, in microseconds.
#[derive(Clone, Copy)]
pub struct Delay {
    pub base: u64,
    pub jitter: u32,
}

/// A client, a room, and what is on its way between them.
pub struct Table {
    pub client: Client,
    pub room: Room,
    pub now: u64,
    pub delay: Delay,
    pub encoding: Encoding,
    pub connected: bool,
    /// The room refuses connections.
    pub refuse: bool,
    /// The room's next welcome says so.
    pub resumes: bool,
    pub client_stalls_until: u64,
    pub corrections: Vec<Correction>,
    pub events: Vec<Event>,
    pub stepped: Vec<(u64, u32)>,
    pub connects: Vec<(u64, Option<String>)>,
    /// With what the client closed connections.
    pub closes: Vec<CloseCode>,
    /// The player predicted after each input, when it was predicted.
    pub guesses: BTreeMap<u32, Player>,
    pub rng: Rng,
    /// Asked with each message to the client: false loses it.
    pub deliver: fn(&ServerMessage) -> bool,
    /// What the client sends arrives.
    pub carries_up: bool,
    /// The room's host answers keepalives, whatever the room does.
    pub host_answers: bool,
    /// Keepalives that arrived.
    pub keepalives: usize,
    up: VecDeque<(u64, Vec<u8>)>,
    down: VecDeque<(u64, Vec<u8>)>,
    next_tick: u64,
    skew: i64,
}

impl Table {
    pub fn new(delay: Delay, encoding: Encoding) -> Self {
        Self::with(Room::new(7, 1), delay, encoding)
    }

    pub fn with(room: Room, delay: Delay, encoding: Encoding) -> Self {
        let mut table = Self {
            client: Client::new(ClientConfig {
                seed: 5,
                json: encoding.is_text(),
                resume_token: None,
            }),
            room,
            now: 1_000_000,
            delay,
            encoding,
            connected: false,
            refuse: false,
            resumes: true,
            client_stalls_until: 0,
            corrections: Vec::new(),
            events: Vec::new(),
            stepped: Vec::new(),
            connects: Vec::new(),
            closes: Vec::new(),
            guesses: BTreeMap::new(),
            rng: Rng::new(99),
            deliver: |_| true,
            carries_up: true,
            host_answers: false,
            keepalives: 0,
            up: VecDeque::new(),
            down: VecDeque::new(),
            next_tick: 1_000_000,
            skew: 0,
        };
        table.give(Input::Advance);
        table
    }

    /// Virtual time passes; `each` is called every millisecond.
    pub fn run(&mut self, millis: u64, mut each: impl FnMut(&mut Self)) {
        for _ in 0..millis {
            self.now += 1_000;
            each(self);
            self.deliver_due();
            if self.now >= self.next_tick {
                self.next_tick += 33_333;
                for body in self.room.tick() {
                    self.send(body);
                }
            }
            // A screen of about 60 Hz.
            if self.now.is_multiple_of(16_000) && self.now >= self.client_stalls_until {
                self.give(Input::Advance);
            }
        }
    }

    pub fn idle(&mut self, millis: u64) {
        self.run(millis, |_| {});
    }

    /// Presses other buttons now and then.
    pub fn wander(&mut self, millis: u64) {
        self.run(millis, |table| {
            if table.rng.chance(1, 200) {
                let buttons = Buttons::from_bits_truncate(table.rng.next_u32() as u8);
                table.give(Input::Buttons(buttons));
            }
        });
    }

    pub fn give(&mut self, input: Input<'_>) {
        let outputs: Vec<Output> = self.client.handle(Micros(self.now), input).collect();
        for output in outputs {
            match output {
                Output::Connect { resume_token, .. } => {
                    self.connects.push((self.now, resume_token));
                    if self.refuse {
                        self.give(Input::Closed { code: None });
                        continue;
                    }
                    self.connected = true;
                    self.give(Input::Opened);
                    let body = self.room.connect(self.resumes && self.connects.len() > 1);
                    self.send(body);
                }
                Output::Send { bytes, text } => {
                    let keeps_alive = bytes == KEEPALIVE.as_bytes();
                    assert_eq!(text, self.encoding.is_text() || keeps_alive);
                    let at = self.arrival(self.up.back().map_or(0, |last| last.0));
                    if self.carries_up {
                        self.up.push_back((at, bytes));
                    }
                }
                Output::Close { code } => {
                    self.connected = false;
                    self.closes.push(code);
                }
                Output::Stepped { seq } => {
                    self.stepped.push((self.now, seq));
                    self.guesses
                        .insert(seq, *self.client.predicted_after(seq).unwrap());
                }
                Output::Corrected(correction) => self.corrections.push(correction),
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    /// The connection breaks; what was on its way is lost.
    pub fn cut(&mut self) {
        self.connected = false;
        self.up.clear();
        self.down.clear();
        self.give(Input::Closed { code: None });
    }

    pub fn send(&mut self, body: ServerBody) {
        if !self.connected {
            return;
        }
        let base_id = if let ServerBody::Snapshot(snapshot) = &body {
            snapshot.base_id
        } else {
            None
        };
        let base = base_id.map(|id| self.room.views[&id].clone());
        let message = ServerMessage {
            server_time: (SERVER_EPOCH + self.now) as f64 / 1000.0,
            step: self.room.world.step_number(),
            body,
        };
        if (self.deliver)(&message) {
            let bytes = encode_server(&message, self.encoding, base.as_ref());
            let at = self.arrival(self.down.back().map_or(0, |last| last.0));
            self.down.push_back((at, bytes));
        }
    }

    fn arrival(&mut self, last: u64) -> u64 {
        let delay = self.delay.base + u64::from(self.rng.below(self.delay.jitter + 1));
        (self.now + delay).max(last)
    }

    fn deliver_due(&mut self) {
        while self.up.front().is_some_and(|(at, _)| *at <= self.now) {
            let (_, bytes) = self.up.pop_front().unwrap();
            if bytes == KEEPALIVE.as_bytes() {
                self.keepalives += 1;
                if self.host_answers {
                    let at = self.arrival(self.down.back().map_or(0, |last| last.0));
                    self.down.push_back((at, KEEPALIVE_ANSWER.into()));
                }
                continue;
            }
            let message = decode_client(&bytes, self.encoding).unwrap();
            if let Some(body) = self.room.receive(self.now, message) {
                self.send(body);
            }
        }
        if self.now < self.client_stalls_until {
            return;
        }
        while self.down.front().is_some_and(|(at, _)| *at <= self.now) {
            let (_, bytes) = self.down.pop_front().unwrap();
            let keeps_alive = bytes == KEEPALIVE_ANSWER.as_bytes();
            self.give(Input::Message {
                bytes: &bytes,
                text: self.encoding.is_text() || keeps_alive,
            });
        }
    }

    /// Inputs whose outcome was guessed as it came to be: all of them, or the first that was not.
    pub fn first_wrong_guess(&self) -> Option<u32> {
        self.room
            .truth
            .iter()
            .find(|(seq, truth)| {
                self.guesses.get(seq).is_some_and(|guess| {
                    // What the authority alone decides; of life and death, that there is any.
                    let told = Player {
                        look: truth.look,
                        health: truth.health,
                        score: truth.score,
                        deaths: truth.deaths,
                        respawn_wait: truth.respawn_wait,
                        preview: truth.preview,
                        ..*guess
                    };
                    told != **truth || guess.is_alive() != truth.is_alive()
                })
            })
            .map(|(seq, _)| *seq)
    }
}

/// 200 ms round trip with 50 ms of jitter to both sides.
pub const FAR: Delay = Delay {
    base: 50_000,
    jitter: 100_000,
};
/// 40 ms round trip.
pub const NEAR: Delay = Delay {
    base: 20_000,
    jitter: 0,
};
