//! A script as a fuzzer has it: short records in which any bytes are a script, so that every change of a byte is a change
//! of the session.
//!
//! The first byte is the version of the encoding. A header of 12 bytes, seats of 12 and faults of 6; what is missing at
//! the end is zero, what is out of range is reduced. [`Script::to_bytes`] gives the nearest script that fits.

use input_log::HashDetail;
use protocol::Encoding;

use crate::bot::Behaviour;
use crate::fault::{CrashPoint, Fault, Storage, TimedFault};
use crate::hostile::Hostility;
use crate::profile::{LinkProfile, Loss, Stalls};
use crate::script::{PlayerScript, Script, SeatScript};

/// Version of the encoding: other first bytes are read as this one.
const VERSION: u8 = 1;
const SEAT_BYTES: usize = 12;
const FAULT_BYTES: usize = 6;

/// A kind of fault that stands for itself and not for its remainder: kept inputs are older than it.
const AGES: u8 = 255;

/// In the order of their numbers; a new one comes last, so that bytes go on meaning what they meant.
const HOSTILITIES: [Hostility; Hostility::ALL.len()] = [
    Hostility::Flood,
    Hostility::LieSeq,
    Hostility::LieStep,
    Hostility::LieHash,
    Hostility::LieAim,
    Hostility::ReplayOld,
    Hostility::Garbage,
    Hostility::Everything,
    Hostility::FalseAcks,
];

/// What keeps a session short enough for a fuzzer.
const SECONDS_MAX: u32 = 20;
const QUIET_SECONDS: u32 = 36;
const SEATS_MAX: u8 = 6;
const FAULTS_MAX: usize = 32;
const MS_MAX: u32 = 20_000;

impl Script {
    /// The script that the bytes are.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut reader = Reader { bytes };
        let _version = reader.byte();
        let seed = u64::from_le_bytes(reader.take::<8>());
        let length = reader.byte();
        let is_quiet = reader.byte() % 2 == 1;
        let quiet_seconds = if is_quiet { QUIET_SECONDS } else { 0 };
        let seats = 1 + reader.byte() % SEATS_MAX;
        let loud = 1 + u32::from(length) % SECONDS_MAX;
        let mut seats: Vec<SeatScript> = (0..seats).map(|_| reader.seat()).collect();
        for leaves in seats.iter_mut().filter_map(|seat| seat.leaves_ms.as_mut()) {
            // Whoever left in the quiet would be on the way out at the end.
            *leaves = (*leaves).min(loud * 1_000);
        }
        let mut faults = Vec::new();
        while !reader.bytes.is_empty() && faults.len() < FAULTS_MAX {
            faults.push(reader.fault(seats.len()));
        }
        Self {
            seed,
            seconds: loud + quiet_seconds,
            quiet_seconds,
            room: "fuzz".to_owned(),
            hash_detail: HashDetail::EveryStep,
            seats,
            faults,
        }
    }

    /// Bytes of this script, or of the nearest that fits.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let loud = (self.quiet_from_ms() / 1_000).clamp(1, SECONDS_MAX);
        let seats = self.seats.len().clamp(1, usize::from(SEATS_MAX));
        let mut bytes = vec![VERSION];
        bytes.extend(self.seed.to_le_bytes());
        bytes.push(loud as u8 - 1);
        bytes.push(u8::from(self.quiet_seconds > 0));
        bytes.push(seats as u8 - 1);
        for seat in self.seats.iter().take(seats) {
            bytes.extend(seat_bytes(seat));
        }
        for timed in self.faults.iter().take(FAULTS_MAX) {
            bytes.extend(fault_bytes(timed));
        }
        bytes
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut taken = [0; N];
        let there = N.min(self.bytes.len());
        taken[..there].copy_from_slice(&self.bytes[..there]);
        self.bytes = &self.bytes[there..];
        taken
    }

    fn byte(&mut self) -> u8 {
        self.take::<1>()[0]
    }

    fn seat(&mut self) -> SeatScript {
        let [
            player,
            flags,
            one_way,
            jitter,
            stall_every,
            stall_longest,
            breaks,
            loss,
            enters,
            leaves,
            drift,
            frame,
        ] = self.take::<SEAT_BYTES>();
        let bots = Behaviour::ALL.len() as u8;
        let player = match player % (bots + HOSTILITIES.len() as u8) {
            bot if bot < bots => PlayerScript::Bot(Behaviour::ALL[usize::from(bot)]),
            other => PlayerScript::Hostile(HOSTILITIES[usize::from(other - bots)]),
        };
        let some = |byte: u8, scale: u32| (byte > 0).then_some(u32::from(byte) * scale);
        SeatScript {
            player,
            encoding: match (flags % 2, player) {
                (1, _) => Encoding::Json,
                // The others have clients of this build.
                (_, PlayerScript::Hostile(Hostility::FalseAcks)) if flags & 2 == 2 => {
                    Encoding::Binary1
                }
                _ => Encoding::Binary,
            },
            link: LinkProfile {
                one_way_ms: u32::from(one_way) * 2,
                jitter_ms: u32::from(jitter) * 2,
                stalls: some(stall_every, 100).map(|every_ms| Stalls {
                    every_ms,
                    longest_ms: u32::from(stall_longest) * 20,
                }),
                break_after_ms: some(breaks, 200),
                loss: (loss > 0).then(|| Loss {
                    worsens_permille: 1 + u32::from(loss >> 4),
                    recovers_permille: 50 + 20 * u32::from(loss & 15),
                    lost_permille: 400,
                }),
            },
            enters_ms: u32::from(enters) * 20,
            leaves_ms: some(leaves, 100),
            // The bytes have no place for it.
            leaves_on_purpose: false,
            drift_ppm: i32::from(drift as i8) * 20,
            frame_ms: u32::from(frame) % 128,
        }
    }

    fn fault(&mut self, seats: usize) -> TimedFault {
        let [kind, seat, at @ ..] = self.take::<4>();
        let [low, high] = self.take::<2>();
        let at_ms = u32::from(u16::from_le_bytes(at)) % MS_MAX;
        let detail = u16::from_le_bytes([low, high]);
        let ms = u32::from(detail) % MS_MAX;
        let seat = usize::from(seat) % seats;
        let fault = match kind % 12 {
            _ if kind == AGES => Fault::Ages,
            0 => Fault::Break { seat },
            1 => Fault::HalfOpen { seat },
            2 => Fault::Stall { seat, ms },
            3 => Fault::Throttle {
                seat,
                ms: u32::from(low) * 100,
                bytes_per_second: u32::from(high).max(1) * 200,
            },
            4 => Fault::Hide { seat, ms },
            5 => Fault::Freeze { seat, ms },
            6 => Fault::Reload {
                seat,
                keeps_token: low % 2 == 1,
                hangs_up: high % 2 == 1,
            },
            7 => Fault::Crash {
                point: match low {
                    0 => CrashPoint::Now,
                    1 => CrashPoint::BeforeCommit,
                    255 => CrashPoint::SentNotStored,
                    sends => CrashPoint::AfterSends(u16::from(sends) - 2),
                },
                storage: match high {
                    0 => Storage::Whole,
                    1 => Storage::Upgraded,
                    bytes => Storage::Torn(u16::from(bytes) - 2),
                },
            },
            8 => Fault::HostStall { ms },
            9 => Fault::Evict,
            10 => Fault::Rest { ms },
            _ => Fault::Starve { ms },
        };
        TimedFault { at_ms, fault }
    }
}

