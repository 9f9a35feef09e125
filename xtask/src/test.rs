//! `cargo xtask test`: every check of the repository, in one order, on every machine.
//!
//! * A failed step does not end the run; only what needs its result is left out, and said to be.
//! * Steps stand in three lanes side by side: what compiles and computes; what is shipped, with its scenes in browsers; and
//!   scenes over sockets, which wait for clocks most of the time. No two of them build into one profile's folder at a time
//!   for long, and whoever waits for a clock gets the processor first.
//! * The lane of the browsers is the longest. It begins with the game's build, which has one thread for minutes, so that
//!   this build begins first and gets more of a processor than the tests' build. So does everything that scenes need.
//! * One browser draws at a time: it takes a processor and more, and what is held against frames stalls beside another.
//! * Scenes that measure come after all of that: a compiler takes the processor from them. First the browser that is held
//!   against stalls draws alone; then two lanes that count, side by side; then attacks, each alone, because a gap between two
//!   snapshots counts.
//! * No step changes the compiler's flags, so that what one has built the next one uses.

use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::chromium::ensure_chromium;
use crate::client::Build;
use crate::report::{Counts, Outcome, Report, test_counts};
use crate::run::{cargo, hurried, root, run, run_for_output};
use crate::tools::{WASM_TARGET, WorkerTools, ensure_page_tools, ensure_worker_tools};
use crate::{client, deny, extending, identity, kernel, live, tidy, wasm, worker};

/// Clippy's warnings are errors.
const DENY: &[&str] = &["--", "-D", "warnings"];

/// The engine of archived kernels is in the shipped tool alone, whose tests of it are a step of their own: to build it once more
/// takes minutes.
const NO_ENGINE: &str = "--no-default-features";

/// The game's window on a page and on a desktop, in clippy's words. It is an engine: what is without it is checked with
/// the workspace, in seconds.
const PAGE: &[&str] = &["--lib", "--features", "window", "--target", WASM_TARGET];
const DESKTOP: &[&str] = &["--all-targets", "--features", "desktop"];

/// Why a scene is left out.
const NO_WORKER: &str = "the worker does not build";
const NO_PAGE: &str = "the client or the worker does not build";

/// Sessions that the shipped tool plays. The tests play as many with every assertion.
const SESSIONS: &str = "60";

/// Runs everything. True when nothing failed.
pub(crate) fn test() -> bool {
    let report = &Report::begin();
    let (tools, page) = std::thread::scope(|lanes| {
        lanes.spawn(|| computes(report));
        let mut tools = None;
        report.run("tools", || {
            Outcome::of(ensure_page_tools().and_then(|_| {
                tools = Some(ensure_worker_tools()?);
                Ok(String::new())
            }))
        });
        let client = lanes.spawn(|| client_build(report));
        let scenes = scenes_build(report, tools.as_ref());
        let tools = tools.filter(|_| scenes);
        let page = std::thread::scope(|lanes| {
            lanes.spawn(|| over_sockets(report, tools.as_ref()));
            let page = client.join().unwrap_or(false);
            on_the_page(report, tools.as_ref().filter(|_| page));
            page
        });
        (tools, page)
    });
    let tools = tools.as_ref();
    for (name, scene) in live::MEASURED_BROWSER_SCENES {
        report.run(name, || {
            let tools = tools.filter(|_| page);
            with(tools, NO_PAGE, |tools| in_browser(tools, scene))
        });
    }
    std::thread::scope(|lanes| {
        for scenes in live::MEASURED_SCENES {
            lanes.spawn(move || play(report, scenes, tools));
        }
    });
    play(report, &live::ATTACK_SCENES, tools);
    println!("\n{}", report.table().trim_end());
    report.holds()
}

/// What compiles and computes.
fn computes(report: &Report) {
    report.run("format", || cargo_step(&["fmt", "--all", "--check"], &[]));
    report.run("tidy", || Outcome::of(tidy::tidy()));
    report.run("clippy", || {
        clippy(&["--workspace", NO_ENGINE, "--all-targets", "--keep-going"])
    });
    report.run("tests", || tests(&[]));
    // Not a default member: the platform's bindings would make a bare `cargo test` slow.
    report.run("tests, worker", || tests(&["--package", "bitfort-worker"]));
    report.run("clippy, page", || window(PAGE));
    report.run("clippy, desktop", || window(DESKTOP));
    report.run("docs", || {
        let flags = [
            "doc",
            "--locked",
            "--workspace",
            NO_ENGINE,
            "--keep-going",
            "--no-deps",
            "--document-private-items",
        ];
        cargo_step(&flags, &[("RUSTDOCFLAGS", "-D warnings")])
    });
    report.run("extension guide", || Outcome::of(extending::extending()));
    report.run("golden recordings", || Outcome::of(goldens()));
    report.run("archived kernels", || Outcome::of(kernel::check()));
    report.run("sessions", || Outcome::of(sessions()));
    report.run("size budgets", || Outcome::of(budgets()));
    report.run("wasm build", || Outcome::of(wasm::build()));
    report.run("wasm without floats", || Outcome::of(wasm::no_floats()));
    report.run("same hash in wasm", || Outcome::of(wasm::same_hash()));
    report.run("dependencies", deny::step);
}

