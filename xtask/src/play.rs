//! The live session: a real room on workerd, bots over real sockets, and the recording rerun natively.
//!
//! * It holds only when the rerun compared the hash of every step and none differed.
//! * What it starts it ends, and nothing else.
//! * Each session has a room of its own in the state folder, so that an old one cannot vouch for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, anyhow, bail, ensure};

use crate::run::{cargo, root, run, run_for_output, target_dir};
use crate::tools::WorkerTools;
use crate::worker::{SETTINGS, Server, build, end_server_on_interrupt, random_secret};

/// Where the replay tool looks for the operators' secret.
const REPLAY_SECRET: &str = "BITFORT_ADMIN_SECRET";

/// The fewest steps that a session must have recorded for each second that it lasted. The room steps at 60 a second;
/// the bots need a moment to arrive, and a busy machine may drop time.
const STEPS_PER_SECOND_MIN: u64 = 45;

/// `cargo xtask play`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PlayArgs {
    /// Port on loopback. A free one is taken when none is given.
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Folder that keeps the rooms and their recordings.
    #[arg(long, default_value = ".state/play")]
    pub(crate) state: PathBuf,
    /// How long the bots play.
    #[arg(long, default_value_t = 60)]
    pub(crate) seconds: u32,
    /// How many bots play.
    #[arg(long, default_value_t = 8)]
    pub(crate) bots: u32,
    /// Kill workerd in the middle and start it again: the bots must come back to the very same world.
    #[arg(long)]
    pub(crate) kill: bool,
    /// Keep serving until interrupted, and start no bots.
    #[arg(long)]
    pub(crate) serve: bool,
}

/// What a live session came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verified {
    pub(crate) steps: u64,
    pub(crate) hashes_compared: u64,
    pub(crate) real_time_multiple: f64,
}

impl std::fmt::Display for Verified {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            steps,
            hashes_compared,
            real_time_multiple,
        } = self;
        write!(
            out,
            "{steps} steps played on workerd, rerun natively at {real_time_multiple:.0} times real time: \
             {hashes_compared} hashes compared, all equal"
        )
    }
}

/// Builds, serves, plays, fetches and verifies; or only serves.
pub(crate) fn play(args: &PlayArgs) -> anyhow::Result<()> {
    end_server_on_interrupt()?;
    let tools = build()?;
    let state = root().join(&args.state);
    if args.serve {
        return serve(&tools, &state, args.port);
    }
    let verified = session(&tools, &state, args)?;
    println!("\n{verified}");
    Ok(())
}

/// A short session with a room of its own, for the check.
pub(crate) fn live_session(
    tools: &WorkerTools,
    seconds: u32,
    bots: u32,
    kill: bool,
) -> anyhow::Result<String> {
    let state = target_dir().join("live-session");
    if state.exists() {
        std::fs::remove_dir_all(&state).with_context(|| format!("{}", state.display()))?;
    }
    let args = PlayArgs {
        port: None,
        state: state.clone(),
        seconds,
        bots,
        kill,
        serve: false,
    };
    Ok(session(tools, &state, &args)?.to_string())
}

fn serve(tools: &WorkerTools, state: &Path, port: Option<u16>) -> anyhow::Result<()> {
    let set = |name| Some((name, std::env::var(name).ok()?));
    let settings: Vec<_> = SETTINGS.into_iter().filter_map(set).collect();
    let server = Server::start_with(tools, state, port, &settings)?;
    println!("ready {}", server.http());
    println!(
        "rooms are at {}/api/rooms/CODE/ws; interrupt to end",
        server.ws()
    );
    while server.is_running()? {
        std::thread::sleep(Duration::from_millis(200));
    }
    // An interrupt ended it, or it has something to say of its end.
    println!("{}", server.log());
    Ok(())
}

