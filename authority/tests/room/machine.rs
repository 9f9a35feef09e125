//! The room against a reference model, move by move: everything that anybody is told, everything that waits, and every
//! bit of the world.

mod enter;
mod input_buffer;
mod model;
mod moves;
mod reach;
mod says;
mod time;
mod user;

use std::collections::BTreeMap;

use authority::{CloseCode, ConnId, Encoding, Hydration, Input, recover};
use input_log::Recording;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use protocol::{ClientCommand, ServerBody, ServerMessage, View};
use sim_core::rules::STEPS_PER_SNAPSHOT;
use sim_core::{Step, diff};

use crate::rig::{Rig, config};
use model::{Model, Told};
use moves::{Move, moves};

/// In place of a close code: the connection went without one.
const GONE: u16 = 0;

struct Reference;

impl ReferenceStateMachine for Reference {
    type State = Model;
    type Transition = Move;

    /// An empty room, or one with a single seat left.
    fn init_state() -> BoxedStrategy<Model> {
        let users = prop_oneof![8 => Just(0_usize), 1 => Just(31_usize)];
        users
            .prop_map(|users| {
                let mut opening: Vec<_> = (0..users)
                    .map(|user| Move::Connect {
                        user,
                        binary: true,
                        token: None,
                    })
                    .collect();
                opening.push(Move::Pass(50));
                Model::beginning(config().seed, opening)
            })
            .boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Move> {
        moves(model)
    }

    fn apply(mut model: Model, one: &Move) -> Model {
        model.apply(one);
        model
    }

    fn preconditions(model: &Model, one: &Move) -> bool {
        model.allows(one)
    }
}

/// The room, its disk and its clients.
struct Table {
    rig: Rig,
    /// What each connection was given to come back with.
    tokens: BTreeMap<u64, String>,
    /// Messages of each connection that were looked at.
    read: BTreeMap<ConnId, usize>,
}

impl Table {
    fn act(&mut self, one: &Move, model: &Model) {
        match one {
            Move::Pass(ms) => self.rig.pass(*ms),
            Move::Jump(ms) => {
                self.rig.now += ms;
                self.rig.handle(Input::Wake);
            }
            Move::Connect {
                user,
                binary,
                token,
            } => {
                let token = token.map(|conn| {
                    let token = self.tokens.get(&conn).cloned();
                    token.unwrap_or_else(|| "0".repeat(64))
                });
                let encoding = Encoding::ALL[usize::from(*binary)];
                let conn = self.rig.open(&name(*user), encoding, token.as_deref());
                if let Some(welcome) = self.rig.welcome(conn) {
                    self.tokens.insert(conn.0, welcome.resume_token);
                }
            }
            Move::Hangup { conn, on_purpose } => {
                let conn = ConnId(*conn);
                if *on_purpose {
                    self.rig.leave_on_purpose(conn);
                } else {
                    self.rig.leave(conn);
                }
                // Nothing may be sent to it from now on.
                if let Some(peer) = self.rig.peers.get_mut(&conn) {
                    peer.closed.get_or_insert(GONE);
                }
            }
            Move::Say(conn, command) => {
                let conn = ConnId(*conn);
                let mut command = command.clone();
                if let ClientCommand::InputBatch {
                    snapshot_ack,
                    snapshot_proof,
                    ..
                } = &mut command
                {
                    let peer = &self.rig.peers[&conn];
                    (*snapshot_ack, *snapshot_proof) = peer.acknowledges();
                }
                self.rig.send(conn, command);
            }
            Move::Pings(conn, count) => {
                for _ in 0..*count {
                    self.ping(ConnId(*conn), 0);
                }
            }
            Move::Rubbish(conn, count) => {
                for _ in 0..*count {
                    self.rig.bytes(ConnId(*conn), b"");
                }
            }
            Move::Again(conn) => self.ping(ConnId(*conn), 1),
            Move::Repeat(..) | Move::Siege { .. } => {
                for part in one.parts().unwrap() {
                    self.act(&part, model);
                }
            }
            Move::Flush => self.rig.handle(Input::Flush),
            Move::Restart { .. } => self.restart(model),
        }
    }

