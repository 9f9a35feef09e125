//! What a page calls: the game and the viewer, on a canvas of the page.
//!
//! * One page shows one thing, from when it is loaded until it is left.
//! * Words go over as JSON, in the shapes of [`crate::hud`], [`crate::timeline`], [`crate::words`] and
//!   [`crate::viewer`].

pub mod game;
mod kernel;
mod socket;
pub mod viewer;

use std::cell::RefCell;
use std::rc::Rc;

use bevy::prelude::Window;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::art::Palette;
use crate::game::{Label, Settings};
use crate::keys::Bindings;
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
        // Keys are the page's: it hands over what the game wants to know, and Tab and Escape lead out of the canvas.
        prevent_default_event_handling: false,
        ..Window::default()
    };
    app(window, shared, now).run();
}

/// Settings, where no bindings are the default ones.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingsOption {
    #[serde(default)]
    palette: Palette,
    #[serde(default)]
    reduced_motion: bool,
    bindings: Option<Bindings>,
}

impl From<SettingsOption> for Settings {
    fn from(option: SettingsOption) -> Self {
        Self {
            palette: option.palette,
            reduced_motion: option.reduced_motion,
            bindings: option.bindings.unwrap_or_default(),
        }
    }
}

/// Other settings, as JSON.
#[wasm_bindgen]
pub fn settings(settings: &str) -> Result<(), JsValue> {
    let settings: Settings = parsed::<SettingsOption>(settings, "the settings")?.into();
    game::with(|game| game.set(settings.clone()));
    viewer::with(|watch| watch.set(settings));
    Ok(())
}

/// Where names stand: the player's number, x and y, one after the other, in CSS pixels of the canvas.
#[wasm_bindgen]
pub fn labels() -> Vec<f32> {
    let flat = |labels: &[Label]| -> Vec<f32> {
        let numbers = |label: &Label| [f32::from(label.player.0), label.at.0, label.at.1];
        labels.iter().flat_map(numbers).collect()
    };
    let of_game = game::with(|game| flat(game.labels()));
    let of_either = of_game.or_else(|| viewer::with(|watch| flat(watch.labels())));
    of_either.unwrap_or_default()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what is said has no map with keys that are no strings")
}

fn parsed<'a, T: serde::Deserialize<'a>>(text: &'a str, what: &str) -> Result<T, JsValue> {
    serde_json::from_str(text).map_err(|error| format!("{what}: {error}").into())
}
