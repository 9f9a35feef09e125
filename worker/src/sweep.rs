//! Rows that are of no use to the room any more are deleted, a few with each flush.
//!
//! * A room remembers so many users, and each of its tables has rows of as many. Whom it forgets, it deletes itself; what it
//!   finds beyond that is of a build that forgot nobody, or of nobody.
//! * Rows of users who have not come yet since an older build are kept, as long as they are not more than those that a room
//!   remembers.
//! * The oldest recordings go when there are too many.

use authority::Room;
use authority::limits::USERS_MAX;
use protocol::limits::CHARACTERS_PER_USER_MAX;
use sim_core::StructureId;
use sim_core::rules::STRUCTURES_MAX;
use worker::{Result, SqlStorage, SqlStorageValue, console_log, console_warn};

use crate::retention::{self, Expired};
use crate::sql::{count, integer, select};
use crate::tables::{CHARACTER_PROFILES, OF_USERS, PLAYER_CHECKPOINTS, STRUCTURES};

/// Rows that are looked at with each flush.
const LOOKED_AT: usize = 128;

/// Rows of `character_profiles`: those of everybody whom the room remembers, and of as many again.
pub(crate) const PROFILES_MAX: usize = 2 * USERS_MAX * CHARACTERS_PER_USER_MAX;

/// What is left to do.
#[derive(Debug, Default)]
pub(crate) struct Sweep {
    tables: Vec<Surplus>,
    recordings: Option<Expired>,
}

/// A table that has too many rows.
#[derive(Debug)]
struct Surplus {
    table: &'static str,
    key: &'static str,
    rows: u64,
    /// Up to here everything was looked at.
    behind: Option<SqlStorageValue>,
}

impl Sweep {
    /// Looks at what the tables hold.
    pub(crate) fn plan(sql: &SqlStorage, room: &str) -> Result<Self> {
        let of_users = OF_USERS.iter().map(|table| {
            let most = match table.name {
                name if name == PLAYER_CHECKPOINTS.name => USERS_MAX,
                name if name == CHARACTER_PROFILES.name => PROFILES_MAX,
                _ => 2 * USERS_MAX,
            };
            (table.name, "user_id", most)
        });
        let of_the_room = (STRUCTURES.name, "structure_id", STRUCTURES_MAX);
        let mut sweep = Self::default();
        for (table, key, most) in of_users.chain([of_the_room]) {
            let rows = count(sql, &format!("SELECT count(*) FROM {table}"))?;
            if let Some(rows) = rows.checked_sub(most as u64).filter(|rows| *rows > 0) {
                console_log!("room {room}: {table} has {rows} rows too many, which go with time");
                sweep.tables.push(Surplus {
                    table,
                    key,
                    rows,
                    behind: None,
                });
            }
        }
        sweep.look_for_old_recordings();
        Ok(sweep)
    }

    /// A recording has begun, so that there may be one too many.
    pub(crate) fn look_for_old_recordings(&mut self) {
        self.recordings = Some(Expired::default());
    }

    /// Goes on for a little. What cannot be read is left alone. Returns the rows that were written.
    pub(crate) fn go_on(&mut self, sql: &SqlStorage, room: &Room) -> u64 {
        let mut written = 0;
        if let Some(surplus) = self.tables.last_mut() {
            let is_over = surplus.go_on(sql, room, &mut written);
            let is_over = is_over.unwrap_or_else(|error| {
                console_warn!("{} keeps its rows: {error}", surplus.table);
                true
            });
            if is_over {
                self.tables.pop();
            }
        } else if let Some(expired) = &mut self.recordings {
            let is_over = retention::go_on(sql, expired, &mut written);
            let is_over = is_over.unwrap_or_else(|error| {
                console_warn!("old recordings stay: {error}");
                true
            });
            if is_over {
                self.recordings = None;
            }
        }
        written
    }
}

impl Surplus {
    /// True when nothing is left to do.
    fn go_on(&mut self, sql: &SqlStorage, room: &Room, written: &mut u64) -> Result<bool> {
        let Self { table, key, .. } = *self;
        let (above, mut values) = match &self.behind {
            Some(behind) => (format!("WHERE {key} > ?"), vec![behind.clone()]),
            None => (String::new(), Vec::new()),
        };
        let query = format!("SELECT DISTINCT {key} FROM {table} {above} ORDER BY {key} LIMIT ?");
        values.push(integer(LOOKED_AT as u64)?);
        let mut keys = Vec::new();
        for row in select(sql, &query, values)? {
            keys.extend(row?.rest());
        }
        let is_all = keys.len() < LOOKED_AT;
        self.behind = keys.last().cloned();
        let useless = keys.into_iter().filter(|key| !is_of_use(room, key));
        for of in useless {
            if self.rows == 0 {
                break;
            }
            let query = format!("DELETE FROM {table} WHERE {key} = ?");
            let rows = sql.exec(&query, vec![of])?.rows_written() as u64;
            self.rows = self.rows.saturating_sub(rows.max(1));
            *written += rows;
        }
        Ok(is_all || self.rows == 0)
    }
}

fn is_of_use(room: &Room, key: &SqlStorageValue) -> bool {
    match key {
        SqlStorageValue::String(user_id) => room.remembers(user_id),
        SqlStorageValue::Integer(id) => {
            let id = u32::try_from(*id).ok().map(StructureId);
            id.is_some_and(|id| room.world().structures().get(id).is_some())
        }
        SqlStorageValue::Null
        | SqlStorageValue::Boolean(_)
        | SqlStorageValue::Float(_)
        | SqlStorageValue::Blob(_) => true,
    }
}
