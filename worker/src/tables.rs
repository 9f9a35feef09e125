//! The tables of a room, as this build wants them.

/// A table as this build wants it.
pub(crate) struct Table {
    /// What it is called.
    pub(crate) name: &'static str,
    /// What stands behind the name in `CREATE TABLE`.
    pub(crate) shape: &'static str,
    /// Its columns.
    pub(crate) columns: &'static [Column],
    /// Columns that a migration adds to the shape.
    pub(crate) added: &'static [Column],
    /// The columns by which its rows are in order.
    pub(crate) key: &'static [&'static str],
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

impl Holds {
    /// What a column is declared as that a migration adds.
    pub(crate) fn declared(self) -> &'static str {
        match self {
            Self::Key | Self::Text => "TEXT",
            Self::Integer => "INTEGER",
            Self::Blob => "BLOB",
            Self::Any => "ANY",
        }
    }
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

/// What a room has once.
pub(crate) const ROOM_META: Table = Table {
    name: "room_meta",
    shape: "(
        name TEXT PRIMARY KEY,
        value ANY NOT NULL
    ) STRICT, WITHOUT ROWID",
    columns: &[required("name", Holds::Key), required("value", Holds::Any)],
    added: &[],
    key: &["name"],
};

/// What stands.
pub(crate) const STRUCTURES: Table = Table {
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
    added: &[],
    key: &["structure_id"],
};

/// Whom the room remembers, and as what.
pub(crate) const PLAYER_CHECKPOINTS: Table = Table {
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
    added: &[],
    key: &["user_id"],
};

/// Characters. What one of an older shape lacks, the authority gives it. Until then the row stands as it was found.
pub(crate) const CHARACTER_PROFILES: Table = Table {
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
    added: &[],
    key: &["user_id", "character_id"],
};

/// Which character a user plays.
pub(crate) const ACTIVE_CHARACTER_PROFILES: Table = Table {
    name: "active_character_profiles",
    shape: "(
        user_id TEXT PRIMARY KEY,
        character_id TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    columns: &[
        required("user_id", Holds::Key),
        required("character_id", Holds::Key),
    ],
    added: &[],
    key: &["user_id"],
};

/// Which resume token a user has.
pub(crate) const SESSION_TOKENS: Table = Table {
    name: "session_tokens",
    shape: "(
        user_id TEXT PRIMARY KEY,
        token_hash BLOB NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    columns: &[
        required("user_id", Holds::Key),
        required("token_hash", Holds::Blob),
        required("expires_at", Holds::Integer),
    ],
    added: &[],
    key: &["user_id"],
};

/// Recordings.
pub(crate) const LOG_SESSIONS: Table = Table {
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
    added: &[optional("bytes", Holds::Integer)],
    key: &["session_id"],
};

/// What recordings hold.
pub(crate) const LOG_BLOCKS: Table = Table {
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
    added: &[optional("checkpoint", Holds::Blob)],
    key: &["session_id", "block"],
};

/// All that a room is made of.
pub(crate) const TABLES: [&Table; 8] = [
    &ROOM_META,
    &STRUCTURES,
    &PLAYER_CHECKPOINTS,
    &CHARACTER_PROFILES,
    &ACTIVE_CHARACTER_PROFILES,
    &SESSION_TOKENS,
    &LOG_SESSIONS,
    &LOG_BLOCKS,
];

/// Those that have rows of one user each.
pub(crate) const OF_USERS: [&Table; 4] = [
    &PLAYER_CHECKPOINTS,
    &CHARACTER_PROFILES,
    &ACTIVE_CHARACTER_PROFILES,
    &SESSION_TOKENS,
];

/// Users of a build that had no characters.
pub(crate) const PRESENCE_PLAYERS: Table = Table {
    name: "presence_players",
    shape: "(
        user_id TEXT PRIMARY KEY,
        name TEXT
    ) STRICT, WITHOUT ROWID",
    columns: &[
        required("user_id", Holds::Key),
        optional("name", Holds::Text),
    ],
    added: &[],
    key: &["user_id"],
};

/// What is applied already.
pub(crate) const MIGRATIONS: Table = Table {
    name: "migrations",
    shape: "(name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    columns: &[required("name", Holds::Key)],
    added: &[],
    key: &["name"],
};

impl Table {
    /// Its columns and those that migrations have added.
    pub(crate) fn all_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().chain(self.added)
    }
}
