//! One live bot: a client and a mind on a blocking socket whose reads end when the client is due.

use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::thread;
use std::time::{Duration, Instant};

use harness::{Behaviour, BotBrain};
use netcode::{Client, ClientConfig, Event, Input, Micros, Output, Stats};
use protocol::{CloseCode, Encoding, Proof};
use tungstenite::http::Uri;
use tungstenite::{ClientRequestBuilder, Error, Message, WebSocket};

use crate::exit::Failure;

/// How long connecting and the handshake may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// The longest that a read waits when the client is due later or never.
const READ_WAIT_MAX: Duration = Duration::from_millis(100);
/// The shortest that a socket can wait; zero would mean for ever.
const READ_WAIT_MIN: Duration = Duration::from_micros(200);

/// Where a room is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Host and port.
    authority: String,
    path: String,
}

impl Room {
    pub(crate) fn parse(url: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::Usage(format!(
                "{url} is no room: {why}; one is like ws://127.0.0.1:8787/api/rooms/den/ws"
            ))
        };
        let uri: Uri = url.parse().map_err(|_| wrong("it is no address"))?;
        if uri.scheme_str() != Some("ws") {
            return Err(wrong("only ws:// is spoken here"));
        }
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        if !uri.path().ends_with("/ws") {
            return Err(wrong("its path does not end with /ws"));
        }
        let port = authority.port_u16().unwrap_or(80);
        Ok(Self {
            authority: format!("{}:{port}", authority.host()),
            path: uri.path().to_owned(),
        })
    }

    /// Where the room's recording is.
    pub(crate) fn recording_url(&self) -> String {
        let room = self.path.strip_suffix("/ws").unwrap_or(&self.path);
        format!("http://{}{room}/recordings/current", self.authority)
    }

    fn socket_url(&self, bot: usize) -> String {
        let Self { authority, path } = self;
        format!("ws://{authority}{path}?playerId=bot-{bot}")
    }
}

/// What a bot came to.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    pub(crate) behaviour: Behaviour,
    pub(crate) stats: Stats,
    pub(crate) bytes_up: u64,
    pub(crate) bytes_down: u64,
    /// The last thing that went wrong.
    pub(crate) complaint: Option<String>,
}

pub(crate) struct LiveBot {
    room: Room,
    number: usize,
    encoding: Encoding,
    client: Client,
    brain: BotBrain,
    began: Instant,
    socket: Option<WebSocket<TcpStream>>,
    bytes_up: u64,
    bytes_down: u64,
    complaint: Option<String>,
}

impl LiveBot {
    pub(crate) fn new(
        room: Room,
        number: usize,
        behaviour: Behaviour,
        encoding: Encoding,
        seed: u64,
    ) -> Self {
        Self {
            room,
            number,
            encoding,
            client: Client::new(ClientConfig {
                seed,
                json: encoding == Encoding::Json,
                resume_token: None,
            }),
            brain: BotBrain::new(behaviour, seed),
            began: Instant::now(),
            socket: None,
            bytes_up: 0,
            bytes_down: 0,
            complaint: None,
        }
    }

    /// Plays until `end`, coming back whenever the connection is lost.
    pub(crate) fn play(mut self, end: Instant) -> Played {
        while Instant::now() < end {
            self.input(Input::Advance);
            let wait = self.wait();
            if self.socket.is_some() {
                self.read(wait);
            } else {
                thread::sleep(wait);
            }
        }
        let stats = self.client.stats();
        if let Some(mut socket) = self.socket.take() {
            // A server that is gone needs no farewell.
            let _ = socket.close(None);
            let _ = socket.flush();
        }
        Played {
            behaviour: self.brain.behaviour(),
            stats,
            bytes_up: self.bytes_up,
            bytes_down: self.bytes_down,
            complaint: self.complaint,
        }
    }

