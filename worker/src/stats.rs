//! What the stats route tells of a room.
//!
//! * Everything is counted since the object came into memory, which a room that sleeps long enough leaves.
//! * Looking changes nothing: no room is made, none is woken, nothing is stored.

use authority::{LATENESS_BOUNDS_MS, Lateness, Millis, PlayerStats, Room, Stats};
use serde::Serialize;
use worker::{Response, ResponseBuilder, Result, State};

use crate::cost::Used;
use crate::hydrate::checkpoint;
use crate::meter::Meter;

/// The answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    step: u64,
    asleep: bool,
    /// False for a room that is on disk only. It is as it was left, and has counted nothing.
    in_memory: bool,
    memory_seconds: f64,
    players: Vec<Player>,
    lateness: LatenessTold,
    bytes_in: u64,
    bytes_out: u64,
    messages_in: u64,
    messages_after_close: u64,
    bytes_after_close: u64,
    sockets_open: usize,
    sockets_held: usize,
    requests: u64,
    rows_written: u64,
    snapshots: Snapshots,
    recording_bytes: u64,
    database_bytes: u64,
    steps_run: u64,
    steps_slept: u64,
    dropped_ms: u64,
    estimated_cost_per_hour: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Player {
    id: u16,
    connected: bool,
    corrections: u64,
    starved: u64,
    dropped: u64,
    buffer_depth: usize,
}

impl From<PlayerStats> for Player {
    fn from(of: PlayerStats) -> Self {
        Self {
            id: of.player.0,
            connected: of.connected,
            corrections: of.counts.mismatches,
            starved: of.counts.starved,
            dropped: of.counts.dropped,
            buffer_depth: of.buffer_depth,
        }
    }
}

/// Quantiles are upper bounds of their buckets; of the last bucket there is none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LatenessTold {
    p50_ms: Option<u64>,
    p99_ms: Option<u64>,
    buckets: Vec<Bucket>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bucket {
    up_to_ms: Option<u64>,
    ticks: u64,
}

impl From<Lateness> for LatenessTold {
    fn from(lateness: Lateness) -> Self {
        let bounds = LATENESS_BOUNDS_MS.into_iter().map(Some).chain([None]);
        let buckets = bounds.zip(lateness.counts);
        Self {
            p50_ms: lateness.quantile(500),
            p99_ms: lateness.quantile(990),
            buckets: buckets
                .map(|(up_to_ms, ticks)| Bucket { up_to_ms, ticks })
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct Snapshots {
    full: u64,
    delta: u64,
    held: u64,
}

/// What is counted of a room, in memory or not.
pub(crate) fn answer(
    state: &State,
    room: Option<&Room>,
    meter: &Meter,
    sockets: (usize, usize),
    now: Millis,
) -> Result<Response> {
    ResponseBuilder::new()
        .with_header("Cache-Control", "no-store")?
        .from_json(&tell(state, room, meter, sockets, now)?)
}

fn tell(
    state: &State,
    room: Option<&Room>,
    meter: &Meter,
    (sockets_open, sockets_held): (usize, usize),
    now: Millis,
) -> Result<Told> {
    let sql = state.storage().sql();
    let step = match room {
        Some(room) => Some(room.world().step_number()),
        None => checkpoint(&sql).map(|checkpoint| checkpoint.step),
    };
    let stats = room.map_or_else(Stats::default, Room::stats);
    let used = meter.used(&stats, now);
    let Used {
        memory_ms,
        requests,
        messages: _,
        rows_written,
    } = used;
    let (messages_after_close, bytes_after_close) = meter.after_close();
    let players = room.map(Room::player_stats).unwrap_or_default();
    Ok(Told {
        step: step.unwrap_or_default().0,
        asleep: room.is_none_or(Room::is_asleep),
        in_memory: room.is_some(),
        memory_seconds: memory_ms as f64 / 1_000.0,
        players: players.into_iter().map(Player::from).collect(),
        lateness: stats.lateness.into(),
        bytes_in: stats.bytes_in,
        bytes_out: stats.bytes_out,
        messages_in: stats.messages_in,
        messages_after_close,
        bytes_after_close,
        sockets_open,
        sockets_held,
        requests,
        rows_written,
        snapshots: Snapshots {
            full: stats.full_snapshots,
            delta: stats.delta_snapshots,
            held: stats.held_snapshots,
        },
        recording_bytes: stats.log_bytes,
        database_bytes: sql.database_size() as u64,
        steps_run: stats.steps,
        steps_slept: stats.slept_steps,
        dropped_ms: stats.dropped_ms,
        estimated_cost_per_hour: room.and_then(|_| used.usd_per_hour()),
    })
}
