//! Dependencies: their licences, sources and known advisories, by cargo-deny.

use std::path::Path;
use std::process::Command;

use crate::report::Outcome;
use crate::run::{root, run};
use crate::tools::{CargoTool, cargo_tool, ensure_cargo_tool};

const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    version: "0.20.2",
    bin: "cargo-deny",
    locked: true,
};

/// What needs no network: the advisories are a database of their own that must be fetched.
const OFFLINE: &[&str] = &["bans", "licenses", "sources"];

/// `cargo xtask deny`: installs the tool if it is missing and checks everything, what needs no network first.
pub(crate) fn deny() -> anyhow::Result<()> {
    let tool = ensure_cargo_tool(&CARGO_DENY)?;
    offline(&tool)?;
    run(Command::new(tool)
        .args(["check", "advisories"])
        .current_dir(root()))
}

fn offline(tool: &Path) -> anyhow::Result<()> {
    run(Command::new(tool)
        .args(["--offline", "check"])
        .args(OFFLINE)
        .current_dir(root()))
}

/// The part of `cargo xtask test`: only with the tool at hand, because it takes many minutes to build.
pub(crate) fn step() -> Outcome {
    match cargo_tool(&CARGO_DENY) {
        Ok(Some(tool)) => Outcome::of(offline(&tool).map(|()| OFFLINE.join(", "))),
        Ok(None) => Outcome::Skipped(format!(
            "cargo-deny {} is not installed; `cargo xtask deny` installs and runs it",
            CARGO_DENY.version
        )),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}
