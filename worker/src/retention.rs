//! What is kept, and for how long: recordings as long as there is room for them, resume tokens until they expire.
//!
//! * A look whether there is too much comes when something is added, and costs next to nothing: the bytes of a recording
//!   that goes on no more are counted once.
//! * The recording that goes on is never deleted.

use authority::Millis;
use serde::Deserialize;
use worker::{Result, console_log};

use crate::sql::{Transaction, integer};

/// Recordings of one room. Each holds an hour of play at most, so this is a week and more of it.
const RECORDINGS_MAX: usize = 200;

/// Bytes of a room's recordings. The platform lets an object have 10 GB.
const RECORDED_BYTES_MAX: u64 = 512 << 20;

#[derive(Clone, Copy, Debug, Deserialize)]
struct Session {
    session_id: u64,
    /// None until a newer one began.
    bytes: Option<u64>,
}

/// Makes room for the recording that has just begun, by deleting the oldest ones.
pub(crate) fn make_room(sql: &Transaction, current: u64) -> Result<()> {
    let query =
        "SELECT session_id, bytes FROM log_sessions WHERE session_id <> ? ORDER BY session_id DESC";
    let mut sessions: Vec<Session> = sql.exec(query, vec![integer(current)?])?.to_array()?;
    for session in &mut sessions {
        if session.bytes.is_none() {
            session.bytes = Some(count(sql, session.session_id)?);
        }
    }
    let kept = kept(sessions.iter().map(|session| session.bytes.unwrap_or(0)));
    let Some(deleted) = sessions.get(kept) else {
        return Ok(());
    };
    let newest = deleted.session_id;
    for table in ["log_blocks", "log_sessions"] {
        sql.exec(
            &format!("DELETE FROM {table} WHERE session_id <= ?"),
            vec![integer(newest)?],
        )?;
    }
    console_log!(
        "{} recordings are deleted, to and including {newest}",
        sessions.len() - kept
    );
    Ok(())
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

fn count(sql: &Transaction, session_id: u64) -> Result<u64> {
    #[derive(Deserialize)]
    struct Counted {
        bytes: u64,
    }
    let query = "UPDATE log_sessions SET bytes = length(header) + (
            SELECT coalesce(sum(length(bytes)), 0) FROM log_blocks AS b WHERE b.session_id = log_sessions.session_id
        ) WHERE session_id = ? RETURNING bytes";
    let counted: Counted = sql.exec(query, vec![integer(session_id)?])?.one()?;
    Ok(counted.bytes)
}

/// Deletes what is of no use to anybody any more.
pub(crate) fn forget_expired(sql: &Transaction, now: Millis) -> Result<()> {
    sql.exec(
        "DELETE FROM session_tokens WHERE expires_at <= ?",
        vec![integer(now.0)?],
    )?;
    Ok(())
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