fn seat_bytes(seat: &SeatScript) -> [u8; SEAT_BYTES] {
    let link = &seat.link;
    let player = match seat.player {
        PlayerScript::Bot(bot) => Behaviour::ALL.iter().position(|one| *one == bot),
        PlayerScript::Hostile(how) => {
            let at = HOSTILITIES.iter().position(|one| *one == how);
            at.map(|at| at + Behaviour::ALL.len())
        }
    };
    let some = |ms: Option<u32>, scale: u32| ms.map_or(0, |ms| byte(ms, scale).max(1));
    [
        player.unwrap_or(0) as u8,
        match seat.encoding {
            Encoding::Binary => 0,
            Encoding::Json => 1,
            Encoding::Binary1 => 2,
        },
        byte(link.one_way_ms, 2),
        byte(link.jitter_ms, 2),
        some(link.stalls.map(|stalls| stalls.every_ms), 100),
        byte(link.stalls.map_or(0, |stalls| stalls.longest_ms), 20),
        some(link.break_after_ms, 200),
        link.loss.map_or(0, |loss| {
            let worsens = loss.worsens_permille.clamp(1, 16) as u8 - 1;
            let recovers = (loss.recovers_permille.clamp(50, 350) - 50) / 20;
            (worsens << 4 | recovers as u8).max(1)
        }),
        byte(seat.enters_ms, 20),
        some(seat.leaves_ms, 100),
        (seat.drift_ppm / 20).clamp(-128, 127) as i8 as u8,
        seat.frame_ms.min(127) as u8,
    ]
}

fn fault_bytes(timed: &TimedFault) -> [u8; FAULT_BYTES] {
    let two = |ms: u32| (ms.min(MS_MAX - 1) as u16).to_le_bytes();
    let (kind, detail) = match timed.fault {
        Fault::Break { .. } => (0, [0; 2]),
        Fault::HalfOpen { .. } => (1, [0; 2]),
        Fault::Stall { ms, .. } => (2, two(ms)),
        Fault::Throttle {
            ms,
            bytes_per_second,
            ..
        } => (3, [byte(ms, 100), byte(bytes_per_second, 200).max(1)]),
        Fault::Hide { ms, .. } => (4, two(ms)),
        Fault::Freeze { ms, .. } => (5, two(ms)),
        Fault::Reload {
            keeps_token,
            hangs_up,
            ..
        } => (6, [u8::from(keeps_token), u8::from(hangs_up)]),
        Fault::Crash { point, storage } => {
            let point = match point {
                CrashPoint::Now => 0,
                CrashPoint::BeforeCommit => 1,
                CrashPoint::SentNotStored => 255,
                CrashPoint::AfterSends(sends) => sends.min(252) as u8 + 2,
            };
            let storage = match storage {
                Storage::Whole => 0,
                Storage::Upgraded => 1,
                Storage::Torn(bytes) => bytes.min(253) as u8 + 2,
            };
            (7, [point, storage])
        }
        Fault::HostStall { ms } => (8, two(ms)),
        Fault::Evict => (9, [0; 2]),
        Fault::Ages => (AGES, [0; 2]),
        Fault::Rest { ms } => (10, two(ms)),
        Fault::Starve { ms } => (11, two(ms)),
    };
    let at = two(timed.at_ms);
    let seat = timed.fault.seat().unwrap_or(0) as u8;
    [kind, seat, at[0], at[1], detail[0], detail[1]]
}

fn byte(value: u32, scale: u32) -> u8 {
    (value / scale).min(255) as u8
}
