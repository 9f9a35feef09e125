//! When the room stores something: once a second, and whenever somebody comes or goes.

use crate::checkpoint::{Checkpoint, RoomCheckpoint};
use crate::lobby::saved;
use crate::room::Room;
use crate::time::Millis;

impl Room {
    /// Stores everything that is not stored.
    pub(super) fn flush(&mut self) {
        let checkpoint = self.checkpoint();
        let world = self.simulation.world();
        let stored = self.archive.flush(world, checkpoint, &mut self.outputs);
        let at = self.at(self.archive.now().0 as f64);
        for (conn, ack) in stored {
            self.feed.send_stored(at, conn, ack, &mut self.outputs);
        }
    }

    /// Stores everything now because somebody comes or goes, or with the next flush if that happens too often.
    pub(super) fn flush_early(&mut self, now: Millis) {
        if self.archive.may_flush_early(now) {
            self.flush();
        }
    }

    /// Stores what players did to their characters.
    pub(super) fn put_characters(&mut self) {
        self.played |= self.archive.flush_characters(&mut self.outputs);
    }

    /// Keeps what a user's next room must know of the player, with the next flush. A row that says nothing new stays.
    pub(super) fn keep(&mut self, user_id: &str) {
        if let Some(row) = self.lobby.checkpoint_row(user_id, self.simulation.world()) {
            self.archive.put_checkpoint(row);
        }
    }

    fn checkpoint(&self) -> RoomCheckpoint {
        let world = self.world();
        let seats = || self.lobby.seats().filter(|(_, seat)| seat.in_world);
        let players = seats().filter_map(|(id, seat)| {
            let player = world.player(id)?;
            let checkpoint = Checkpoint {
                saved: Some(saved(player)),
                buttons: player.buttons,
                next_input_seq: seat.input_buffer.next_unconsumed(),
            };
            Some((id, checkpoint))
        });
        RoomCheckpoint {
            heard: seats().map(|(id, seat)| (id, seat.heard)).collect(),
            step: world.step_number(),
            next_structure: world.next_structure(),
            next_projectile: world.next_projectile(),
            players: players.collect(),
            asleep_since: self.schedule.asleep_since(),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use protocol::Ack;
    use sim_core::StructureId;

    use super::*;
    use crate::input::{ConnId, Hydration, Input, RoomConfig};
    use crate::limits::ACKS_TO_STORE_MAX;
    use crate::output::Output;

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
            for _ in 0..waiting {
                room.archive.ack_when_stored(ConnId(2), ack);
            }
            let outputs: Vec<_> = room.handle(Millis(1_100), Input::Wake).collect();
            assert_eq!(room.stats().flushes - before, flushes);
            // Whoever has gone is not told.
            let tells = |one: &Output| matches!(one, Output::SendStored { .. });
            assert!(!outputs.iter().any(tells));
        }
    }
}
