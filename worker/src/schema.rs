//! How an old database becomes a new one, and what becomes of a table that is not there.
//!
//! * Migrations only ever get appended. Each is recorded in `migrations` in the transaction that applies it.
//! * Hashes and 64-bit numbers are BLOB or TEXT: the platform rounds integers beyond 53 bits.
//! * A transaction that meets a damaged page is the end of the object, so a [`Survey`](crate::survey::Survey) comes before.

use authority::limits::USERS_MAX;
use sim_core::rules::{BODIES, COLOURS};
use worker::{Error, Result, SqlStorage, State, Storage, console_error};

use crate::damage::Damaged;
use crate::shapes::{add_columns, adopt, create_current, free_name, has_our_shape, is_table};
use crate::sql::{Transaction, count, select, transaction};
use crate::tables::{
    CHARACTER_PROFILES, LOG_BLOCKS, LOG_SESSIONS, MIGRATIONS, PRESENCE_PLAYERS, SESSION_TOKENS,
    TABLES, Table,
};

/// Name and what it does, oldest first.
const STEPS: &[(&str, Migration)] = &[
    ("0001-room", create),
    // A table that was there under one of our names may have another shape.
    ("0002-shapes", adopt_all),
    ("0003-recorded-bytes", add_columns_of_sessions),
    ("0004-checkpoints-with-the-log", add_columns_of_blocks),
    ("0005-tokens-by-user", key_tokens_by_user),
    (
        "0006-characters-of-who-was-present",
        make_characters_of_who_was_present,
    ),
];

type Migration = fn(&Transaction) -> Result<()>;

/// Rows that are taken over from a table of which only so much is of use: of users whom a room remembers, and of as many
/// again.
const TAKEN_OVER_MAX: usize = 2 * USERS_MAX;

/// True when this object has ever been a room, of this build's shape or an older one. A look at one that has not writes
/// nothing.
pub(crate) fn exists(state: &State) -> Result<bool> {
    let names = TABLES.iter().chain([&&MIGRATIONS, &&PRESENCE_PLAYERS]);
    let names: Vec<String> = names.map(|table| format!("'{}'", table.name)).collect();
    let query = format!(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ({})",
        names.join(", ")
    );
    Ok(count(&state.storage().sql(), &query)? > 0)
}

/// Brings the tables to what this build knows, and makes those that are lost. Returns the rows that were written.
pub(crate) fn migrate(storage: &Storage, room: &str) -> Result<u64> {
    let sql = storage.sql();
    let mut written = 0;
    let mut known = applied(&sql)?;
    // What was applied is not known any more, but plain to see.
    if known.is_empty() && is_current(&sql)? {
        known = STEPS.iter().map(|(name, _)| (*name).to_owned()).collect();
        written += apply(storage, known.clone())?;
    }
    if STEPS
        .iter()
        .any(|(name, _)| !known.iter().any(|at| at == name))
    {
        written += apply(storage, known)?;
    }
    Ok(written + make_what_is_lost(storage, room)?)
}

/// The migrations that were applied, as far as anything says so.
fn applied(sql: &SqlStorage) -> Result<Vec<String>> {
    if !table_names(sql)?.iter().any(|name| name == MIGRATIONS.name) {
        return Ok(Vec::new());
    }
    let mut known = Vec::new();
    for row in select(sql, "SELECT name FROM migrations", Vec::new())? {
        known.extend(row?.text());
    }
    Ok(known)
}

/// Whether every table is there and has the columns of this build.
fn is_current(sql: &SqlStorage) -> Result<bool> {
    let names = table_names(sql)?;
    let is_there = |table: &&Table| names.iter().any(|name| name == table.name);
    Ok(TABLES
        .iter()
        .all(|table| is_there(table) && has_columns(sql, table)))
}

fn has_columns(sql: &SqlStorage, table: &Table) -> bool {
    let columns: Vec<&str> = table.all_columns().map(|column| column.name).collect();
    let query = format!("SELECT {} FROM {} LIMIT 0", columns.join(", "), table.name);
    sql.exec(&query, None).is_ok()
}

/// The names of all tables that there are.
pub(crate) fn table_names(sql: &SqlStorage) -> Result<Vec<String>> {
    let query = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let mut names = Vec::new();
    for row in select(sql, query, Vec::new())? {
        names.extend(row?.text());
    }
    Ok(names)
}

/// Applies what is not known to be applied, and notes everything.
fn apply(storage: &Storage, known: Vec<String>) -> Result<u64> {
    transaction(storage, move |sql| {
        if is_table(sql, MIGRATIONS.name)? {
            adopt(sql, &MIGRATIONS)?;
        } else {
            create_current(sql, &MIGRATIONS)?;
        }
        for (name, apply) in STEPS {
            if !known.iter().any(|known| known == name) {
                apply(sql)?;
            }
            // Costs nothing where it is noted already.
            let query = "INSERT OR IGNORE INTO migrations (name) VALUES (?)";
            sql.exec(query, vec![(*name).into()])?;
        }
        Ok(sql.rows_written())
    })
}

