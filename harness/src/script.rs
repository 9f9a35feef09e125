//! What is to happen in a session: one type for tests, the fuzzer, golden recordings, the command line and bug reports.
//!
//! A script has two encodings. A file is JSON with a version (`script_file`), to be read, edited and kept. A fuzzer's is
//! made of short records in which any bytes are a script (`script_bytes`).

use input_log::HashDetail;
use protocol::Encoding;
use serde::{Deserialize, Serialize};
use sim_core::Rng;

use crate::bot::Behaviour;
use crate::fault::{Fault, TimedFault};
use crate::hostile::Hostility;
use crate::profile::LinkProfile;

/// Everything that a session follows from. Times are in milliseconds from its beginning, or long as many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Script {
    /// Seed of the world, the links, the clocks and the bots.
    pub seed: u64,
    /// How long it lasts.
    pub seconds: u32,
    /// How much of that, at its end, is quiet: links are good, nothing goes wrong, nobody does anything. Then everybody
    /// must come to see the same.
    pub quiet_seconds: u32,
    /// The room's code.
    pub room: String,
    /// How much of each step's hash is recorded.
    #[serde(with = "HashDetailName")]
    pub hash_detail: HashDetail,
    /// Who plays.
    pub seats: Vec<SeatScript>,
    /// What goes wrong, in any order.
    pub faults: Vec<TimedFault>,
}

/// One player and its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeatScript {
    /// Who plays.
    pub player: PlayerScript,
    /// How it is connected.
    pub link: LinkProfile,
    /// What it speaks.
    #[serde(with = "EncodingName")]
    pub encoding: Encoding,
    /// When it first connects.
    pub enters_ms: u32,
    /// When it leaves for good, if before the end.
    pub leaves_ms: Option<u32>,
    /// Whether it says so then; otherwise its page is closed.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub leaves_on_purpose: bool,
    /// How much faster its clock runs than the room's, in parts per million.
    pub drift_ppm: i32,
    /// From one frame of its machine to the next; 0 for a machine that is there the moment something is due.
    pub frame_ms: u32,
}

/// Who plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PlayerScript {
    /// A bot with the real client.
    Bot(Behaviour),
    /// Somebody with another client, who means harm.
    Hostile(Hostility),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "HashDetail", rename_all = "camelCase")]
enum HashDetailName {
    Check,
    EveryStep,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Encoding", rename_all = "camelCase")]
enum EncodingName {
    Json,
    Binary,
    Binary1,
}

impl Script {
    /// Most players of a room, and so seats of a script.
    pub const SEATS_MAX: usize = sim_core::rules::PLAYERS_MAX;

    /// Seats of real clients like this whom no fault hits, in a room that at most leaves the memory; none if another fault
    /// hits the room.
    pub(crate) fn untouched(&self, like_this: impl Fn(&SeatScript) -> bool) -> Vec<usize> {
        let faults = || self.faults.iter().map(|timed| &timed.fault);
        if faults().any(|fault| fault.seat().is_none() && !matches!(fault, Fault::Evict)) {
            return Vec::new();
        }
        let hit = |at: usize| faults().any(|fault| fault.seat() == Some(at));
        let is_client = |seat: &SeatScript| matches!(seat.player, PlayerScript::Bot(_));
        let seats = self.seats.iter().enumerate();
        seats
            .filter(|(at, seat)| is_client(seat) && like_this(seat) && !hit(*at))
            .map(|(at, _)| at)
            .collect()
    }

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
            player: PlayerScript::Bot(behaviour),
            link,
            encoding,
            enters_ms: rng.below(1_000),
            leaves_ms: None,
            leaves_on_purpose: false,
            // Crystals of clocks are off by some ten parts per million.
            drift_ppm: rng.below(101) as i32 - 50,
            frame_ms: 0,
        });
        Self {
            seed,
            seconds,
            quiet_seconds: 0,
            room: "harness".to_owned(),
            hash_detail: HashDetail::Check,
            seats: seats.collect(),
            faults: Vec::new(),
        }
    }

    /// The same with every second seat speaking the other encoding.
    #[must_use]
    pub fn mixed(mut self) -> Self {
        for seat in self.seats.iter_mut().skip(1).step_by(2) {
            seat.encoding = match seat.encoding {
                Encoding::Json => Encoding::Binary,
                Encoding::Binary | Encoding::Binary1 => Encoding::Json,
            };
        }
        self
    }

    /// The same with this going wrong at this moment.
    #[must_use]
    pub fn with(mut self, at_ms: u32, fault: Fault) -> Self {
        self.faults.push(TimedFault { at_ms, fault });
        self
    }

    /// When the quiet begins; the end if there is none.
    #[must_use]
    pub const fn quiet_from_ms(&self) -> u32 {
        self.seconds.saturating_sub(self.quiet_seconds) * 1_000
    }
}
