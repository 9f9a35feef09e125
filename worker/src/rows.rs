//! What the room asks to be stored, as rows, in one transaction a call.
//!
//! * Rows written are what storing costs. So a block is put behind those before it in one row of `log_blocks` until the
//!   row is full, and the room's checkpoint of the same moment stands in that row: a flush of a room in which nothing but
//!   players moves writes one row.

use authority::{
    ActiveProfileRow, CheckpointRow, MetaRow, Millis, Persist, ProfileRow, ResumeHash,
    StructureRow, TokenRow,
};
use serde::Deserialize;
use sim_core::StructureId;
use worker::{Error, Result, SqlStorageValue, State};

use crate::retention::{forget_expired, make_room};
use crate::sql::{Transaction, integer, transaction};

/// The row of `room_meta` with the room's code.
pub(crate) const ROOM_CODE: &str = "room_code";

/// The row of `room_meta` with the room's own checkpoint, if that is newer than every row of the log.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// A row of `log_blocks` that has so many bytes is full. The row is written anew with every block, so it has to be small.
const LOG_ROW_BYTES: usize = 8 << 10;

/// One thing to store.
#[derive(Debug)]
pub(crate) enum Write {
    /// A recording begins.
    LogStart(Vec<u8>),
    /// It goes on.
    Log(Vec<u8>),
    /// Rows of the tables.
    Persist(Box<Persist>),
}

/// Where the log goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogEnd {
    /// Of `log_sessions`.
    session_id: u64,
    /// Of `log_blocks`: the row that is begun next.
    next_row: u64,
    /// Bytes of the row before it. None when it is not to be added to.
    row_bytes: Option<usize>,
}

impl LogEnd {
    /// Behind the last row of a session: what is stored now begins another.
    pub(crate) fn behind(session_id: u64, last_row: Option<u64>) -> Self {
        Self {
            session_id,
            next_row: last_row.map_or(0, |row| row + 1),
            row_bytes: None,
        }
    }
}

/// What was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Where the log ends now.
    pub(crate) log: Option<LogEnd>,
    /// Rows written, as the platform bills them.
    pub(crate) rows_written: u64,
}

/// Stores everything or nothing.
pub(crate) fn commit(
    state: &State,
    now: Millis,
    writes: Vec<Write>,
    log: Option<LogEnd>,
) -> Result<Stored> {
    transaction(&state.storage(), move |sql| {
        let mut log = log;
        let mut checkpoint = None;
        for write in writes {
            match write {
                Write::LogStart(header) => log = Some(begin_session(sql, now, header)?),
                Write::Log(block) => {
                    let end = log.as_mut().ok_or_else(|| {
                        Error::RustError("a block came before its recording began".into())
                    })?;
                    append(sql, end, block, checkpoint.take())?;
                }
                Write::Persist(mut batch) => {
                    if let Some(room) = batch.room.take() {
                        checkpoint = Some(room.encode());
                    }
                    persist(sql, *batch)?;
                }
            }
        }
        if let Some(checkpoint) = checkpoint {
            put_meta(sql, CHECKPOINT, checkpoint.into())?;
        }
        Ok(Stored {
            log,
            rows_written: sql.rows_written(),
        })
    })
}

#[derive(Deserialize)]
struct SessionId {
    session_id: u64,
}

fn begin_session(sql: &Transaction, now: Millis, header: Vec<u8>) -> Result<LogEnd> {
    let begun: SessionId = sql
        .exec(
            "INSERT INTO log_sessions (started_at, header) VALUES (?, ?) RETURNING session_id",
            vec![integer(now.0)?, header.into()],
        )?
        .one()?;
    make_room(sql, begun.session_id)?;
    forget_expired(sql, now)?;
    Ok(LogEnd::behind(begun.session_id, None))
}

/// Puts a block, and the room's checkpoint after it, behind what is there.
fn append(
    sql: &Transaction,
    end: &mut LogEnd,
    block: Vec<u8>,
    checkpoint: Option<Vec<u8>>,
) -> Result<()> {
    let has_checkpoint = checkpoint.is_some();
    let checkpoint = checkpoint.map_or(SqlStorageValue::Null, Into::into);
    let length = block.len();
    match end
        .row_bytes
        .filter(|bytes| bytes + length <= LOG_ROW_BYTES)
    {
        Some(bytes) => {
            sql.exec(
                "UPDATE log_blocks SET bytes = CAST(bytes || ? AS BLOB), checkpoint = coalesce(?, checkpoint)
                    WHERE session_id = ? AND block = ?",
                vec![
                    block.into(),
                    checkpoint,
                    integer(end.session_id)?,
                    integer(end.next_row - 1)?,
                ],
            )?;
            end.row_bytes = Some(bytes + length);
        }
        None => {
            sql.exec(
                "INSERT INTO log_blocks (session_id, block, bytes, checkpoint) VALUES (?, ?, ?, ?)",
                vec![
                    integer(end.session_id)?,
                    integer(end.next_row)?,
                    block.into(),
                    checkpoint,
                ],
            )?;
            end.next_row += 1;
            end.row_bytes = Some(length);
        }
    }
    if has_checkpoint {
        // Costs nothing where there is none.
        sql.exec(
            "DELETE FROM room_meta WHERE name = ?",
            vec![CHECKPOINT.into()],
        )?;
    }
    Ok(())
}

