//! The recordings of a room, read back from their rows: the header, then the blocks in the order of their writing, as
//! many in a row as [`rows`](crate::rows) puts there.
//!
//! * A recording is an hour at most, some megabytes, so the room that goes on with it may hold it in one piece. Who
//!   fetches one gets it in pieces.
//! * What is served of a session that has not ended has an end of its own, so that the file is whole: nothing of it is
//!   missing, the room has just not played further.

use authority::RoomCheckpoint;
use futures_util::stream;
use input_log::ending;
use js_sys::JsString;
use serde::Serialize;
use wasm_bindgen::JsValue;
use worker::{
    Error, FixedLengthStream, Response, ResponseBuilder, Result, SqlStorage, State, worker_sys,
};

use crate::routes::Session as Which;
use crate::rows::LogEnd;
use crate::sql::{first, integer, select};

/// Rows of `log_blocks` that are read at once for whoever fetches: some tens of kilobytes.
const ROWS_PER_PIECE: u64 = 8;

/// Bytes of a recording that a room goes on with: many times what an hour of a full room is.
const OPENED_BYTES_MAX: usize = 48 << 20;

/// Rows of such a recording: each but the last of a life is full.
const OPENED_ROWS_MAX: u64 = 16 << 10;

struct Session {
    session_id: u64,
    header: Vec<u8>,
}

/// A recording's bytes, and where it goes on.
pub(crate) type Recording = (Vec<u8>, LogEnd);

/// The newest session's recording as it is stored by now. None when nothing was ever recorded.
pub(crate) fn newest(sql: &SqlStorage) -> Result<Option<Recording>> {
    let Some(Session { session_id, header }) = session(sql, Which::Current)? else {
        return Ok(None);
    };
    let (mut bytes, mut last) = (header, None);
    let query = "SELECT block, bytes FROM log_blocks WHERE session_id = ? ORDER BY block LIMIT ?";
    let values = vec![integer(session_id)?, integer(OPENED_ROWS_MAX + 1)?];
    let mut rows = 0;
    for row in select(sql, query, values)? {
        let mut row = row?;
        rows += 1;
        let block: u64 = row.whole().ok_or_else(|| damaged("a row has no number"))?;
        bytes.extend(row.bytes().ok_or_else(|| damaged("a row has no bytes"))?);
        if rows > OPENED_ROWS_MAX || bytes.len() > OPENED_BYTES_MAX {
            return Err(damaged("it is larger than any that a room writes"));
        }
        last = Some(block);
    }
    Ok(Some((bytes, LogEnd::behind(session_id, last))))
}

/// The room's checkpoint that stands beside the newest recording.
pub(crate) fn checkpoint(sql: &SqlStorage) -> Result<Option<RoomCheckpoint>> {
    let query = "SELECT checkpoint FROM log_blocks WHERE checkpoint IS NOT NULL
        ORDER BY session_id DESC, block DESC LIMIT 1";
    let Some(mut row) = first(sql, query, Vec::new())? else {
        return Ok(None);
    };
    let decoded = row.bytes().map(|bytes| RoomCheckpoint::decode(&bytes));
    match decoded {
        Some(Ok(checkpoint)) => Ok(Some(checkpoint)),
        Some(Err(_)) | None => Err(Error::RustError("the checkpoint stands for nothing".into())),
    }
}

fn damaged(why: &str) -> Error {
    Error::RustError(format!("the recording cannot be read: {why}"))
}

fn session(sql: &SqlStorage, which: Which) -> Result<Option<Session>> {
    let row = match which {
        Which::Current => first(
            sql,
            "SELECT session_id, header FROM log_sessions ORDER BY session_id DESC LIMIT 1",
            Vec::new(),
        ),
        Which::Id(id) => first(
            sql,
            "SELECT session_id, header FROM log_sessions WHERE session_id = ?",
            vec![integer(id)?],
        ),
    }?;
    let Some(mut row) = row else {
        return Ok(None);
    };
    let (session_id, header) = (row.whole(), row.bytes());
    let session = session_id.zip(header);
    let (session_id, header) = session.ok_or_else(|| damaged("it has no number"))?;
    Ok(Some(Session { session_id, header }))
}

/// A recording in the list of them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: u64,
    started_at: String,
    started_at_ms: u64,
    /// None if some of it cannot be read.
    bytes: Option<u64>,
    current: bool,
}

/// The list of all recordings, the newest first.
pub(crate) fn answer_with_list(state: &State) -> Result<Response> {
    #[derive(Serialize)]
    struct List {
        recordings: Vec<Listed>,
    }
    let recordings = list(&state.storage().sql())?;
    ResponseBuilder::new()
        .with_header("Cache-Control", "no-store")?
        .from_json(&List { recordings })
}

