//! Sessions drawn at random, with every fault there is.

use input_log::HashDetail;
use protocol::Encoding;
use sim_core::Rng;

use crate::bot::Behaviour;
use crate::fault::{CrashPoint, Fault, Storage, TimedFault};
use crate::hostile::Hostility;
use crate::profile::{LinkProfile, Loss, Stalls};
use crate::script::{PlayerScript, Script, SeatScript};

/// Long enough for everybody to be back, whatever happened last, and for who left to be gone.
const QUIET_SECONDS: u32 = 36;

/// By then who lost a line has come back over another.
const REST_AFTER_MS: u32 = 12_000;
/// Long enough for the room to sleep.
const REST_SHORT_MS: u32 = 14_000;
/// Longer than a connection may be silent.
const REST_LONG_MS: u32 = 940_000;

impl Script {
    /// The session of this seed. One in four is calm: good links and a healthy room, so that it shows whether hostile
    /// players can hurt the others. Of the rest, one in six has uneven lines and no other fault.
    #[must_use]
    pub fn random(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let is_calm = rng.chance(1, 4);
        let loud = 20 + rng.below(60);
        let honest = 1 + rng.below(6);
        let hostile = if rng.chance(1, 3) {
            0
        } else {
            1 + rng.below(2)
        };
        let mut seats = Vec::new();
        for _ in 0..honest {
            let behaviour = pick(&mut rng, &Behaviour::ALL);
            let seat = seat(&mut rng, PlayerScript::Bot(behaviour), is_calm, loud);
            seats.push(seat);
        }
        for _ in 0..hostile {
            let hostility = pick(&mut rng, &Hostility::ALL);
            let seat = seat(&mut rng, PlayerScript::Hostile(hostility), is_calm, loud);
            seats.push(seat);
        }
        let faults = if is_calm { 0 } else { rng.below(loud / 3) };
        let faults = (0..faults).map(|_| TimedFault {
            at_ms: rng.below(loud * 1_000),
            fault: fault(&mut rng, seats.len()),
        });
        let mut faults: Vec<TimedFault> = faults.collect();
        let mut loud = loud;
        if !is_calm && rng.chance(1, 3) {
            loud += rest(&mut rng, seats.len(), loud, &mut faults);
        }
        for seat in &mut seats {
            seat.leaves_on_purpose = rng.chance(1, 2);
        }
        if !is_calm && rng.chance(1, 6) {
            // Uneven lines, and nothing else: it shows whether they are learned.
            faults.clear();
            for seat in &mut seats {
                seat.link = seat.link.only_jittering();
            }
        }
        Self {
            seed,
            seconds: loud + QUIET_SECONDS,
            quiet_seconds: QUIET_SECONDS,
            room: "simulated".to_owned(),
            hash_detail: if rng.chance(1, 2) {
                HashDetail::Check
            } else {
                HashDetail::EveryStep
            },
            seats,
            faults,
        }
    }
}

fn seat(rng: &mut Rng, player: PlayerScript, is_calm: bool, loud: u32) -> SeatScript {
    let link = if is_calm {
        LinkProfile {
            one_way_ms: 5 + rng.below(120),
            jitter_ms: rng.below(LinkProfile::DISTANT.jitter_ms),
            ..LinkProfile::CLEAN
        }
    } else {
        link(rng)
    };
    let is_late = rng.chance(1, 5);
    SeatScript {
        player,
        link,
        encoding: if rng.chance(1, 3) {
            Encoding::Json
        } else if is_old(rng, player) {
            Encoding::Binary1
        } else {
            Encoding::Binary
        },
        enters_ms: if is_late {
            rng.below(loud * 1_000)
        } else {
            rng.below(2_000)
        },
        leaves_ms: rng
            .chance(1, 8)
            .then(|| 5_000 + rng.below((loud - 5) * 1_000)),
        leaves_on_purpose: false,
        drift_ppm: if is_calm || rng.chance(1, 2) {
            rng.below(201) as i32 - 100
        } else {
            rng.below(40_001) as i32 - 20_000
        },
        frame_ms: match rng.below(6) {
            0 if !is_calm => 100,
            1 if !is_calm => 33,
            2 => 16,
            3 => 7,
            _ => 0,
        },
    }
}

