//! A table that cannot be read is set aside, and a new one takes its place with every row that can be.
//!
//! * Nothing is deleted or written over: the damaged table stays as `damaged_NAME_1`, for whoever can read more of it.
//! * The log says which room has lost what.
//! * Rows are read from both ends up to the damage. Recordings are not: a part of one is not worth what it weighs.

use sim_core::rules::STRUCTURES_MAX;
use worker::{Error, Result, SqlStorage, SqlStorageValue, Storage, console_error};

use crate::shapes::create_current;
use crate::sql::{Row, Transaction, first, select, transaction};
use crate::sweep::PROFILES_MAX;
use crate::tables::{Column, Holds, LOG_BLOCKS, LOG_SESSIONS, Table};

/// Rows that are read of a damaged table from each of its ends: all that a room may have in one.
const TAKEN_MAX: usize = if PROFILES_MAX > STRUCTURES_MAX {
    PROFILES_MAX
} else {
    STRUCTURES_MAX
};

/// A table of which something cannot be read, with the rows that can.
pub(crate) struct Damaged {
    table: &'static Table,
    error: Error,
    rows: Vec<Row>,
}

impl Damaged {
    /// Reads what there is. Nothing may have been written before.
    pub(crate) fn of(sql: &SqlStorage, table: &'static Table, error: Error) -> Self {
        let is_log = [LOG_SESSIONS.name, LOG_BLOCKS.name].contains(&table.name);
        let rows = if is_log {
            Vec::new()
        } else {
            readable(sql, table)
        };
        Self { table, error, rows }
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, table: &Table) -> bool {
        self.table.name == table.name
    }

    /// Gives the table another name, and makes a new one with what was read. Returns the rows that were written.
    pub(crate) fn set_aside(self, storage: &Storage, room: &str) -> Result<u64> {
        let Self { table, error, rows } = self;
        let name = table.name;
        let aside = free_name(&storage.sql(), name)?;
        let query = format!("ALTER TABLE {name} RENAME TO {aside}");
        let (taken, written) = transaction(storage, move |sql| {
            sql.exec(&query, Vec::new())?;
            create_current(sql, table)?;
            let mut taken = 0;
            for row in rows {
                taken += usize::from(put(sql, table, row)?);
            }
            Ok((taken, sql.rows_written()))
        })?;
        console_error!(
            "room {room}: the table {name} is damaged, {taken} of its rows are taken and the table stays as {aside}: {error}"
        );
        Ok(written)
    }
}

/// Whether the platform has found that a database is not what it was.
pub(crate) fn is_damage(error: &Error) -> bool {
    let text = error.to_string();
    ["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR"]
        .iter()
        .any(|code| text.contains(code))
}

fn free_name(sql: &SqlStorage, name: &str) -> Result<String> {
    let query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?";
    let mut number = 1;
    loop {
        let free = format!("damaged_{name}_{number}");
        if first(sql, query, vec![free.as_str().into()])?.is_none() {
            return Ok(free);
        }
        number += 1;
    }
}

/// The rows up to the damage, from both ends.
fn readable(sql: &SqlStorage, table: &Table) -> Vec<Row> {
    let columns: Vec<&str> = table.all_columns().map(|column| column.name).collect();
    let columns = columns.join(", ");
    let mut rows = Vec::new();
    for order in ["", " DESC"] {
        let key: Vec<String> = table.key.iter().map(|of| format!("{of}{order}")).collect();
        let key = key.join(", ");
        let query = format!(
            "SELECT {columns} FROM {} ORDER BY {key} LIMIT {TAKEN_MAX}",
            table.name
        );
        let Ok(found) = select(sql, &query, Vec::new()) else {
            continue;
        };
        let before = rows.len();
        let mut is_whole = true;
        for row in found {
            match row {
                Ok(row) => rows.push(row),
                Err(_) => is_whole = false,
            }
        }
        if is_whole && rows.len() - before < TAKEN_MAX {
            break;
        }
    }
    rows
}

/// Puts a row that was read, unless it stands for nothing or is there already.
fn put(sql: &Transaction, table: &Table, row: Row) -> Result<bool> {
    let values = row.rest();
    let columns: Vec<&Column> = table.all_columns().collect();
    if values.len() != columns.len()
        || !columns
            .iter()
            .zip(&values)
            .all(|(of, value)| fits(of, value))
    {
        return Ok(false);
    }
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let places = vec!["?"; names.len()].join(", ");
    let (name, names) = (table.name, names.join(", "));
    let query = format!("INSERT OR IGNORE INTO {name} ({names}) VALUES ({places})");
    Ok(sql.exec(&query, values)?.rows_written() > 0)
}

fn fits(column: &Column, value: &SqlStorageValue) -> bool {
    match (column.holds, value) {
        (_, SqlStorageValue::Null) => !column.required,
        (Holds::Key, SqlStorageValue::String(text)) => !text.is_empty(),
        (Holds::Text, SqlStorageValue::String(_))
        | (Holds::Integer, SqlStorageValue::Integer(_))
        | (Holds::Blob, SqlStorageValue::Blob(_))
        | (Holds::Any, _) => true,
        (Holds::Key | Holds::Text | Holds::Integer | Holds::Blob, _) => false,
    }
}