fn session(tools: &WorkerTools, state: &Path, args: &PlayArgs) -> anyhow::Result<Verified> {
    run(&mut cargo(&["build", "--release", "--package", "replay"]))?;
    let replay = target_dir()
        .join("release")
        .join(format!("replay{}", std::env::consts::EXE_SUFFIX));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let room = format!("play-{}", now.as_secs());

    let secret = random_secret();
    let server = start(tools, state, args.port, &secret)?;
    println!("ready {}", server.http());
    let health = server.get("/api/health")?;
    println!("health: {}", String::from_utf8_lossy(&health).trim());
    check_routes(&server, &secret)?;

    let mut record = Command::new(&replay);
    record.env(REPLAY_SECRET, &secret);
    record.args([
        "record",
        "--live",
        &format!("{}/api/rooms/{room}/ws", server.ws()),
    ]);
    record.args([
        "--bots",
        &args.bots.to_string(),
        "--seconds",
        &args.seconds.to_string(),
    ]);
    // Every second bot speaks JSON, so that both encodings are seen live.
    record.args(["--encoding", "mixed"]);
    let (server, played) = if args.kill {
        play_through_a_kill(server, tools, state, &mut record, args.seconds, &secret)?
    } else {
        let played = run(&mut record);
        (server, played)
    };

    let recording = state.join(format!("{room}.rec"));
    let fetched = played.and_then(|()| fetch(&replay, &server, &room, &recording, &secret));
    let said = server.log();
    if let Err(error) = fetched {
        bail!("{error:#}\nworkerd said:\n{said}");
    }
    drop(server);
    if !said.trim().is_empty() {
        println!("workerd said:\n{said}");
    }
    check_it_is_durable(&replay, tools, state, &room, &recording, &secret)?;

    run(Command::new(&replay).arg("info").arg(&recording))?;
    let (output, held) = run_for_output(
        Command::new(&replay)
            .args(["verify", "--json"])
            .arg(&recording),
        false,
    )?;
    let verified =
        read_verdict(&output).with_context(|| format!("{} does not hold", recording.display()))?;
    ensure!(
        held,
        "replay verify said ok and failed all the same:\n{output}"
    );
    let steps_min = u64::from(args.seconds) * STEPS_PER_SECOND_MIN;
    ensure!(
        verified.steps >= steps_min,
        "{} steps are recorded; {} s of play must have left at least {steps_min}",
        verified.steps,
        args.seconds
    );
    Ok(verified)
}

/// Half of the session on one workerd, the other half on another that finds only what the first one had stored. The
/// bots know nothing of it: they lose their connections and come back.
fn play_through_a_kill(
    server: Server,
    tools: &WorkerTools,
    state: &Path,
    record: &mut Command,
    seconds: u32,
    secret: &str,
) -> anyhow::Result<(Server, anyhow::Result<()>)> {
    let mut bots = record
        .stdin(Stdio::null())
        .spawn()
        .context("the bots do not start")?;
    std::thread::sleep(Duration::from_secs(u64::from(seconds)) / 2);
    let port = server.port();
    let said = server.log();
    drop(server);
    println!("workerd is killed; it had said:\n{said}");
    let again = start(tools, state, Some(port), secret);
    let status = bots.wait()?;
    let played = if status.success() {
        Ok(())
    } else {
        Err(anyhow!("the bots ended with {status}"))
    };
    Ok((again?, played))
}

/// What is no room and no route is refused, and nothing is made for it.
fn check_routes(server: &Server, secret: &str) -> anyhow::Result<()> {
    for what in ["recordings", "recordings/current", "recordings/1", "stats"] {
        let path = format!("/api/rooms/no-such-room/{what}");
        for (offered, expected) in [("", 401), ("guess", 401), (secret, 404)] {
            let (status, body) = server.ask_with(&path, offered)?;
            let body = String::from_utf8_lossy(&body);
            ensure!(
                status == expected,
                "{path} answered {status} instead of {expected}: {body}"
            );
        }
    }
    for (path, expected) in [
        ("/api/rooms/den/panic", 404),
        ("/api/rooms/NOT-A-CODE/ws", 400),
        ("/api/rooms/play/ws?playerId=plain-http", 426),
        ("/api/nothing", 404),
    ] {
        let (status, body) = server.ask(path)?;
        let body = String::from_utf8_lossy(&body);
        ensure!(
            status == expected,
            "{path} answered {status} instead of {expected}: {body}"
        );
    }
    Ok(())
}

