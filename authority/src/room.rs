//! The room: what an input leads to.

use sim_core::World;

use crate::input::{Hydration, Input, Millis, RoomConfig};
use crate::output::{Output, Outputs};
use crate::stats::Stats;

/// One room. Made once; then `handle` for every input, each time with all outputs taken.
#[derive(Debug)]
pub struct Room {
    outputs: Vec<Output>,
    world: World,
    stats: Stats,
}

impl Room {
    /// A room that has not begun to count time: that begins with the first input.
    #[must_use]
    pub fn new(config: RoomConfig, hydration: Hydration) -> Self {
        let _ = (config, hydration);
        todo!()
    }

    /// What an input leads to. Outputs not taken from the iterator are lost.
    pub fn handle(&mut self, now: Millis, input: Input<'_>) -> Outputs<'_> {
        let _ = (now, input);
        Outputs(self.outputs.drain(..))
    }

    /// The world as it is.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What was counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Whether it sleeps.
    #[must_use]
    pub fn is_asleep(&self) -> bool {
        todo!()
    }

    /// What clients may know of the room as it is: what a snapshot of this moment shows.
    #[must_use]
    pub fn view(&self) -> protocol::View {
        todo!()
    }
}
