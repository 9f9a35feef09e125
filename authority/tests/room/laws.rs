use authority::{ConnId, Encoding, Hydration, Input, recover};
use proptest::prelude::*;
use protocol::{ClientCommand, Predicted};
use sim_core::{Action, Aim, Buttons, Cell, Look, Preview, StructureId, StructureKind};

use crate::rig::Rig;

const USERS: [&str; 5] = ["anna", "bert", "cleo", "dora", "emil"];

#[derive(Clone, Debug)]
enum Happening {
    Pass(u64),
    Jump(u64),
    Open(usize, bool, bool),
    Leave(usize),
    Inputs(usize, Vec<u8>, i8),
    Predict(usize, u32),
    Place(usize, i8, u8, u8, u8),
    Fire(usize, i8, u16),
    Remove(usize, i8, u32),
    Preview(usize, Option<(u8, u8)>),
    Save(usize, String, u8, u8),
    Select(usize, String),
    Bytes(usize, Vec<u8>),
    /// An acknowledgement that nobody can rely on.
    Claim(usize, u32, Option<u32>),
    Profiles(usize),
    Flush,
    Restart(bool),
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    use Happening::*;
    let user = 0..USERS.len();
    let name = "[a-c]{1,3}";
    let ahead = -3..14_i8;
    let happening = prop_oneof![
        8 => (1..200_u64).prop_map(Pass),
        1 => (1..20_000_u64).prop_map(Pass),
        1 => (1..5_000_u64).prop_map(Jump),
        4 => (user.clone(), any::<bool>(), any::<bool>()).prop_map(|(a, b, c)| Open(a, b, c)),
        1 => user.clone().prop_map(Leave),
        16 => (user.clone(), prop::collection::vec(0..16_u8, 1..12), -3..2_i8)
            .prop_map(|(a, b, c)| Inputs(a, b, c)),
        2 => (user.clone(), any::<u32>()).prop_map(|(a, b)| Predict(a, b)),
        6 => (user.clone(), ahead.clone(), 0..66_u8, 0..66_u8, 0..3_u8)
            .prop_map(|(a, b, c, d, e)| Place(a, b, c, d, e)),
        6 => (user.clone(), ahead.clone(), any::<u16>()).prop_map(|(a, b, c)| Fire(a, b, c)),
        2 => (user.clone(), ahead, 0..20_u32).prop_map(|(a, b, c)| Remove(a, b, c)),
        2 => (user.clone(), prop::option::of((0..64_u8, 0..64_u8))).prop_map(|(a, b)| Preview(a, b)),
        1 => (user.clone(), name, 0..9_u8, 0..17_u8).prop_map(|(a, b, c, d)| Save(a, b, c, d)),
        1 => (user.clone(), name).prop_map(|(a, b)| Select(a, b)),
        2 => (user.clone(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(a, b)| Bytes(a, b)),
        1 => (user.clone(), 0..60_u32, any::<Option<u32>>()).prop_map(|(a, b, c)| Claim(a, b, c)),
        1 => user.prop_map(Profiles),
        1 => Just(Flush),
        1 => any::<bool>().prop_map(Restart),
    ];
    prop::collection::vec(happening, 1..120)
}

struct Table {
    rig: Rig,
    conns: [Option<ConnId>; USERS.len()],
    tokens: [Option<String>; USERS.len()],
}

impl Table {
    fn conn(&self, user: usize) -> Option<ConnId> {
        self.conns[user].filter(|conn| self.rig.peers[conn].closed.is_none())
    }

    fn input_seq(&self, conn: ConnId, ahead: i8) -> u32 {
        let next = self.rig.peers[&conn].next_input;
        next.saturating_add_signed(i32::from(ahead))
    }

    fn send(&mut self, user: usize, command: impl FnOnce(&Self, ConnId) -> ClientCommand) {
        if let Some(conn) = self.conn(user) {
            let command = command(self, conn);
            self.rig.send(conn, command);
        }
    }

