//! What a page calls: the game and the viewer, on a canvas of the page.
//!
//! * One page shows one thing, from when it is loaded until it is left.
//! * Words go over as JSON, in the shapes of [`crate::hud`], [`crate::timeline`], [`crate::words`] and
//!   [`crate::viewer`].

pub mod game;
mod socket;

use std::cell::RefCell;
use std::rc::Rc;

use bevy::prelude::Window;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::window::{Shared, app};

pub use socket::{WebConnection, WebDial, now};

/// The canvas of the page.
const CANVAS: &str = "#canvas";

/// A value that is given once and used from then on; a page has one thread.
struct Given<T: 'static>(RefCell<Option<Rc<RefCell<T>>>>);

impl<T> Given<T> {
    const fn nothing() -> Self {
        Self(RefCell::new(None))
    }

    fn give(&self, value: Rc<RefCell<T>>) -> Result<(), JsValue> {
        let mut given = self.0.borrow_mut();
        if given.is_some() {
            return Err("This page shows something already. Load it again.".into());
        }
        *given = Some(value);
        Ok(())
    }

    fn get(&self) -> Option<Rc<RefCell<T>>> {
        self.0.borrow().clone()
    }
}

/// Opens the window on the page's canvas. It returns at once and goes on frame by frame.
fn show(shared: Shared) {
    let window = Window {
        canvas: Some(CANVAS.to_owned()),
        fit_canvas_to_parent: true,
        // The page's own keys stay the page's: only what the canvas has the focus for comes here.
        prevent_default_event_handling: true,
        ..Window::default()
    };
    app(window, shared, now).run();
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what is said has no map with keys that are no strings")
}

fn parsed<'a, T: serde::Deserialize<'a>>(text: &'a str, what: &str) -> Result<T, JsValue> {
    serde_json::from_str(text).map_err(|error| format!("{what}: {error}").into())
}
