//! What the room asks to be stored, as rows, in one transaction a call.
//!
//! * Rows written are what storing costs. So a block is put behind those before it in one row of `log_blocks` until the
//!   row is full, and the room's checkpoint of the same moment stands in that row: a flush of a room in which nothing but
//!   players moves writes one row.

use authority::{
    ActiveProfileRow, CheckpointRow, MetaRow, Millis, Persist, ProfileRow, ResumeHash,
    StructureRow, TokenRow,
};
use sim_core::StructureId;
use worker::{Error, Result, SqlStorageValue, Storage};

use crate::sql::{Transaction, integer, transaction};
use crate::tables::OF_USERS;

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
    storage: &Storage,
    now: Millis,
    writes: Vec<Write>,
    log: Option<LogEnd>,
) -> Result<Stored> {
    transaction(storage, move |sql| {
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

fn begin_session(sql: &Transaction, now: Millis, header: Vec<u8>) -> Result<LogEnd> {
    let query = "INSERT INTO log_sessions (started_at, header) VALUES (?, ?) RETURNING session_id";
    let values = vec![integer(now.0)?, header.into()];
    let row = sql.select(query, values)?.next().transpose()?;
    let session_id = row.and_then(|mut row| row.whole());
    let session_id = session_id
        .ok_or_else(|| Error::RustError("the recording that begins has no number".into()))?;
    Ok(LogEnd::behind(session_id, None))
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

/// Removals come first: a user who is forgotten may be somebody new in the same batch.
fn persist(sql: &Transaction, batch: Persist) -> Result<()> {
    let Persist {
        meta,
        // Stands beside the log.
        room: _,
        structures,
        structures_removed,
        checkpoints,
        profiles,
        active,
        tokens,
        users_removed,
    } = batch;
    for StructureId(id) in structures_removed {
        sql.exec(
            "DELETE FROM structures WHERE structure_id = ?",
            vec![integer(id)?],
        )?;
    }
    for user_id in users_removed {
        for table in OF_USERS {
            let query = format!("DELETE FROM {} WHERE user_id = ?", table.name);
            sql.exec(&query, vec![user_id.as_str().into()])?;
        }
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
            user_id,
            hash: ResumeHash(hash),
            expires_at: Millis(expires_at),
        } = row;
        sql.exec(
            "INSERT OR REPLACE INTO session_tokens (user_id, token_hash, expires_at) VALUES (?, ?, ?)",
            vec![user_id.into(), hash.to_vec().into(), integer(expires_at)?],
        )?;
    }
    Ok(())
}

/// Stores what a new room is called. Returns the rows that were written.
pub(crate) fn name_room(storage: &Storage, code: &str) -> Result<u64> {
    put_alone(storage, ROOM_CODE, code.into())
}

/// Stores a room's checkpoint that stands beside no recording. Returns the rows that were written.
pub(crate) fn keep_checkpoint(storage: &Storage, checkpoint: Vec<u8>) -> Result<u64> {
    put_alone(storage, CHECKPOINT, checkpoint.into())
}

fn put_alone(storage: &Storage, name: &'static str, value: SqlStorageValue) -> Result<u64> {
    transaction(storage, move |sql| {
        put_meta(sql, name, value)?;
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
