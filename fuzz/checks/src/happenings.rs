//! What users, peers and machines can do to a room, as records.

use std::collections::VecDeque;

use authority::{ConnId, Encoding, Input, ProfileRow};
use protocol::limits::{CHARACTER_ID_BYTES_MAX, INPUTS_PER_BATCH_MAX};
use protocol::{ClientCommand, Predicted, Receipt};
use sim_core::rules::{ARENA_CELLS, BODIES, COLOURS, STEPS_PER_TICK};
use sim_core::{Action, Buttons, Cell, Look, PlayerId, Preview, StructureId};

use crate::bytes::Fields;
use crate::driver::Driver;

mod honest;
pub(crate) mod write;

/// Who can come. The first one may be honest.
pub(crate) const USERS: [&str; 7] = ["anna", "bert", "cleo", "dora", "emil", "fred", "gina"];

const PASS: u8 = 0;
const OVERSLEEP: u8 = 1;
const OPEN: u8 = 2;
const LEAVE: u8 = 3;
const INPUTS: u8 = 4;
const COMMAND: u8 = 5;
const RAW: u8 = 6;
const CLAIM: u8 = 7;
const PROFILES: u8 = 8;
const FLUSH: u8 = 9;
const RESTART: u8 = 10;
const WAKE: u8 = 11;
const BATCH: u8 = 12;
const NOBODY: u8 = 13;
const REPLAY: u8 = 14;
const STORED: u8 = 15;
const CODES: u8 = 16;

/// Time and things that one input may take.
const MS_MAX: u64 = 8_000;
const HAPPENINGS_MAX: u32 = 200;
/// Messages that may be played again.
const REPLAYED_MAX: usize = 32;

/// A room, and who is around it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) driver: Driver,
    conns: [Option<ConnId>; USERS.len()],
    tokens: [Option<String>; USERS.len()],
    sent: VecDeque<Vec<u8>>,
    /// Whether the first user is honest, and looked after.
    has_honest: bool,
}

impl Table {
    pub(crate) fn around(driver: Driver, has_honest: bool) -> Self {
        let mut table = Self {
            driver,
            conns: [None; USERS.len()],
            tokens: [const { None }; USERS.len()],
            sent: VecDeque::new(),
            has_honest,
        };
        table.honest_comes();
        table
    }

    /// Does what all records say.
    pub(crate) fn happen(&mut self, from: &mut Fields<'_>) {
        for _ in 0..HAPPENINGS_MAX {
            if from.is_empty() || self.driver.now() > MS_MAX {
                break;
            }
            self.happen_once(from.u8() % CODES, from);
            self.honest_is_well();
        }
        self.pass(50);
        self.driver.is_stored();
    }

    fn happen_once(&mut self, code: u8, from: &mut Fields<'_>) {
        match code {
            PASS => self.pass(u64::from(from.u8()) * 4),
            OVERSLEEP => {
                self.driver.let_pass(from.u16().into());
                self.driver.handle(Input::Wake);
            }
            OPEN => self.open(from),
            LEAVE => {
                let user = self.user(from);
                if let Some(conn) = self.conns[user].take() {
                    self.driver.lose(conn);
                }
            }
            INPUTS => self.inputs(from),
            COMMAND => self.command(from),
            RAW => {
                let user = self.user(from);
                let bytes = from.block();
                self.say(user, bytes);
            }
            CLAIM => self.claim(from),
            PROFILES => self.profiles(from),
            FLUSH => self.driver.handle(Input::Flush),
            RESTART => self.restart(from.flag()),
            WAKE => self.driver.handle(Input::Wake),
            BATCH => self.batch(from),
            NOBODY => {
                let conn = ConnId(u64::MAX - u64::from(from.u8()));
                match from.u8() % 3 {
                    0 | 1 => self.driver.lose(conn),
                    _ => self.driver.handle(Input::Message { conn, bytes: b"{}" }),
                }
            }
            REPLAY => {
                let user = self.user(from);
                let nth = usize::from(from.u8()) % REPLAYED_MAX;
                if let Some(bytes) = self.sent.get(nth).cloned() {
                    self.say(user, &bytes);
                }
            }
            _ => self.driver.is_stored(),
        }
    }

    /// Not the honest one.
    fn user(&self, from: &mut Fields<'_>) -> usize {
        let first = usize::from(self.has_honest);
        first + usize::from(from.u8()) % (USERS.len() - first)
    }

    /// The user's connection, if it is open.
    fn conn(&self, user: usize) -> Option<ConnId> {
        self.conns[user].filter(|conn| {
            let peer = self.driver.peers.get(conn);
            peer.is_some_and(|peer| !peer.is_closed)
        })
    }

