//! The game on a page.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use netcode::{ClientConfig, Micros};
use protocol::Encoding;
use serde::Deserialize;
use sim_core::StructureKind;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Given, SettingsOption, WebDial, json, now, parsed, show};
use crate::address::Address;
use crate::delay_line::Disturbance;
use crate::game::{Character, Game};
use crate::hud::word;
use crate::keys::{Action, Bindings};
use crate::stage::Viewport;

type Playing = Game<WebDial>;

thread_local! {
    static GAME: Given<Playing> = const { Given::nothing() };
}

/// Where to play, as whom, and how it looks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    origin: String,
    room: String,
    player_id: Option<String>,
    resume_token: Option<String>,
    character: Option<Character>,
    #[serde(default)]
    json: bool,
    #[serde(flatten)]
    settings: SettingsOption,
}

/// Begins to play. The options are JSON; `tokens` is what [`WebDial::new`] asks for tokens.
#[wasm_bindgen]
pub fn play(options: &str, tokens: Option<Function>) -> Result<(), JsValue> {
    let options: Options = parsed(options, "the options")?;
    let encoding = if options.json {
        Encoding::Json
    } else {
        Encoding::Binary
    };
    let address = Address {
        origin: options.origin,
        room: options.room,
        token: None,
        player_id: options.player_id,
    };
    let told = Rc::new(tick);
    let dial = WebDial::new(address, tokens, encoding, told)
        .map_err(|error| JsValue::from(error.to_string()))?;
    let config = ClientConfig {
        seed: js_sys::Math::random().to_bits(),
        json: options.json,
        resume_token: options.resume_token,
    };
    let viewport = Viewport {
        width: 1.0,
        height: 1.0,
    };
    let settings = options.settings.into();
    let game = Game::new(dial, config, settings, options.character, viewport);
    let game = Rc::new(RefCell::new(game));
    GAME.with(|given| given.give(Rc::clone(&game)))?;
    show(game);
    Ok(())
}

/// Does what is due, without a frame.
#[wasm_bindgen]
pub fn tick() {
    // Within a frame the game does that itself.
    if let Some(game) = GAME.with(Given::get)
        && let Ok(mut game) = game.try_borrow_mut()
    {
        game.advance(now());
    }
}

pub(super) fn with<T>(does: impl FnOnce(&mut Playing) -> T) -> Option<T> {
    let game = GAME.with(Given::get)?;
    let mut game = game.try_borrow_mut().ok()?;
    Some(does(&mut game))
}

/// What there is to say: [`crate::hud::Reading`].
#[wasm_bindgen]
pub fn reading() -> Option<String> {
    with(|game| json(&game.read(now())))
}

/// Sentences since this was last asked: a list of [`crate::words::Notice`].
#[wasm_bindgen]
pub fn notices() -> String {
    with(|game| json(&game.said())).unwrap_or_else(|| "[]".to_owned())
}

/// The token that brings a later page back to this player.
#[wasm_bindgen]
pub fn resume_token() -> Option<String> {
    with(|game| game.client().resume_token().map(str::to_owned)).flatten()
}

/// Which key does what where nothing else is chosen, as JSON.
#[wasm_bindgen]
pub fn default_bindings() -> String {
    json(&Bindings::default())
}

/// A key, named as `KeyboardEvent.code` does, goes down or up. Whether it does anything.
#[wasm_bindgen]
pub fn key(code: &str, down: bool) -> bool {
    let pressed = with(|game| {
        let (hands, settings) = game.hands();
        if down {
            hands.press(code, settings);
        } else {
            hands.release(code);
        }
        settings.bindings.action(code).is_some()
    });
    pressed.unwrap_or(false)
}

/// Nobody can tell any more which keys and buttons are held.
#[wasm_bindgen]
pub fn release_all() {
    with(|game| game.hands().0.release_all());
}

/// Nobody can tell any more which of the pointer's buttons are held.
#[wasm_bindgen]
pub fn release_pointer() {
    with(|game| game.hands().0.release_pointer());
}

/// What is built from now on: `wall`, `gate` or `fence`.
#[wasm_bindgen]
pub fn choose(kind: &str) {
    let action = match StructureKind::ALL
        .into_iter()
        .find(|one| word(*one) == kind)
    {
        Some(StructureKind::Wall) => Action::Wall,
        Some(StructureKind::Gate) => Action::Gate,
        Some(StructureKind::Fence) => Action::Fence,
        None => return,
    };
    with(|game| game.hands().0.begin(action));
}

/// A stick that walks: from -1 to 1 on each axis.
#[wasm_bindgen]
pub fn walk(x: f32, y: f32) {
    with(|game| game.hands().0.walk(x, y));
}

/// A stick that aims.
#[wasm_bindgen]
pub fn touch_aim(x: f32, y: f32, fire: bool) {
    with(|game| game.hands().0.aim_by_touch(x, y, fire));
}

/// Builds in front.
#[wasm_bindgen]
pub fn touch_place() {
    with(|game| game.hands().0.begin(Action::Place));
}

/// Takes away what is in front.
#[wasm_bindgen]
pub fn touch_remove() {
    with(|game| game.hands().0.begin(Action::Remove));
}

/// Makes or changes a character.
#[wasm_bindgen]
pub fn save_character(id: String, name: String, body: u8, colour: u8) {
    let character = Character {
        id,
        name,
        body,
        colour,
    };
    with(|game| game.save(now(), character));
}

/// Leaves the room.
#[wasm_bindgen]
pub fn leave_room() {
    with(|game| game.leave_room(now()));
}

/// Plays as another character.
#[wasm_bindgen]
pub fn select_character(id: String) {
    with(|game| game.select(now(), id));
}

/// Makes the line worse, in milliseconds each way.
#[wasm_bindgen]
pub fn disturb(latency: f64, jitter: f64) {
    let disturbance = Disturbance {
        latency: micros(latency),
        jitter: micros(jitter),
    };
    with(|game| game.disturb(disturbance));
}

/// Lets nothing through for so many milliseconds.
#[wasm_bindgen]
pub fn stall(length: f64) {
    with(|game| game.stall(now(), micros(length)));
}

/// Shows the netcode's doings in the arena, or not.
#[wasm_bindgen]
pub fn overlay(shown: bool) {
    with(|game| game.overlay(shown));
}

/// How the netcode is doing: [`crate::timeline::NetcodeReading`].
#[wasm_bindgen]
pub fn netcode() -> Option<String> {
    with(|game| json(&game.netcode(now())))
}

/// What was drawn last, in numbers: [`crate::game::Seen`].
#[wasm_bindgen]
pub fn seen() -> Option<String> {
    with(|game| json(&game.seen()))
}

/// What is known now, whatever was drawn of it: [`crate::game::Known`].
#[wasm_bindgen]
pub fn known() -> Option<String> {
    with(|game| json(&game.known()))
}

/// What was predicted: a list of [`crate::predictions::Prediction`].
#[wasm_bindgen]
pub fn predictions() -> Option<String> {
    with(|game| json(&game.predictions().iter().collect::<Vec<_>>()))
}

/// Milliseconds that a page gives are never negative, and what is no number is none.
fn micros(millis: f64) -> Micros {
    Micros((millis.clamp(0.0, 60_000.0) * 1_000.0) as u64)
}
