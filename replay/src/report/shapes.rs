//! The report as lines of JSON, which are in the page as well.

use netcode::Cause;
use serde::Serialize;
use sim_core::PlayerId;

use super::Asked;
use super::measured::Measured;
use super::sums::Sum;
use crate::bench::Percentiles;
use crate::exit::Exit;
use crate::loss::LossShape;
use crate::output;
use crate::why::millis_of;

/// The line of a recording.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordingShape<'a> {
    what: &'static str,
    ok: bool,
    file: &'a str,
    room: &'a str,
    build_id: &'a str,
    first_step: u64,
    last_step: u64,
    steps: usize,
    players: usize,
    stalls: usize,
    stall_max_ms: u32,
    step_ns: Percentiles,
    lost: Option<LossShape>,
}

/// The line of a player.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlayerShape<'a> {
    what: &'static str,
    file: &'a str,
    player: u16,
    known_to: u64,
    #[serde(flatten)]
    sum: SumShape,
    round_trip_ms: Option<TripShape>,
    slack_steps: Option<SlackShape>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SumShape {
    inputs: u64,
    corrections: CausesShape,
    largest_cells: f64,
    starved_steps: u64,
    lost_inputs: u64,
    marks: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CausesShape {
    all: u64,
    starved: u64,
    dropped: u64,
    unseen_structure: u64,
    hit: u64,
    respawn: u64,
    clock_slip: u64,
    unknown: u64,
}

#[derive(Serialize)]
struct TripShape {
    p50: u64,
    p99: u64,
}

#[derive(Serialize)]
struct SlackShape {
    least: i16,
    mean: f64,
}

#[derive(Serialize)]
struct AllShape {
    ok: bool,
    recordings: usize,
    told: usize,
    players: usize,
    stalls: usize,
    #[serde(flatten)]
    sum: SumShape,
}

/// Prints the lines.
pub(super) fn lines(told: &[Asked], ok: bool) {
    let mut all = Sum::default();
    let (mut reports, mut players, mut stalls) = (0, 0, 0);
    for (name, report) in told {
        let report = match report {
            Ok(report) => report,
            Err(failure) => {
                output::failed(name, failure);
                continue;
            }
        };
        reports += 1;
        players += report.players.len();
        stalls += report.stalls.len();
        all.add(&report.sum());
        output::json(&RecordingShape::of(name, report));
        for player in report.players.keys() {
            output::json(&PlayerShape::of(name, report, *player));
        }
    }
    output::json(&AllShape {
        ok,
        recordings: told.len(),
        told: reports,
        players,
        stalls,
        sum: SumShape::of(&all),
    });
}

impl<'a> RecordingShape<'a> {
    pub(super) fn of(file: &'a str, report: &'a Measured) -> Self {
        Self {
            what: "recording",
            ok: report.exit() == Exit::Holds,
            file,
            room: &report.header.room,
            build_id: &report.header.build_id,
            first_step: report.first_step.0,
            last_step: report.last_step.0,
            steps: report.costs.len(),
            players: report.players.len(),
            stalls: report.stalls.len(),
            stall_max_ms: report.stall_max_ms(),
            step_ns: report.cost,
            lost: report.lost.as_ref().map(Into::into),
        }
    }
}

impl<'a> PlayerShape<'a> {
    /// Of a player who is in the report.
    pub(super) fn of(file: &'a str, report: &Measured, player: PlayerId) -> Self {
        let (told, sum) = &report.players[&player];
        Self {
            what: "player",
            file,
            player: player.0,
            known_to: told.known_to.0,
            sum: SumShape::of(sum),
            round_trip_ms: sum.round_trip.map(|trip| TripShape {
                p50: millis_of(trip.p50),
                p99: millis_of(trip.p99),
            }),
            slack_steps: sum.slack.map(|slack| SlackShape {
                least: slack.least,
                mean: (slack.mean * 100.0).round() / 100.0,
            }),
        }
    }
}

impl SumShape {
    fn of(sum: &Sum) -> Self {
        Self {
            inputs: sum.inputs,
            corrections: CausesShape::of(sum),
            largest_cells: cells(sum.largest_cells),
            starved_steps: sum.starved_steps,
            lost_inputs: sum.lost_inputs,
            marks: sum.marks,
        }
    }
}

impl CausesShape {
    fn of(sum: &Sum) -> Self {
        let mut shape = Self {
            all: sum.corrected(),
            starved: 0,
            dropped: 0,
            unseen_structure: 0,
            hit: 0,
            respawn: 0,
            clock_slip: 0,
            unknown: 0,
        };
        for (cause, count) in sum.causes() {
            *match cause {
                Cause::Starved => &mut shape.starved,
                Cause::Dropped => &mut shape.dropped,
                Cause::UnseenStructure => &mut shape.unseen_structure,
                Cause::Hit => &mut shape.hit,
                Cause::Respawn => &mut shape.respawn,
                Cause::ClockSlip => &mut shape.clock_slip,
                Cause::Unknown => &mut shape.unknown,
            } = count;
        }
        shape
    }
}

/// Cells, in the digits that are told.
pub(super) fn cells(cells: f64) -> f64 {
    (cells * 1e4).round() / 1e4
}