    /// A ping whose number is so much below the next.
    fn ping(&mut self, conn: ConnId, below: u32) {
        if let Some(peer) = self.rig.peers.get_mut(&conn) {
            peer.seq = peer.seq.saturating_sub(below);
            self.rig.ping(conn);
        }
    }

    fn restart(&mut self, model: &Model) {
        let disk = self.rig.disk.clone();
        let hydration = if model.has_run {
            disk.hydration_from_log()
        } else {
            Hydration::Tables(disk.tables.clone())
        };
        let mut next = Rig::from(hydration, disk, self.rig.now);
        next.count_from(self.rig.last_conn());
        next.peers = std::mem::take(&mut self.rig.peers);
        self.rig = next;
        let known = snapshot_id(self.rig.room.world().step_number());
        for (conn, peer) in &mut self.rig.peers {
            // What a room sent that is forgotten does not count.
            peer.views.retain(|id, _| *id <= known);
            if !model.outlived.contains_key(&conn.0) {
                peer.closed.get_or_insert(GONE);
            }
        }
        for (conn, user) in &model.outlived {
            let conn = ConnId(*conn);
            let encoding = self.rig.peers[&conn].encoding;
            self.rig.load(&name(*user));
            self.rig.handle(Input::Restore {
                conn,
                encoding,
                user_id: name(*user),
                entropy: [9; 32],
            });
        }
        self.rig.handle(Input::Wake);
    }

    /// What the connections were told since the last time, and which of them were closed.
    fn read(&mut self, model: &Model) -> BTreeMap<u64, Vec<Told>> {
        let mut all = BTreeMap::new();
        for (conn, peer) in &self.rig.peers {
            let from = self.read.insert(*conn, peer.received.len()).unwrap_or(0);
            let mut told = Vec::new();
            for (number, message) in peer.received.iter().enumerate().skip(from) {
                if let ServerBody::Ack(ack) = message.body
                    && ack.durable
                {
                    // When a flush comes is not the model's; that it tells only of what was told before is the law.
                    let first = Told::Ack(protocol::Ack {
                        durable: false,
                        ..ack
                    });
                    let before = &peer.received[..number];
                    let told = before.iter().filter_map(heard).any(|what| what == first);
                    assert!(told && !before.contains(message), "{ack:?}");
                    continue;
                }
                match heard(message) {
                    Some(what) => told.push(what),
                    None => check_report(conn.0, message, model),
                }
            }
            if !told.is_empty() {
                all.insert(conn.0, told);
            }
        }
        all
    }

    fn check(&mut self, model: &Model) {
        let mut told = self.read(model);
        for conn in self.rig.peers.keys() {
            let told = told.remove(&conn.0).unwrap_or_default();
            let expected = model.told.get(&conn.0).map_or(&[][..], Vec::as_slice);
            assert_eq!(told, expected, "{conn:?}");
        }
        for (conn, peer) in &self.rig.peers {
            let is_open = model.connections.contains_key(&conn.0);
            assert_eq!(peer.closed.is_none(), is_open, "{conn:?}");
            if let Some(code) = model.closed.get(&conn.0) {
                assert_eq!(peer.closed, Some(code.number()), "{conn:?}");
            }
        }
        let room = &self.rig.room;
        let seats = model.seats.iter();
        let expected: BTreeMap<_, _> = seats
            .map(|(id, seat)| (*id, seat.input_buffer.waiting()))
            .collect();
        let waiting = room.waiting().into_iter();
        let waiting: BTreeMap<_, _> = waiting
            .map(|of| (of.player, (of.next_input_seq, of.inputs, of.commands)))
            .collect();
        assert_eq!(waiting, expected);
        assert_eq!(room.stats().consumed, model.consumed);
        let mut world = room.world().clone();
        if room.is_asleep() {
            assert_eq!(self.rig.wake, None, "a room that sleeps asks for nothing");
            let slept = model.world.step_number().since(world.step_number());
            world.fast_forward(slept);
            if room.stats().steps > 0 {
                self.check_everybody_has_seen_it(model);
            }
        } else {
            let wake = self.rig.wake.unwrap();
            assert!(wake <= self.rig.now + 34, "the next tick is due at {wake}");
        }
        assert_eq!(diff(&model.world, &world), None);
        assert_eq!(world.hash(), model.world.hash());
    }

