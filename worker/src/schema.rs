//! The tables of a room, and how an old database becomes a new one.
//!
//! * Migrations only ever get appended. Each is recorded in `migrations` in the transaction that applies it.
//! * Hashes and 64-bit numbers are BLOB or TEXT: the platform rounds integers beyond 53 bits.

use worker::{Result, State};

use crate::shapes::{adopt, is_table};
use crate::sql::{Transaction, count, transaction};

/// Name and what it does, oldest first.
const MIGRATIONS: &[(&str, Migration)] = &[
    ("0001-room", create),
    // A table that was there under one of our names may have another shape.
    ("0002-shapes", adopt_all),
    ("0003-recorded-bytes", count_recorded_bytes),
    (
        "0004-checkpoints-with-the-log",
        put_checkpoints_beside_the_log,
    ),
];

type Migration = fn(&Transaction) -> Result<()>;

/// A table as this build wants it.
pub(crate) struct Table {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What stands behind the name in `CREATE TABLE`.
    pub(crate) shape: &'static str,
    /// Its columns.
    pub(crate) columns: &'static [Column],
}

/// A column of a table.
pub(crate) struct Column {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) holds: Holds,
    /// A row without it is none.
    pub(crate) required: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Text that names something: not empty.
    Key,
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Bytes.
    Blob,
    /// Whatever it is.
    Any,
}

const fn required(name: &'static str, holds: Holds) -> Column {
    Column {
        name,
        holds,
        required: true,
    }
}

const fn optional(name: &'static str, holds: Holds) -> Column {
    Column {
        name,
        holds,
        required: false,
    }
}

const TABLES: &[Table] = &[
    Table {
        name: "room_meta",
        shape: "(
        name TEXT PRIMARY KEY,
        value ANY NOT NULL
    ) STRICT, WITHOUT ROWID",
        columns: &[required("name", Holds::Key), required("value", Holds::Any)],
    },
    Table {
        name: "structures",
        shape: "(
        structure_id INTEGER PRIMARY KEY,
        owner INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        x INTEGER NOT NULL,
        y INTEGER NOT NULL,
        hp INTEGER NOT NULL
    ) STRICT",
        columns: &[
            required("structure_id", Holds::Integer),
            required("owner", Holds::Integer),
            required("kind", Holds::Integer),
            required("x", Holds::Integer),
            required("y", Holds::Integer),
            required("hp", Holds::Integer),
        ],
    },
    Table {
        name: "player_checkpoints",
        shape: "(
        user_id TEXT PRIMARY KEY,
        player_id INTEGER NOT NULL,
        step INTEGER NOT NULL,
        connected INTEGER NOT NULL,
        checkpoint BLOB NOT NULL
    ) STRICT, WITHOUT ROWID",
        columns: &[
            required("user_id", Holds::Key),
            required("player_id", Holds::Integer),
            required("step", Holds::Integer),
            required("connected", Holds::Integer),
            required("checkpoint", Holds::Blob),
        ],
    },
    // What a profile of an older shape lacks, the authority gives it. Until then the row stands as it was found.
    Table {
        name: "character_profiles",
        shape: "(
        user_id TEXT NOT NULL,
        character_id TEXT NOT NULL,
        name TEXT,
        body INTEGER,
        colour INTEGER,
        PRIMARY KEY (user_id, character_id)
    ) STRICT, WITHOUT ROWID",
        columns: &[
            required("user_id", Holds::Key),
            required("character_id", Holds::Key),
            optional("name", Holds::Text),
            optional("body", Holds::Integer),
            optional("colour", Holds::Integer),
        ],
    },
    Table {
        name: "active_character_profiles",
        shape: "(
        user_id TEXT PRIMARY KEY,
        character_id TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
        columns: &[
            required("user_id", Holds::Key),
            required("character_id", Holds::Key),
        ],
    },
    Table {
        name: "session_tokens",
        shape: "(
        token_hash BLOB PRIMARY KEY,
        user_id TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
        columns: &[
            required("token_hash", Holds::Blob),
            required("user_id", Holds::Key),
            required("expires_at", Holds::Integer),
        ],
    },
    Table {
        name: "presence_players",
        shape: "(
        user_id TEXT PRIMARY KEY,
        name TEXT
    ) STRICT, WITHOUT ROWID",
        columns: &[
            required("user_id", Holds::Key),
            optional("name", Holds::Text),
        ],
    },
    Table {
        name: "log_sessions",
        shape: "(
        session_id INTEGER PRIMARY KEY,
        started_at INTEGER NOT NULL,
        header BLOB NOT NULL
    ) STRICT",
        columns: &[
            required("session_id", Holds::Integer),
            required("started_at", Holds::Integer),
            required("header", Holds::Blob),
        ],
    },
    Table {
        name: "log_blocks",
        shape: "(
        session_id INTEGER NOT NULL,
        block INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (session_id, block)
    ) STRICT, WITHOUT ROWID",
        columns: &[
            required("session_id", Holds::Integer),
            required("block", Holds::Integer),
            required("bytes", Holds::Blob),
        ],
    },
];