/// A table that this build once made and that is not there, or not as it was, is made anew. A recording is two tables: with
/// one of them the other is of no use, and would be written over.
fn make_what_is_lost(storage: &Storage, room: &str) -> Result<u64> {
    let sql = storage.sql();
    let names = table_names(&sql)?;
    let mut written = 0;
    let mut is_recording_lost = false;
    for table in TABLES {
        let is_log = [LOG_SESSIONS.name, LOG_BLOCKS.name].contains(&table.name);
        if !names.iter().any(|name| name == table.name) {
            console_error!("room {room} has lost its table {}", table.name);
            written += transaction(storage, move |sql| {
                create_current(sql, table)?;
                Ok(sql.rows_written())
            })?;
            is_recording_lost |= is_log;
        } else if !has_columns(&sql, table) {
            let error = Error::RustError("it has not the columns of this build".into());
            written += Damaged::of(&sql, table, error).set_aside(storage, room)?;
            is_recording_lost |= is_log;
        }
    }
    if is_recording_lost {
        written += set_recordings_aside(storage, room)?;
    }
    Ok(written)
}

/// Puts all recordings aside.
pub(crate) fn set_recordings_aside(storage: &Storage, room: &str) -> Result<u64> {
    let mut written = 0;
    for table in [&LOG_SESSIONS, &LOG_BLOCKS] {
        let error = Error::RustError("a recording is two tables".into());
        written += Damaged::of(&storage.sql(), table, error).set_aside(storage, room)?;
    }
    Ok(written)
}

fn create(sql: &Transaction) -> Result<()> {
    for table in TABLES {
        if !is_table(sql, table.name)? {
            let Table { name, shape, .. } = table;
            sql.exec(&format!("CREATE TABLE {name} {shape}"), Vec::new())?;
        }
    }
    Ok(())
}

fn adopt_all(sql: &Transaction) -> Result<()> {
    let mut tables = TABLES.into_iter().chain([&PRESENCE_PLAYERS]);
    tables.try_for_each(|table| adopt(sql, table))
}

/// Bytes of a recording that goes on no more; NULL before they are counted.
fn add_columns_of_sessions(sql: &Transaction) -> Result<()> {
    add_columns(sql, &LOG_SESSIONS)
}

/// The room's checkpoint after the newest block of a row, so that a flush writes one row for both.
fn add_columns_of_blocks(sql: &Transaction) -> Result<()> {
    add_columns(sql, &LOG_BLOCKS)
}

/// A user has one token: that of before is gone with the next. Those that are good for longest are taken.
fn key_tokens_by_user(sql: &Transaction) -> Result<()> {
    if has_our_shape(sql, &SESSION_TOKENS)? {
        return Ok(());
    }
    let old = free_name(sql, SESSION_TOKENS.name)?;
    sql.exec(
        &format!("ALTER TABLE session_tokens RENAME TO {old}"),
        Vec::new(),
    )?;
    create_current(sql, &SESSION_TOKENS)?;
    sql.exec(
        &format!(
            "INSERT OR REPLACE INTO session_tokens (user_id, token_hash, expires_at)
                SELECT user_id, token_hash, expires_at FROM (
                    SELECT * FROM {old} ORDER BY expires_at DESC LIMIT {TAKEN_OVER_MAX}
                ) ORDER BY expires_at"
        ),
        Vec::new(),
    )?;
    sql.exec(&format!("DROP TABLE {old}"), Vec::new())?;
    Ok(())
}

/// Whoever was present in a room of a build without characters gets a default one and plays it. A name that could not be shown
/// is repaired when the user comes. Two users rarely look alike.
fn make_characters_of_who_was_present(sql: &Transaction) -> Result<()> {
    let Table { name: present, .. } = PRESENCE_PLAYERS;
    if !is_table(sql, present)? {
        return Ok(());
    }
    let characters = CHARACTER_PROFILES.name;
    sql.exec(
        &format!(
            "INSERT OR IGNORE INTO {characters} (user_id, character_id, name, body, colour)
                SELECT user_id, 'default', coalesce(nullif(name, ''), 'Player'),
                    length(user_id) % {BODIES}, unicode(user_id) % {COLOURS}
                FROM {present} LIMIT {TAKEN_OVER_MAX}"
        ),
        Vec::new(),
    )?;
    sql.exec(
        &format!(
            "INSERT OR IGNORE INTO active_character_profiles (user_id, character_id)
                SELECT user_id, 'default' FROM {present} LIMIT {TAKEN_OVER_MAX}"
        ),
        Vec::new(),
    )?;
    let rows = sql.count(&format!("SELECT count(*) FROM {present}"))?;
    if rows <= TAKEN_OVER_MAX as u64 {
        sql.exec(&format!("DROP TABLE {present}"), Vec::new())?;
    } else {
        let old = free_name(sql, present)?;
        sql.exec(
            &format!("ALTER TABLE {present} RENAME TO {old}"),
            Vec::new(),
        )?;
    }
    Ok(())
}