    fn check_everybody_has_seen_it(&self, model: &Model) {
        let now = self.rig.room.view();
        for conn in model.connections.keys() {
            let views = &self.rig.peers[&ConnId(*conn)].views;
            let newest = views.values().next_back().cloned().unwrap_or_default();
            let newest = View {
                step: now.step,
                ..newest
            };
            assert_eq!(newest, now, "connection {conn}");
        }
    }
}

fn name(user: usize) -> String {
    format!("user{user:02}")
}

fn snapshot_id(step: Step) -> u32 {
    (step.0 / u64::from(STEPS_PER_SNAPSHOT)) as u32
}

/// What the message says that the model knows of; none for a snapshot.
fn heard(message: &ServerMessage) -> Option<Told> {
    Some(match &message.body {
        ServerBody::Welcome(welcome) => Told::Welcome {
            player: welcome.player_id,
            resumed: welcome.resumed,
            next: welcome.next_input_seq,
            character: welcome.profile.character_id.clone(),
            characters: welcome.characters.clone(),
        },
        ServerBody::Ack(ack) => Told::Ack(*ack),
        ServerBody::Error(error) => Told::Error {
            code: error.code,
            seq: error.seq,
            fatal: error.fatal,
        },
        ServerBody::Pong { seq, .. } => Told::Pong(*seq),
        ServerBody::Event(event) => Told::Event(*event),
        ServerBody::Snapshot(_) => return None,
    })
}

fn check_report(conn: u64, message: &ServerMessage, model: &Model) {
    let ServerBody::Snapshot(snapshot) = &message.body else {
        return;
    };
    let report = (
        snapshot.local_ack_seq,
        usize::from(snapshot.timing.buffer_depth),
        snapshot.timing.dropped,
    );
    let expected = model.reports.get(&(message.step, conn));
    assert_eq!(Some(&report), expected, "snapshot of {:?}", message.step);
}

struct Machine;

impl StateMachineTest for Machine {
    type SystemUnderTest = Table;
    type Reference = Reference;

    fn init_test(model: &Model) -> Table {
        let mut table = Table {
            rig: Rig::new(),
            tokens: BTreeMap::new(),
            read: BTreeMap::new(),
        };
        for one in &model.opening {
            table.act(one, model);
        }
        table.check(model);
        table
    }

    fn apply(mut table: Table, model: &Model, one: Move) -> Table {
        table.act(&one, model);
        table.check(model);
        table
    }

    /// What is stored leads back to the same world, and a room that ends says so to everybody.
    fn teardown(mut table: Table, model: Model) {
        table.rig.handle(Input::Flush);
        let tables = &table.rig.disk.tables;
        let mut stored = tables.structures.clone();
        stored.sort_by_key(|row| row.id);
        let standing: Vec<_> = model.world.structures().iter().copied().collect();
        assert_eq!(stored, standing);
        let has_run = table.rig.room.stats().steps > 0;
        if has_run {
            let recovered = recover(table.rig.disk.recordings.last().unwrap()).unwrap();
            assert_eq!(diff(&recovered.world, table.rig.room.world()), None);
        }
        table.rig.handle(Input::Close);
        for conn in model.connections.keys() {
            let closed = table.rig.peers[&ConnId(*conn)].closed;
            assert_eq!(closed, Some(CloseCode::RoomClosed.number()));
        }
        if has_run {
            let whole = Recording::open(table.rig.disk.recordings.last().unwrap()).unwrap();
            assert_eq!(whole.lost(), None);
        }
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn the_room_is_the_model(sequential 1..120 => Machine);
}