    fn open(&mut self, user: usize, binary: bool, resume: bool) {
        let encoding = Encoding::ALL[usize::from(binary)];
        let token = self.tokens[user].clone().filter(|_| resume);
        let conn = self.rig.open(USERS[user], encoding, token.as_deref());
        if let Some(welcome) = self.rig.welcome(conn) {
            self.tokens[user] = Some(welcome.resume_token);
            self.conns[user] = Some(conn);
        } else {
            self.tokens[user] = None;
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Pass(ms) => self.rig.pass(ms),
            Happening::Jump(ms) => {
                self.rig.now += ms;
                self.rig.handle(Input::Wake);
            }
            Happening::Open(user, binary, resume) => self.open(user, binary, resume),
            Happening::Leave(user) => {
                if let Some(conn) = self.conns[user].take() {
                    self.rig.leave(conn);
                }
            }
            Happening::Inputs(user, held, shift) => {
                if let Some(conn) = self.conn(user) {
                    let first = self.input_seq(conn, shift);
                    if first == 0 {
                        return;
                    }
                    let held: Vec<_> = held.into_iter().map(Buttons::from_bits_truncate).collect();
                    self.rig.inputs_from(conn, first, &held);
                    let peer = self.rig.peers.get_mut(&conn).unwrap();
                    if shift <= 0 {
                        peer.next_input = peer.next_input.max(first + held.len() as u32);
                    }
                }
            }
            Happening::Predict(user, hash) => self.send(user, |table, conn| {
                let seq = table.input_seq(conn, 0);
                ClientCommand::InputBatch {
                    inputs: vec![protocol::Input {
                        seq,
                        buttons: Buttons::NONE,
                    }],
                    snapshot_ack: None,
                    snapshot_proof: None,
                    predicted: Some(Predicted { seq, hash }),
                }
            }),
            Happening::Place(user, ahead, x, y, kind) => self.send(user, |table, conn| {
                let player = table.rig.room.world().player(table.rig.player_id(conn));
                let near = |at: u8, of: i32| (of + i32::from(at % 7) - 3).clamp(0, 70) as u8;
                let cell = player.map_or(Cell { x, y }, |player| Cell {
                    x: near(x, player.pos.x.cell()),
                    y: near(y, player.pos.y.cell()),
                });
                ClientCommand::Act {
                    input_seq: table.input_seq(conn, ahead),
                    action: Action::Place {
                        cell: Cell {
                            x: cell.x.min(63),
                            y: cell.y.min(63),
                        },
                        kind: StructureKind::ALL[usize::from(kind)],
                    },
                }
            }),
            Happening::Fire(user, ahead, aim) => {
                self.send(user, |table, conn| ClientCommand::Act {
                    input_seq: table.input_seq(conn, ahead),
                    action: Action::Fire { aim: Aim(aim) },
                })
            }
            Happening::Remove(user, ahead, id) => {
                self.send(user, |table, conn| ClientCommand::Act {
                    input_seq: table.input_seq(conn, ahead),
                    action: Action::Remove {
                        id: StructureId(id),
                    },
                })
            }
            Happening::Preview(user, cell) => self.send(user, |_, _| match cell {
                Some((x, y)) => ClientCommand::Preview(Some(Preview {
                    cell: Cell { x, y },
                    kind: StructureKind::Fence,
                })),
                None => ClientCommand::Preview(None),
            }),
            Happening::Save(user, name, body, colour) => {
                self.send(user, |_, _| ClientCommand::SaveCharacter {
                    character_id: name.clone(),
                    name,
                    look: Look { body, colour },
                });
            }
            Happening::Select(user, character_id) => {
                self.send(user, |_, _| ClientCommand::SelectCharacter { character_id });
            }
            Happening::Bytes(user, bytes) => {
                if let Some(conn) = self.conn(user) {
                    self.rig.bytes(conn, &bytes);
                }
            }
            Happening::Claim(user, id, proof) => self.send(user, |table, conn| {
                let seq = table.input_seq(conn, -1);
                ClientCommand::InputBatch {
                    inputs: vec![protocol::Input {
                        seq,
                        buttons: Buttons::NONE,
                    }],
                    snapshot_ack: Some(id),
                    snapshot_proof: proof.map(protocol::Receipt),
                    predicted: None,
                }
            }),
            Happening::Profiles(user) => {
                self.rig.handle(Input::UserLoaded {
                    user_id: USERS[user].to_owned(),
                    rows: self.rig.disk.of(USERS[user]),
                });
            }
            Happening::Flush => self.rig.handle(Input::Flush),
            Happening::Restart(exact) => self.restart(exact),
        }
    }

    /// The room's memory is lost, and its connections with it.
    fn restart(&mut self, exact: bool) {
        let disk = self.rig.disk.clone();
        let hydration = if exact && !disk.recordings.is_empty() {
            disk.hydration_from_log()
        } else {
            Hydration::Tables(disk.tables.clone())
        };
        let last = self.rig.last_conn();
        self.rig = Rig::from(hydration, disk, self.rig.now);
        self.rig.count_from(last);
        self.conns = [None; USERS.len()];
        self.rig.handle(Input::Wake);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    /// The room's own assertions and those of the rig hold on the way: every message decodes, every merged snapshot is
    /// the room as it is, and who is in the world has a seat.
    #[test]
    fn whatever_happens_the_room_holds_and_its_recordings_rerun_to_the_same_bits(
        happenings in happenings()
    ) {
        let mut table = Table {
            rig: Rig::new(),
            conns: [None; USERS.len()],
            tokens: [const { None }; USERS.len()],
        };
        for happening in happenings {
            table.happen(happening);
        }
        let has_run = table.rig.room.stats().steps > 0;
        table.rig.handle(Input::Flush);
        if has_run {
            let newest = table.rig.disk.recordings.last().unwrap();
            let recovered = recover(newest).unwrap();
            prop_assert_eq!(&recovered.world, table.rig.room.world());
        }
        for recording in &table.rig.disk.recordings {
            let recovered = recover(recording).unwrap();
            let opened = input_log::Recording::open(recording).unwrap();
            let mut entries = opened.entries();
            let mut world: Option<sim_core::World> = None;
            while let Some(entry) = entries.next() {
                match (entry, &mut world) {
                    (input_log::Entry::Keyframe(keyframe), world) => {
                        *world = Some(keyframe.world().unwrap());
                    }
                    (input_log::Entry::Step { frame, check, .. }, Some(world)) => {
                        world.step(frame);
                        prop_assert_eq!(check.whole(), Some(world.hash()));
                    }
                    (input_log::Entry::Gap { steps, .. }, Some(world)) => {
                        world.fast_forward(steps);
                    }
                    _ => {}
                }
            }
            prop_assert_eq!(world, Some(recovered.world));
        }
        // Structures in the tables are those of the world.
        let mut stored = table.rig.disk.tables.structures.clone();
        stored.sort_by_key(|row| row.id);
        let stands: Vec<_> = table.rig.room.world().structures().iter().copied().collect();
        prop_assert_eq!(stored, stands);
    }
}