    /// Lets time pass, waking the room exactly when it asks for it.
    fn pass(&mut self, ms: u64) {
        let until = self.driver.now() + ms;
        while let Some(at) = self.driver.wake().filter(|at| *at <= until) {
            self.honest_plays();
            self.wake_at(at);
        }
        let left = until.saturating_sub(self.driver.now());
        self.driver.let_pass(left);
    }

    fn wake_at(&mut self, at: u64) {
        let before = self.honest_next();
        let steps = self.driver.room.stats().steps;
        self.driver.wake_at(at);
        let steps = self.driver.room.stats().steps - steps;
        if let (Some(before), Some(after)) = (before, self.honest_next())
            && steps <= u64::from(2 * STEPS_PER_TICK)
        {
            let consumed = u64::from(after - before);
            assert_eq!(consumed, steps, "a step consumes one input of the honest");
        }
    }

    fn open(&mut self, from: &mut Fields<'_>) {
        let user = self.user(from);
        let encoding = if from.flag() {
            Encoding::Json
        } else {
            Encoding::Binary
        };
        let other = usize::from(from.u8());
        let token = match other % 8 {
            0..4 => None,
            4 | 5 => self.tokens[user].clone(),
            6 => self.tokens[other % USERS.len()].clone(),
            _ => Some(format!("token-{other}")),
        };
        self.come(user, encoding, token.as_deref());
    }

    fn come(&mut self, user: usize, encoding: Encoding, token: Option<&str>) {
        let Some(conn) = self.driver.open(USERS[user], encoding, token) else {
            return;
        };
        let welcome = self.driver.peers[&conn].welcome.as_ref();
        self.tokens[user] = welcome.map(|welcome| welcome.resume_token.clone());
        self.conns[user] = Some(conn);
    }

    /// The number of an input near the next one that the room waits for.
    fn input_seq(&self, conn: ConnId, ahead: u8) -> u32 {
        self.next_input(conn)
            .saturating_add_signed(i32::from(ahead as i8) / 4)
    }

    fn next_input(&self, conn: ConnId) -> u32 {
        let id = self.player(conn);
        let waiting = self.driver.room.waiting();
        let of = waiting.iter().find(|waiting| Some(waiting.player) == id);
        of.map_or(1, |waiting| waiting.next_input_seq)
    }

    fn player(&self, conn: ConnId) -> Option<PlayerId> {
        let welcome = self.driver.peers[&conn].welcome.as_ref();
        welcome.map(|welcome| welcome.player_id)
    }

    fn send(&mut self, conn: ConnId, command: ClientCommand) {
        let bytes = self.driver.send(conn, command);
        self.sent.push_front(bytes);
        self.sent.truncate(REPLAYED_MAX);
    }

    fn say(&mut self, user: usize, bytes: &[u8]) {
        if let Some(conn) = self.conn(user) {
            self.driver.handle(Input::Message { conn, bytes });
        }
    }

    fn inputs(&mut self, from: &mut Fields<'_>) {
        let user = self.user(from);
        let (ahead, count, held) = (from.u8(), from.u8(), from.u8());
        let Some(conn) = self.conn(user) else {
            return;
        };
        let count = 1 + usize::from(count) % INPUTS_PER_BATCH_MAX;
        let first = self.input_seq(conn, ahead);
        let inputs = (0..count as u32).map(|nth| protocol::Input {
            seq: first.saturating_add(nth),
            buttons: Buttons::from_bits_truncate(held >> (nth % 5)),
        });
        let (snapshot_ack, snapshot_proof) = self.driver.peers[&conn].acknowledges();
        let command = ClientCommand::InputBatch {
            inputs: inputs.collect(),
            snapshot_ack,
            snapshot_proof,
            predicted: None,
        };
        self.send(conn, command);
    }

    fn batch(&mut self, from: &mut Fields<'_>) {
        let user = self.user(from);
        let (first, flags) = (from.u32(), from.u8());
        let (ack, seq, hash) = (from.u32(), from.u32(), from.u32());
        let Some(conn) = self.conn(user) else {
            return;
        };
        let first = if flags & 1 == 0 {
            first
        } else {
            self.input_seq(conn, first as u8)
        };
        let inputs = (0..1 + u32::from(flags >> 5)).map(|nth| protocol::Input {
            seq: first.wrapping_add(nth * u32::from(flags >> 4 & 1)),
            buttons: Buttons::from_bits_truncate(flags),
        });
        let command = ClientCommand::InputBatch {
            inputs: inputs.collect(),
            snapshot_ack: (flags & 2 == 2).then_some(ack),
            snapshot_proof: (flags & 10 == 10).then_some(Receipt(hash)),
            predicted: (flags & 4 == 4).then_some(Predicted { seq, hash }),
        };
        self.send(conn, command);
    }

