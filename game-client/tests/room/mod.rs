//! A room in the same process and in virtual time, for players who dial it.
#![allow(dead_code, reason = "no test needs all of it")]

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use authority::{ConnId, Hydration, Input, Millis, Output, ResumeHash, Room, RoomConfig};
use game_client::play::Play;
use game_client::socket::{Arrival, Dial, Socket};
use input_log::HashDetail;
use netcode::{ClientConfig, Micros};
use protocol::{CloseCode, Encoding};

const CODE: &str = "test";
/// When the room's clock begins.
const EPOCH_MS: u64 = 1_700_000_000_000;

/// The room, its connections and the time.
#[derive(Debug)]
pub(crate) struct Host {
    room: Room,
    now: Micros,
    wakes: Option<Micros>,
    conns: u64,
    down: BTreeMap<ConnId, VecDeque<(Micros, Arrival)>>,
    recording: Vec<u8>,
}

impl Host {
    pub(crate) fn new() -> Rc<RefCell<Self>> {
        let config = RoomConfig {
            room_code: CODE.into(),
            seed: 7,
            build_id: "test".into(),
            started_at_ms: EPOCH_MS,
            hash_detail: HashDetail::EveryStep,
        };
        Rc::new(RefCell::new(Self {
            room: Room::new(config, Hydration::Fresh),
            now: Micros(0),
            wakes: None,
            conns: 0,
            down: BTreeMap::new(),
            recording: Vec::new(),
        }))
    }

    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    /// What the room has recorded so far.
    pub(crate) fn recording(&self) -> &[u8] {
        &self.recording
    }

    /// Runs the room up to this moment.
    pub(crate) fn run(&mut self, now: Micros) {
        while let Some(due) = self.wakes.filter(|due| *due <= now) {
            self.now = self.now.max(due);
            self.wakes = None;
            self.handle(Input::Wake);
        }
        self.now = now;
    }

    /// Ends every connection, as a lost line does.
    pub(crate) fn cut(&mut self) {
        let conns: Vec<ConnId> = self.down.keys().copied().collect();
        for conn in conns {
            self.handle(Input::Disconnect {
                conn,
                on_purpose: false,
            });
            self.arrive(conn, Arrival::Closed { code: None });
        }
    }

    fn arrive(&mut self, conn: ConnId, what: Arrival) {
        if let Some(down) = self.down.get_mut(&conn) {
            down.push_back((self.now, what));
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        let at = Millis(EPOCH_MS + self.now.0 / 1_000);
        let outputs: Vec<Output> = self.room.handle(at, input).collect();
        for output in outputs {
            match output {
                Output::Send { conn, bytes, text } | Output::SendStored { conn, bytes, text } => {
                    self.arrive(conn, Arrival::Message { bytes, text });
                }
                Output::Close { conn, code, .. } => {
                    self.arrive(conn, Arrival::Closed { code: Some(code) });
                }
                Output::WakeAt(Millis(at)) => {
                    self.wakes = Some(Micros::from_millis(at.saturating_sub(EPOCH_MS)));
                }
                Output::Sleep => self.wakes = None,
                Output::LogStart(bytes) => self.recording = bytes,
                Output::Log(bytes) => self.recording.extend(bytes),
                Output::Persist(_) | Output::Note(_) => {}
            }
        }
    }
}

/// A way into the room.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) host: Rc<RefCell<Host>>,
    pub(crate) user: String,
}

impl Dial for Door {
    type Socket = Wire;

    fn dial(&mut self, resume_token: Option<&str>) -> Wire {
        let mut host = self.host.borrow_mut();
        host.conns += 1;
        let conn = ConnId(host.conns);
        host.down.insert(conn, VecDeque::new());
        host.arrive(conn, Arrival::Opened);
        let mut entropy = [0; 32];
        entropy[..8].copy_from_slice(&conn.0.to_le_bytes());
        host.handle(Input::Connect {
            conn,
            encoding: Encoding::Binary,
            user_id: self.user.clone(),
            resume: resume_token.map(|token| ResumeHash::of(CODE, token)),
            entropy,
        });
        Wire {
            host: Rc::clone(&self.host),
            conn,
        }
    }
}

/// A connection to the room.
#[derive(Debug)]
pub(crate) struct Wire {
    host: Rc<RefCell<Host>>,
    conn: ConnId,
}

impl Socket for Wire {
    fn send(&mut self, bytes: Vec<u8>, _text: bool) {
        self.host.borrow_mut().handle(Input::Message {
            conn: self.conn,
            bytes: &bytes,
        });
    }

    fn close(self, code: CloseCode) {
        self.host.borrow_mut().handle(Input::Disconnect {
            conn: self.conn,
            on_purpose: code == CloseCode::Left,
        });
    }

    fn arrived(&mut self) -> Option<(Micros, Arrival)> {
        let mut host = self.host.borrow_mut();
        host.down.get_mut(&self.conn)?.pop_front()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let mut host = self.host.borrow_mut();
        host.handle(Input::Disconnect {
            conn: self.conn,
            on_purpose: false,
        });
        host.down.remove(&self.conn);
    }
}

/// Somebody who plays there.
pub(crate) fn player(host: &Rc<RefCell<Host>>, user: &str) -> Play<Door> {
    let door = Door {
        host: Rc::clone(host),
        user: user.to_owned(),
    };
    let config = ClientConfig {
        seed: user.len() as u64,
        json: false,
        resume_token: None,
    };
    Play::new(door, config)
}
