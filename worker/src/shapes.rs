//! A table of an older shape becomes one of this build's, with every row that can be read.
//!
//! * Nothing is lost: unless every value came over as it was, the old table stays beside the new one, as `NAME_old`.
//! * A value that the column cannot hold is as if it were missing. A row that misses what it needs is not taken.
//! * What a row lacks beyond that, and whether its values make sense, is decided by whoever reads it.

use worker::{Result, console_log, console_warn};

use crate::sql::Transaction;
use crate::tables::{Column, Holds, Table};

/// True when there is a table of this name.
pub(crate) fn is_table(sql: &Transaction, name: &str) -> Result<bool> {
    Ok(definition(sql, name)?.is_some())
}

/// Whether the table that is there, if there is one, has our shape.
pub(crate) fn has_our_shape(sql: &Transaction, table: &Table) -> Result<bool> {
    let Table { name, shape, .. } = table;
    let found = definition(sql, name)?;
    Ok(found.is_none_or(|found| found == format!("CREATE TABLE {name} {shape}")))
}

/// Makes a table as it is after all migrations.
pub(crate) fn create_current(sql: &Transaction, table: &Table) -> Result<()> {
    let Table { name, shape, .. } = table;
    sql.exec(&format!("CREATE TABLE {name} {shape}"), Vec::new())?;
    add_columns(sql, table)
}

/// Adds the columns that migrations add.
pub(crate) fn add_columns(sql: &Transaction, table: &Table) -> Result<()> {
    let name = table.name;
    for column in table.added {
        let (column, holds) = (column.name, column.holds.declared());
        let query = format!("ALTER TABLE {name} ADD COLUMN {column} {holds}");
        sql.exec(&query, Vec::new())?;
    }
    Ok(())
}

/// Gives the table that is there our shape, if it has another.
pub(crate) fn adopt(sql: &Transaction, table: &Table) -> Result<()> {
    if has_our_shape(sql, table)? {
        return Ok(());
    }
    let Table { name, shape, .. } = table;
    let old = free_name(sql, name)?;
    sql.exec(&format!("ALTER TABLE {name} RENAME TO {old}"), Vec::new())?;
    sql.exec(&format!("CREATE TABLE {name} {shape}"), Vec::new())?;
    let columns = columns(sql, &old)?;
    let has = |column: &Column| {
        columns
            .iter()
            .any(|found| found.eq_ignore_ascii_case(column.name))
    };
    if table
        .columns
        .iter()
        .all(|column| !column.required || has(column))
    {
        let taken: Vec<&Column> = table.columns.iter().filter(|column| has(column)).collect();
        copy(sql, name, &old, &taken)?;
    }
    let known = columns.len() == table.columns.iter().filter(|column| has(column)).count();
    let rows = sql.count(&format!("SELECT count(*) FROM {old}"))?;
    let same = if known {
        same_rows(sql, table, &old)?
    } else {
        0
    };
    if known && same == rows {
        sql.exec(&format!("DROP TABLE {old}"), Vec::new())?;
        console_log!("{name} has a new shape");
    } else {
        let taken = sql.count(&format!("SELECT count(*) FROM {name}"))?;
        console_warn!(
            "{name} had an older shape: {taken} of its {rows} rows are taken; all of them stay in {old}"
        );
    }
    Ok(())
}

/// Of two rows with the same key the later one counts.
fn copy(sql: &Transaction, name: &str, old: &str, columns: &[&Column]) -> Result<()> {
    let list = |of: &dyn Fn(&Column) -> String, between: &str| {
        let parts: Vec<String> = columns.iter().map(|column| of(column)).collect();
        parts.join(between)
    };
    let names = list(&|column| column.name.to_owned(), ", ");
    let values = list(
        &|column| format!("{} AS {}", value(column), column.name),
        ", ",
    );
    let complete = list(
        &|column| match column.required {
            true => format!("{} IS NOT NULL", column.name),
            false => "true".to_owned(),
        },
        " AND ",
    );
    sql.exec(
        &format!(
            "INSERT OR REPLACE INTO {name} ({names})
                SELECT {names} FROM (SELECT {values} FROM {old}) WHERE {complete}"
        ),
        Vec::new(),
    )?;
    Ok(())
}

/// The column's value if it can hold it, and NULL if not.
fn value(Column { name, holds, .. }: &Column) -> String {
    match holds {
        Holds::Key => format!("iif(typeof({name}) = 'text' AND {name} <> '', {name}, NULL)"),
        Holds::Text => format!("iif(typeof({name}) = 'text', {name}, NULL)"),
        Holds::Blob => format!("iif(typeof({name}) = 'blob', {name}, NULL)"),
        // True for 3, 3.0 and '3', and for no text or number that is not whole.
        Holds::Integer => format!(
            "iif(typeof({name}) <> 'blob' AND CAST({name} AS INTEGER) = {name}, CAST({name} AS INTEGER), NULL)"
        ),
        Holds::Any => (*name).to_owned(),
    }
}

/// How many rows of the old table stand in the new one just as they were.
fn same_rows(sql: &Transaction, table: &Table, old: &str) -> Result<u64> {
    let names = columns(sql, old)?;
    let equal = names
        .iter()
        .map(|name| format!("o.{name} IS n.{name} AND typeof(o.{name}) = typeof(n.{name})"));
    let equal: Vec<String> = equal.collect();
    let query = format!(
        "SELECT count(*) FROM {old} AS o WHERE EXISTS (SELECT 1 FROM {} AS n WHERE {})",
        table.name,
        equal.join(" AND ")
    );
    sql.count(&query)
}

fn definition(sql: &Transaction, name: &str) -> Result<Option<String>> {
    let query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?";
    let row = sql.select(query, vec![name.into()])?.next().transpose()?;
    Ok(row.and_then(|mut row| row.text()))
}

fn columns(sql: &Transaction, name: &str) -> Result<Vec<String>> {
    let nothing = sql.exec(&format!("SELECT * FROM {name} LIMIT 0"), Vec::new())?;
    Ok(nothing.column_names())
}

/// A name for the old table that none has.
pub(crate) fn free_name(sql: &Transaction, name: &str) -> Result<String> {
    let mut free = format!("{name}_old");
    let mut number = 1;
    while is_table(sql, &free)? {
        number += 1;
        free = format!("{name}_old_{number}");
    }
    Ok(free)
}
