//! The client as its driver sees it.

use alloc::vec::Vec;

use protocol::View;
use sim_core::{Player, PlayerId, StructureId, Structures};

use crate::input::Input;
use crate::output::{Output, Outputs};
use crate::scene::Scene;
use crate::stats::Stats;
use crate::time::Micros;

/// What a client needs to know from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// Seed of the waits between attempts to connect.
    pub seed: u64,
    /// Whether to speak JSON in text messages; otherwise the binary encoding. Either is understood.
    pub json: bool,
    /// The seat to take again, from a session before.
    pub resume_token: Option<alloc::string::String>,
}

/// One client of a room. Call [`Client::handle`] with everything that happens; begin with [`Input::Advance`], whose
/// first output is `Output::Connect`.
#[derive(Debug)]
pub struct Client {
    outputs: Vec<Output>,
    stats: Stats,
}

impl Client {
    /// A client that is not connected.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        todo!()
    }
    /// What follows from the input. `now` never goes back.
    pub fn handle(&mut self, now: Micros, input: Input<'_>) -> Outputs<'_> {
        todo!()
    }
    /// When the next local step, message or attempt to connect is due: no `Advance` before has an effect.
    #[must_use]
    pub fn due(&self) -> Micros {
        todo!()
    }
    /// Counts and measurements.
    #[must_use]
    pub fn stats(&self) -> Stats {
        todo!()
    }
    /// The own player's name; `None` before the first welcome.
    #[must_use]
    pub fn player_id(&self) -> Option<PlayerId> {
        todo!()
    }
    /// The newest authoritative state, merged from the snapshots; `None` before the first full one.
    #[must_use]
    pub fn view(&self) -> Option<&View> {
        todo!()
    }
    /// The own player in the predicted present.
    #[must_use]
    pub fn predicted(&self) -> Option<&Player> {
        todo!()
    }
    /// Structures in the predicted present.
    #[must_use]
    pub fn structures(&self) -> &Structures {
        todo!()
    }
    /// Whether the structure is a predicted placing that the authority has not named yet.
    #[must_use]
    pub fn is_provisional(id: StructureId) -> bool {
        todo!()
    }
    /// Id of the newest applied snapshot: what the next batch acknowledges.
    #[must_use]
    pub fn snapshot_ack(&self) -> Option<u32> {
        todo!()
    }
    /// The seq that the next local step consumes.
    #[must_use]
    pub fn next_seq(&self) -> u32 {
        todo!()
    }
    /// Whether the room has let the client in and the connection is up.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        todo!()
    }
    /// The token of the own seat.
    #[must_use]
    pub fn resume_token(&self) -> Option<&str> {
        todo!()
    }
    /// What to draw now.
    #[must_use]
    pub fn scene(&self, now: Micros) -> Scene<'_> {
        todo!()
    }
}
