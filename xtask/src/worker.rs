//! The worker as other commands use it: built for workerd, and what it takes to serve it.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use local_worker::{Serve, kill_running};

use crate::client::{self, Build};
use crate::run::{compiler, root, run};
use crate::tools::{WorkerTools, ensure_worker_tools};

/// `cargo xtask worker`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct WorkerArgs {
    /// Build the page beside it as it is shipped, too.
    #[arg(long)]
    page: bool,
}

/// Builds everything that is deployed.
pub(crate) fn worker(args: &WorkerArgs) -> anyhow::Result<()> {
    if args.page {
        client::build(Build::Shipped)?;
    }
    build().map(drop)
}

/// Builds `worker/build` as it is shipped, and gives back the tools that serve it.
pub(crate) fn build() -> anyhow::Result<WorkerTools> {
    let tools = ensure_worker_tools()?;
    build_with(&tools)?;
    Ok(tools)
}

/// Builds `worker/build` as it is shipped.
pub(crate) fn build_with(tools: &WorkerTools) -> anyhow::Result<()> {
    run_worker_build(tools, &["--profile", "wasm"])
}

/// Builds `worker/build` quickly, to play with it: larger and slower than what is shipped.
pub(crate) fn build_quickly(tools: &WorkerTools) -> anyhow::Result<()> {
    run_worker_build(tools, &["--no-opt", "--profile", "wasm-dev"])
}

fn run_worker_build(tools: &WorkerTools, how: &[&str]) -> anyhow::Result<()> {
    let mut command = compiler(&tools.worker_build);
    command
        .args(how)
        .current_dir(root().join("worker"))
        // With every tool given by path it fetches none by itself.
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("ESBUILD_BIN", &tools.esbuild)
        .env("WASM_OPT_BIN", &tools.wasm_opt);
    if let Some(id) = build_id() {
        command.env("BITFORT_BUILD_ID", id);
    }
    run(&mut command).context("building the worker")
}

/// What recordings name their build: the version and the commit. None outside of a checkout.
fn build_id() -> Option<String> {
    let mut git = Command::new("git");
    let output = git
        .args(["rev-parse", "--short=12", "HEAD"])
        .current_dir(root())
        .output()
        .ok()?;
    let commit = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| format!("{}+{}", env!("CARGO_PKG_VERSION"), commit.trim()))
}

/// From now on an interrupt or a request to terminate ends the running server. Whoever waits for it then sees it gone.
pub(crate) fn end_server_on_interrupt() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        if !kill_running() {
            std::process::exit(INTERRUPTED);
        }
    })
    .context("watching for interrupts")
}

/// What a shell calls a program that ended by an interrupt.
const INTERRUPTED: i32 = 130;

/// What `build` made, on a free port without any settings, with its SQLite files below `state`.
pub(crate) fn serve(tools: &WorkerTools, state: &Path) -> Serve {
    Serve {
        workerd: tools.workerd.clone(),
        folder: root().join("worker"),
        config: "config.capnp".into(),
        state: state.to_path_buf(),
        port: None,
        settings: Vec::new(),
        files: None,
        health: "/api/health".into(),
    }
}