/// Removals come first: a token that is rotated must not remove its successor.
fn persist(sql: &Transaction, batch: Persist) -> Result<()> {
    let Persist {
        meta,
        // Stands beside the log.
        room: _,
        structures,
        structures_removed,
        checkpoints,
        checkpoints_removed,
        profiles,
        active,
        tokens_removed,
        tokens,
    } = batch;
    for StructureId(id) in structures_removed {
        sql.exec(
            "DELETE FROM structures WHERE structure_id = ?",
            vec![integer(id)?],
        )?;
    }
    for user_id in checkpoints_removed {
        sql.exec(
            "DELETE FROM player_checkpoints WHERE user_id = ?",
            vec![user_id.into()],
        )?;
    }
    for ResumeHash(hash) in tokens_removed {
        sql.exec(
            "DELETE FROM session_tokens WHERE token_hash = ?",
            vec![hash.to_vec().into()],
        )?;
    }
    for MetaRow { name, value } in meta {
        put_meta(sql, name, value.into())?;
    }
    for row in structures {
        put_structure(sql, &row)?;
    }
    for row in checkpoints {
        put_checkpoint(sql, row)?;
    }
    for row in profiles {
        put_profile(sql, row)?;
    }
    for row in active {
        let ActiveProfileRow {
            user_id,
            character_id,
        } = row;
        sql.exec(
            "INSERT OR REPLACE INTO active_character_profiles (user_id, character_id) VALUES (?, ?)",
            vec![user_id.into(), character_id.into()],
        )?;
    }
    for row in tokens {
        let TokenRow {
            hash: ResumeHash(hash),
            user_id,
            expires_at: Millis(expires_at),
        } = row;
        sql.exec(
            "INSERT OR REPLACE INTO session_tokens (token_hash, user_id, expires_at) VALUES (?, ?, ?)",
            vec![hash.to_vec().into(), user_id.into(), integer(expires_at)?],
        )?;
    }
    Ok(())
}

/// Stores what a new room is called. Returns the rows that were written.
pub(crate) fn name_room(state: &State, code: &str) -> Result<u64> {
    let code = code.to_owned();
    transaction(&state.storage(), move |sql| {
        put_meta(sql, ROOM_CODE, code.into())?;
        Ok(sql.rows_written())
    })
}

fn put_meta(sql: &Transaction, name: &str, value: SqlStorageValue) -> Result<()> {
    sql.exec(
        "INSERT OR REPLACE INTO room_meta (name, value) VALUES (?, ?)",
        vec![name.into(), value],
    )?;
    Ok(())
}

fn put_structure(sql: &Transaction, row: &StructureRow) -> Result<()> {
    sql.exec(
        "INSERT OR REPLACE INTO structures (structure_id, owner, kind, x, y, hp)
            VALUES (?, ?, ?, ?, ?, ?)",
        vec![
            integer(row.id.0)?,
            integer(row.owner.0)?,
            integer(row.kind.code())?,
            integer(row.cell.x)?,
            integer(row.cell.y)?,
            integer(row.hp)?,
        ],
    )?;
    Ok(())
}

fn put_checkpoint(sql: &Transaction, row: CheckpointRow) -> Result<()> {
    sql.exec(
        "INSERT OR REPLACE INTO player_checkpoints (user_id, player_id, step, connected, checkpoint)
            VALUES (?, ?, ?, ?, ?)",
        vec![
            row.user_id.into(),
            integer(row.player_id.0)?,
            integer(row.step.0)?,
            integer(u8::from(row.connected))?,
            row.checkpoint.encode().into(),
        ],
    )?;
    Ok(())
}

fn put_profile(sql: &Transaction, row: ProfileRow) -> Result<()> {
    sql.exec(
        "INSERT OR REPLACE INTO character_profiles (user_id, character_id, name, body, colour)
            VALUES (?, ?, ?, ?, ?)",
        vec![
            row.user_id.into(),
            row.character_id.into(),
            row.name.into(),
            integer(row.look.body)?,
            integer(row.look.colour)?,
        ],
    )?;
    Ok(())
}
