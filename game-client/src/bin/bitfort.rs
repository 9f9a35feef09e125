//! The game in a window of its own, for rooms of this machine or this network.

use std::cell::RefCell;
use std::rc::Rc;

use bevy::prelude::Window;
use clap::Parser;
use game_client::address::Address;
use game_client::game::{Character, Game, Settings};
use game_client::native::{NativeDial, Stopwatch, entropy};
use game_client::stage::Viewport;
use game_client::window::app;
use netcode::ClientConfig;
use protocol::Encoding;
use sim_core::rules::{BODIES, COLOURS};

/// Plays Bitfort in a window.
#[derive(Debug, Parser)]
#[command(name = "bitfort")]
struct Args {
    /// The server: what `cargo xtask play` says after `ready`.
    #[arg(long, default_value = "http://127.0.0.1:8787")]
    server: String,
    /// The room's code.
    #[arg(long, default_value = "den")]
    room: String,
    /// Your name.
    #[arg(long, default_value = "Player")]
    name: String,
    /// Your body.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(..i64::from(BODIES)))]
    body: u8,
    /// Your colour.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(..i64::from(COLOURS)))]
    colour: u8,
    /// A session token, for a server that asks who comes.
    #[arg(long, env = "BITFORT_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Speak JSON, so that what is said can be read on the way.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let clock = Stopwatch::default();
    let encoding = if args.json {
        Encoding::Json
    } else {
        Encoding::Binary
    };
    let address = Address {
        origin: args.server,
        room: args.room.clone(),
        player_id: args.token.is_none().then(|| args.name.clone()),
        token: args.token,
    };
    let dial = NativeDial::new(address, encoding, clock)?;
    let config = ClientConfig {
        seed: entropy(),
        json: args.json,
        resume_token: None,
    };
    let character = Character {
        id: "default".to_owned(),
        name: args.name,
        body: args.body,
        colour: args.colour,
    };
    let viewport = Viewport {
        width: 1_280.0,
        height: 720.0,
    };
    let settings = Settings::default();
    let game = Game::new(dial, config, settings, Some(character), viewport);
    let window = Window {
        title: format!("Bitfort: {}", args.room),
        ..Window::default()
    };
    app(window, Rc::new(RefCell::new(game)), move || clock.now()).run();
    Ok(())
}