/// Whether the player has a client of the build before.
fn is_old(rng: &mut Rng, player: PlayerScript) -> bool {
    player == PlayerScript::Hostile(Hostility::FalseAcks) && rng.chance(1, 2)
}

fn link(rng: &mut Rng) -> LinkProfile {
    let farthest = if rng.chance(1, 4) { 300 } else { 100 };
    let roughest = if rng.chance(1, 4) { 250 } else { 60 };
    LinkProfile {
        one_way_ms: 5 + rng.below(farthest),
        jitter_ms: rng.below(roughest),
        loss: rng.chance(1, 3).then(|| Loss {
            worsens_permille: 1 + rng.below(16),
            recovers_permille: 50 + rng.below(300),
            lost_permille: 100 + rng.below(500),
        }),
        stalls: rng.chance(1, 4).then(|| Stalls {
            every_ms: 2_000 + rng.below(8_000),
            longest_ms: 100 + rng.below(2_000),
        }),
        break_after_ms: rng.chance(1, 6).then(|| 4_000 + rng.below(20_000)),
    }
}

fn fault(rng: &mut Rng, seats: usize) -> Fault {
    let seat = rng.below(seats as u32) as usize;
    // Most times are short, some long enough to be given up on.
    let ms = match rng.below(4) {
        0 => 5_000 + rng.below(25_000),
        1 => 1_000 + rng.below(5_000),
        _ => 50 + rng.below(1_000),
    };
    match rng.below(13) {
        0 => Fault::Break { seat },
        1 => Fault::HalfOpen { seat },
        2 => Fault::Stall { seat, ms },
        3 => Fault::Throttle {
            seat,
            ms,
            bytes_per_second: 200 + rng.below(4_000),
        },
        4 => Fault::Hide { seat, ms },
        5 => Fault::Freeze { seat, ms },
        6 => Fault::Reload {
            seat,
            keeps_token: rng.chance(1, 2),
            hangs_up: rng.chance(1, 2),
        },
        7..=9 => Fault::Crash {
            point: match rng.below(3) {
                0 => CrashPoint::Now,
                1 => CrashPoint::BeforeCommit,
                _ => match rng.below(8) as u16 {
                    7 => CrashPoint::SentNotStored,
                    sends => CrashPoint::AfterSends(sends),
                },
            },
            storage: match rng.below(6) {
                0 => Storage::Upgraded,
                1 => Storage::Torn(rng.below(2_000) as u16),
                2 => Storage::Torn(0),
                _ => Storage::Whole,
            },
        },
        10 => Fault::HostStall { ms },
        11 => Fault::Starve { ms },
        _ if rng.chance(1, 3) => Fault::Ages,
        _ => Fault::Evict,
    }
}

/// Lines die, their players come back over others, and then everybody rests until the room has left the memory; some
/// rest for so long that they are closed. Returns how many seconds that takes.
fn rest(rng: &mut Rng, seats: usize, from: u32, faults: &mut Vec<TimedFault>) -> u32 {
    let from = from * 1_000;
    let mut at = |at_ms: u32, fault: Fault| {
        let at_ms = from + at_ms;
        faults.push(TimedFault { at_ms, fault });
    };
    for _ in 0..=rng.below(2) {
        let seat = rng.below(seats as u32) as usize;
        let dies = rng.below(2_000);
        at(dies, Fault::HalfOpen { seat });
        if rng.chance(1, 2) {
            let reload = Fault::Reload {
                seat,
                keeps_token: rng.chance(1, 2),
                hangs_up: false,
            };
            at(dies + 500, reload);
        }
    }
    let ms = if rng.chance(1, 8) {
        REST_LONG_MS
    } else {
        REST_SHORT_MS
    };
    at(REST_AFTER_MS, Fault::Rest { ms });
    at(REST_AFTER_MS + 4_000 + rng.below(8_000), Fault::Evict);
    if ms == REST_LONG_MS {
        at(REST_AFTER_MS + rng.below(ms), Fault::Evict);
    }
    (REST_AFTER_MS + ms) / 1_000 + 1
}

fn pick<T: Copy>(rng: &mut Rng, all: &[T]) -> T {
    all[rng.below(all.len() as u32) as usize]
}
