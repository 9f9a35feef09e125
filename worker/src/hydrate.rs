//! What a room was left with: the tables and the recording, read once when the object comes to life.
//!
//! * A row that stands for nothing is left out and counted. One bad row must not keep a room from opening.
//! * What cannot be read was set aside before, and the room opens from what is left.
//! * No more is read than a room may have, whatever the tables hold. What belongs to one user is read when the user comes.

use authority::limits::USERS_MAX;
use authority::{
    Checkpoint, CheckpointRow, Hydration, RoomCheckpoint, StructureRow, Tables, recover,
};
use sim_core::rules::STRUCTURES_MAX;
use sim_core::{Cell, PlayerId, Step, StructureId, StructureKind};
use worker::{Result, SqlStorage, Storage, console_error, console_warn};

use crate::damage::is_damage;
use crate::recording;
use crate::rows::{CHECKPOINT, LogEnd, ROOM_CODE, keep_checkpoint};
use crate::schema::set_recordings_aside;
use crate::sql::{Row, first, select};
use crate::survey::Survey;

/// What a room is made from.
pub(crate) struct Opened {
    pub(crate) hydration: Hydration,
    /// Where its log goes on.
    pub(crate) log: Option<LogEnd>,
    pub(crate) rows_written: u64,
}

/// Rows, and how many stood for nothing.
type Read<T> = (Vec<T>, usize);

/// Reads a room whose tables are those of this build.
pub(crate) fn open(storage: &Storage, room: &str, survey: Survey) -> Result<Opened> {
    let sql = storage.sql();
    let (structures, no_structures) = structures(&sql)?;
    let (checkpoints, no_users) = checkpoints(&sql)?;
    let (in_meta, no_checkpoints) = in_meta(&sql)?;
    let left_out = no_structures + no_users + no_checkpoints;
    if left_out > 0 {
        console_warn!("room {room}: {left_out} rows stand for nothing and are left out");
    }
    let Survey {
        recording,
        checkpoint: beside,
        is_log_aside,
        ..
    } = survey;
    let recording = match recording {
        // The tables had another shape then.
        Err(error) if !is_damage(&error) => recording::newest(&sql),
        recording => recording,
    };
    let beside = beside.unwrap_or_else(|error| {
        console_error!("room {room} has lost its checkpoint: {error}");
        None
    });
    let mut rows_written = 0;
    if (is_log_aside || recording.is_err())
        && in_meta.is_empty()
        && let Some(checkpoint) = &beside
    {
        rows_written += keep_checkpoint(storage, checkpoint.encode())?;
    }
    let tables = Tables {
        structures,
        // That of the table is newer than any beside the log: it goes when one is put there.
        room: in_meta.into_iter().next().or(beside),
        checkpoints,
    };
    let (hydration, log) = match recording {
        Ok(Some((bytes, end))) => match recover(&bytes) {
            Ok(recovered) => (Hydration::Log { recovered, tables }, Some(end)),
            Err(error) => {
                console_warn!(
                    "room {room} goes on from its tables, its recording cannot be used: {error}"
                );
                (Hydration::Tables(tables), None)
            }
        },
        Ok(None) => (Hydration::Tables(tables), None),
        Err(error) => {
            console_error!("room {room} goes on from its tables: {error}");
            rows_written += set_recordings_aside(storage, room)?;
            (Hydration::Tables(tables), None)
        }
    };
    Ok(Opened {
        hydration,
        log,
        rows_written,
    })
}

/// The code under which the room was made. None if nothing that can be read says so.
pub(crate) fn room_code(sql: &SqlStorage) -> Option<String> {
    let query = "SELECT value FROM room_meta WHERE name = ?";
    let row = first(sql, query, vec![ROOM_CODE.into()]).ok()?;
    row?.text()
}

/// The room's own checkpoint, if it can be read.
pub(crate) fn checkpoint(sql: &SqlStorage) -> Option<RoomCheckpoint> {
    let in_meta = in_meta(sql).ok()?.0.pop();
    in_meta.or_else(|| recording::checkpoint(sql).ok()?)
}

fn in_meta(sql: &SqlStorage) -> Result<Read<RoomCheckpoint>> {
    let query = "SELECT value FROM room_meta WHERE name = ?";
    let row = first(sql, query, vec![CHECKPOINT.into()])?;
    Ok(match row.map(decoded) {
        Some(Some(checkpoint)) => (vec![checkpoint], 0),
        Some(None) => (Vec::new(), 1),
        None => (Vec::new(), 0),
    })
}

fn decoded(mut row: Row) -> Option<RoomCheckpoint> {
    RoomCheckpoint::decode(&row.bytes()?).ok()
}

/// As many as the rules allow, and as many again among which they may be.
fn structures(sql: &SqlStorage) -> Result<Read<StructureRow>> {
    let query = format!(
        "SELECT structure_id, owner, kind, x, y, hp FROM structures ORDER BY structure_id LIMIT {}",
        2 * STRUCTURES_MAX
    );
    collect(sql, &query, structure)
}

/// Of those whom a room can remember, who was in last.
fn checkpoints(sql: &SqlStorage) -> Result<Read<CheckpointRow>> {
    let query = format!(
        "SELECT user_id, player_id, step, connected, checkpoint FROM player_checkpoints
            ORDER BY step DESC LIMIT {USERS_MAX}"
    );
    collect(sql, &query, user)
}

fn collect<T>(sql: &SqlStorage, query: &str, row: impl Fn(Row) -> Option<T>) -> Result<Read<T>> {
    let (mut rows, mut left_out) = (Vec::new(), 0);
    for found in select(sql, query, Vec::new())? {
        match row(found?) {
            Some(row) => rows.push(row),
            None => left_out += 1,
        }
    }
    Ok((rows, left_out))
}

fn structure(mut row: Row) -> Option<StructureRow> {
    let (id, owner, kind) = (row.whole(), row.whole(), row.whole());
    let (x, y, hp) = (row.whole(), row.whole(), row.whole());
    let cell = Cell { x: x?, y: y? };
    cell.in_arena().then_some(StructureRow {
        id: StructureId(id?),
        owner: PlayerId(owner?),
        kind: StructureKind::from_code(kind?)?,
        cell,
        hp: hp?,
    })
}

fn user(mut row: Row) -> Option<CheckpointRow> {
    let (user_id, player_id, step) = (row.text(), row.whole(), row.whole());
    let (connected, checkpoint) = (row.whole::<u8>(), row.bytes());
    Some(CheckpointRow {
        user_id: user_id?,
        player_id: PlayerId(player_id?),
        step: Step(step?),
        connected: connected? != 0,
        checkpoint: Checkpoint::decode(&checkpoint?).ok()?,
    })
}
