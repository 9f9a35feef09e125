//! A driver for tests: wakes the room when it asks for it, decodes everything that it sends, and stores what it stores.

use std::collections::BTreeMap;

use authority::{
    ConnId, Encoding, HashDetail, Hydration, Input, Millis, Output, ResumeHash, Room, RoomConfig,
    Waiting,
};
use protocol::{
    Ack, ClientCommand, ClientMessage, Envelope, ErrorBody, Mode, Receipt, ServerBody,
    ServerMessage, Snapshot, SnapshotDelta, View, Welcome, decode_server, encode_client,
};
use sim_core::{Buttons, Player, PlayerId};

use crate::disk::Disk;

pub(crate) const ROOM: &str = "test-room";
pub(crate) const EPOCH: u64 = 1_767_225_600_000;

pub(crate) fn config() -> RoomConfig {
    RoomConfig {
        room_code: ROOM.to_owned(),
        seed: 7,
        build_id: "test".to_owned(),
        started_at_ms: EPOCH,
        hash_detail: HashDetail::EveryStep,
    }
}

/// A client as simple as can be.
pub(crate) struct Peer {
    pub(crate) encoding: Encoding,
    pub(crate) seq: u32,
    pub(crate) next_input: u32,
    pub(crate) views: BTreeMap<u32, View>,
    /// What stood in the snapshots.
    pub(crate) proofs: BTreeMap<u32, Receipt>,
    pub(crate) bytes: u64,
    pub(crate) received: Vec<ServerMessage>,
    pub(crate) closed: Option<u16>,
}

impl Peer {
    pub(crate) fn speaking(encoding: Encoding) -> Self {
        Self {
            encoding,
            seq: 0,
            next_input: 1,
            views: BTreeMap::new(),
            proofs: BTreeMap::new(),
            bytes: 0,
            received: Vec::new(),
            closed: None,
        }
    }

    pub(crate) fn newest(&self) -> Option<u32> {
        self.views.keys().next_back().copied()
    }

    /// The newest snapshot, and its proof if the encoding has a place for it.
    pub(crate) fn acknowledges(&self) -> (Option<u32>, Option<Receipt>) {
        let newest = self.newest();
        let proof = newest.and_then(|id| self.proofs.get(&id));
        (newest, proof.copied())
    }
}