    /// Says of a snapshot near the newest that it was read, without its proof.
    fn claim(&mut self, from: &mut Fields<'_>) {
        let user = self.user(from);
        let said = from.u32();
        let Some(conn) = self.conn(user) else {
            return;
        };
        let newest = self.driver.peers[&conn].newest_snapshot().unwrap_or(0);
        let back = said >> 1 & 15;
        let command = ClientCommand::InputBatch {
            inputs: vec![protocol::Input {
                seq: self.input_seq(conn, 0),
                buttons: Buttons::NONE,
            }],
            snapshot_ack: (said & 1 == 0).then_some(newest.saturating_sub(back)),
            snapshot_proof: (said & 0x21 == 0).then_some(Receipt(said)),
            predicted: None,
        };
        self.send(conn, command);
    }

    fn command(&mut self, from: &mut Fields<'_>) {
        let user = self.user(from);
        let (what, ahead) = (from.u8(), from.u8());
        let conn = self.conn(user);
        let input_seq = conn.map_or(0, |conn| self.input_seq(conn, ahead));
        let command = match what % 8 {
            0 => ClientCommand::Act {
                input_seq,
                action: Action::Fire { aim: from.aim() },
            },
            1 | 2 => ClientCommand::Act {
                input_seq,
                action: Action::Place {
                    cell: self.near(conn, from.u8()),
                    kind: from.kind(),
                },
            },
            3 => ClientCommand::Act {
                input_seq,
                action: Action::Remove {
                    id: StructureId(from.u16().into()),
                },
            },
            4 => ClientCommand::Preview(Some(Preview {
                cell: from.cell_in_arena(),
                kind: from.kind(),
            })),
            5 => ClientCommand::Preview(None),
            6 => ClientCommand::SelectCharacter {
                character_id: character_id(from),
            },
            _ => ClientCommand::SaveCharacter {
                character_id: character_id(from),
                name: name(from),
                look: look(from),
            },
        };
        if let Some(conn) = conn {
            self.send(conn, command);
        }
    }

    fn near(&self, conn: Option<ConnId>, by: u8) -> Cell {
        let id = conn.and_then(|conn| self.player(conn));
        let player = id.and_then(|id| self.driver.room.world().player(id));
        let axis = |middle: Option<i32>, by: u8| {
            let at = middle.unwrap_or(0) + i32::from(by % 8) - 4;
            at.clamp(0, i32::from(ARENA_CELLS) - 1) as u8
        };
        Cell {
            x: axis(player.map(|player| player.pos.x.cell()), by),
            y: axis(player.map(|player| player.pos.y.cell()), by >> 4),
        }
    }

    fn profiles(&mut self, from: &mut Fields<'_>) {
        let user = self.user(from);
        let mut rows = self.driver.disk.rows_of(USERS[user]);
        if from.flag() {
            rows.profiles.push(profile(USERS[user], from));
            rows.active = from.flag().then(|| from.text());
        }
        self.driver.handle(Input::UserLoaded {
            user_id: USERS[user].to_owned(),
            rows,
        });
    }

    fn restart(&mut self, exact: bool) {
        self.driver.restart(exact);
        self.conns = [None; USERS.len()];
        self.honest_comes();
    }
}

/// A character's id that can be sent.
fn character_id(from: &mut Fields<'_>) -> String {
    let id: String = from
        .text()
        .chars()
        .filter(|char| !char.is_control())
        .collect();
    let end = id.floor_char_boundary(CHARACTER_ID_BYTES_MAX);
    if end == 0 {
        return "default".to_owned();
    }
    id[..end].to_owned()
}

/// A name that can be sent.
fn name(from: &mut Fields<'_>) -> String {
    protocol::repaired_name(&from.text()).unwrap_or_else(|| "Anna".to_owned())
}

fn look(from: &mut Fields<'_>) -> Look {
    Look {
        body: from.u8() % BODIES,
        colour: from.u8() % COLOURS,
    }
}

/// A row of anything.
pub(crate) fn profile(user: &str, from: &mut Fields<'_>) -> ProfileRow {
    ProfileRow {
        user_id: user.to_owned(),
        character_id: from.text(),
        name: from.text(),
        look: from.look(),
    }
}
