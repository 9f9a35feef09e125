//! The viewer on a page.

use std::cell::RefCell;
use std::rc::Rc;

use input_log::Native;
use js_sys::Object;
use serde::Deserialize;
use sim_core::{PlayerId, Step};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::kernel::start;
use super::{Given, SettingsOption, json, parsed, show};
use crate::stage::Viewport;
use crate::viewer::{self, Played, Transport, verify_with};
use crate::watch::Watch;

thread_local! {
    static WATCH: Given<Watch> = const { Given::nothing() };
}

/// What of the transport is to be otherwise.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    playing: Option<bool>,
    speed: Option<f32>,
    #[serde(default, deserialize_with = "given")]
    follow: Option<Option<PlayerId>>,
    ghosts: Option<bool>,
    /// A step to go to.
    step: Option<i64>,
}

/// What is given as nothing is given, too.
fn given<'d, D: serde::Deserializer<'d>>(from: D) -> Result<Option<Option<PlayerId>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Begins to show recordings. The settings are JSON.
#[wasm_bindgen]
pub fn watch(settings: &str) -> Result<(), JsValue> {
    let settings: SettingsOption = parsed(settings, "the settings")?;
    let viewport = Viewport {
        width: 1.0,
        height: 1.0,
    };
    let watch = Rc::new(RefCell::new(Watch::new(settings.into(), viewport)));
    WATCH.with(|given| given.give(Rc::clone(&watch)))?;
    show(watch);
    Ok(())
}

pub(super) fn with<T>(does: impl FnOnce(&mut Watch) -> T) -> Option<T> {
    let watch = WATCH.with(Given::get)?;
    let mut watch = watch.try_borrow_mut().ok()?;
    Some(does(&mut watch))
}

/// The rules that a recording was played with: [`crate::viewer::Played`]. Throws a sentence if it is no recording.
#[wasm_bindgen]
pub fn rules_of(bytes: &[u8]) -> Result<String, JsValue> {
    let played = Played::of(bytes).map_err(|why| JsValue::from(why.to_string()))?;
    Ok(json(&played))
}

/// Shows this recording from its first step on, rerun by the rules of this build, or by the kernel with these exports. Throws
/// a sentence if nothing of it can be shown.
#[wasm_bindgen]
pub fn open_recording(bytes: Vec<u8>, kernel: Option<Object>) -> Result<(), JsValue> {
    let kernel = kernel.map(|exports| start(&exports)).transpose()?;
    let opened = with(|watch| {
        let opened = match kernel {
            Some(kernel) => watch.open(kernel, bytes),
            None => watch.open(Native, bytes),
        };
        opened.map(|_| ()).map_err(|why| why.to_string())
    });
    match opened {
        Some(Ok(())) => Ok(()),
        Some(Err(why)) => Err(why.into()),
        None => Err("Nothing is shown yet.".into()),
    }
}

/// What is known of the recording: [`crate::viewer::Info`].
#[wasm_bindgen]
pub fn recording() -> Option<String> {
    with(|watch| watch.info().map(json)).flatten()
}

/// Plays it otherwise, or goes to a step, as JSON. What is not named stays as it is.
#[wasm_bindgen]
pub fn transport(change: &str) -> Result<(), JsValue> {
    let change: Change = parsed(change, "the transport")?;
    with(|watch| {
        if let Some(step) = change.step {
            watch.seek(Step(step.max(0).unsigned_abs()));
        }
        if let Some(now) = watch.transport() {
            watch.set_transport(Transport {
                playing: change.playing.unwrap_or(now.playing),
                speed: change.speed.unwrap_or(now.speed),
                follow: change.follow.unwrap_or(now.follow),
                ghosts: change.ghosts.unwrap_or(now.ghosts),
            });
        }
    });
    Ok(())
}

/// What there is to say of the step at hand: [`crate::viewer::Status`].
#[wasm_bindgen]
pub fn watching() -> Option<String> {
    with(|watch| watch.status().as_ref().map(json)).flatten()
}

/// What happened to a player of a recording, by the rules of this build or by the kernel with these exports:
/// [`crate::viewer::Told`].
#[wasm_bindgen]
pub fn told(bytes: &[u8], player: u16, kernel: Option<Object>) -> Result<String, JsValue> {
    let player = PlayerId(player);
    let told = match kernel {
        Some(exports) => viewer::told(&start(&exports)?, bytes, player),
        None => viewer::told(&Native, bytes, player),
    };
    let told = told.map_err(|why| JsValue::from(why.to_string()))?;
    Ok(json(&told))
}

/// Reruns a whole recording at once, by the rules of this build or by the kernel with these exports:
/// [`crate::viewer::Verified`].
#[wasm_bindgen]
pub fn verify(bytes: Vec<u8>, kernel: Option<Object>) -> Result<String, JsValue> {
    let verified = match kernel {
        Some(exports) => verify_with(start(&exports)?, bytes),
        None => verify_with(Native, bytes),
    };
    let verified = verified.map_err(|why| JsValue::from(why.to_string()))?;
    Ok(json(&verified))
}
