//! A driver of one room that believes nothing: every message must decode, every merged snapshot must be the room as it
//! is, every wait must be bounded, and what is stored must bring the room back.

use std::collections::BTreeMap;

use authority::limits::{
    COMMANDS_PENDING_MAX, INPUT_BUFFER_STEPS_MAX, SNAPSHOTS_KEPT_MAX, USERS_MAX,
};
use authority::{
    ConnId, Encoding, HashDetail, Hydration, Input, Millis, Note, Output, ResumeHash, Room,
    RoomConfig, Tables, recover,
};
use harness::Disk;
use protocol::{
    ClientCommand, ClientMessage, Envelope, KEEPALIVE_ANSWER, Mode, Receipt, ServerBody,
    ServerMessage, View, Welcome, decode_server, encode_client,
};

/// The room's code, which is a part of what its tokens are for.
pub(crate) const ROOM: &str = "fuzz";
const EPOCH: u64 = 1_767_225_600_000;

/// What a connection has heard.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) encoding: Encoding,
    pub(crate) welcome: Option<Welcome>,
    /// What the next message is numbered with.
    pub(crate) seq: u32,
    /// By id; as many as a room may count from.
    views: BTreeMap<u32, View>,
    proofs: BTreeMap<u32, Receipt>,
    pub(crate) errors: u32,
    pub(crate) is_closed: bool,
}

impl Peer {
    pub(crate) fn newest_snapshot(&self) -> Option<u32> {
        self.views.keys().next_back().copied()
    }

    /// The newest snapshot, and what stood in it.
    pub(crate) fn acknowledges(&self) -> (Option<u32>, Option<Receipt>) {
        let newest = self.newest_snapshot();
        let proof = newest.and_then(|id| self.proofs.get(&id));
        (newest, proof.copied())
    }
}

#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) room: Room,
    pub(crate) disk: Disk,
    pub(crate) peers: BTreeMap<ConnId, Peer>,
    pub(crate) rows_left_out: usize,
    /// Milliseconds since the epoch of all inputs.
    now: u64,
    wake: Option<u64>,
    last_conn: u64,
}

impl Driver {
    pub(crate) fn begin(hydration: Hydration, disk: Disk) -> Self {
        let mut driver = Self {
            room: Room::new(config(), hydration),
            disk,
            peers: BTreeMap::new(),
            rows_left_out: 0,
            now: 0,
            wake: None,
            last_conn: 0,
        };
        driver.load_who_is_in();
        driver.handle(Input::Wake);
        driver
    }

    fn load_who_is_in(&mut self) {
        for user_id in self.room.lacking() {
            self.load(&user_id);
        }
    }