pub(crate) struct Rig {
    pub(crate) room: Room,
    pub(crate) now: u64,
    pub(crate) wake: Option<u64>,
    /// When the platform's alarm rings: it outlives the room's memory.
    pub(crate) alarm: Option<u64>,
    pub(crate) peers: BTreeMap<ConnId, Peer>,
    pub(crate) disk: Disk,
    pub(crate) notes: Vec<authority::Note>,
    /// Snapshots that were compared with the room's view.
    pub(crate) compared: usize,
    last_conn: u64,
    entropy: u8,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::from(Hydration::Fresh, Disk::default(), 0)
    }

    pub(crate) fn from(hydration: Hydration, disk: Disk, now: u64) -> Self {
        let mut rig = Self {
            room: Room::new(config(), hydration),
            now,
            wake: None,
            alarm: None,
            peers: BTreeMap::new(),
            disk,
            notes: Vec::new(),
            compared: 0,
            last_conn: 0,
            entropy: 0,
        };
        for user_id in rig.room.lacking() {
            rig.load(&user_id);
        }
        rig
    }

    /// Reads a user's rows, if the room needs them.
    pub(crate) fn load(&mut self, user_id: &str) {
        if self.room.lacks_rows_of(user_id) {
            self.handle(Input::UserLoaded {
                user_id: user_id.to_owned(),
                rows: self.disk.of(user_id),
            });
        }
    }

    pub(crate) fn handle(&mut self, input: Input<'_>) {
        if matches!(input, Input::Wake) {
            self.wake = None;
        }
        // Ticks that were late run first, and then somebody comes or goes: what they showed is not the room's view any more.
        let changes = matches!(input, Input::Connect { .. } | Input::Disconnect { .. });
        let outputs: Vec<Output> = self.room.handle(Millis(EPOCH + self.now), input).collect();
        for output in outputs {
            match output {
                Output::Send { conn, bytes, text } | Output::SendStored { conn, bytes, text } => {
                    self.receive(conn, &bytes, text, !changes);
                }
                Output::Close { conn, code, .. } => {
                    self.peers.get_mut(&conn).unwrap().closed = Some(code);
                }
                Output::WakeAt(at) => self.wake = Some(at.0 - EPOCH),
                Output::Sleep => self.wake = None,
                Output::Persist(batch) => self.disk.store(batch),
                Output::LogStart(header) => self.disk.recordings.push(header),
                Output::Log(block) => self.disk.recordings.last_mut().unwrap().extend(block),
                Output::Note(note) => self.notes.push(note),
            }
        }
        self.alarm = self.room.idle_deadline().map(|at| at.0 - EPOCH);
    }

    fn receive(&mut self, conn: ConnId, bytes: &[u8], text: bool, is_now: bool) {
        let peer = self.peers.get_mut(&conn).unwrap();
        assert_eq!(text, peer.encoding.is_text());
        assert!(peer.closed.is_none(), "nothing follows a close");
        peer.bytes += bytes.len() as u64;
        let message = decode_server(bytes, peer.encoding, |id| peer.views.get(&id)).unwrap();
        if let ServerBody::Snapshot(snapshot) = &message.body {
            let mut view = match snapshot.mode {
                Mode::Full => View::default(),
                Mode::Delta => peer.views[&snapshot.base_id.unwrap()].clone(),
            };
            match snapshot.mode {
                Mode::Full => view = View::from_full(&snapshot.features, message.step).unwrap(),
                Mode::Delta => view.apply(&snapshot.features, message.step).unwrap(),
            }
            if is_now && message.step == self.room.world().step_number() {
                assert_eq!(view, self.room.view(), "a snapshot shows what there is");
                self.compared += 1;
            }
            peer.views.insert(snapshot.id, view);
            let proof = snapshot.proof.map(|proof| (snapshot.id, proof));
            peer.proofs.extend(proof);
        }
        peer.received.push(message);
    }

    /// Lets time pass, waking the room exactly when it asks for it.
    pub(crate) fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        loop {
            let due = self.wake.map(|at| (at, Input::Wake));
            let due = due.or(self.alarm.map(|at| (at, Input::Alarm)));
            let Some((at, input)) = due.filter(|(at, _)| *at <= until) else {
                break;
            };
            self.now = self.now.max(at);
            self.handle(input);
        }
        self.now = until;
    }

    /// Lets exactly so many ticks pass.
    pub(crate) fn ticks(&mut self, ticks: usize) {
        for _ in 0..ticks {
            self.now = self.wake.expect("the room is awake");
            self.handle(Input::Wake);
        }
    }

    pub(crate) fn open(&mut self, user: &str, encoding: Encoding, token: Option<&str>) -> ConnId {
        self.load(user);
        let conn = self.peer(encoding);
        self.entropy = self.entropy.wrapping_add(1);
        self.handle(Input::Connect {
            conn,
            encoding,
            user_id: user.to_owned(),
            resume: token.map(|token| ResumeHash::of(ROOM, token)),
            entropy: [self.entropy; 32],
        });
        if let Some(next) = self.welcome(conn).map(|welcome| welcome.next_input_seq) {
            self.peers.get_mut(&conn).unwrap().next_input = next;
        }
        conn
    }

    fn peer(&mut self, encoding: Encoding) -> ConnId {
        self.last_conn += 1;
        let conn = ConnId(self.last_conn);
        self.peers.insert(conn, Peer::speaking(encoding));
        conn
    }

    /// A connection that outlived the memory of the room before.
    pub(crate) fn restore(&mut self, user: &str, encoding: Encoding) -> ConnId {
        self.load(user);
        let conn = self.peer(encoding);
        self.handle(Input::Restore {
            conn,
            encoding,
            user_id: user.to_owned(),
            entropy: [9; 32],
        });
        conn
    }

    /// Numbers of connections are never used again, also by the room that comes after.
    pub(crate) fn count_from(&mut self, last_conn: u64) {
        self.last_conn = last_conn;
        self.entropy = last_conn as u8;
    }

    pub(crate) fn last_conn(&self) -> u64 {
        self.last_conn
    }

    pub(crate) fn join(&mut self, user: &str) -> ConnId {
        let conn = self.open(user, Encoding::Json, None);
        assert!(self.welcome(conn).is_some());
        conn
    }

    pub(crate) fn leave(&mut self, conn: ConnId) {
        self.handle(Input::Disconnect {
            conn,
            on_purpose: false,
        });
    }

    pub(crate) fn leave_on_purpose(&mut self, conn: ConnId) {
        self.handle(Input::Disconnect {
            conn,
            on_purpose: true,
        });
    }

    pub(crate) fn bytes(&mut self, conn: ConnId, bytes: &[u8]) {
        self.handle(Input::Message { conn, bytes });
    }

    pub(crate) fn send(&mut self, conn: ConnId, command: ClientCommand) -> u32 {
        let peer = self.peers.get_mut(&conn).unwrap();
        peer.seq += 1;
        let seq = peer.seq;
        let message = ClientMessage::Command(Envelope {
            seq,
            client_time: self.now as f64,
            command,
        });
        let bytes = encode_client(&message, peer.encoding);
        self.bytes(conn, &bytes);
        seq
    }

    pub(crate) fn ping(&mut self, conn: ConnId) {
        let peer = self.peers.get_mut(&conn).unwrap();
        peer.seq += 1;
        let message = ClientMessage::Ping {
            seq: peer.seq,
            client_time: 1.5,
        };
        let bytes = encode_client(&message, peer.encoding);
        self.bytes(conn, &bytes);
    }

    /// Sends inputs with these numbers.
    pub(crate) fn inputs_from(&mut self, conn: ConnId, first: u32, held: &[Buttons]) -> u32 {
        let inputs = held
            .iter()
            .zip(first..)
            .map(|(&buttons, seq)| protocol::Input { seq, buttons })
            .collect();
        let peer = &self.peers[&conn];
        let (snapshot_ack, snapshot_proof) = peer.acknowledges();
        self.send(
            conn,
            ClientCommand::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted: None,
            },
        )
    }

    /// Sends the next inputs.
    pub(crate) fn inputs(&mut self, conn: ConnId, held: &[Buttons]) -> u32 {
        let first = self.peers[&conn].next_input;
        self.peers.get_mut(&conn).unwrap().next_input += held.len() as u32;
        self.inputs_from(conn, first, held)
    }

    /// Plays on: in each tick everybody sends two inputs.
    pub(crate) fn play(&mut self, conns: &[ConnId], held: Buttons, ticks: usize) {
        for _ in 0..ticks {
            for &conn in conns {
                self.inputs(conn, &[held, held]);
            }
            self.ticks(1);
        }
    }

    pub(crate) fn welcome(&self, conn: ConnId) -> Option<Welcome> {
        self.peers[&conn].received.iter().find_map(|message| {
            if let ServerBody::Welcome(welcome) = &message.body {
                Some(welcome.clone())
            } else {
                None
            }
        })
    }

    pub(crate) fn errors(&self, conn: ConnId) -> Vec<ErrorBody> {
        let messages = self.peers[&conn].received.iter();
        messages
            .filter_map(|message| {
                if let ServerBody::Error(error) = &message.body {
                    Some(error.clone())
                } else {
                    None
                }
            })
            .collect()
    }

    pub(crate) fn last_error(&self, conn: ConnId) -> ErrorBody {
        self.errors(conn).pop().expect("there is an error")
    }

    pub(crate) fn acks(&self, conn: ConnId) -> Vec<Ack> {
        let messages = self.peers[&conn].received.iter();
        messages
            .filter_map(|message| {
                if let ServerBody::Ack(ack) = message.body {
                    Some(ack)
                } else {
                    None
                }
            })
            .collect()
    }

    pub(crate) fn snapshots(&self, conn: ConnId) -> Vec<Snapshot> {
        let messages = self.peers[&conn].received.iter();
        messages
            .filter_map(|message| {
                if let ServerBody::Snapshot(snapshot) = &message.body {
                    Some(snapshot.clone())
                } else {
                    None
                }
            })
            .collect()
    }

    pub(crate) fn last_snapshot(&self, conn: ConnId) -> Snapshot {
        self.snapshots(conn).pop().expect("there is a snapshot")
    }

    pub(crate) fn player_id(&self, conn: ConnId) -> PlayerId {
        self.welcome(conn).unwrap().player_id
    }

    pub(crate) fn player(&self, conn: ConnId) -> Player {
        *self.room.world().player(self.player_id(conn)).unwrap()
    }

    /// SnapshotDelta of the newest snapshot are of no interest to most.
    pub(crate) fn features(&self, conn: ConnId) -> SnapshotDelta {
        self.last_snapshot(conn).features
    }

    /// What a refused message must not change: the world, and what waits for its step.
    pub(crate) fn fingerprint(&self) -> (u64, Vec<Waiting>) {
        (self.room.world().hash(), self.room.waiting())
    }
}
