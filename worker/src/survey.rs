//! What of a room's storage can be read, found out before anything is written. Once something is, a statement that meets a
//! damaged page is the end of the object, and of whatever it has written.

use authority::RoomCheckpoint;
use worker::{Error, Result, SqlStorage, Storage};

use crate::damage::{Damaged, is_damage};
use crate::recording::{self, Recording};
use crate::schema::table_names;
use crate::sql::count;
use crate::tables::{LOG_BLOCKS, LOG_SESSIONS, MIGRATIONS, PRESENCE_PLAYERS, TABLES, Table};

/// What there is, and what of it is damaged.
pub(crate) struct Survey {
    damaged: Vec<Damaged>,
    /// The newest recording.
    pub(crate) recording: Result<Option<Recording>>,
    /// The room's checkpoint that stands beside it.
    pub(crate) checkpoint: Result<Option<RoomCheckpoint>>,
    /// Whether the recordings were set aside.
    pub(crate) is_log_aside: bool,
}

impl Survey {
    /// Looks at every page that opening a room and playing in it may come to. Of recordings that is the newest.
    pub(crate) fn of(sql: &SqlStorage) -> Result<Self> {
        let names = table_names(sql)?;
        let is_there = |table: &Table| names.iter().any(|name| name == table.name);
        let mut damaged = Vec::new();
        for table in TABLES.into_iter().chain([&PRESENCE_PLAYERS, &MIGRATIONS]) {
            if is_there(table)
                && table.name != LOG_BLOCKS.name
                && let Err(error) = count(sql, &format!("SELECT count(*) FROM {}", table.name))
            {
                damaged.push(Damaged::of(sql, table, error));
            }
        }
        let recording = recording::newest(sql);
        let checkpoint = recording::checkpoint(sql);
        let is_lost = |table: &Table| damaged.iter().any(|damaged| damaged.is(table));
        let error = match &recording {
            Err(error) if is_damage(error) => Some(error.to_string()),
            Ok(_) | Err(_) if is_lost(&LOG_SESSIONS) => Some("a recording is two tables".into()),
            Ok(_) | Err(_) => None,
        };
        if let Some(error) = error {
            for table in [&LOG_SESSIONS, &LOG_BLOCKS] {
                if is_there(table) && !damaged.iter().any(|damaged| damaged.is(table)) {
                    damaged.push(Damaged::of(sql, table, Error::RustError(error.clone())));
                }
            }
        }
        Ok(Self {
            damaged,
            recording,
            checkpoint,
            is_log_aside: false,
        })
    }

    /// Sets aside what is damaged. Returns the rows that were written.
    pub(crate) fn set_aside(&mut self, storage: &Storage, room: &str) -> Result<u64> {
        let mut written = 0;
        self.is_log_aside = self.damaged.iter().any(|damaged| damaged.is(&LOG_BLOCKS));
        for damaged in self.damaged.drain(..) {
            written += damaged.set_aside(storage, room)?;
        }
        if self.is_log_aside {
            self.recording = Ok(None);
        }
        Ok(written)
    }
}
