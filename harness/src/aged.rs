//! A room that has been played in for years: what it has counted is near its ends.
//!
//! * Rows are as such a room would have left them; the next room is made from them.
//! * A connection whose messages are many is one whose numbers are moved on the way, since no session lasts for years.

use std::collections::BTreeMap;

use authority::{ConnId, limits};
use protocol::limits::{ENTITY_ID_LAST, INPUT_SEQ_FIRST_MAX, NUMBER_LAST};
use protocol::{
    ClientMessage, Encoding, ServerBody, decode_client, decode_server, encode_client, encode_server,
};
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{ProjectileId, Step, Structure, StructureId};

use crate::disk::Disk;

/// Steps that are left until the room counts them anew.
const STEPS_LEFT: u64 = 5 * STEPS_PER_SECOND as u64;
/// Ids that are left until the room counts them anew.
const IDS_LEFT: u32 = 4;
/// What users' next inputs are, one after the other.
const NEXT_INPUTS: [u32; 5] = [
    u32::MAX,
    u32::MAX - 3,
    INPUT_SEQ_FIRST_MAX - 60,
    NUMBER_LAST,
    INPUT_SEQ_FIRST_MAX + 1,
];
/// Connections of an old room whose messages are many.
const CONNECTIONS: u32 = 3;
/// Messages that are left to the first of them, and so many more to each other.
const MESSAGES_LEFT: u32 = 60;

impl Disk {
    /// Moves everything that is counted near to its end. Returns the room's step then; none if there is nothing to move.
    pub(crate) fn age(&mut self) -> Option<Step> {
        let mut tables = self.tables();
        let room = tables.room.as_mut()?;
        let step = Step(limits::COUNTED_STEPS_MAX.0 - STEPS_LEFT);
        room.step = step;
        let next = ENTITY_ID_LAST - limits::IDS_PER_FLUSH_MAX - IDS_LEFT;
        let gone = tables.structures.iter().map(|row| row.id).collect();
        let count = tables.structures.len() as u32;
        tables.structures.sort_by_key(|row| row.id);
        let ids = (next - count..next).map(StructureId);
        let aged = ids.zip(&tables.structures);
        let structures = aged.map(|(id, row)| Structure { id, ..*row }).collect();
        room.next_structure = StructureId(next);
        room.next_projectile = ProjectileId(next);
        let mut numbers = NEXT_INPUTS.iter().copied().cycle();
        for row in &mut tables.checkpoints {
            row.step = Step(room.step.0 - 1);
            row.checkpoint.next_input_seq = numbers.next().expect("they go round");
        }
        for (_, checkpoint) in &mut room.players {
            checkpoint.next_input_seq = numbers.next().expect("they go round");
        }
        self.store(authority::Persist {
            room: tables.room,
            structures_removed: gone,
            structures,
            checkpoints: tables.checkpoints,
            ..authority::Persist::default()
        });
        // Its log is of a young room.
        self.upgrade();
        Some(step)
    }
}

/// The connections whose messages are many, and how many they were before the session.
#[derive(Debug, Default)]
pub(crate) struct Worn {
    to_come: u32,
    before: BTreeMap<ConnId, (Encoding, u32)>,
}

impl Worn {
    /// The next connections have had many messages.
    pub(crate) fn begin(&mut self) {
        self.to_come = CONNECTIONS;
    }

    /// No connection that begins from now on has.
    pub(crate) fn end(&mut self) {
        self.to_come = 0;
    }

    pub(crate) fn opens(&mut self, conn: ConnId, encoding: Encoding) {
        if let Some(left) = self.to_come.checked_sub(1) {
            let more = MESSAGES_LEFT * (CONNECTIONS - left);
            self.before.insert(conn, (encoding, NUMBER_LAST - more));
            self.to_come = left;
        }
    }

    pub(crate) fn conns(&self) -> impl Iterator<Item = ConnId> {
        self.before.keys().copied()
    }

    /// A client's message as the room gets it.
    pub(crate) fn up(&self, conn: ConnId, bytes: &[u8]) -> Option<Vec<u8>> {
        let (encoding, more) = *self.before.get(&conn)?;
        let mut message = decode_client(bytes, encoding).ok()?;
        let seq = match &mut message {
            ClientMessage::Command(envelope) => &mut envelope.seq,
            ClientMessage::Ping { seq, .. } => seq,
        };
        *seq = seq.checked_add(more)?;
        Some(encode_client(&message, encoding))
    }

    /// A room's message as the client gets it.
    pub(crate) fn down(&self, conn: ConnId, bytes: &[u8], text: bool) -> Option<Vec<u8>> {
        let (encoding, more) = *self.before.get(&conn)?;
        if text != encoding.is_text() {
            return None;
        }
        let mut message = decode_server(bytes, encoding, |_| None).ok()?;
        let seq = match &mut message.body {
            ServerBody::Ack(ack) => &mut ack.seq,
            ServerBody::Pong { seq, .. } => seq,
            ServerBody::Error(error) => error.seq.as_mut()?,
            ServerBody::Welcome(_) | ServerBody::Snapshot(_) | ServerBody::Event(_) => return None,
        };
        *seq = seq.checked_sub(more)?;
        Some(encode_server(&message, encoding, None))
    }
}
