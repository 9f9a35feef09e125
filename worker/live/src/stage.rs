//! Where the scenes play: the worker as it is shipped on a workerd of its own, and the tools that look at what it left.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use local_worker::{Answer, Ask, Serve, Server, free_port};
use serde_json::{Value, json};
use sim_core::rules::STEPS_PER_SECOND;

use crate::bot::Room;

/// How long is waited for what only a slow machine delays. What is promised in less is held against a bound of its own.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// From one look at a room to the next.
const LOOK: Duration = Duration::from_millis(200);

/// What an operator shows here.
pub(crate) const ADMIN_SECRET: &str = "admin-of-the-live-checks";

/// What every scene needs.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) workerd: PathBuf,
    pub(crate) replay: PathBuf,
    /// The repository.
    pub(crate) root: PathBuf,
    /// A folder for the scene alone, empty at first.
    pub(crate) state: PathBuf,
}

impl Stage {
    /// The same for one scene.
    pub(crate) fn scene(&self, name: &str) -> anyhow::Result<Self> {
        let state = self.state.join(name);
        if state.exists() {
            std::fs::remove_dir_all(&state).with_context(|| format!("{}", state.display()))?;
        }
        std::fs::create_dir_all(&state)?;
        let mut stage = self.clone();
        stage.state = state;
        Ok(stage)
    }

    /// The worker on a free port that stays the same when it is started again.
    pub(crate) fn serve(&self, settings: &[(&'static str, &str)]) -> anyhow::Result<Serve> {
        let mut all = vec![("ADMIN_SECRET", ADMIN_SECRET.to_owned())];
        all.extend(
            settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        Ok(Serve {
            workerd: self.workerd.clone(),
            folder: self.root.join("worker"),
            config: "config.capnp".into(),
            state: self.state.clone(),
            port: Some(free_port(None)?),
            settings: all,
            files: None,
            health: "/api/health".into(),
        })
    }

    /// The rooms' storage, served in the worker's place.
    pub(crate) fn storage(&self) -> Serve {
        Serve {
            workerd: self.workerd.clone(),
            folder: self.root.join("worker/live/src"),
            config: "storage.capnp".into(),
            state: self.state.clone(),
            port: None,
            settings: Vec::new(),
            files: None,
            health: "/health".into(),
        }
    }

    /// Fetches every recording of a room and reruns it with every hash compared. Returns how many steps there were.
    pub(crate) fn verify(&self, server: &Server, room: &Room) -> anyhow::Result<u64> {
        let list = operator(server, &format!("/api/rooms/{}/recordings", room.code))?;
        let list: Value = serde_json::from_slice(&list.body)?;
        let recordings = list["recordings"].as_array().context("no recordings")?;
        ensure!(!recordings.is_empty(), "the room has no recording");
        let mut steps = 0;
        for recording in recordings {
            let id = recording["id"].as_u64().context("a recording without id")?;
            let path = format!("/api/rooms/{}/recordings/{id}", room.code);
            let file = self.state.join(format!("{}-{id}.rec", room.code));
            self.fetch(server, &path, &file)?;
            steps += self.rerun(&file)?;
        }
        Ok(steps)
    }

    /// Fetches the recording that a room is writing, and reruns it. Returns the file and how many steps there were.
    pub(crate) fn newest(&self, server: &Server, room: &Room) -> anyhow::Result<(PathBuf, u64)> {
        let file = self.state.join(format!("{}-current.rec", room.code));
        let path = format!("/api/rooms/{}/recordings/current", room.code);
        self.fetch(server, &path, &file)?;
        let steps = self.rerun(&file)?;
        Ok((file, steps))
    }

    fn fetch(&self, server: &Server, path: &str, file: &Path) -> anyhow::Result<()> {
        let fetched = Command::new(&self.replay)
            .arg("fetch")
            .arg(format!("{}{path}", server.http()))
            .arg("--out")
            .arg(file)
            .env("BITFORT_ADMIN_SECRET", ADMIN_SECRET)
            .output()?;
        ensure!(
            fetched.status.success(),
            "fetching {path}: {}",
            String::from_utf8_lossy(&fetched.stderr)
        );
        Ok(())
    }

    /// What the replay tool says with `--json`, whatever it came to.
    pub(crate) fn replay(&self, command: &str, more: &[&OsStr]) -> anyhow::Result<Value> {
        let output = Command::new(&self.replay)
            .args([command, "--json"])
            .args(more)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().last().context("replay said nothing")?;
        serde_json::from_str(line).with_context(|| line.to_owned())
    }

    fn rerun(&self, file: &Path) -> anyhow::Result<u64> {
        let verdict = self.replay("verify", &[file.as_os_str()])?;
        let steps = verdict["steps"].as_u64().unwrap_or(0);
        let compared = verdict["hashesCompared"].as_u64().unwrap_or(0);
        let holds = verdict["ok"] == true
            && verdict["divergence"].is_null()
            && verdict["lost"].is_null()
            && compared >= steps;
        ensure!(holds, "{}: {verdict}", file.display());
        Ok(steps)
    }
}

/// Runs SQL in a room's storage, which [`Stage::storage`] serves. Returns the rows of each statement.
pub(crate) fn run_sql(port: u16, room: &str, statements: &[&str]) -> anyhow::Result<Value> {
    let ask = Ask::post(&format!("/{room}"), json!(statements).to_string());
    let answer = local_worker::ask(port, &ask)?;
    ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    Ok(serde_json::from_slice(&answer.body)?)
}

/// What a route answers an operator.
pub(crate) fn operator(server: &Server, path: &str) -> anyhow::Result<Answer> {
    let answer = server.ask(&Ask::get(path).bearing(ADMIN_SECRET))?;
    ensure!(
        answer.status == 200,
        "{path} answered {}: {}",
        answer.status,
        answer.text()
    );
    Ok(answer)
}

/// What the room counts.
pub(crate) fn stats(server: &Server, room: &Room) -> anyhow::Result<Value> {
    let answer = operator(server, &format!("/api/rooms/{}/stats", room.code))?;
    Ok(serde_json::from_slice(&answer.body)?)
}

/// Looks at the room until what it counts holds, and returns that. `between` is called between two looks.
pub(crate) fn stats_when(
    server: &Server,
    room: &Room,
    what: &str,
    holds: impl Fn(&Value) -> bool,
    mut between: impl FnMut(Duration),
) -> anyhow::Result<Value> {
    let start = Instant::now();
    loop {
        let told = stats(server, room)?;
        if holds(&told) {
            return Ok(told);
        }
        ensure!(
            start.elapsed() < PATIENCE,
            "after {PATIENCE:?} it is still not so that {what}: {told}"
        );
        between(LOOK);
    }
}

/// Waits until the room sleeps: then nothing moves in it, and everything is stored.
pub(crate) fn asleep(server: &Server, room: &Room) -> anyhow::Result<Value> {
    let sleeps = |told: &Value| told["asleep"] == true;
    stats_when(server, room, "the room sleeps", sleeps, std::thread::sleep)
}

/// Steps that the room did not run because the machine kept it waiting: 60 of each second that it dropped.
pub(crate) fn steps_dropped(stats: &Value) -> anyhow::Result<u64> {
    let millis = stats["droppedMs"].as_u64().context("no droppedMs")?;
    Ok(millis * u64::from(STEPS_PER_SECOND) / 1_000)
}
