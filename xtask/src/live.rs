//! The live scenes: the worker as it is shipped, on a real workerd over real sockets. What happens in them is in
//! `worker/live`; here it is built and run.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::ensure;

use crate::chromium::ensure_chromium;
use crate::client::{self, Build};
use crate::module;
use crate::run::{cargo, root, run, run_for_output, target_dir};
use crate::tools::WorkerTools;
use crate::worker;

/// The scenes of the check, with their names in its table.
pub(crate) const SCENES: [(&str, &[&str]); 8] = [
    ("live, limits", &["limits"]),
    ("live, asleep", &["sleeps"]),
    ("live, half open", &["half-open"]),
    ("live, from tables", &["tables"]),
    ("live, older databases", &["older"]),
    ("live, damaged databases", &["damage"]),
    ("live, operators", &["operators"]),
    ("live, panics", &["panics"]),
];

/// Scenes that hold what was counted in a time against bounds: nothing that takes a processor for long may run then. They wait
/// for clocks themselves, so that two lanes of them run side by side.
pub(crate) const MEASURED_SCENES: [&[(&str, &[&str])]; 2] = [
    &[("live session", &["session"]), ("live, killed", &["kills"])],
    &[("live, costs", &["costs"])],
];

/// Scenes in which honest players may not feel an attack: each gap between two snapshots counts, so that nothing runs beside
/// them. A server that is started again and again would hold theirs up.
pub(crate) const ATTACK_SCENES: [(&str, &[&str]); 5] = [
    ("live, bombed", &["attack", "bombs"]),
    ("live, flooded", &["attack", "flood"]),
    (
        "live, lied to in JSON",
        &["attack", "lies-json", "--seconds", "10"],
    ),
    (
        "live, lied to without proofs",
        &["attack", "lies-old", "--seconds", "10"],
    ),
    (
        "live, lied to with guesses",
        &["attack", "lies-guessed", "--seconds", "10"],
    ),
];

/// What is played with the page, too.
pub(crate) const PAGE_SCENES: [(&str, &[&str]); 1] = [("live, page", &["page"])];

/// What is played in real browsers; `game-client/web/e2e` holds it.
pub(crate) const BROWSER_SCENES: [(&str, &str); 11] = [
    ("browser, combat", "combat"),
    ("browser, comes back", "comes-back"),
    ("browser, hidden tab", "hidden"),
    ("browser, hashes", "hashes"),
    ("browser, signed out", "clerk"),
    ("browser, viewer", "viewer"),
    ("browser, identity", "identity"),
    ("browser, dead ends", "dead-ends"),
    ("browser, loading", "loading"),
    ("browser, keyboard", "keyboard"),
    ("browser, layout", "layout"),
];

/// The scene in a browser that counts only what was walked while nothing stalled: beside a compiler that may be nothing at all.
pub(crate) const MEASURED_BROWSER_SCENES: [(&str, &str); 1] = [("browser, bad line", "line")];

/// `cargo xtask live`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct LiveArgs {
    /// Play it so often, one after the other, and say how often it held.
    #[arg(long, value_name = "TIMES", default_value_t = 1)]
    pub(crate) repeat: u32,
    /// Keep so many processors busy meanwhile: what holds only on a quiet machine is found so.
    #[arg(long, value_name = "PROCESSORS", default_value_t = 0)]
    pub(crate) busy: u32,
    /// The scene and its options, such as `kills --times 100`; `help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    pub(crate) scene: Vec<String>,
}

/// `cargo xtask load`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct LoadArgs {
    /// How many clients.
    #[arg(long, default_value_t = 32)]
    pub(crate) bots: usize,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 30)]
    pub(crate) seconds: u64,
    /// What kinds of players, such as `walker,builder`; every kind if none is given.
    #[arg(long)]
    pub(crate) kinds: Option<String>,
}

/// Builds everything and plays one scene.
pub(crate) fn live(args: &LiveArgs) -> anyhow::Result<()> {
    let mut scene: Vec<&str> = args.scene.iter().map(String::as_str).collect();
    let chromium;
    if scene[0] == "browser" {
        chromium = ensure_chromium()?.display().to_string();
        scene.extend(["--chromium", &chromium]);
    }
    if ["browser", "page"].contains(&scene[0]) {
        client::build(if scene.contains(&"budgets") {
            Build::Shipped
        } else {
            Build::Small
        })?;
    }
    let tools = worker::build()?;
    build()?;
    let _busy = Busy::keep(args.busy);
    let mut held = 0;
    for time in 1..=args.repeat {
        let began = Instant::now();
        let outcome = play(&tools, &scene);
        let took = began.elapsed().as_secs();
        match outcome {
            Ok(said) if args.repeat == 1 => println!("{said}"),
            Ok(said) => println!("{time} of {}, {took} s: {said}", args.repeat),
            Err(error) if args.repeat == 1 => return Err(error),
            Err(error) => {
                println!("{time} of {}, {took} s: FAILED: {error:#}", args.repeat);
                continue;
            }
        }
        held += 1;
    }
    ensure!(
        held == args.repeat,
        "it held {held} times of {}",
        args.repeat
    );
    Ok(())
}

/// Threads that do nothing, as fast as they can. They end with the value.
struct Busy {
    enough: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Busy {
    fn keep(processors: u32) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let threads = (0..processors).map(|_| {
            let told = Arc::clone(&enough);
            std::thread::spawn(move || {
                while !told.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        });
        let threads = threads.collect();
        Self { enough, threads }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // It does nothing that could panic.
            let _ = thread.join();
        }
    }
}

/// Builds everything and measures.
pub(crate) fn load(args: &LoadArgs) -> anyhow::Result<()> {
    let tools = worker::build()?;
    build()?;
    let (bots, seconds) = (args.bots.to_string(), args.seconds.to_string());
    let mut scene = vec!["load", "--bots", &bots, "--seconds", &seconds];
    if let Some(kinds) = &args.kinds {
        scene.extend(["--kinds", kinds]);
    }
    println!("{}", play(&tools, &scene)?);
    Ok(())
}

/// What plays the scenes, built.
pub(crate) fn build() -> anyhow::Result<()> {
    run(&mut cargo(&[
        "build",
        "--locked",
        "--release",
        "--package",
        "live",
        "--package",
        "replay",
    ]))?;
    module::build("other-rules").map(|_| ())
}

/// Plays one scene; everything it needs is built. Returns what it came to.
pub(crate) fn play(tools: &WorkerTools, scene: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(built("live"));
    command
        .arg("--workerd")
        .arg(&tools.workerd)
        .arg("--replay")
        .arg(built("replay"))
        .arg("--root")
        .arg(root())
        .arg("--state")
        .arg(target_dir().join("live"))
        .env("OTHER_RULES_MODULE", module::module("other-rules"))
        .args(scene);
    let (said, held) = run_for_output(&mut command, false)?;
    ensure!(held, "the scene {} does not hold", scene.join(" "));
    Ok(said.trim().to_owned())
}

/// A binary of the release profile.
pub(crate) fn built(name: &str) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    target_dir().join("release").join(file)
}
