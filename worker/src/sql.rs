//! Transactions over the object's SQLite, which the bindings leave out, and rows as plain values.
//!
//! * Rows are read by the one call of the bindings that gives back what the platform throws. The others let it fly through
//!   this program, which leaves its memory as it was in the middle of things.
//! * A statement that meets a damaged page outside of a transaction is an error. Within one it is the end of the object. So
//!   whatever may be damaged is read before a transaction begins.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use worker::{Error, Result, SqlCursor, SqlStorage, SqlStorageValue, Storage};

/// The values of a row, which are taken in the order of the query's columns.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<SqlStorageValue>);

impl Row {
    pub(crate) fn of(values: Vec<SqlStorageValue>) -> Self {
        Self(values.into_iter())
    }

    /// The next value, if it is text.
    pub(crate) fn text(&mut self) -> Option<String> {
        if let SqlStorageValue::String(text) = self.0.next()? {
            Some(text)
        } else {
            None
        }
    }

    /// The next value, if it is bytes.
    pub(crate) fn bytes(&mut self) -> Option<Vec<u8>> {
        if let SqlStorageValue::Blob(bytes) = self.0.next()? {
            Some(bytes)
        } else {
            None
        }
    }

    /// The next value, if it is a whole number that the type holds. Of those beyond 53 bits the platform has rounded the
    /// value, so they are none.
    pub(crate) fn whole<T: TryFrom<i64>>(&mut self) -> Option<T> {
        if let SqlStorageValue::Integer(value) = self.0.next()? {
            T::try_from(value).ok()
        } else {
            None
        }
    }

    /// All values that are left.
    pub(crate) fn rest(self) -> Vec<SqlStorageValue> {
        self.0.collect()
    }
}

/// The rows of a query. Nothing follows an error.
pub(crate) fn select(
    sql: &SqlStorage,
    query: &str,
    values: Vec<SqlStorageValue>,
) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    Ok(rows(&sql.exec(query, values)?))
}

fn rows(cursor: &SqlCursor) -> impl Iterator<Item = Result<Row>> + use<> {
    let mut raw = cursor.raw();
    let mut failed = false;
    std::iter::from_fn(move || {
        let row = raw.next().filter(|_| !failed)?;
        failed = row.is_err();
        Some(row.map(Row::of))
    })
}

/// The first row of a query.
pub(crate) fn first(
    sql: &SqlStorage,
    query: &str,
    values: Vec<SqlStorageValue>,
) -> Result<Option<Row>> {
    select(sql, query, values)?.next().transpose()
}

/// The one number that a query gives.
pub(crate) fn count(sql: &SqlStorage, query: &str) -> Result<u64> {
    number(first(sql, query, Vec::new())?)
}

fn number(row: Option<Row>) -> Result<u64> {
    let value = row.and_then(|mut row| row.whole());
    value.ok_or_else(|| Error::RustError("a query that counts gave no number".into()))
}

/// The object's SQLite within a transaction.
pub(crate) struct Transaction {
    sql: SqlStorage,
    rows_written: Cell<u64>,
}

impl Transaction {
    /// Runs a statement.
    pub(crate) fn exec(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<SqlCursor> {
        let cursor = self.sql.exec(query, values)?;
        let written = self.rows_written.get() + cursor.rows_written() as u64;
        self.rows_written.set(written);
        Ok(cursor)
    }

    /// The rows of a query.
    pub(crate) fn select(
        &self,
        query: &str,
        values: Vec<SqlStorageValue>,
    ) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
        Ok(rows(&self.exec(query, values)?))
    }

    /// The one number that a query gives.
    pub(crate) fn count(&self, query: &str) -> Result<u64> {
        number(self.select(query, Vec::new())?.next().transpose()?)
    }

    /// Rows written so far, as the platform bills them.
    pub(crate) fn rows_written(&self) -> u64 {
        self.rows_written.get()
    }
}

/// Runs `body` in one transaction: what it wrote stands when it returns `Ok`, and none of it when it does not.
pub(crate) fn transaction<T: 'static>(
    storage: &Storage,
    body: impl FnOnce(&Transaction) -> Result<T> + 'static,
) -> Result<T> {
    let within = Transaction {
        sql: storage.sql(),
        rows_written: Cell::new(0),
    };
    let slot = Rc::new(Cell::new(None));
    let inner = Rc::clone(&slot);
    // Thrown inside, an error rolls back; it comes out again as the error of the call.
    let closure = Closure::once(move || -> std::result::Result<(), JsValue> {
        inner.set(Some(body(&within).map_err(JsValue::from)?));
        Ok(())
    });
    let object: &JsValue = storage.as_raw();
    let run: Function = Reflect::get(object, &JsValue::from_str("transactionSync"))?.dyn_into()?;
    run.call1(object, closure.as_ref())?;
    slot.take()
        .ok_or_else(|| Error::RustError("the platform did not run the transaction".into()))
}

/// A whole number as SQLite takes it. What does not fit 53 bits is an error, not a rounded value.
pub(crate) fn integer(value: impl Into<i128>) -> Result<SqlStorageValue> {
    let value = i64::try_from(value.into())
        .map_err(|_| Error::RustError("an integer has more than 64 bits".into()))?;
    SqlStorageValue::try_from_i64(value)
}
