//! The player who does nothing wrong, whom nobody may hurt.

use authority::Encoding;
use protocol::ClientCommand;
use sim_core::Buttons;

use super::Table;

/// Inputs that it keeps waiting.
const LEAD: usize = 4;

impl Table {
    pub(super) fn honest_comes(&mut self) {
        if self.has_honest {
            let token = self.tokens[0].clone();
            self.come(0, Encoding::Binary, token.as_deref());
            assert!(self.conn(0).is_some(), "the honest is always let in");
        }
    }

    /// Always on the move, so that the room does not sleep.
    pub(super) fn honest_plays(&mut self) {
        let Some(conn) = self.conn(0).filter(|_| self.has_honest) else {
            return;
        };
        let id = self.player(conn);
        let waiting = self.driver.room.waiting();
        let Some(waiting) = waiting.iter().find(|waiting| Some(waiting.player) == id) else {
            return;
        };
        let missing = LEAD.saturating_sub(waiting.inputs.len());
        let ways = [Buttons::RIGHT, Buttons::DOWN, Buttons::LEFT, Buttons::UP];
        let inputs = (waiting.next_input_seq..)
            .take(missing)
            .map(|seq| protocol::Input {
                seq,
                buttons: ways[seq as usize / 20 % ways.len()],
            });
        let inputs: Vec<_> = inputs.collect();
        if !inputs.is_empty() {
            let (snapshot_ack, snapshot_proof) = self.driver.peers[&conn].acknowledges();
            let command = ClientCommand::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted: None,
            };
            self.driver.send(conn, command);
        }
    }

    /// The next input of the honest one that a step will consume.
    pub(super) fn honest_next(&self) -> Option<u32> {
        let conn = self.conn(0).filter(|_| self.has_honest)?;
        let id = self.player(conn);
        let waiting = self.driver.room.waiting();
        let of = waiting.iter().find(|waiting| Some(waiting.player) == id)?;
        Some(of.next_input_seq - of.inputs.len() as u32)
    }

    pub(super) fn honest_is_well(&self) {
        if self.has_honest {
            let conn = self.conn(0).expect("the honest is never closed");
            assert_eq!(self.driver.peers[&conn].errors, 0, "nor told off");
        }
    }
}