/// What is applied already.
const APPLIED: Table = Table {
    name: "migrations",
    shape: "(name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    columns: &[required("name", Holds::Key)],
};

/// True when this object has ever been a room, of this build's shape or an older one. A look at one that has not writes
/// nothing.
pub(crate) fn exists(state: &State) -> Result<bool> {
    let names = TABLES.iter().chain([&APPLIED]).map(|table| table.name);
    let names: Vec<String> = names.map(|name| format!("'{name}'")).collect();
    let query = format!(
        "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name IN ({})",
        names.join(", ")
    );
    Ok(count(&state.storage().sql(), &query)? > 0)
}

/// Brings the tables to what this build knows. Returns the rows that were written.
pub(crate) fn migrate(state: &State) -> Result<u64> {
    transaction(&state.storage(), |sql| {
        if is_table(sql, APPLIED.name)? {
            adopt(sql, &APPLIED)?;
        } else {
            create_table(sql, &APPLIED)?;
        }
        for (name, apply) in MIGRATIONS {
            let known = sql.exec(
                "SELECT name FROM migrations WHERE name = ?",
                vec![(*name).into()],
            )?;
            if known.raw().next().is_some() {
                continue;
            }
            apply(sql)?;
            sql.exec(
                "INSERT INTO migrations (name) VALUES (?)",
                vec![(*name).into()],
            )?;
        }
        Ok(sql.rows_written())
    })
}

fn create(sql: &Transaction) -> Result<()> {
    for table in TABLES {
        if !is_table(sql, table.name)? {
            create_table(sql, table)?;
        }
    }
    Ok(())
}

fn adopt_all(sql: &Transaction) -> Result<()> {
    TABLES.iter().try_for_each(|table| adopt(sql, table))
}

/// Bytes of a recording that goes on no more; NULL before they are counted.
fn count_recorded_bytes(sql: &Transaction) -> Result<()> {
    sql.exec(
        "ALTER TABLE log_sessions ADD COLUMN bytes INTEGER",
        Vec::new(),
    )?;
    Ok(())
}

/// The room's checkpoint after the newest block of a row, so that a flush writes one row for both.
fn put_checkpoints_beside_the_log(sql: &Transaction) -> Result<()> {
    sql.exec(
        "ALTER TABLE log_blocks ADD COLUMN checkpoint BLOB",
        Vec::new(),
    )?;
    Ok(())
}

/// Makes a table that is not there.
pub(crate) fn create_table(sql: &Transaction, table: &Table) -> Result<()> {
    let Table { name, shape, .. } = table;
    sql.exec(&format!("CREATE TABLE {name} {shape}"), Vec::new())?;
    Ok(())
}
