//! `cargo xtask test`: every check of the repository, in one order, on every machine.
//!
//! * A failed step does not end the run; only what needs its result is left out, and said to be.
//! * No step changes the compiler's flags, so that what one has built the next one uses.

use anyhow::{Context as _, ensure};

use crate::chromium::ensure_chromium;
use crate::client::Build;
use crate::report::{Counts, Outcome, Report, test_counts};
use crate::run::{cargo, root, run, run_for_output, target_dir};
use crate::tools::{WASM_TARGET, WorkerTools, ensure_wasm_target};
use crate::{client, deny, identity, live, tidy, wasm, worker};

/// Clippy's warnings are errors.
const DENY: &[&str] = &["--", "-D", "warnings"];

/// The game's window on a page and on a desktop, in clippy's words.
const WINDOWS: [(&str, &[&str]); 2] = [
    (
        "clippy, page",
        &["--lib", "--features", "window", "--target", WASM_TARGET],
    ),
    (
        "clippy, desktop",
        &["--all-targets", "--features", "desktop"],
    ),
];

/// Runs everything. True when nothing failed.
pub(crate) fn test() -> bool {
    let mut report = Report::default();
    report.run("format", || cargo_step(&["fmt", "--all", "--check"], &[]));
    report.run("tidy", || Outcome::of(tidy::tidy()));
    report.run("clippy", || {
        let flags = [
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--keep-going",
        ];
        cargo_step(&[&flags, DENY].concat(), &[])
    });
    // The window is an engine: what is without it is checked above, in seconds.
    for (name, window) in WINDOWS {
        report.run(name, || match ensure_wasm_target() {
            Ok(()) => cargo_step(
                &[
                    &["clippy", "--locked", "--package", "game-client"],
                    window,
                    DENY,
                ]
                .concat(),
                &[],
            ),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        });
    }
    report.run("docs", || {
        let flags = [
            "doc",
            "--locked",
            "--workspace",
            "--keep-going",
            "--no-deps",
            "--document-private-items",
        ];
        cargo_step(&flags, &[("RUSTDOCFLAGS", "-D warnings")])
    });
    report.run("tests, debug", || tests(&[]));
    report.run("tests, release", || tests(&["--release"]));
    // Not a default member: the platform's bindings would make a bare `cargo test` slow.
    report.run("tests, worker", || tests(&["--package", "bitfort-worker"]));
    report.run("golden recordings", || Outcome::of(goldens()));
    report.run("size budgets", || Outcome::of(budgets()));
    report.run("wasm build", || Outcome::of(wasm::build()));
    report.run("wasm without floats", || Outcome::of(wasm::no_floats()));
    report.run("same hash in wasm", || Outcome::of(wasm::same_hash()));
    report.run("page", || Outcome::of(client::check_page()));
    let mut client = false;
    report.run("client build", || {
        Outcome::of(client::build(Build::Shipped).map(|()| {
            client = true;
            String::new()
        }))
    });
    let mut tools = None;
    report.run("worker build", || {
        Outcome::of(worker::build().map(|built| {
            tools = Some(built);
            String::new()
        }))
    });
    for (name, scene) in live::SCENES {
        report.run(name, || match &tools {
            Some(tools) => Outcome::of(live::play(tools, scene)),
            None => Outcome::Skipped("the worker does not build".to_owned()),
        });
    }
    for (name, scene) in live::BROWSER_SCENES {
        report.run(name, || match (&tools, client) {
            (Some(tools), true) => in_browser(tools, scene),
            _ => Outcome::Skipped("the client or the worker does not build".to_owned()),
        });
    }
    report.run("identity, live", || match &tools {
        Some(tools) => Outcome::of(identity::live(tools)),
        None => Outcome::Skipped("the worker does not build".to_owned()),
    });
    report.run("dependencies", deny::step);
    println!("\n{}", report.table().trim_end());
    report.holds()
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
    Outcome::of(run(&mut command).map(|()| String::new()))
}

/// Unit, integration and documentation tests, of the default members if the arguments name no other.
fn tests(args: &[&str]) -> Outcome {
    let mut command = cargo(&["test", "--locked", "--no-fail-fast"]);
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
    run(&mut cargo(&[
        "build",
        "--locked",
        "--release",
        "--package",
        "replay",
    ]))?;
    let replay = target_dir()
        .join("release")
        .join(format!("replay{}", std::env::consts::EXE_SUFFIX));
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
        if let Err(error) = run(std::process::Command::new(&replay).arg("verify").arg(path)) {
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
