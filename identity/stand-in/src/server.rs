//! The two routes of Clerk's backend API that a room asks, on loopback.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a request may take to come in.
const READ_WAIT: Duration = Duration::from_secs(5);

/// Whether it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// As Clerk does.
    Up,
    /// 503 to everything.
    Down,
    /// It accepts a connection, reads the request and hangs up.
    Silent,
    /// It accepts a connection, reads the request and says nothing for longer than anybody waits.
    Hanging,
}

/// How long a hanging request takes.
const HANG: Duration = Duration::from_secs(20);

#[derive(Debug)]
struct State {
    health: Health,
    secret: String,
    keys: Vec<String>,
    sessions: BTreeMap<String, (String, String)>,
    asked: BTreeMap<String, u32>,
}

/// A running stand-in. It serves until the process ends.
#[derive(Clone, Debug)]
pub struct Clerk {
    state: Arc<Mutex<State>>,
    port: u16,
}

impl Clerk {
    /// Serves on a port of loopback, 0 for any free one. Whoever asks must have the secret.
    pub fn serve(port: u16, secret: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State {
            health: Health::Up,
            secret: secret.to_owned(),
            keys: Vec::new(),
            sessions: BTreeMap::new(),
            asked: BTreeMap::new(),
        }));
        let served = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&served);
                std::thread::spawn(move || {
                    // A peer that hangs up is no concern of ours.
                    let _ = answer(stream, &state);
                });
            }
        });
        Ok(Self { state, port })
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on it has these keys, each a JWK.
    pub fn set_keys(&self, keys: &[String]) {
        self.state().keys = keys.to_vec();
    }

    /// From now on it has this session.
    pub fn set_session(&self, session: &str, user: &str, status: &str) {
        let entry = (user.to_owned(), status.to_owned());
        self.state().sessions.insert(session.to_owned(), entry);
    }

    /// From now on it answers, or not.
    pub fn set_health(&self, health: Health) {
        self.state().health = health;
    }

    /// How often a path was asked for, well or ill.
    #[must_use]
    pub fn asked(&self, path: &str) -> u32 {
        self.state().asked.get(path).copied().unwrap_or(0)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(READ_WAIT))?;
    let mut request = BufReader::new(stream);
    let mut line = String::new();
    request.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut authorization = String::new();
    loop {
        line.clear();
        let more = request.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':').filter(|_| more > 0) else {
            break;
        };
        if name.eq_ignore_ascii_case("authorization") {
            value.trim().clone_into(&mut authorization);
        }
    }
    let (health, response) = {
        let mut state = lock(state);
        (state.health, respond(&mut state, &path, &authorization))
    };
    let Some((status, body)) = response else {
        if health == Health::Hanging {
            std::thread::sleep(HANG);
        }
        return Ok(());
    };
    let length = body.len();
    write!(
        request.into_inner(),
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn respond(state: &mut State, path: &str, authorization: &str) -> Option<(&'static str, String)> {
    *state.asked.entry(path.to_owned()).or_default() += 1;
    match state.health {
        Health::Up => {}
        Health::Down => return Some(("503 Service Unavailable", "{}".to_owned())),
        Health::Silent | Health::Hanging => return None,
    }
    if authorization.strip_prefix("Bearer ") != Some(state.secret.as_str()) {
        return Some(("401 Unauthorized", r#"{"errors":[]}"#.to_owned()));
    }
    if path == "/v1/jwks" {
        let keys = state.keys.join(",");
        return Some(("200 OK", format!(r#"{{"keys":[{keys}]}}"#)));
    }
    let session = path.strip_prefix("/v1/sessions/").unwrap_or_default();
    Some(match state.sessions.get(session) {
        Some((user, status)) => ("200 OK", told(session, user, status)),
        None => ("404 Not Found", r#"{"errors":[]}"#.to_owned()),
    })
}

/// What Clerk says of a session.
fn told(session: &str, user: &str, status: &str) -> String {
    format!(
        r#"{{"object":"session","id":"{session}","user_id":"{user}","client_id":"client_1","status":"{status}","actor":null}}"#
    )
}
