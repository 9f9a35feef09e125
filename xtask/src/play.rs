//! `cargo xtask play`: the worker and its page on this machine, until it is interrupted.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use local_worker::{SETTINGS, free_port};

use crate::client::{self, Build};
use crate::run::{kept, root};
use crate::tools::{WorkerTools, ensure_npm_packages, ensure_wasm_target, ensure_worker_tools};
use crate::worker::{build_quickly, build_with, end_server_on_interrupt, serve};

/// Which pages may open a socket.
const ORIGINS: &str = "ALLOWED_ORIGINS";

/// `cargo xtask play`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PlayArgs {
    /// Port on loopback. A free one is taken when none is given.
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Folder that keeps the rooms and their recordings.
    #[arg(long, value_name = "DIR", default_value = ".state/play")]
    pub(crate) state: PathBuf,
    /// Build worker and game as they are shipped, except for the game's last optimisation: half as large, for some more
    /// minutes.
    #[arg(long)]
    pub(crate) small: bool,
    /// Do not open the page in a browser.
    #[arg(long)]
    pub(crate) no_open: bool,
}

/// Builds, serves and opens the page.
pub(crate) fn play(args: &PlayArgs) -> anyhow::Result<()> {
    end_server_on_interrupt()?;
    let tools = built(args.small)?;
    let set = |name| Some((name, std::env::var(name).ok()?));
    let mut what = serve(&tools, &root().join(&args.state));
    what.config = "play.capnp".into();
    what.files = Some(client::public());
    let port = free_port(args.port)?;
    what.port = Some(port);
    what.settings = SETTINGS.into_iter().filter_map(set).collect();
    if what.settings.iter().all(|(name, _)| *name != ORIGINS) {
        what.settings.push((ORIGINS, own_origins(port)));
    }
    let server = what.start()?;
    println!("ready {}", server.http());
    println!(
        "rooms are at {}/api/rooms/CODE/ws, their state in {}; interrupt to end",
        server.ws(),
        what.state.display()
    );
    if !args.no_open {
        open(&server.http());
    }
    while server.is_running()? {
        std::thread::sleep(Duration::from_millis(200));
    }
    // An interrupt ended it, or it has something to say of its end.
    println!("{}", server.log());
    Ok(())
}

/// Builds the worker and the page side by side, and gives back the tools that serve them.
fn built(small: bool) -> anyhow::Result<WorkerTools> {
    // Both need them, and only one may install them.
    ensure_wasm_target()?;
    ensure_npm_packages()?;
    std::thread::scope(|lanes| {
        let page = lanes.spawn(|| {
            let (build, first) = if small {
                (Build::Small, "a quarter of an hour")
            } else {
                (Build::Quick, "some five minutes")
            };
            told("the game and its page", first, || client::build(build))
        });
        let worker = told("the worker", "some four minutes", || {
            let tools = ensure_worker_tools()?;
            if small {
                build_with(&tools)?;
            } else {
                build_quickly(&tools)?;
            }
            Ok(tools)
        });
        page.join().expect("building does not panic")?;
        worker
    })
}

/// Says what is being built and how long the first time takes, and then how long it took. What the compilers said is shown
/// if it fails.
fn told<T>(
    what: &str,
    first: &str,
    build: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    println!("building {what}; {first} the first time, seconds later on");
    let began = Instant::now();
    let (result, said) = kept(build);
    match &result {
        Ok(_) => println!("built {what} in {} s", began.elapsed().as_secs()),
        Err(_) => println!("{said}"),
    }
    result
}

/// The pages that are served here, by both of the machine's names for itself, and programs such as the game's desktop window.
fn own_origins(port: u16) -> String {
    format!("http://127.0.0.1:{port},http://localhost:{port},none")
}

/// Asks the desktop to show an address. There need not be one.
fn open(url: &str) {
    let (program, args): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start"])
    } else {
        ("xdg-open", &[])
    };
    let opened = Command::new(program)
        .args(args)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if opened.is_err() {
        println!("no browser could be opened for {url}");
    }
}
