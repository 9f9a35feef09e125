//! The tables of a room, and how an old database becomes a new one.
//!
//! * Migrations only ever get appended. Each is recorded in `migrations` in the transaction that applies it.
//! * Hashes and 64-bit numbers are BLOB or TEXT: the platform rounds integers beyond 53 bits.

use worker::{Result, State};

use crate::sql::{count, transaction};

/// Name and statements, oldest first.
const MIGRATIONS: &[(&str, &[&str])] = &[("0001-room", ROOM)];

const ROOM: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS room_meta (
        name TEXT PRIMARY KEY,
        value ANY NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS structures (
        structure_id INTEGER PRIMARY KEY,
        owner INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        x INTEGER NOT NULL,
        y INTEGER NOT NULL,
        hp INTEGER NOT NULL
    ) STRICT",
    "CREATE TABLE IF NOT EXISTS player_checkpoints (
        user_id TEXT PRIMARY KEY,
        player_id INTEGER NOT NULL,
        step INTEGER NOT NULL,
        connected INTEGER NOT NULL,
        checkpoint BLOB NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS character_profiles (
        user_id TEXT NOT NULL,
        character_id TEXT NOT NULL,
        name TEXT NOT NULL,
        body INTEGER NOT NULL,
        colour INTEGER NOT NULL,
        PRIMARY KEY (user_id, character_id)
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS active_character_profiles (
        user_id TEXT PRIMARY KEY,
        character_id TEXT NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS session_tokens (
        token_hash BLOB PRIMARY KEY,
        user_id TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS presence_players (
        user_id TEXT PRIMARY KEY,
        name TEXT
    ) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS log_sessions (
        session_id INTEGER PRIMARY KEY,
        started_at INTEGER NOT NULL,
        header BLOB NOT NULL
    ) STRICT",
    "CREATE TABLE IF NOT EXISTS log_blocks (
        session_id INTEGER NOT NULL,
        block INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (session_id, block)
    ) STRICT, WITHOUT ROWID",
];

/// True when this object has ever been a room. A look at one that has not writes nothing.
pub(crate) fn exists(state: &State) -> Result<bool> {
    let sql = state.storage().sql();
    Ok(count(
        &sql,
        "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'migrations'",
    )? > 0)
}

/// Brings the tables to what this build knows.
pub(crate) fn migrate(state: &State) -> Result<()> {
    transaction(&state.storage(), |sql| {
        sql.exec(
            "CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
            None,
        )?;
        for (name, statements) in MIGRATIONS {
            let known = sql.exec(
                "SELECT name FROM migrations WHERE name = ?",
                vec![(*name).into()],
            )?;
            if known.raw().next().is_some() {
                continue;
            }
            for statement in *statements {
                sql.exec(statement, None)?;
            }
            sql.exec(
                "INSERT INTO migrations (name) VALUES (?)",
                vec![(*name).into()],
            )?;
        }
        Ok(())
    })
}
