//! The identity check: a real worker, a stand-in for Clerk on loopback, and every kind of token.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use local_worker::free_port;

use crate::run::{cargo, run, target_dir};
use crate::tools::WorkerTools;
use crate::worker::serve;

/// What the stand-in's tokens say; `identity/stand-in/src/token.rs` has the same.
const ISSUER: &str = "https://clerk.bitfort.test";
const PARTY: &str = "https://play.bitfort.test";

/// A secret of nothing.
const SECRET: &str = "sk_test_stand_in";

/// Serves the worker in each of its modes and visits it.
pub(crate) fn live(tools: &WorkerTools) -> anyhow::Result<String> {
    let state = target_dir().join("identity-live");
    if state.exists() {
        std::fs::remove_dir_all(&state).with_context(|| format!("{}", state.display()))?;
    }
    run(&mut cargo(&[
        "build",
        "--locked",
        "--package",
        "clerk-stand-in",
        "--bin",
        "identity-live",
    ]))?;
    permissive(tools, &state.join("permissive"))?;
    misconfigured(tools, &state.join("misconfigured"))?;
    clerk(tools, &state.join("clerk"))?;
    Ok("permissive, misconfigured, Clerk".to_owned())
}

/// Without a secret everybody is believed, and health and log say so.
fn permissive(tools: &WorkerTools, state: &Path) -> anyhow::Result<()> {
    let server = serve(tools, state).start()?;
    let health = String::from_utf8(server.get("/api/health")?)?;
    ensure!(
        health.contains(r#""auth":"permissive""#) && health.contains("anybody may play as anybody"),
        "health: {health}"
    );
    let log = server.log();
    ensure!(log.contains("anybody may play as anybody"), "log: {log}");
    Ok(())
}

/// Half a configuration lets nobody in.
fn misconfigured(tools: &WorkerTools, state: &Path) -> anyhow::Result<()> {
    for settings in [
        [("CLERK_SECRET_KEY", SECRET.to_owned())],
        [("CLERK_ISSUER", ISSUER.to_owned())],
    ] {
        let mut what = serve(tools, state);
        what.settings = settings.to_vec();
        let server = what.start()?;
        let health = String::from_utf8(server.get("/api/health")?)?;
        ensure!(
            health.contains(r#""auth":"misconfigured""#) && health.contains(r#""ok":false"#),
            "health: {health}"
        );
        ensure!(!health.contains(SECRET), "health tells the secret");
        run(visitor().args(["--server", &server.port().to_string()]))
            .with_context(|| format!("workerd said:\n{}", server.log()))?;
    }
    Ok(())
}

fn visitor() -> Command {
    Command::new(
        target_dir()
            .join("debug")
            .join(format!("identity-live{}", std::env::consts::EXE_SUFFIX)),
    )
}

fn clerk(tools: &WorkerTools, state: &Path) -> anyhow::Result<()> {
    let port = free_port(None)?;
    let settings = [
        ("CLERK_SECRET_KEY", SECRET.to_owned()),
        ("CLERK_ISSUER", ISSUER.to_owned()),
        ("CLERK_AUTHORIZED_PARTIES", PARTY.to_owned()),
        ("CLERK_API_URL", format!("http://127.0.0.1:{port}")),
        // The visitor is a program, and says no origin.
        ("ALLOWED_ORIGINS", format!("{PARTY},none")),
    ];
    let mut what = serve(tools, state);
    what.settings = settings.to_vec();
    let server = what.start()?;
    let mut command = visitor();
    command
        .args(["--server", &server.port().to_string()])
        .args(["--clerk", &port.to_string()])
        .args(["--secret", SECRET])
        .arg("--log")
        .arg(server.log_file());
    run(&mut command).with_context(|| format!("workerd said:\n{}", server.log()))?;
    let log = server.log();
    ensure!(!log.contains(SECRET), "the secret was logged:\n{log}");
    Ok(())
}
