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
    Ack, ClientCommand, ClientMessage, Encoding, Identity, Limits, Mode, Profile, Rates,
    ServerBody, ServerMessage, Snapshot, Timing, View, Welcome, decode_client, encode_server,
};
use sim_core::{
    Buttons, Command, Event as SimEvent, Frame, Join, Look, Player, PlayerId, Rng, SIM_VERSION,
    World, rules_hash,
};

pub const ME: PlayerId = PlayerId(1);
pub const OTHER: PlayerId = PlayerId(2);
const BUFFER_MAX: usize = 12;
const SERVER_EPOCH: u64 = 3_600_000_000;

/// One seat's room.
pub struct Room {
    pub world: World,
    pub buffer: VecDeque<protocol::Input>,
    pub received: u32,
    pub consumed: Option<u32>,
    pub timing: Timing,
    /// What happens to others on the next step.
    pub frame: Frame,
    pub views: BTreeMap<u32, View>,
    pub acked: Option<u32>,
    pub snapshot_id: u32,
    pub full_sent: u32,
    pub delta_sent: u32,
    /// The own player after each input, as the authority has it.
    pub truth: BTreeMap<u32, Player>,
    /// Every batch that arrived: time, inputs.
    pub batches: Vec<(u64, usize)>,
    pub commands: Vec<ClientCommand>,
    pub message_seqs: Vec<u32>,
    pending: Vec<(u32, u32, Command)>,
    held: Buttons,
    ticks: u64,
}

impl Room {
    pub fn new(seed: u64, first_seq: u32) -> Self {
        let mut world = World::new(seed);
        world.step(&Frame {
            joins: vec![join(ME), join(OTHER)],
            ..Frame::default()
        });
        Self {
            world,
            buffer: VecDeque::new(),
            received: first_seq.wrapping_sub(1),
            consumed: None,
            timing: Timing::default(),
            frame: Frame::default(),
            views: BTreeMap::new(),
            acked: None,
            snapshot_id: 0,
            full_sent: 0,
            delta_sent: 0,
            truth: BTreeMap::new(),
            batches: Vec::new(),
            commands: Vec::new(),
            message_seqs: Vec::new(),
            pending: Vec::new(),
            held: Buttons::NONE,
            ticks: 0,
        }
    }

    /// Sets the own player down elsewhere, at rest, between two steps.
    pub fn displace(&mut self, by: sim_core::Shift) {
        let me = *self.me();
        self.frame.leaves.push(ME);
        self.frame.joins.push(Join {
            player: ME,
            look: me.look,
            saved: Some(sim_core::SavedPlayer {
                pos: sim_core::Point {
                    x: me.pos.x + by,
                    y: me.pos.y,
                },
                vel: me.vel,
                health: me.health,
                score: me.score,
                deaths: me.deaths,
            }),
        });
        self.held = Buttons::NONE;
    }

    pub fn me(&self) -> &Player {
        self.world.player(ME).unwrap()
    }

    /// A connection begins.
    pub fn connect(&mut self, resumed: bool) -> ServerBody {
        self.views.clear();
        self.acked = None;
        self.snapshot_id = 0;
        self.timing = Timing::default();
        self.pending.clear();
        ServerBody::Welcome(Welcome {
            room: "table".into(),
            player_id: ME,
            user_id: "user".into(),
            resume_token: "token".into(),
            resumed,
            next_input_seq: self.received.wrapping_add(1),
            sim_version: SIM_VERSION,
            rules_hash: rules_hash(),
            protocol: 2,
            rates: Rates::CURRENT,
            limits: Limits::CURRENT,
            profile: Profile {
                character_id: "default".into(),
                name: "name".into(),
                look: Look::default(),
            },
        })
    }

    pub fn receive(&mut self, now: u64, message: ClientMessage) -> Option<ServerBody> {
        self.message_seqs.push(message.seq());
        let envelope = match message {
            ClientMessage::Ping { seq, client_time } => {
                return Some(ServerBody::Pong { seq, client_time });
            }
            ClientMessage::Command(envelope) => envelope,
        };
        self.commands.push(envelope.command.clone());
        match envelope.command {
            ClientCommand::InputBatch {
                inputs,
                snapshot_ack,
                predicted,
            } => {
                assert!(predicted.is_some());
                self.batches.push((now, inputs.len()));
                self.acked = snapshot_ack;
                for input in inputs {
                    if (input.seq.wrapping_sub(self.received) as i32) <= 0 {
                        continue;
                    }
                    assert_eq!(input.seq, self.received.wrapping_add(1), "no gaps");
                    self.received = input.seq;
                    if self.buffer.len() < BUFFER_MAX {
                        self.buffer.push_back(input);
                    } else {
                        self.timing.dropped += 1;
                    }
                }
            }
            ClientCommand::Place {
                input_seq,
                cell,
                structure,
            } => self.later(
                envelope.seq,
                input_seq,
                Command::Place {
                    cell,
                    kind: structure,
                },
            ),
            ClientCommand::Remove {
                input_seq,
                structure_id,
            } => self.later(
                envelope.seq,
                input_seq,
                Command::Remove { id: structure_id },
            ),
            ClientCommand::Fire { input_seq, aim } => {
                self.later(envelope.seq, input_seq, Command::Fire { aim });
            }
            ClientCommand::Preview { .. }
            | ClientCommand::PreviewClear
            | ClientCommand::SelectCharacter { .. }
            | ClientCommand::SaveCharacter { .. } => {}
        }
        None
    }

