//! The recording of a session, read back from its rows: the log's blocks in the order in which they were written.

use futures_util::stream;
use serde::Deserialize;
use worker::{Error, Response, ResponseBuilder, Result, State, Storage};

use crate::sql::integer;

/// Rows read at once. A block is about a second, some kilobytes at most but for keyframes.
const PAGE_BLOCKS_MAX: u32 = 64;

#[derive(Deserialize)]
struct Last {
    session_id: u64,
    block: u64,
}

#[derive(Deserialize)]
struct BlockRow {
    block: u64,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

/// How far a reader has come.
struct Reader {
    storage: Storage,
    session_id: u64,
    next_block: u64,
    last_block: u64,
}

/// The newest session's recording, as far as it has been flushed by now. None when nothing was ever recorded.
pub(crate) fn stream_newest(state: &State) -> Result<Option<Response>> {
    let storage = state.storage();
    let newest = "SELECT session_id, max(block) AS block FROM log_blocks
        WHERE session_id = (SELECT max(session_id) FROM log_blocks) GROUP BY session_id";
    let Some(last) = storage.sql().exec(newest, None)?.to_array::<Last>()?.pop() else { return Ok(None) };
    let reader = Reader { storage, session_id: last.session_id, next_block: 0, last_block: last.block };
    // Blocks are only ever appended, so pages read at different moments fit together.
    let pages = stream::try_unfold(reader, async |mut reader| {
        let page = reader.next_page()?;
        Ok::<_, Error>(page.map(|bytes| (bytes, reader)))
    });
    ResponseBuilder::new()
        .with_header("Content-Type", "application/octet-stream")?
        .with_header("Cache-Control", "no-store")?
        .from_stream(Box::pin(pages))
        .map(Some)
}

impl Reader {
    fn next_page(&mut self) -> Result<Option<Vec<u8>>> {
        if self.next_block > self.last_block {
            return Ok(None);
        }
        let rows: Vec<BlockRow> = self
            .storage
            .sql()
            .exec(
                "SELECT block, bytes FROM log_blocks WHERE session_id = ? AND block BETWEEN ? AND ?
                    ORDER BY block LIMIT ?",
                vec![
                    integer(self.session_id)?,
                    integer(self.next_block)?,
                    integer(self.last_block)?,
                    integer(PAGE_BLOCKS_MAX)?,
                ],
            )?
            .to_array()?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.next_block = last.block + 1;
        Ok(Some(rows.into_iter().flat_map(|row| row.bytes).collect()))
    }
}
