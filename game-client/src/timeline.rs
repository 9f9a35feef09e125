//! How snapshots came and what they repaired, as far back as an engineer looks at it.

use std::collections::VecDeque;

use netcode::{Client, Correction, Micros, Stats};
use serde::Serialize;

/// Snapshots that are kept: ten seconds of them.
const SNAPSHOTS_MAX: usize = 100;
/// Corrections that are kept.
const CORRECTIONS_MAX: usize = 32;
/// Units of a distance in a cell.
const CELL: f32 = 65_536.0;
/// Steps a second, as microseconds to a step.
const STEP_MICROS: f64 = 1_000_000.0 / 60.0;

/// What a snapshot held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Everything.
    Full,
    /// What changed.
    Delta,
}

#[derive(Clone, Copy, Debug)]
struct Arrived {
    at: Micros,
    mode: Mode,
    bytes: usize,
    step: u64,
}

/// How snapshots came and what they repaired.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    snapshots: VecDeque<Arrived>,
    corrections: VecDeque<(Micros, Correction)>,
}

/// A snapshot as it came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotReading {
    /// Milliseconds since it came.
    pub age: f64,
    /// What it held.
    pub mode: Mode,
    /// Its size.
    pub bytes: usize,
    /// Milliseconds by which it came later than the fastest of them.
    pub delay: f64,
}

/// A correction as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CorrectionReading {
    /// Milliseconds since then.
    pub age: f64,
    /// What is to blame.
    pub cause: &'static str,
    /// Cells by which the own player was moved, on the axis with more of it.
    pub distance: f32,
}

/// How the netcode is doing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NetcodeReading {
    /// Snapshots, oldest first.
    pub snapshots: Vec<SnapshotReading>,
    /// Corrections, oldest first.
    pub corrections: Vec<CorrectionReading>,
    /// Corrections since the page was loaded.
    pub corrections_total: u64,
    /// The greatest of them, in cells.
    pub correction_max: f32,
    /// Milliseconds that others are drawn in the past.
    pub interpolation_delay: f64,
    /// Milliseconds by which snapshots come at different times.
    pub jitter: f64,
    /// Local step rate over the nominal one, in parts per million.
    pub rate_ppm: i32,
    /// Inputs that the room has not consumed yet.
    pub unacked: u16,
    /// Inputs that wait at the room.
    pub buffer: u16,
    /// Inputs that should wait there.
    pub buffer_target: u16,
    /// Steps that the room had no input for.
    pub starved: u32,
    /// Inputs that the room had no place for.
    pub dropped: u32,
    /// Times that time was skipped instead of caught up with.
    pub stalls: u64,
    /// Times that prediction began anew.
    pub resyncs: u64,
    /// Milliseconds to the room and back; none before that is known.
    pub rtt: Option<f64>,
    /// Step of the newest snapshot.
    pub step: u64,
    /// Local steps predicted since the page was loaded.
    pub steps: u64,
    /// Connections asked for since then.
    pub connects: u64,
}

impl Timeline {
    /// A message came; what the client counted before and after it tells whether it was a snapshot.
    pub(crate) fn arrived(&mut self, at: Micros, bytes: usize, before: &Stats, after: &Stats) {
        if after.snapshots == before.snapshots {
            return;
        }
        let mode = if after.snapshots_full == before.snapshots_full {
            Mode::Delta
        } else {
            Mode::Full
        };
        let step = after.step.0;
        let snapshot = Arrived {
            at,
            mode,
            bytes,
            step,
        };
        keep(&mut self.snapshots, snapshot, SNAPSHOTS_MAX);
    }

    pub(crate) fn corrected(&mut self, at: Micros, correction: Correction) {
        keep(&mut self.corrections, (at, correction), CORRECTIONS_MAX);
    }

    /// What there is to say now.
    #[must_use]
    pub fn read(&self, now: Micros, client: &Client) -> NetcodeReading {
        let stats = client.stats();
        let late = |one: &Arrived| one.at.0 as f64 - one.step as f64 * STEP_MICROS;
        let fastest = self.snapshots.iter().map(late).fold(f64::MAX, f64::min);
        let age = |at: Micros| millis(now.since(at));
        let snapshots = self.snapshots.iter().map(|one| SnapshotReading {
            age: age(one.at),
            mode: one.mode,
            bytes: one.bytes,
            delay: (late(one) - fastest) / 1_000.0,
        });
        let corrections = self.corrections.iter().map(|(at, one)| CorrectionReading {
            age: age(*at),
            cause: one.cause.name(),
            distance: one.distance.to_bits() as f32 / CELL,
        });
        NetcodeReading {
            snapshots: snapshots.collect(),
            corrections: corrections.collect(),
            corrections_total: stats.corrections(),
            correction_max: stats.correction_max.to_bits() as f32 / CELL,
            interpolation_delay: millis(stats.interpolation_delay),
            jitter: millis(stats.jitter),
            rate_ppm: stats.rate_ppm,
            unacked: stats.unacked,
            buffer: stats.buffer_depth,
            buffer_target: stats.buffer_target,
            starved: stats.starved,
            dropped: stats.dropped,
            stalls: stats.stalls,
            resyncs: stats.resyncs,
            rtt: stats.rtt.map(millis),
            step: stats.step.0,
            steps: stats.steps,
            connects: stats.connects,
        }
    }
}

fn keep<T>(kept: &mut VecDeque<T>, one: T, most: usize) {
    if kept.len() >= most {
        kept.pop_front();
    }
    kept.push_back(one);
}

fn millis(time: Micros) -> f64 {
    time.0 as f64 / 1_000.0
}
