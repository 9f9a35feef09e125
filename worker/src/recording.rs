//! The recording of a session, read back from its rows: the header, then the blocks in the order of their writing.

use futures_util::stream;
use serde::Deserialize;
use worker::{Error, Response, ResponseBuilder, Result, State, Storage};

use crate::rows::LogEnd;
use crate::sql::integer;

/// Rows read at once. A block is about a second, some kilobytes at most but for keyframes.
const PAGE_BLOCKS_MAX: u32 = 64;

#[derive(Deserialize)]
struct SessionRow {
    session_id: u64,
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
    next_block: u64,
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
    end: LogEnd,
    /// Before the first page.
    header: Option<Vec<u8>>,
    next_block: u64,
}

/// The newest session's recording as far as it is stored by now, as an answer. None when nothing was ever recorded.
pub(crate) fn stream_newest(state: &State) -> Result<Option<Response>> {
    let Some(reader) = Reader::open(state)? else {
        return Ok(None);
    };
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

/// The newest session's recording in one piece, and where it goes on.
pub(crate) fn newest(state: &State) -> Result<Option<(Vec<u8>, LogEnd)>> {
    let Some(mut reader) = Reader::open(state)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    while let Some(page) = reader.next_page()? {
        bytes.extend(page);
    }
    Ok(Some((bytes, reader.end)))
}

impl Reader {
    fn open(state: &State) -> Result<Option<Self>> {
        let storage = state.storage();
        let newest = "SELECT session_id, header,
                (SELECT count(*) FROM log_blocks WHERE log_blocks.session_id = log_sessions.session_id) AS next_block
            FROM log_sessions ORDER BY session_id DESC LIMIT 1";
        let rows: Vec<SessionRow> = storage.sql().exec(newest, None)?.to_array()?;
        Ok(rows.into_iter().next().map(|row| Self {
            storage,
            end: LogEnd {
                session_id: row.session_id,
                next_block: row.next_block,
            },
            header: Some(row.header),
            next_block: 0,
        }))
    }

    fn next_page(&mut self) -> Result<Option<Vec<u8>>> {
        if let Some(header) = self.header.take() {
            return Ok(Some(header));
        }
        if self.next_block >= self.end.next_block {
            return Ok(None);
        }
        let query = "SELECT block, bytes FROM log_blocks
            WHERE session_id = ? AND block >= ? AND block < ? ORDER BY block LIMIT ?";
        let bounds = vec![
            integer(self.end.session_id)?,
            integer(self.next_block)?,
            integer(self.end.next_block)?,
            integer(PAGE_BLOCKS_MAX)?,
        ];
        let rows: Vec<BlockRow> = self.storage.sql().exec(query, bounds)?.to_array()?;
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        self.next_block = last.block + 1;
        Ok(Some(rows.into_iter().flat_map(|row| row.bytes).collect()))
    }
}
