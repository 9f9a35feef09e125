//! The recording of a session, read back from its rows: the header, then the blocks in the order of their writing.
//!
//! * A recording is an hour at most, some megabytes, so it may be held in one piece.

use input_log::{Recording, Writer};
use serde::Deserialize;
use worker::{Response, ResponseBuilder, Result, State};

use crate::rows::LogEnd;
use crate::sql::integer;

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

/// The newest session's recording as it is stored by now, and where it goes on. None when nothing was ever recorded.
pub(crate) fn newest(state: &State) -> Result<Option<(Vec<u8>, LogEnd)>> {
    let sql = state.storage().sql();
    let query = "SELECT session_id, header FROM log_sessions ORDER BY session_id DESC LIMIT 1";
    let sessions: Vec<SessionRow> = sql.exec(query, None)?.to_array()?;
    let Some(session) = sessions.into_iter().next() else {
        return Ok(None);
    };
    let mut end = LogEnd {
        session_id: session.session_id,
        next_block: 0,
    };
    let mut bytes = session.header;
    let query = "SELECT bytes FROM log_blocks WHERE session_id = ? ORDER BY block";
    let blocks = sql.exec(query, vec![integer(end.session_id)?])?;
    for block in blocks.next::<BlockRow>() {
        bytes.extend(block?.bytes);
        end.next_block += 1;
    }
    Ok(Some((bytes, end)))
}

/// The same as an answer. Whoever fetches a running session gets it with an end of its own, so that the file is whole:
/// nothing of it is missing, the room has just not played further.
pub(crate) fn answer_with_newest(state: &State) -> Result<Option<Response>> {
    let Some((mut bytes, _)) = newest(state)? else {
        return Ok(None);
    };
    if let Some(end) = end_of(&bytes) {
        bytes.extend(end);
    }
    ResponseBuilder::new()
        .with_header("Cache-Control", "no-store")?
        .from_bytes(bytes)
        .map(Some)
}

/// The blocks that end a recording here. None if it has ended, or if its rows are damaged: then it goes out as it is,
/// and its reader says what is lost.
fn end_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let recording = Recording::open(bytes).ok()?;
    let whole = recording.intact_bytes() == bytes.len();
    recording.resume().filter(|_| whole).map(Writer::finish)
}
