//! A database whose free pages are damaged is written anew.
//!
//! * SQLite has no other way to leave such a page alone, and the next row that needs a page would meet it.
//! * Everything is read before anything is deleted, and nothing is deleted if something cannot be read.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use worker::{Error, Result, SqlStorage, SqlStorageValue, Storage, console_error};

use crate::sql::{count, first, select, transaction};

/// Larger databases are not looked through: it would take too long whenever a room comes into memory.
const LOOKED_THROUGH_BYTES_MAX: usize = 8 << 20;

/// A table: how it is made, and what it holds.
struct Table {
    name: String,
    made: String,
    rows: Vec<Vec<SqlStorageValue>>,
}

/// Writes the database anew if it has to be. Returns the rows that were written then; the alarm has gone with everything else.
pub(crate) fn rebuild(storage: &Storage, room: &str) -> Result<Option<u64>> {
    let sql = storage.sql();
    let Some(fault) = fault(&sql) else {
        return Ok(None);
    };
    let tables = match tables(&sql) {
        Ok(tables) => tables,
        Err(error) => {
            // It opens all the same, and is thrown away when it needs a page.
            console_error!(
                "room {room}: {fault}, and the database cannot be written anew, because something else is damaged, too: \
                 fetch its recordings and delete the room: {error}"
            );
            return Ok(None);
        }
    };
    delete_all(storage)?;
    let written = transaction(storage, move |sql| {
        for Table { name, made, rows } in tables {
            sql.exec(&made, Vec::new())?;
            for row in rows {
                let places = vec!["?"; row.len()].join(", ");
                sql.exec(&format!("INSERT INTO \"{name}\" VALUES ({places})"), row)?;
            }
        }
        Ok(sql.rows_written())
    })?;
    console_error!("room {room}: {fault}: the database is written anew, and nothing is lost");
    Ok(Some(written))
}

/// What is wrong with the free pages, if anything.
fn fault(sql: &SqlStorage) -> Option<String> {
    if sql.database_size() > LOOKED_THROUGH_BYTES_MAX {
        return None;
    }
    // The free pages come first. If nothing is told, others are worse.
    let told = first(sql, "PRAGMA quick_check(1)", Vec::new())
        .ok()??
        .text()?;
    told.to_lowercase().contains("freelist").then_some(told)
}

fn tables(sql: &SqlStorage) -> Result<Vec<Table>> {
    // Those of the platform cannot be read, and are not ours.
    let query = "SELECT name, sql FROM sqlite_master
        WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'";
    let mut tables = Vec::new();
    for row in select(sql, query, Vec::new())? {
        let mut row = row?;
        let (Some(name), Some(made)) = (row.text(), row.text()) else {
            return Err(Error::RustError("a table has no name".into()));
        };
        let mut rows = Vec::new();
        for row in select(sql, &format!("SELECT * FROM \"{name}\""), Vec::new())? {
            rows.push(row?.rest());
        }
        tables.push(Table { name, made, rows });
    }
    let others = "SELECT count(*) FROM sqlite_master WHERE type IN ('view', 'trigger')
        OR (type = 'index' AND sql IS NOT NULL)";
    if count(sql, others)? > 0 {
        return Err(Error::RustError(
            "there is more than tables in it".to_owned(),
        ));
    }
    Ok(tables)
}

/// The bindings wait for it; it is done when the call comes back.
fn delete_all(storage: &Storage) -> Result<()> {
    let object: &JsValue = storage.as_raw();
    let run: Function = Reflect::get(object, &JsValue::from_str("deleteAll"))?.dyn_into()?;
    run.call0(object)?;
    Ok(())
}
