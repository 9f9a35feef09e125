//! Recordings are kept as long as there is room for them.
//!
//! * A look whether there are too many comes when one is added, and costs next to nothing: the bytes of a recording that goes
//!   on no more are counted once.
//! * The recording that goes on is never deleted. Of the others so many rows go with each flush.

use worker::{Result, SqlStorage, console_log};

use crate::sql::{first, integer, select};

/// Recordings of one room. Each holds an hour of play at most, so this is a week and more of it.
const RECORDINGS_MAX: usize = 200;

/// Bytes of a room's recordings. The platform lets an object have 10 GB.
const RECORDED_BYTES_MAX: u64 = 512 << 20;

/// Rows of recordings that are deleted at once.
const DELETED_AT_ONCE: u64 = 128;

/// Recordings that are to go.
#[derive(Debug, Default)]
pub(crate) enum Expired {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// This one and all before it.
    Until(u64),
}

/// Goes on deleting. True when nothing is left to do.
pub(crate) fn go_on(sql: &SqlStorage, expired: &mut Expired, written: &mut u64) -> Result<bool> {
    match *expired {
        Expired::Unknown => match too_many(sql, written)? {
            Some(newest) => *expired = Expired::Until(newest),
            None => return Ok(true),
        },
        Expired::Until(newest) => return delete(sql, newest, written),
    }
    Ok(false)
}

/// The newest recording that there is no room for.
fn too_many(sql: &SqlStorage, written: &mut u64) -> Result<Option<u64>> {
    let query = format!(
        "SELECT session_id, bytes FROM log_sessions ORDER BY session_id DESC LIMIT {}",
        RECORDINGS_MAX + 1
    );
    let mut sessions = Vec::new();
    for row in select(sql, &query, Vec::new())?.skip(1) {
        let mut row = row?;
        let Some(session_id) = row.whole() else {
            continue;
        };
        let bytes = match row.whole() {
            Some(bytes) => bytes,
            None => count(sql, session_id, written)?,
        };
        sessions.push((session_id, bytes));
    }
    let kept = kept(sessions.iter().map(|(_, bytes)| *bytes));
    let deleted = sessions.get(kept).map(|(session_id, _)| *session_id);
    if let Some(newest) = deleted {
        console_log!("recordings are deleted, to and including {newest}");
    }
    Ok(deleted)
}

fn delete(sql: &SqlStorage, newest: u64, written: &mut u64) -> Result<bool> {
    for query in [
        "DELETE FROM log_blocks WHERE (session_id, block) IN (
            SELECT session_id, block FROM log_blocks WHERE session_id <= ? ORDER BY session_id, block LIMIT ?)",
        "DELETE FROM log_sessions WHERE session_id IN (
            SELECT session_id FROM log_sessions WHERE session_id <= ? ORDER BY session_id LIMIT ?)",
    ] {
        let values = vec![integer(newest)?, integer(DELETED_AT_ONCE)?];
        let rows = sql.exec(query, values)?.rows_written() as u64;
        *written += rows;
        if rows > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How many of the recordings, of which the newest comes first, there is room for beside the one that goes on.
fn kept(bytes: impl Iterator<Item = u64>) -> usize {
    let mut total = 0_u64;
    bytes
        .take(RECORDINGS_MAX - 1)
        .take_while(|bytes| {
            total = total.saturating_add(*bytes);
            total <= RECORDED_BYTES_MAX
        })
        .count()
}

fn count(sql: &SqlStorage, session_id: u64, written: &mut u64) -> Result<u64> {
    let query = "UPDATE log_sessions SET bytes = length(header) + (
            SELECT coalesce(sum(length(bytes)), 0) FROM log_blocks AS b WHERE b.session_id = log_sessions.session_id
        ) WHERE session_id = ? RETURNING bytes";
    let row = first(sql, query, vec![integer(session_id)?])?;
    *written += 1;
    Ok(row.and_then(|mut row| row.whole()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let small = |count: usize| kept(std::iter::repeat_n(1, count));
        assert_eq!(small(0), 0);
        assert_eq!(small(RECORDINGS_MAX - 1), RECORDINGS_MAX - 1);
        assert_eq!(small(RECORDINGS_MAX + 9), RECORDINGS_MAX - 1);
    }

    #[test]
    fn the_oldest_go_when_they_are_too_large() {
        let half = RECORDED_BYTES_MAX / 2;
        assert_eq!(kept([half, half, 1].into_iter()), 2);
        assert_eq!(kept([half, half + 1, 1].into_iter()), 1);
        assert_eq!(kept([u64::MAX, u64::MAX].into_iter()), 0);
    }
}
