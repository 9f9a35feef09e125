//! The worker on a real workerd, over real sockets: scenes in which everything that can happen to a deployed room
//! happens, each with what must have come out.

mod attack;
mod bot;
mod browser;
mod costs;
mod crowd;
mod damage;
mod half_open;
mod kills;
mod limits;
mod load;
mod older;
mod operators;
mod page;
mod panics;
mod raw;
mod session;
mod sleeps;
mod stage;
mod tables;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use harness::Behaviour;

use browser::Browsers;
use stage::Stage;

#[derive(Parser)]
#[command(about)]
struct Arguments {
    /// The program that serves.
    #[arg(long, value_name = "FILE")]
    workerd: PathBuf,
    /// The replay tool.
    #[arg(long, value_name = "FILE")]
    replay: PathBuf,
    /// The repository, with the worker built.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Where the scenes keep their state.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Seed of the bots and of the random moments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(subcommand)]
    scene: Scene,
}

#[derive(Subcommand)]
enum Scene {
    /// One client attacks a room, and three honest players must not notice.
    Attack {
        /// How.
        kind: attack::Kind,
        /// For how long.
        #[arg(long, default_value_t = 15)]
        seconds: u64,
    },
    /// Real browsers play through the page.
    Browser {
        /// The browser.
        #[arg(long, value_name = "FILE", env = "CHROMIUM")]
        chromium: PathBuf,
        /// Where its pictures go; beside the scene's state if it is not given.
        #[arg(long, value_name = "DIR")]
        pictures: Option<PathBuf>,
        /// What is played; everything of the check if nothing is given.
        scenes: Vec<String>,
    },
    /// Lines whose peers are gone and sockets that the room closed do not come back with the room.
    HalfOpen,
    /// One client makes the room pay, and the alarm sees to rooms that cannot.
    Costs,
    /// Databases that hold too much, lack something or are damaged.
    Damage,
    /// workerd is killed at random moments; the bots come back to what was stored.
    Kills {
        /// How often.
        #[arg(long, default_value_t = 25)]
        times: u32,
    },
    /// Everything that a socket may not do.
    Limits,
    /// What a full room costs on this machine, beside an object that does nothing.
    Load {
        /// How many clients.
        #[arg(long, default_value_t = 32)]
        bots: usize,
        /// For how long.
        #[arg(long, default_value_t = 30)]
        seconds: u64,
        /// What kinds of players they are, in turn; every kind if none is given.
        #[arg(long, value_delimiter = ',', value_parser = kind)]
        kinds: Vec<Behaviour>,
    },
    /// Databases that were made before this build.
    Older,
    /// The routes with the admin secret.
    Operators,
    /// The page and its files.
    Page,
    /// A room panics, and it and its neighbour go on.
    Panics,
    /// Bots play, and every step is rerun natively.
    Session {
        /// How many bots.
        #[arg(long, default_value_t = 16)]
        bots: usize,
        /// For how long.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// A room whose players rest leaves memory and comes back.
    Sleeps,
    /// A room whose recording is of no use comes back from its tables.
    Tables,
}

/// A kind of player by its name.
fn kind(name: &str) -> Result<Behaviour, String> {
    let named = |kind: &Behaviour| kind.name() == name;
    Behaviour::ALL.into_iter().find(named).ok_or_else(|| {
        let names = Behaviour::ALL.map(Behaviour::name);
        format!("there are {}", names.join(", "))
    })
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Arguments {
        workerd,
        replay,
        root,
        state,
        seed,
        scene,
    } = arguments;
    let stage = Stage {
        workerd,
        replay,
        root,
        state,
    };
    let outcome = match scene {
        Scene::Attack { kind, seconds } => {
            attack::scene(&stage, kind, Duration::from_secs(seconds), seed)
        }
        Scene::Browser {
            chromium,
            pictures,
            scenes,
        } => {
            let browsers = Browsers {
                chromium,
                scenes,
                pictures,
            };
            browser::scene(&stage, &browsers)
        }
        Scene::HalfOpen => half_open::scene(&stage, seed),
        Scene::Costs => costs::scene(&stage, seed),
        Scene::Damage => damage::scene(&stage, seed),
        Scene::Kills { times } => kills::scene(&stage, times, seed),
        Scene::Limits => limits::scene(&stage, seed),
        Scene::Load {
            bots,
            seconds,
            kinds,
        } => load::scene(&stage, bots, &kinds, Duration::from_secs(seconds), seed),
        Scene::Older => older::scene(&stage),
        Scene::Operators => operators::scene(&stage, seed),
        Scene::Page => page::scene(&stage),
        Scene::Panics => panics::scene(&stage, seed),
        Scene::Session { bots, seconds } => {
            session::scene(&stage, bots, Duration::from_secs(seconds), seed)
        }
        Scene::Sleeps => sleeps::scene(&stage, seed),
        Scene::Tables => tables::scene(&stage, seed),
    };
    match outcome {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
