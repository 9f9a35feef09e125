//! What an attacker learns by listening.

use std::collections::BTreeMap;

use protocol::{Encoding, Mode, Receipt, ServerBody, View, decode_server};
use sim_core::{Cell, PlayerId, StructureId};

/// Snapshots that an attacker keeps, to understand those that count from them: more than a room ever counts back.
const VIEWS_MAX: usize = 80;

/// What an attacker knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    player: Option<PlayerId>,
    views: BTreeMap<u32, View>,
    /// What stood in them to prove that they were read.
    proofs: BTreeMap<u32, Receipt>,
    /// Every token that it was ever given.
    pub(super) tokens: Vec<String>,
    /// The newest message, whatever it was.
    pub(super) newest_message: Vec<u8>,
}

/// Tokens that an attacker keeps.
const TOKENS_MAX: usize = 16;

impl Seen {
    /// Player and snapshots belong to a connection.
    pub(super) fn forget_connection(&mut self) {
        self.player = None;
        self.views.clear();
        self.proofs.clear();
    }

    /// Learns from a message of the room; the number of the next input if it said so.
    pub(super) fn hear(&mut self, bytes: &[u8], encoding: Encoding) -> Option<u32> {
        self.newest_message.clear();
        self.newest_message.extend_from_slice(bytes);
        let message = decode_server(bytes, encoding, |id| self.views.get(&id)).ok()?;
        match message.body {
            ServerBody::Welcome(welcome) => {
                self.player = Some(welcome.player_id);
                if self.tokens.len() < TOKENS_MAX {
                    self.tokens.push(welcome.resume_token);
                }
                return Some(welcome.next_input_seq);
            }
            ServerBody::Snapshot(snapshot) => {
                let base = snapshot.base_id.and_then(|id| self.views.get(&id));
                let view = match (snapshot.mode, base) {
                    (Mode::Full, _) => View::from_full(&snapshot.features, message.step).ok()?,
                    (Mode::Delta, Some(base)) => {
                        let mut view = base.clone();
                        view.apply(&snapshot.features, message.step).ok()?;
                        view
                    }
                    (Mode::Delta, None) => return None,
                };
                self.views.insert(snapshot.id, view);
                let proof = snapshot.proof.map(|proof| (snapshot.id, proof));
                self.proofs.extend(proof);
                if self.views.len() > VIEWS_MAX
                    && let Some((oldest, _)) = self.views.pop_first()
                {
                    self.proofs.remove(&oldest);
                }
            }
            ServerBody::Ack(_)
            | ServerBody::Pong { .. }
            | ServerBody::Error(_)
            | ServerBody::Event(_) => {}
        }
        None
    }

    /// The newest snapshot that it was sent.
    pub(super) fn newest_snapshot(&self) -> Option<u32> {
        self.views.keys().next_back().copied()
    }

    /// What stood in that snapshot.
    pub(super) fn proof(&self, snapshot: u32) -> Option<Receipt> {
        self.proofs.get(&snapshot).copied()
    }

    /// The oldest snapshot that it remembers.
    pub(super) fn oldest_snapshot(&self) -> Option<u32> {
        self.views.keys().next().copied()
    }

    /// Every structure of somebody else.
    pub(super) fn structures_of_others(&self) -> Vec<StructureId> {
        let standing = self.newest().into_iter().flat_map(|view| &view.structures);
        let of_others = standing.filter(|(_, one)| Some(one.owner) != self.player);
        of_others.map(|(id, _)| *id).collect()
    }

    /// Where everybody stands, the attacker first.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let players = self.newest().into_iter().flat_map(|view| &view.players);
        let mut all: Vec<_> = players.collect();
        all.sort_by_key(|(id, _)| (Some(**id) != self.player, **id));
        let cells = all.into_iter().filter_map(|(_, state)| state.pos.cell());
        cells.collect()
    }

    fn newest(&self) -> Option<&View> {
        self.views.values().next_back()
    }
}