/// The worker, and what plays scenes with it. True when there is everything to play with.
fn scenes_build(report: &Report, tools: Option<&WorkerTools>) -> bool {
    hurried(|| {
        let worker = report.run("worker build", || {
            with(tools, "there are no tools for it", |tools| {
                Outcome::done(worker::build_with(tools))
            })
        });
        report.run("scenes build", || Outcome::done(live::build())) && worker
    })
}

/// The page with its game. True when there is one to play with.
fn client_build(report: &Report) -> bool {
    hurried(|| {
        report.run("page", || Outcome::of(client::check_page()));
        report.run("client build", || {
            Outcome::done(client::build(Build::Shipped))
        })
    })
}

/// What is played on the page.
fn on_the_page(report: &Report, tools: Option<&WorkerTools>) {
    for (name, scene) in live::PAGE_SCENES {
        report.run(name, || {
            with(tools, NO_PAGE, |tools| {
                Outcome::of(live::play(tools, scene))
            })
        });
    }
    for (name, scene) in live::BROWSER_SCENES {
        report.run(name, || {
            with(tools, NO_PAGE, |tools| in_browser(tools, scene))
        });
    }
}

/// What is played over sockets.
fn over_sockets(report: &Report, tools: Option<&WorkerTools>) {
    play(report, &live::SCENES, tools);
    report.run("identity, live", || {
        with(tools, NO_WORKER, |tools| Outcome::of(identity::live(tools)))
    });
}

/// Plays scenes one after the other.
fn play(report: &Report, scenes: &[(&'static str, &[&str])], tools: Option<&WorkerTools>) {
    for &(name, scene) in scenes {
        report.run(name, || {
            with(tools, NO_WORKER, |tools| {
                Outcome::of(live::play(tools, scene))
            })
        });
    }
}

/// A step that needs what others have built, or why it is left out.
fn with(
    tools: Option<&WorkerTools>,
    missing: &str,
    step: impl FnOnce(&WorkerTools) -> Outcome,
) -> Outcome {
    tools.map_or_else(|| Outcome::Skipped(missing.to_owned()), step)
}

fn clippy(flags: &[&str]) -> Outcome {
    cargo_step(&[&["clippy", "--locked"], flags, DENY].concat(), &[])
}

fn window(flags: &[&str]) -> Outcome {
    clippy(&[&["--package", "game-client"], flags].concat())
}

fn in_browser(tools: &WorkerTools, scene: &str) -> Outcome {
    match ensure_chromium() {
        Ok(chromium) => {
            let chromium = chromium.display().to_string();
            let scene = ["browser", "--chromium", &chromium, scene];
            Outcome::of(live::play(tools, &scene))
        }
        Err(missing) => Outcome::Skipped(format!("{missing:#}")),
    }
}

fn cargo_step(args: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = cargo(args);
    command.envs(variables.iter().copied());
    Outcome::done(run(&mut command))
}

/// Unit, integration and documentation tests, of the default members if the arguments name no other.
fn tests(args: &[&str]) -> Outcome {
    let mut command = cargo(&["test", "--locked", NO_ENGINE, "--no-fail-fast"]);
    command.args(args);
    let (output, succeeded) = match run_for_output(&mut command, true) {
        Ok(ended) => ended,
        Err(error) => return Outcome::Failed(format!("{error:#}")),
    };
    let mut counts = test_counts(&output);
    if !succeeded && counts.failed == 0 {
        // It did not come to a failing test: something did not compile, or a test binary died.
        counts.failed = 1;
    }
    let Counts {
        passed,
        failed,
        skipped,
    } = counts;
    if passed == 0 && failed == 0 {
        return Outcome::Failed("not one test ran".to_owned());
    }
    Outcome::Counted(counts, format!("{} tests", passed + failed + skipped))
}

/// Reruns every recording of `recordings/` with the shipped tool.
fn goldens() -> anyhow::Result<String> {
    live::build()?;
    let replay = live::built("replay");
    let mut recordings = Vec::new();
    for entry in std::fs::read_dir(root().join("recordings")).context("recordings/")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rec") {
            recordings.push(path);
        }
    }
    recordings.sort();
    ensure!(!recordings.is_empty(), "recordings/ holds no recording");
    let mut failed = Vec::new();
    for path in &recordings {
        if let Err(error) = run(Command::new(&replay).arg("verify").arg(path)) {
            failed.push(format!("{error:#}"));
        }
    }
    ensure!(
        failed.is_empty(),
        "{} of {} do not hold\n{}",
        failed.len(),
        recordings.len(),
        failed.join("\n")
    );
    Ok(format!("{} recordings", recordings.len()))
}

/// Plays sessions with the shipped tool, without the assertions that tests have.
fn sessions() -> anyhow::Result<String> {
    live::build()?;
    let mut simulate = Command::new(live::built("replay"));
    simulate.args([
        "simulate",
        "--seed",
        "0",
        "--sessions",
        SESSIONS,
        "--jobs",
        "2",
    ]);
    run(&mut simulate)?;
    Ok(format!("{SESSIONS} sessions"))
}

/// The budgets that are bytes: they come out the same on every machine. Speed is for `benches/README.md`.
fn budgets() -> anyhow::Result<String> {
    run(&mut cargo(&[
        "run",
        "--locked",
        "--release",
        "--package",
        "benches",
        "--bin",
        "budgets",
        "--",
        "--bytes",
    ]))?;
    Ok(String::new())
}