/// Serves the room again after the kill: it must give back the very bytes that it gave before.
fn check_it_is_durable(
    replay: &Path,
    tools: &WorkerTools,
    state: &Path,
    room: &str,
    recording: &Path,
    secret: &str,
) -> anyhow::Result<()> {
    let again = recording.with_extension("after-kill.rec");
    let server = start(tools, state, None, secret)?;
    fetch(replay, &server, room, &again, secret)?;
    drop(server);
    let [before, after] = [recording, &again].map(std::fs::read);
    let (before, after) = (before?, after?);
    ensure!(
        before == after,
        "{} bytes were recorded; after a kill the room gives {}",
        before.len(),
        after.len()
    );
    println!(
        "killed and started again, the room gives the same {} bytes",
        after.len()
    );
    Ok(())
}

fn start(
    tools: &WorkerTools,
    state: &Path,
    port: Option<u16>,
    secret: &str,
) -> anyhow::Result<Server> {
    let settings = [("ADMIN_SECRET", secret.to_owned())];
    Server::start_with(tools, state, port, &settings)
}

fn fetch(
    replay: &Path,
    server: &Server,
    room: &str,
    to: &Path,
    secret: &str,
) -> anyhow::Result<()> {
    let route = format!("{}/api/rooms/{room}/recordings/current", server.http());
    run(Command::new(replay)
        .env(REPLAY_SECRET, secret)
        .args(["fetch", &route, "--out"])
        .arg(to))
}

/// The last line of `replay verify --json`. An error when it is anything but a whole recording in which every step's
/// hash was equal.
fn read_verdict(output: &str) -> anyhow::Result<Verified> {
    let line = output
        .lines()
        .last()
        .context("replay verify said nothing")?;
    let verdict: serde_json::Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
    let holds =
        verdict["ok"] == true && verdict["divergence"].is_null() && verdict["lost"].is_null();
    ensure!(holds, "{line}");
    let number = |field: &str| {
        verdict[field]
            .as_u64()
            .with_context(|| format!("no {field} in {line}"))
    };
    let verified = Verified {
        steps: number("steps")?,
        hashes_compared: number("hashesCompared")?,
        real_time_multiple: verdict["realTimeMultiple"]
            .as_f64()
            .context("no realTimeMultiple")?,
    };
    ensure!(
        verified.hashes_compared >= verified.steps,
        "fewer hashes than steps were compared: {line}"
    );
    Ok(verified)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_whole_recording_with_equal_hashes_is_let_through() {
        let line = r#"{"ok":true,"steps":600,"hashesCompared":600,"realTimeMultiple":3100.5,"divergence":null,"lost":null}"#;
        let verified = read_verdict(&format!("progress\n{line}\n")).unwrap();
        assert_eq!(
            verified,
            Verified {
                steps: 600,
                hashes_compared: 600,
                real_time_multiple: 3100.5
            }
        );
    }

    #[test]
    fn a_divergence_a_loss_and_a_step_without_hash_are_refused() {
        for line in [
            r#"{"ok":false,"steps":600,"hashesCompared":600,"realTimeMultiple":1,"divergence":{"step":7},"lost":null}"#,
            r#"{"ok":true,"steps":600,"hashesCompared":600,"realTimeMultiple":1,"divergence":null,"lost":{"steps":9}}"#,
            r#"{"ok":true,"steps":600,"hashesCompared":599,"realTimeMultiple":1,"divergence":null,"lost":null}"#,
            "",
        ] {
            assert!(read_verdict(line).is_err(), "{line}");
        }
    }
}
