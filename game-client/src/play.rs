//! One player in one room: the client, its connection, and the line between them.
//!
//! * [`Play::advance`] is called with every frame, and as often besides as somebody has the time: a page that is not
//!   shown is given no frames, but messages still come.
//! * What arrived is handled at the moment at which it arrived, so the frame rate is no jitter of the connection.

use netcode::{Client, ClientConfig, Correction, Event, Input, Micros, Output};
use protocol::CloseCode;
use sim_core::Point;

use crate::delay_line::{DelayLine, Disturbance};
use crate::predictions::Predictions;
use crate::socket::{Arrival, Dial, Socket};
use crate::timeline::Timeline;

/// What happened that nobody has asked for yet; the oldest goes if more does.
const HAPPENED_MAX: usize = 256;

/// Something for the screen to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// The prediction was repaired.
    Corrected {
        /// What is known about it.
        correction: Correction,
        /// Where the own player was predicted to be.
        from: Point,
        /// Where it was put.
        to: Point,
    },
    /// Something that the player should know.
    Event(Event),
}

/// A message on its way up.
type Sent = (Vec<u8>, bool);

/// One player in one room.
#[derive(Debug)]
pub struct Play<D: Dial> {
    client: Client,
    dial: D,
    socket: Option<D::Socket>,
    up: DelayLine<Sent>,
    down: DelayLine<Arrival>,
    /// Of everything handled so far.
    now: Micros,
    happened: Vec<(Micros, Happened)>,
    timeline: Timeline,
    predictions: Predictions,
}

impl<D: Dial> Play<D> {
    /// A player who is not connected. The first [`Play::advance`] dials.
    #[must_use]
    pub fn new(dial: D, config: ClientConfig) -> Self {
        let seed = config.seed;
        Self {
            client: Client::new(config),
            dial,
            socket: None,
            up: DelayLine::new(seed),
            down: DelayLine::new(!seed),
            now: Micros(0),
            happened: Vec::new(),
            timeline: Timeline::default(),
            predictions: Predictions::default(),
        }
    }

    /// Takes what has come, does what is due, and sends what is to be sent.
    pub fn advance(&mut self, now: Micros) {
        self.take_arrivals();
        // A message may lead to another connection, whose messages are behind it.
        while let Some((at, arrival)) = self.down.take(now) {
            match arrival {
                Arrival::Opened => self.handle(at, Input::Opened),
                Arrival::Message { bytes, text } => {
                    let before = self.client.stats();
                    let input = Input::Message {
                        bytes: &bytes,
                        text,
                    };
                    self.handle(at, input);
                    let after = self.client.stats();
                    self.timeline.arrived(at, bytes.len(), &before, &after);
                }
                Arrival::Closed { code } => {
                    self.socket = None;
                    let code = code.and_then(CloseCode::from_number);
                    self.handle(at, Input::Closed { code });
                }
            }
        }
        self.handle(now, Input::Advance);
        self.send(now);
    }

    /// The player does something.
    pub fn input(&mut self, now: Micros, input: Input<'_>) {
        self.handle(now, input);
        self.send(now);
    }

    /// The client, for what there is to draw and to read.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What has happened since this was last asked, with when it did.
    pub fn happened(&mut self) -> impl Iterator<Item = (Micros, Happened)> {
        self.happened.drain(..)
    }

    /// How snapshots came and what they repaired.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What was predicted.
    #[must_use]
    pub fn predictions(&self) -> &Predictions {
        &self.predictions
    }

    /// Makes the line worse, or as it is again.
    pub fn disturb(&mut self, disturbance: Disturbance) {
        self.up.disturb(disturbance);
        self.down.disturb(disturbance);
    }

    /// Lets nothing through for this long, in either direction.
    pub fn stall(&mut self, now: Micros, length: Micros) {
        let until = now.after(length);
        self.up.stall(until);
        self.down.stall(until);
    }

    fn take_arrivals(&mut self) {
        while let Some((at, arrival)) = self.socket.as_mut().and_then(Socket::arrived) {
            self.down.put(at, arrival);
        }
    }

    fn send(&mut self, now: Micros) {
        while let Some((_, (bytes, text))) = self.up.take(now) {
            if let Some(socket) = &mut self.socket {
                socket.send(bytes, text);
            }
        }
    }

    fn handle(&mut self, now: Micros, input: Input<'_>) {
        self.now = self.now.max(now);
        let now = self.now;
        let place = |client: &Client| client.predicted().map(|player| player.pos);
        let from = place(&self.client);
        let mut corrected = None;
        let mut stepped = false;
        for output in self.client.handle(now, input) {
            match output {
                Output::Connect { resume_token, .. } => {
                    self.up.clear();
                    self.down.clear();
                    // The one before is closed first: a player has one connection.
                    self.socket = None;
                    self.socket = Some(self.dial.dial(resume_token.as_deref()));
                }
                Output::Send { bytes, text } => self.up.put(now, (bytes, text)),
                Output::Close { code } => {
                    self.up.clear();
                    self.down.clear();
                    if let Some(socket) = self.socket.take() {
                        socket.close(code);
                    }
                }
                Output::Stepped { .. } => stepped = true,
                Output::Corrected(correction) => corrected = Some(correction),
                Output::Event(event) => note(&mut self.happened, now, Happened::Event(event)),
            }
        }
        let to = place(&self.client);
        if let (Some(correction), Some(to)) = (corrected, to) {
            let from = from.unwrap_or(to);
            let happened = Happened::Corrected {
                correction,
                from,
                to,
            };
            note(&mut self.happened, now, happened);
            self.timeline.corrected(now, correction);
        }
        if stepped {
            self.predictions.note(&self.client);
        }
    }
}

fn note(happened: &mut Vec<(Micros, Happened)>, now: Micros, what: Happened) {
    if happened.len() >= HAPPENED_MAX {
        happened.remove(0);
    }
    happened.push((now, what));
}