fn list(sql: &SqlStorage) -> Result<Vec<Listed>> {
    let query = "SELECT session_id, started_at, bytes, length(header) FROM log_sessions
        ORDER BY session_id DESC LIMIT 1000";
    let mut listed = Vec::new();
    for row in select(sql, query, Vec::new())? {
        let mut row = row?;
        let (Some(id), Some(started_at_ms)) = (row.whole(), row.whole()) else {
            continue;
        };
        let (counted, header) = (row.whole(), row.whole::<u64>());
        let blocks = || stored(sql, id).ok().map(|stored| stored.bytes);
        listed.push(Listed {
            id,
            started_at: iso(started_at_ms),
            started_at_ms,
            bytes: counted.or_else(|| Some(header? + blocks()?)),
            current: listed.is_empty(),
        });
    }
    Ok(listed)
}

fn iso(ms: u64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(ms as f64));
    let text: JsString = date.to_iso_string();
    text.into()
}

/// A recording as an answer, read while it is sent. None when there is no such session.
///
/// What is stored while it is sent is no part of it. If it is deleted meanwhile, the transfer fails: it has promised
/// its length.
pub(crate) fn answer(state: &State, room: &str, which: Which) -> Result<Option<Response>> {
    let sql = state.storage().sql();
    let Some(Session { session_id, header }) = session(&sql, which)? else {
        return Ok(None);
    };
    let stored = stored(&sql, session_id)?;
    // The last row may grow while the others are sent.
    let last = match stored.last {
        Some(last) => row(&sql, session_id, last)?,
        None => Vec::new(),
    };
    let end = ending(&last).unwrap_or_default();
    let length = header.len() as u64 + stored.bytes + end.len() as u64;
    let before = Rows {
        sql,
        session_id,
        next: 0,
        until: stored.last.unwrap_or(0),
    };
    let pieces = [Ok(header)]
        .into_iter()
        .chain(before)
        .chain([Ok(last), Ok(end)]);
    let body = FixedLengthStream::wrap(stream::iter(pieces), length);
    let body = worker_sys::FixedLengthStream::from(body).readable();
    let name = format!("attachment; filename=\"bitfort-{room}-{session_id}.rec\"");
    let response = ResponseBuilder::new()
        .with_header("Cache-Control", "no-store")?
        .with_header("Content-Type", "application/octet-stream")?
        .with_header("Content-Disposition", &name)?
        .stream(body);
    Ok(Some(response))
}

struct StoredRows {
    last: Option<u64>,
    bytes: u64,
}

fn stored(sql: &SqlStorage, session_id: u64) -> Result<StoredRows> {
    let query = "SELECT max(block), coalesce(sum(length(bytes)), 0)
        FROM log_blocks WHERE session_id = ?";
    let row = first(sql, query, vec![integer(session_id)?])?;
    let mut row = row.ok_or_else(|| damaged("its rows cannot be counted"))?;
    let last = row.whole();
    let bytes = row.whole();
    let bytes = bytes.ok_or_else(|| damaged("its bytes cannot be counted"))?;
    Ok(StoredRows { last, bytes })
}

fn row(sql: &SqlStorage, session_id: u64, row: u64) -> Result<Vec<u8>> {
    let query = "SELECT bytes FROM log_blocks WHERE session_id = ? AND block = ?";
    let values = vec![integer(session_id)?, integer(row)?];
    let row = first(sql, query, values)?.and_then(|mut row| row.bytes());
    row.ok_or_else(|| damaged("a row has no bytes"))
}

/// The rows of a session before one of them, some at a time.
struct Rows {
    sql: SqlStorage,
    session_id: u64,
    next: u64,
    until: u64,
}

impl Rows {
    fn piece(&self, end: u64) -> Result<Vec<u8>> {
        let query = "SELECT bytes FROM log_blocks
            WHERE session_id = ? AND block >= ? AND block < ? ORDER BY block";
        let values = vec![
            integer(self.session_id)?,
            integer(self.next)?,
            integer(end)?,
        ];
        let mut piece = Vec::new();
        for row in select(&self.sql, query, values)? {
            let bytes = row?.bytes();
            piece.extend(bytes.ok_or_else(|| damaged("a row has no bytes"))?);
        }
        Ok(piece)
    }
}

impl Iterator for Rows {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.until {
            return None;
        }
        let end = self.until.min(self.next + ROWS_PER_PIECE);
        let piece = self.piece(end);
        self.next = end;
        Some(piece)
    }
}
