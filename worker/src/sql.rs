//! Transactions over the object's SQLite, which the bindings leave out.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use worker::{Error, Result, SqlCursor, SqlStorage, SqlStorageValue, Storage};

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

#[derive(serde::Deserialize)]
struct Count {
    n: u64,
}

/// The one number `n` that a query gives.
pub(crate) fn count(sql: &SqlStorage, query: &str) -> Result<u64> {
    Ok(sql.exec(query, None)?.one::<Count>()?.n)
}