    fn later(&mut self, message: u32, input_seq: u32, command: Command) {
        assert!(
            (input_seq.wrapping_sub(self.received) as i32) > 0,
            "a deed comes before the batch with its input"
        );
        self.pending.push((message, input_seq, command));
    }

    /// Two steps; returns what is to be sent.
    pub fn tick(&mut self) -> Vec<ServerBody> {
        let mut out = Vec::new();
        for _ in 0..2 {
            self.step(&mut out);
        }
        self.ticks += 1;
        if self.ticks.is_multiple_of(3) {
            out.push(ServerBody::Snapshot(self.snapshot()));
        }
        out
    }

    fn step(&mut self, out: &mut Vec<ServerBody>) {
        let mut frame = std::mem::take(&mut self.frame);
        let mut messages = Vec::new();
        let consumed = self.buffer.pop_front();
        match consumed {
            Some(input) => {
                if input.buttons != self.held {
                    self.held = input.buttons;
                    frame.buttons.insert(0, (ME, input.buttons));
                }
                for (message, _, command) in
                    self.pending.extract_if(.., |(_, seq, _)| *seq == input.seq)
                {
                    frame.commands.push((ME, command));
                    messages.push(message);
                }
                self.consumed = Some(input.seq);
            }
            None => self.timing.starved += 1,
        }
        self.world.step(&frame);
        if let Some(input) = consumed {
            self.truth.insert(input.seq, *self.me());
        }
        for event in self.world.events() {
            let (structure_id, projectile_id) = match event {
                SimEvent::Placed { player: ME, id, .. } => (Some(*id), None),
                SimEvent::Fired { player: ME, id } => (None, Some(*id)),
                SimEvent::Joined { .. }
                | SimEvent::Left { .. }
                | SimEvent::Placed { .. }
                | SimEvent::Removed { .. }
                | SimEvent::Destroyed { .. }
                | SimEvent::Fired { .. }
                | SimEvent::Hit { .. }
                | SimEvent::Died { .. }
                | SimEvent::Respawned { .. }
                | SimEvent::Rejected { .. } => continue,
            };
            if !messages.is_empty() {
                out.push(ServerBody::Ack(Ack {
                    seq: messages.remove(0),
                    structure_id,
                    projectile_id,
                }));
            }
        }
    }

    pub fn view(&self) -> View {
        let identity = |name: &str| Identity {
            name: name.into(),
            connected: true,
        };
        View::capture(
            &self.world,
            &BTreeMap::from([(ME, identity("me")), (OTHER, identity("other"))]),
        )
    }

    fn snapshot(&mut self) -> Snapshot {
        let now = self.view();
        let base = self.acked.filter(|id| self.views.contains_key(id));
        let features = View::diff(base.map(|id| &self.views[&id]), &now);
        self.snapshot_id += 1;
        self.views.insert(self.snapshot_id, now);
        match base {
            Some(_) => self.delta_sent += 1,
            None => self.full_sent += 1,
        }
        Snapshot {
            id: self.snapshot_id,
            mode: if base.is_some() {
                Mode::Delta
            } else {
                Mode::Full
            },
            base_id: base,
            local_ack_seq: self.consumed,
            timing: Timing {
                buffer_depth: self.buffer.len() as u16,
                ..self.timing
            },
            features,
        }
    }
}

pub fn join(player: PlayerId) -> Join {
    Join {
        player,
        look: Look::default(),
        saved: Some(sim_core::SavedPlayer {
            pos: sim_core::Cell {
                x: 20 + 10 * player.0 as u8,
                y: 30,
            }
            .centre(),
            vel: sim_core::Velocity::ZERO,
            health: 100,
            score: 0,
            deaths: 0,
        }),
    }
}

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
    /// The player predicted after each input, when it was predicted.
    pub guesses: BTreeMap<u32, Player>,
    pub rng: Rng,
    /// Asked with each message to the client: false loses it.
    pub deliver: fn(&ServerMessage) -> bool,
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
            guesses: BTreeMap::new(),
            rng: Rng::new(99),
            deliver: |_| true,
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
                    assert_eq!(text, self.encoding.is_text());
                    let at = self.arrival(self.up.back().map_or(0, |last| last.0));
                    self.up.push_back((at, bytes));
                }
                Output::Close => self.connected = false,
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
            self.give(Input::Message {
                bytes: &bytes,
                text: self.encoding.is_text(),
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
                    guess.predicted_hash() != truth.predicted_hash()
                        || (guess.fire_wait, guess.build_wait, guess.protected)
                            != (truth.fire_wait, truth.build_wait, truth.protected)
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