    /// Reads a user's rows, if the room needs them.
    pub(crate) fn load(&mut self, user_id: &str) {
        if self.room.lacks_rows_of(user_id) {
            self.handle(Input::UserLoaded {
                user_id: user_id.to_owned(),
                rows: self.disk.rows_of(user_id),
            });
            let is_loaded = !self.room.lacks_rows_of(user_id);
            assert_eq!(is_loaded, self.room.remembers(user_id));
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    pub(crate) fn wake(&self) -> Option<u64> {
        self.wake
    }

    /// The clock goes on, and nobody wakes the room.
    pub(crate) fn let_pass(&mut self, ms: u64) {
        self.now += ms;
    }

    /// The room is woken when it asked for it, or now if that is over.
    pub(crate) fn wake_at(&mut self, at: u64) {
        self.now = self.now.max(at);
        self.handle(Input::Wake);
    }

    pub(crate) fn handle(&mut self, input: Input<'_>) {
        if matches!(input, Input::Wake) {
            self.wake = None;
        }
        let outputs: Vec<Output> = self.room.handle(Millis(EPOCH + self.now), input).collect();
        for output in outputs {
            match output {
                Output::Send { conn, bytes, text } | Output::SendStored { conn, bytes, text } => {
                    self.receive(conn, &bytes, text);
                }
                Output::Close { conn, .. } => {
                    if let Some(peer) = self.peers.get_mut(&conn) {
                        assert!(!peer.is_closed, "closed once");
                        peer.is_closed = true;
                    }
                }
                Output::WakeAt(at) => {
                    assert!(at.0 > EPOCH + self.now, "not in the past");
                    self.wake = Some(at.0 - EPOCH);
                }
                Output::Sleep => self.wake = None,
                Output::Persist(rows) => self.disk.store(rows),
                Output::LogStart(header) => self.disk.start_log(header),
                Output::Log(blocks) => self.disk.append_log(&blocks),
                Output::Note(Note::RowsLeftOut { rows }) => self.rows_left_out += rows,
                Output::Note(_) => {}
            }
        }
        for waiting in self.room.waiting() {
            assert!(waiting.inputs.len() <= INPUT_BUFFER_STEPS_MAX);
            assert!(waiting.commands <= 2 * COMMANDS_PENDING_MAX);
        }
    }

    fn receive(&mut self, conn: ConnId, bytes: &[u8], text: bool) {
        let Some(peer) = self.peers.get_mut(&conn) else {
            panic!("a message for nobody");
        };
        assert!(!peer.is_closed, "nothing follows a close");
        if bytes == KEEPALIVE_ANSWER.as_bytes() {
            return assert!(text, "a host would answer so");
        }
        assert_eq!(text, peer.encoding.is_text());
        let message = match decode_server(bytes, peer.encoding, |id| peer.views.get(&id)) {
            Ok(message) => message,
            Err(error) => panic!("{error}: {}", bytes.escape_ascii()),
        };
        let ServerMessage { step, body, .. } = message;
        match body {
            ServerBody::Welcome(welcome) => peer.welcome = Some(welcome),
            ServerBody::Snapshot(snapshot) => {
                let mut view = match (snapshot.mode, snapshot.base_id) {
                    (Mode::Delta, Some(base)) => peer.views[&base].clone(),
                    _ => View {
                        step,
                        ..View::default()
                    },
                };
                view.apply(&snapshot.features, step)
                    .expect("changes belong to their base");
                if step == self.room.world().step_number() {
                    assert_eq!(view, self.room.view(), "a snapshot shows what there is");
                }
                peer.views.insert(snapshot.id, view);
                let proof = snapshot.proof.map(|proof| (snapshot.id, proof));
                peer.proofs.extend(proof);
                if peer.views.len() > SNAPSHOTS_KEPT_MAX
                    && let Some((oldest, _)) = peer.views.pop_first()
                {
                    peer.proofs.remove(&oldest);
                }
            }
            ServerBody::Error(_) => peer.errors += 1,
            ServerBody::Ack(_) | ServerBody::Pong { .. } | ServerBody::Event(_) => {}
        }
    }

    /// A user opens a connection. None if it was turned away.
    pub(crate) fn open(
        &mut self,
        user: &str,
        encoding: Encoding,
        token: Option<&str>,
    ) -> Option<ConnId> {
        self.load(user);
        self.last_conn += 1;
        let conn = ConnId(self.last_conn);
        let peer = Peer {
            encoding,
            welcome: None,
            seq: 0,
            views: BTreeMap::new(),
            proofs: BTreeMap::new(),
            errors: 0,
            is_closed: false,
        };
        self.peers.insert(conn, peer);
        let mut entropy = [0; 32];
        entropy[..8].copy_from_slice(&self.last_conn.to_le_bytes());
        self.handle(Input::Connect {
            conn,
            encoding,
            user_id: user.to_owned(),
            resume: token.map(|token| ResumeHash::of(ROOM, token)),
            entropy,
        });
        let peer = &self.peers[&conn];
        assert_eq!(peer.welcome.is_some(), !peer.is_closed, "in or out");
        (!peer.is_closed).then_some(conn)
    }

    /// The line of a connection is lost.
    pub(crate) fn lose(&mut self, conn: ConnId) {
        self.handle(Input::Disconnect {
            conn,
            on_purpose: false,
        });
    }

    pub(crate) fn send(&mut self, conn: ConnId, command: ClientCommand) -> Vec<u8> {
        let client_time = self.now as f64;
        let peer = self.peers.get_mut(&conn).expect("it was opened");
        peer.seq = peer.seq.saturating_add(1);
        let message = ClientMessage::Command(Envelope {
            seq: peer.seq,
            client_time,
            command,
        });
        let bytes = encode_client(&message, peer.encoding);
        let bytes_of = &bytes;
        self.handle(Input::Message {
            conn,
            bytes: bytes_of,
        });
        bytes
    }

    /// Ends this room's life and begins the next from what is stored.
    pub(crate) fn restart(&mut self, exact: bool) {
        let hydration = if exact {
            let (hydration, error) = self.disk.hydration();
            assert_eq!(error, None, "the recording brings the room back");
            hydration
        } else {
            Hydration::Tables(self.disk.tables())
        };
        let stored = self.disk.tables().structures.len();
        self.room = Room::new(config(), hydration);
        assert_eq!(self.room.world().structures().len(), stored);
        self.peers.clear();
        self.wake = None;
        self.load_who_is_in();
        self.handle(Input::Wake);
    }

    /// What is stored now is what there is.
    pub(crate) fn is_stored(&mut self) {
        self.handle(Input::Flush);
        let tables: Tables = self.disk.tables();
        let stands: Vec<_> = self.room.world().structures().iter().copied().collect();
        assert_eq!(tables.structures, stands);
        assert!(tables.checkpoints.len() <= USERS_MAX);
        if self.room.stats().steps > 0 {
            let newest = self.disk.recordings().last();
            let recovered = recover(newest.expect("what steps records"));
            let recovered = recovered.expect("the recording is whole");
            assert_eq!(&recovered.world, self.room.world());
        }
    }
}

fn config() -> RoomConfig {
    RoomConfig {
        room_code: ROOM.to_owned(),
        seed: 7,
        build_id: "fuzz".to_owned(),
        started_at_ms: EPOCH,
        hash_detail: HashDetail::EveryStep,
    }
}
