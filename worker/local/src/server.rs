//! The process: what it serves, where it keeps its state, and how it ends.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::http::{Answer, Ask, ask, free_port};

/// How long a start may take. It takes some 50 ms; a busy machine gets room.
const START_MAX: Duration = Duration::from_secs(30);

/// What `config.capnp` takes from the environment. A server gets these from its caller or not at all, so that what is set
/// in somebody's shell does not change a test.
pub const SETTINGS: [&str; 9] = [
    "CLERK_SECRET_KEY",
    "CLERK_ISSUER",
    "CLERK_AUTHORIZED_PARTIES",
    "CLERK_API_URL",
    "CLERK_PUBLISHABLE_KEY",
    "ADMIN_SECRET",
    "ALLOWED_ORIGINS",
    "EMPTY_ROOMS_KEPT",
    "BITFORT_CHAOS",
];

/// The server that an interrupt has to end: without it the process would live on alone.
static RUNNING: Mutex<Option<Arc<Mutex<Child>>>> = Mutex::new(None);

/// Ends the server that runs, from a handler of interrupts. False if none does.
pub fn kill_running() -> bool {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    running.as_ref().map(|child| end(child)).is_some()
}

/// A kill and no goodbye: the room must be able to take it.
fn end(child: &Mutex<Child>) {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    // Both fail only when it has ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// What is to be served.
#[derive(Clone, Debug)]
pub struct Serve {
    /// The program.
    pub workerd: PathBuf,
    /// The folder of the configuration; what it embeds is found from there.
    pub folder: PathBuf,
    /// The configuration's file name in it.
    pub config: String,
    /// The folder that keeps the objects' storage and the log.
    pub state: PathBuf,
    /// The folder of the files that are served beside the worker, if the configuration serves any.
    pub files: Option<PathBuf>,
    /// On loopback; a free one if none is given.
    pub port: Option<u16>,
    /// Some of [`SETTINGS`].
    pub settings: Vec<(&'static str, String)>,
    /// A path that answers 200 when it serves.
    pub health: String,
}

/// A running workerd. Ends with the value.
#[derive(Debug)]
pub struct Server {
    child: Arc<Mutex<Child>>,
    port: u16,
    log: PathBuf,
}

impl Serve {
    /// Starts it, and waits until it answers.
    ///
    /// # Errors
    /// If it does not start, or ends at once, with what it said.
    pub fn start(&self) -> anyhow::Result<Server> {
        let disk = self.state.join("objects");
        std::fs::create_dir_all(&disk).with_context(|| format!("{}", disk.display()))?;
        let port = free_port(self.port)?;
        let log = self.state.join("workerd.log");
        let output = File::create(&log).with_context(|| format!("{}", log.display()))?;
        let mut command = Command::new(&self.workerd);
        command
            .args(["serve", &self.config])
            .arg("--socket-addr")
            .arg(format!("http=127.0.0.1:{port}"))
            .arg("--directory-path")
            .arg(format!("do-disk={}", std::path::absolute(&disk)?.display()));
        if let Some(files) = &self.files {
            command
                .arg("--directory-path")
                .arg(format!("files={}", std::path::absolute(files)?.display()));
        }
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        for name in SETTINGS {
            command.env_remove(name);
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", self.workerd.display()))?;
        let child = Arc::new(Mutex::new(child));
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&child));
        let server = Server { child, port, log };
        server.wait_until_healthy(&self.health)?;
        Ok(server)
    }
}

impl Server {
    /// Where it listens on loopback.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its number as a process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .id()
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn http(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `ws://127.0.0.1:PORT`.
    #[must_use]
    pub fn ws(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// The file with what it has said.
    #[must_use]
    pub fn log_file(&self) -> &Path {
        &self.log
    }

    /// What it has said so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// True while the process lives.
    ///
    /// # Errors
    /// If the operating system does not say.
    pub fn is_running(&self) -> anyhow::Result<bool> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(child.try_wait()?.is_none())
    }

    /// What a route answers.
    ///
    /// # Errors
    /// If it does not answer.
    pub fn ask(&self, request: &Ask) -> anyhow::Result<Answer> {
        ask(self.port, request)
    }

    /// The body that a route answers with, which must be a success.
    ///
    /// # Errors
    /// If it is none.
    pub fn get(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.ask(&Ask::get(path))?;
        ensure!(
            answer.status == 200,
            "{path} answered {}: {}",
            answer.status,
            answer.text()
        );
        Ok(answer.body)
    }

    fn wait_until_healthy(&self, path: &str) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            if !self.is_running()? {
                bail!("workerd ended at once:\n{}", self.log());
            }
            if self
                .ask(&Ask::get(path))
                .is_ok_and(|answer| answer.status == 200)
            {
                return Ok(());
            }
            ensure!(
                start.elapsed() < START_MAX,
                "workerd does not answer after {START_MAX:?}:\n{}",
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
