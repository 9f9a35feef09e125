//! What is to happen in a session.

use input_log::HashDetail;
use netcode::Micros;
use protocol::Encoding;
use sim_core::Rng;

use crate::bot::Behaviour;
use crate::link::LinkProfile;

/// Everything that a session follows from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Seed of the world, the links, the clocks and the bots.
    pub seed: u64,
    /// How long it lasts.
    pub seconds: u32,
    /// The room's code.
    pub room: String,
    /// How much of each step's hash is recorded.
    pub hash_detail: HashDetail,
    /// Who plays.
    pub seats: Vec<SeatScript>,
    /// What else happens, in any order.
    pub happenings: Vec<(Micros, Happening)>,
}

/// One bot and its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatScript {
    /// How it plays.
    pub behaviour: Behaviour,
    /// How it is connected.
    pub link: LinkProfile,
    /// What it speaks.
    pub encoding: Encoding,
    /// When it first connects.
    pub enters: Micros,
    /// When it leaves for good, if before the end.
    pub leaves: Option<Micros>,
    /// How much faster its clock runs than the room's, in parts per million.
    pub drift_ppm: i32,
}

/// Something that goes wrong at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The connection of a seat breaks; both sides notice within a second.
    Break {
        /// Which seat, by its place in the script.
        seat: usize,
    },
    /// Nothing arrives at a seat or from it.
    Stall {
        /// Which seat.
        seat: usize,
        /// For how long.
        length: Micros,
    },
    /// The room's host dies. What is on disk is left, and the next connection makes the room anew.
    Restart,
}

impl Script {
    /// A session in which everybody has the same link and encoding and enters within the first second.
    #[must_use]
    pub fn new(
        seed: u64,
        seconds: u32,
        behaviours: &[Behaviour],
        link: LinkProfile,
        encoding: Encoding,
    ) -> Self {
        let mut rng = Rng::new(seed);
        let seats = behaviours.iter().map(|&behaviour| SeatScript {
            behaviour,
            link,
            encoding,
            enters: Micros(u64::from(rng.below(1_000_000))),
            leaves: None,
            // Crystals of clocks are off by some ten parts per million.
            drift_ppm: rng.below(101) as i32 - 50,
        });
        Self {
            seed,
            seconds,
            room: "harness".to_owned(),
            hash_detail: HashDetail::Check,
            seats: seats.collect(),
            happenings: Vec::new(),
        }
    }

    /// The same with every second seat speaking the other encoding.
    #[must_use]
    pub fn mixed(mut self) -> Self {
        for seat in self.seats.iter_mut().skip(1).step_by(2) {
            seat.encoding = match seat.encoding {
                Encoding::Json => Encoding::Binary,
                Encoding::Binary => Encoding::Json,
            };
        }
        self
    }
}