    fn now(&self) -> Micros {
        let elapsed = self.began.elapsed().as_micros();
        Micros(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    fn wait(&self) -> Duration {
        let due = self.client.due();
        let wait = due.map(|due| Duration::from_micros(due.since(self.now()).0));
        wait.unwrap_or(READ_WAIT_MAX)
            .clamp(READ_WAIT_MIN, READ_WAIT_MAX)
    }

    fn input(&mut self, input: Input<'_>) {
        let outputs: Vec<Output> = self.client.handle(self.now(), input).collect();
        let stepped = self.perform(outputs);
        if stepped {
            for doing in self.brain.think(&self.client) {
                let outputs: Vec<Output> = self.client.handle(self.now(), doing).collect();
                self.perform(outputs);
            }
        }
    }

    /// Does what the client asks for. Whether it predicted a step.
    fn perform(&mut self, outputs: Vec<Output>) -> bool {
        let mut stepped = false;
        for output in outputs {
            match output {
                Output::Connect { resume_token, .. } => {
                    let token = resume_token.as_deref();
                    match self.connect(token) {
                        Ok(socket) => {
                            self.socket = Some(socket);
                            self.input(Input::Opened);
                        }
                        Err(why) => self.lost(None, why),
                    }
                }
                Output::Send { bytes, text } => self.send(bytes, text),
                Output::Close { .. } => {
                    if let Some(mut socket) = self.socket.take() {
                        // The client has given this connection up; how it ends makes no difference.
                        let _ = socket.close(None);
                        let _ = socket.flush();
                    }
                }
                Output::Stepped { .. } => stepped = true,
                Output::Event(Event::Outdated) => {
                    self.complaint = Some("the room runs other rules than this build".to_owned());
                }
                Output::Event(Event::Failed { code, message }) => {
                    self.complaint = Some(format!("{}: {message}", code.as_str()));
                }
                Output::Corrected(_)
                | Output::Event(
                    Event::Welcomed { .. }
                    | Event::Disconnected { .. }
                    | Event::Refused(_)
                    | Event::Placed { .. }
                    | Event::Stored { .. }
                    | Event::Room(_),
                ) => {}
            }
        }
        stepped
    }

    fn connect(&self, token: Option<&str>) -> Result<WebSocket<TcpStream>, String> {
        let authority = &self.room.authority;
        let addresses = authority.to_socket_addrs();
        let address = addresses
            .map_err(|error| format!("{authority}: {error}"))?
            .next()
            .ok_or_else(|| format!("{authority} has no address"))?;
        let stream = TcpStream::connect_timeout(&address, CONNECT_WAIT)
            .map_err(|error| format!("{authority}: {error}"))?;
        let configured = stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(CONNECT_WAIT)));
        configured.map_err(|error| error.to_string())?;
        let url = self.room.socket_url(self.number);
        let uri: Uri = url.parse().map_err(|_| "the address is none".to_owned())?;
        let mut request =
            ClientRequestBuilder::new(uri).with_sub_protocol(self.encoding.subprotocol());
        if let Some(offer) = token.and_then(|token| Proof::Resume.offer(token)) {
            request = request.with_sub_protocol(offer);
        }
        let (socket, _) = tungstenite::client(request, stream)
            .map_err(|error| format!("{authority} refused the socket: {error}"))?;
        Ok(socket)
    }

    fn send(&mut self, bytes: Vec<u8>, text: bool) {
        let Some(socket) = &mut self.socket else {
            return;
        };
        self.bytes_up += bytes.len() as u64;
        let message = if text {
            Message::text(String::from_utf8(bytes).expect("the client's JSON is UTF-8"))
        } else {
            Message::binary(bytes)
        };
        if let Err(error) = socket.send(message) {
            self.lost(None, error.to_string());
        }
    }

    /// Waits for a message, no longer than this.
    fn read(&mut self, wait: Duration) {
        let Some(socket) = &mut self.socket else {
            return;
        };
        if let Err(error) = socket.get_ref().set_read_timeout(Some(wait)) {
            return self.lost(None, error.to_string());
        }
        match socket.read() {
            Ok(Message::Text(text)) => self.message(text.as_bytes(), true),
            Ok(Message::Binary(bytes)) => self.message(&bytes, false),
            Ok(Message::Close(frame)) => {
                let number = frame.as_ref().map(|frame| u16::from(frame.code));
                let why = frame.map(|frame| frame.reason.to_string());
                let code = number.and_then(CloseCode::from_number);
                self.lost(code, why.unwrap_or_else(|| "closed".to_owned()));
            }
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => self.lost(None, error.to_string()),
        }
    }

    fn message(&mut self, bytes: &[u8], text: bool) {
        self.bytes_down += bytes.len() as u64;
        self.input(Input::Message { bytes, text });
    }

    fn lost(&mut self, code: Option<CloseCode>, why: String) {
        self.socket = None;
        self.complaint = Some(match code {
            Some(code) => format!("connection lost: {why} ({})", code.number()),
            None => format!("connection lost: {why}"),
        });
        self.input(Input::Closed { code });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_room_is_where_its_address_says() {
        let room = Room::parse("ws://127.0.0.1:8787/api/rooms/den/ws").unwrap();
        assert_eq!(
            room.recording_url(),
            "http://127.0.0.1:8787/api/rooms/den/recordings/current"
        );
        assert_eq!(
            room.socket_url(3),
            "ws://127.0.0.1:8787/api/rooms/den/ws?playerId=bot-3"
        );
        assert!(
            Room::parse("ws://localhost/api/rooms/den/ws")
                .is_ok_and(|room| room.socket_url(0).starts_with("ws://localhost:80/"))
        );
    }

    #[test]
    fn what_is_no_room_says_what_one_is_like() {
        for url in [
            "den",
            "wss://localhost/api/rooms/den/ws",
            "ws://localhost/api/rooms/den",
            "ws:///ws",
        ] {
            let failure = Room::parse(url).unwrap_err();
            assert!(
                failure.to_string().contains("ws://127.0.0.1:8787"),
                "{url}: {failure}"
            );
        }
    }
}
