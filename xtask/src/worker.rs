//! The worker as other commands use it: built for workerd, and served on a port of its own.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::run::{root, run};
use crate::tools::{WorkerTools, ensure_worker_tools};

/// How long a start may take. It takes some 50 ms; a busy machine gets room.
const START_SECONDS_MAX: u64 = 30;

/// Builds `worker/build` as it is shipped, and gives back the tools that serve it.
pub(crate) fn build() -> anyhow::Result<WorkerTools> {
    let tools = ensure_worker_tools()?;
    let mut command = Command::new(&tools.worker_build);
    command
        .args(["--profile", "wasm"])
        .current_dir(root().join("worker"))
        // With every tool given by path it fetches none by itself.
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("ESBUILD_BIN", &tools.esbuild)
        .env("WASM_OPT_BIN", &tools.wasm_opt);
    if let Some(id) = build_id() {
        command.env("BITFORT_BUILD_ID", id);
    }
    run(&mut command).context("building the worker")?;
    Ok(tools)
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

/// The server that an interrupt has to end: without it the process would live on alone.
static RUNNING: Mutex<Option<Arc<Mutex<Child>>>> = Mutex::new(None);

/// From now on an interrupt or a request to terminate ends the running server. Whoever waits for it then sees it gone.
pub(crate) fn end_server_on_interrupt() -> anyhow::Result<()> {
    ctrlc::set_handler(|| {
        let running = RUNNING
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match running {
            Some(child) => end(&child),
            None => std::process::exit(INTERRUPTED),
        }
    })
    .context("watching for interrupts")
}

/// What a shell calls a program that ended by an interrupt.
const INTERRUPTED: i32 = 130;

/// A kill and no goodbye: the room must be able to take it.
fn end(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    // Both fail only when it has ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// What `config.capnp` takes from the environment. A server gets these from its caller or not at all, so that what is set
/// in somebody's shell does not change a test.
pub(crate) const SETTINGS: [&str; 7] = [
    "CLERK_SECRET_KEY",
    "CLERK_ISSUER",
    "CLERK_AUTHORIZED_PARTIES",
    "CLERK_API_URL",
    "ADMIN_SECRET",
    "ALLOWED_ORIGINS",
    "BITFORT_CHAOS",
];

/// A secret for the operators of one server.
pub(crate) fn random_secret() -> String {
    // The standard library's only random numbers: the keys of its hash maps.
    let word = |_| RandomState::new().hash_one(std::process::id());
    let words: Vec<String> = (0..4).map(|at| format!("{:016x}", word(at))).collect();
    words.concat()
}

/// A running workerd. Ends with the value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Arc<Mutex<Child>>,
    port: u16,
    log: PathBuf,
}

impl Server {
    /// Serves what `build` made, on loopback, with its SQLite files below `state`. Returns when it answers. Without a
    /// port a free one is taken.
    pub(crate) fn start(
        tools: &WorkerTools,
        state: &Path,
        port: Option<u16>,
    ) -> anyhow::Result<Self> {
        Self::start_with(tools, state, port, &[])
    }

    /// The same, with some of `SETTINGS`.
    pub(crate) fn start_with(
        tools: &WorkerTools,
        state: &Path,
        port: Option<u16>,
        settings: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let disk = state.join("objects");
        std::fs::create_dir_all(&disk).with_context(|| format!("{}", disk.display()))?;
        let port = free_port(port)?;
        let log = state.join("workerd.log");
        let output = File::create(&log).with_context(|| format!("{}", log.display()))?;
        let mut command = Command::new(&tools.workerd);
        command
            .args(["serve", "config.capnp"])
            .arg("--socket-addr")
            .arg(format!("http=127.0.0.1:{port}"))
            .arg("--directory-path")
            .arg(format!("do-disk={}", std::path::absolute(&disk)?.display()))
            .current_dir(root().join("worker"))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        for name in SETTINGS {
            command.env_remove(name);
        }
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", tools.workerd.display()))?;
        let child = Arc::new(Mutex::new(child));
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&child));
        let server = Self { child, port, log };
        server.wait_until_healthy()?;
        Ok(server)
    }

    /// Where it listens on loopback.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `ws://127.0.0.1:PORT`.
    pub(crate) fn ws(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Where it says it.
    pub(crate) fn log_file(&self) -> &Path {
        &self.log
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// True while the process lives.
    pub(crate) fn is_running(&self) -> anyhow::Result<bool> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(child.try_wait()?.is_none())
    }

    /// The status and the body that a route answers with.
    pub(crate) fn ask(&self, path: &str) -> anyhow::Result<(u16, Vec<u8>)> {
        get(self.port, path, None)
    }

    /// The same, for an operator with this secret.
    pub(crate) fn ask_with(&self, path: &str, secret: &str) -> anyhow::Result<(u16, Vec<u8>)> {
        get(self.port, path, Some(secret))
    }

    /// The body that a route answers with, which must be a success.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let (status, body) = self.ask(path)?;
        ensure!(
            status == 200,
            "{path} answered {status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }

    fn wait_until_healthy(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            if !self.is_running()? {
                bail!("workerd ended at once:\n{}", self.log());
            }
            if let Ok((200, _)) = get(self.port, "/api/health", None) {
                return Ok(());
            }
            let waited = start.elapsed();
            ensure!(
                waited < Duration::from_secs(START_SECONDS_MAX),
                "workerd does not answer after {START_SECONDS_MAX} s:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = None;
        end(&self.child);
    }
}

/// The wanted port if it is free, or any free one.
pub(crate) fn free_port(wanted: Option<u16>) -> anyhow::Result<u16> {
    let port = wanted.unwrap_or(0);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} cannot be had"))?;
    Ok(listener.local_addr()?.port())
}

/// The smallest request that works. The server keeps the connection open for seconds, so the answer is read by its
/// length; every answer that is asked for here has one.
fn get(port: u16, path: &str, secret: Option<&str>) -> anyhow::Result<(u16, Vec<u8>)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(START_SECONDS_MAX)))?;
    let proof = secret.map(|secret| format!("Authorization: Bearer {secret}\r\n"));
    let proof = proof.unwrap_or_default();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{proof}Connection: close\r\n\r\n"
    )?;
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    answer.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("{path} answered without a status: {line}"))?;
    let mut length = None;
    loop {
        line.clear();
        let more = answer.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':').filter(|_| more > 0) else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        }
    }
    let length: usize = length.with_context(|| format!("{path} answered without a length"))?;
    let mut body = vec![0; length];
    answer.read_exact(&mut body)?;
    Ok((status, body))
}
