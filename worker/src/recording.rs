//! The recordings of a room, read back from their rows: the header, then the blocks in the order of their writing, as
//! many in a row as [`rows`](crate::rows) puts there.
//!
//! * A recording is an hour at most, some megabytes, so the room that goes on with it may hold it in one piece. Who
//!   fetches one gets it in pieces.
//! * What is served of a session that has not ended has an end of its own, so that the file is whole: nothing of it is
//!   missing, the room has just not played further.

use futures_util::stream;
use input_log::ending;
use js_sys::JsString;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::{FixedLengthStream, Response, ResponseBuilder, Result, SqlStorage, State, worker_sys};

use crate::routes::Session;
use crate::rows::LogEnd;
use crate::sql::integer;

/// Rows of `log_blocks` that are read at once for whoever fetches: some tens of kilobytes.
const ROWS_PER_PIECE: u64 = 8;

#[derive(Deserialize)]
struct SessionRow {
    session_id: u64,
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
}

#[derive(Deserialize)]
struct BlockRow {
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

#[derive(Deserialize)]
struct NumberedRow {
    block: u64,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

/// The newest session's recording as it is stored by now, and where it goes on. None when nothing was ever recorded.
pub(crate) fn newest(state: &State) -> Result<Option<(Vec<u8>, LogEnd)>> {
    let sql = state.storage().sql();
    let Some(session) = session(&sql, Session::Current)? else {
        return Ok(None);
    };
    let (mut bytes, mut last) = (session.header, None);
    let query = "SELECT block, bytes FROM log_blocks WHERE session_id = ? ORDER BY block";
    let rows = sql.exec(query, vec![integer(session.session_id)?])?;
    for row in rows.next::<NumberedRow>() {
        let row = row?;
        bytes.extend(row.bytes);
        last = Some(row.block);
    }
    Ok(Some((bytes, LogEnd::behind(session.session_id, last))))
}

fn session(sql: &SqlStorage, which: Session) -> Result<Option<SessionRow>> {
    let rows = match which {
        Session::Current => sql.exec(
            "SELECT session_id, header FROM log_sessions ORDER BY session_id DESC LIMIT 1",
            None,
        ),
        Session::Id(id) => sql.exec(
            "SELECT session_id, header FROM log_sessions WHERE session_id = ?",
            vec![integer(id)?],
        ),
    }?;
    Ok(rows.to_array()?.into_iter().next())
}

/// A recording in the list of them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: u64,
    started_at: String,
    started_at_ms: u64,
    bytes: u64,
    current: bool,
}

#[derive(Deserialize)]
struct ListedRow {
    session_id: u64,
    started_at: u64,
    bytes: u64,
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
    let query = "SELECT session_id, started_at,
            coalesce(bytes, length(header) + (
                SELECT coalesce(sum(length(b.bytes)), 0) FROM log_blocks AS b WHERE b.session_id = s.session_id
            )) AS bytes
        FROM log_sessions AS s ORDER BY session_id DESC";
    let rows: Vec<ListedRow> = sql.exec(query, None)?.to_array()?;
    let listed = rows.into_iter().enumerate().map(|(number, row)| Listed {
        id: row.session_id,
        started_at: iso(row.started_at),
        started_at_ms: row.started_at,
        bytes: row.bytes,
        current: number == 0,
    });
    Ok(listed.collect())
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
pub(crate) fn answer(state: &State, room: &str, which: Session) -> Result<Option<Response>> {
    let sql = state.storage().sql();
    let Some(SessionRow { session_id, header }) = session(&sql, which)? else {
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

#[derive(Deserialize)]
struct StoredRows {
    last: Option<u64>,
    bytes: u64,
}

fn stored(sql: &SqlStorage, session_id: u64) -> Result<StoredRows> {
    let query = "SELECT max(block) AS last, coalesce(sum(length(bytes)), 0) AS bytes
        FROM log_blocks WHERE session_id = ?";
    sql.exec(query, vec![integer(session_id)?])?.one()
}

fn row(sql: &SqlStorage, session_id: u64, row: u64) -> Result<Vec<u8>> {
    let query = "SELECT bytes FROM log_blocks WHERE session_id = ? AND block = ?";
    let values = vec![integer(session_id)?, integer(row)?];
    Ok(sql.exec(query, values)?.one::<BlockRow>()?.bytes)
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
        for row in self.sql.exec(query, values)?.next::<BlockRow>() {
            piece.extend(row?.bytes);
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
