//! What is stored of the room, and when: rows of what changed, once a second and whenever somebody comes or goes.
//!
//! * A flush takes rows and recording of one moment, so a restart never finds one ahead of the other.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::ToString as _;

use protocol::{Ack, ServerBody, ServerMessage, encode_server};

use crate::checkpoint::{Checkpoint, RoomCheckpoint};
use crate::clock::TickClock;
use crate::limits::{CHECKPOINT_OLD_STEPS_MAX, FLUSH_STEPS};
use crate::output::Output;
use crate::room::Room;
use crate::rows::{CheckpointRow, MetaRow, Persist};
use crate::store::saved;
use crate::time::Millis;

impl Room {
    /// Stores everything that is not stored.
    pub(crate) fn flush(&mut self) {
        let step = self.world.step_number();
        self.store.next_flush = step.after(FLUSH_STEPS);
        self.store.compare(self.world.structures());
        let checkpoint = Some(self.checkpoint());
        if self.store.room != checkpoint {
            self.store.room.clone_from(&checkpoint);
            self.store.rows.room = checkpoint;
        }
        let rows = core::mem::take(&mut self.store.rows);
        if !rows.is_empty() {
            self.outputs.push_back(Output::Persist(rows));
        }
        let bytes = self.recorder.flush(&self.world, &mut self.outputs);
        self.stats.log_bytes += bytes as u64;
        self.stats.flushes += 1;
        self.tell_what_is_stored();
    }

    /// Stores everything now because somebody comes or goes, or with the next flush if that happens too often.
    pub(crate) fn flush_early(&mut self, now: Millis) {
        if self.early.take(now) {
            self.flush();
        }
    }

    /// Acknowledges again what this flush holds.
    fn tell_what_is_stored(&mut self) {
        let time = self.recorder.now.0 as f64;
        for (conn, ack) in core::mem::take(&mut self.store.told_when_stored) {
            let Some(connection) = self.connections.get_mut(&conn) else {
                continue;
            };
            let message = ServerMessage {
                server_time: time,
                step: self.world.step_number(),
                body: ServerBody::Ack(Ack {
                    durable: true,
                    ..ack
                }),
            };
            let bytes = encode_server(&message, connection.encoding, None);
            let text = connection.encoding.is_text();
            connection.snapshots.unread.send(bytes.len());
            self.stats.bytes_out += bytes.len() as u64;
            self.outputs
                .push_back(Output::SendStored { conn, bytes, text });
        }
    }

    /// Stores what players did to their characters. What else waits is of the world, and goes with its recording.
    pub(crate) fn put_characters(&mut self) {
        let waiting = &mut self.store.rows;
        let rows = Persist {
            profiles: core::mem::take(&mut waiting.profiles),
            active: core::mem::take(&mut waiting.active),
            ..Persist::default()
        };
        if !rows.is_empty() {
            self.played = true;
            self.outputs.push_back(Output::Persist(rows));
        }
    }

    /// Keeps what a user's next room must know of the player, with the next flush. A row that says nothing new stays.
    pub(crate) fn keep(&mut self, user_id: &str) {
        let Some(user) = self.users.get_mut(user_id) else {
            return;
        };
        let seat = self.seats.get(user.player);
        let in_world = self.world.player(user.player);
        let row = CheckpointRow {
            user_id: user_id.to_owned(),
            player_id: user.player,
            step: self.world.step_number(),
            connected: seat.is_some_and(|seat| seat.conn.is_some()),
            checkpoint: Checkpoint {
                saved: in_world.map(saved).or(user.saved),
                buttons: in_world.map_or(sim_core::Buttons::NONE, |player| player.buttons),
                next_input_seq: seat.map_or(user.next_input_seq, |seat| {
                    seat.input_buffer.next_unconsumed()
                }),
            },
        };
        let is_kept = user.kept.as_ref().is_some_and(|kept| {
            let same = CheckpointRow {
                step: row.step,
                ..kept.clone()
            };
            row == same && row.step.since(kept.step) < CHECKPOINT_OLD_STEPS_MAX
        });
        if is_kept {
            return;
        }
        user.kept = Some(row.clone());
        let rows = &mut self.store.rows.checkpoints;
        rows.retain(|before| before.user_id != row.user_id);
        rows.push(row);
    }

    /// Rows that a room has once.
    pub(crate) fn describe(&mut self) {
        self.store.rows.meta.extend([
            MetaRow {
                name: "seed",
                value: self.config.seed.to_string(),
            },
            MetaRow {
                name: "sim_version",
                value: sim_core::SIM_VERSION.to_string(),
            },
            MetaRow {
                name: "rules_hash",
                value: format!("{:016x}", sim_core::rules_hash()),
            },
        ]);
    }

    fn checkpoint(&self) -> RoomCheckpoint {
        let players = self.world.players().iter().filter_map(|player| {
            let seat = self.seats.get(player.id)?;
            let checkpoint = Checkpoint {
                saved: Some(saved(player)),
                buttons: player.buttons,
                next_input_seq: seat.input_buffer.next_unconsumed(),
            };
            Some((player.id, checkpoint))
        });
        let in_world = self.seats.iter().filter(|(_, seat)| seat.in_world);
        RoomCheckpoint {
            heard: in_world.map(|(id, seat)| (id, seat.heard)).collect(),
            step: self.world.step_number(),
            next_structure: self.world.next_structure(),
            next_projectile: self.world.next_projectile(),
            players: players.collect(),
            asleep_since: self
                .clock
                .as_ref()
                .filter(|_| self.asleep)
                .map(TickClock::last),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use sim_core::StructureId;

    use super::*;
    use crate::input::{ConnId, Hydration, Input, RoomConfig};
    use crate::limits::ACKS_TO_STORE_MAX;

    #[test]
    fn a_flush_comes_early_if_too_many_wait_for_it() {
        let config = RoomConfig::of_a_test();
        for (waiting, flushes) in [(ACKS_TO_STORE_MAX - 1, 0), (ACKS_TO_STORE_MAX, 1)] {
            let mut room = Room::new(config.clone(), Hydration::Fresh);
            let connect = Input::Connect {
                conn: ConnId(1),
                encoding: protocol::Encoding::Json,
                user_id: "anna".to_string(),
                resume: None,
                entropy: [1; 32],
            };
            room.handle(Millis(1_000), connect).for_each(drop);
            let before = room.stats().flushes;
            let ack = Ack {
                seq: 1,
                structure_id: Some(StructureId(1)),
                projectile_id: None,
                durable: false,
            };
            room.store.told_when_stored = alloc::vec![(ConnId(2), ack); waiting];
            let outputs: Vec<_> = room.handle(Millis(1_100), Input::Wake).collect();
            assert_eq!(room.stats().flushes - before, flushes);
            assert_eq!(room.store.told_when_stored.is_empty(), flushes > 0);
            // Whoever has gone is not told.
            let tells = |one: &Output| matches!(one, Output::SendStored { .. });
            assert!(!outputs.iter().any(tells));
        }
    }
}
