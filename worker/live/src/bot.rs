//! One bot on a real socket that is never waited for, so that one thread drives a crowd of them.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use harness::{Behaviour, BotBrain};
use netcode::{Client, ClientConfig, Event, Input, Micros, Output};
use protocol::{CloseCode, Encoding, ErrorCode, Proof};
use sim_core::{Action, PlayerId, Reject, StructureId};
use tungstenite::http::Uri;
use tungstenite::protocol::CloseFrame;
use tungstenite::{ClientRequestBuilder, Error, Message, WebSocket};

/// How long connecting and the handshake may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// A room on loopback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) port: u16,
    pub(crate) code: String,
}

/// What a bot was told when the room let it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Welcome {
    pub(crate) at: Instant,
    pub(crate) player: PlayerId,
    pub(crate) resumed: bool,
}

/// A client, its mind and its socket.
pub(crate) struct Bot {
    pub(crate) client: Client,
    pub(crate) name: String,
    room: Room,
    encoding: Encoding,
    brain: BotBrain,
    began: Instant,
    socket: Option<WebSocket<TcpStream>>,
    /// Every time it was let in, oldest first.
    pub(crate) welcomes: Vec<Welcome>,
    /// Its structures of which it was told that they are stored, as long as it has not asked for their removal.
    pub(crate) stored: BTreeSet<StructureId>,
    /// Structures that it has asked to remove.
    removed: BTreeSet<StructureId>,
    pub(crate) bytes_up: u64,
    pub(crate) bytes_down: u64,
    pub(crate) messages_up: u64,
    pub(crate) corrections: Vec<netcode::Correction>,
    /// What went wrong, oldest first; a lost connection is none.
    pub(crate) complaints: Vec<String>,
    /// Actions that the room refused although no other player can have been the cause, oldest first.
    refused: Vec<String>,
    /// Whether an input ever came late, or time was skipped: the room then went on without it, and may refuse what was
    /// predicted to be allowed.
    was_late: bool,
    /// How the last connection was closed.
    pub(crate) closed: Option<CloseCode>,
}

impl Bot {
    pub(crate) fn new(room: &Room, number: usize, behaviour: Behaviour, seed: u64) -> Self {
        // Every second bot speaks JSON, so that both encodings are seen.
        let encoding = if number % 2 == 1 {
            Encoding::Json
        } else {
            Encoding::Binary
        };
        let seed = (seed << 16) + number as u64;
        Self {
            client: Client::new(ClientConfig {
                seed,
                json: encoding == Encoding::Json,
                resume_token: None,
            }),
            name: format!("bot-{number}"),
            room: room.clone(),
            encoding,
            brain: BotBrain::new(behaviour, seed),
            began: Instant::now(),
            socket: None,
            welcomes: Vec::new(),
            stored: BTreeSet::new(),
            removed: BTreeSet::new(),
            bytes_up: 0,
            bytes_down: 0,
            messages_up: 0,
            corrections: Vec::new(),
            complaints: Vec::new(),
            refused: Vec::new(),
            was_late: false,
            closed: None,
        }
    }

    /// Lets go of everything, for good.
    pub(crate) fn rest(&mut self) {
        self.brain.rest();
    }

    /// Takes what has come and does what has become due. A driver that was kept waiting finds out in this order that the room
    /// was not silent.
    pub(crate) fn turn(&mut self) {
        while let Some(message) = self.read() {
            match message {
                Message::Text(text) => self.message(text.as_bytes(), true),
                Message::Binary(bytes) => self.message(&bytes, false),
                Message::Close(frame) => {
                    let number = frame.map(|frame| u16::from(frame.code));
                    self.lost(number.and_then(CloseCode::from_number));
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
        if self.client.due().is_some_and(|due| due <= self.now()) {
            self.input(Input::Advance);
        }
        let stats = self.client.stats();
        self.was_late |= stats.starved > 0 || stats.dropped > 0 || stats.stalls > 0;
    }

    /// What went wrong, oldest first. That an action was refused is nobody's fault if the machine made an input late.
    pub(crate) fn wrong(&self) -> impl Iterator<Item = &str> {
        let refused = self.refused.iter().filter(|_| !self.was_late);
        self.complaints.iter().chain(refused).map(String::as_str)
    }

    /// Does what a player at the keys would do.
    pub(crate) fn input(&mut self, input: Input<'_>) {
        let outputs: Vec<Output> = self.client.handle(self.now(), input).collect();
        if self.perform(outputs) {
            for doing in self.brain.think(&self.client) {
                if let Input::Act(Action::Remove { id }) = doing {
                    self.stored.remove(&id);
                    self.removed.insert(id);
                }
                let outputs: Vec<Output> = self.client.handle(self.now(), doing).collect();
                self.perform(outputs);
            }
        }
    }

    /// Ends the connection as a closed page does.
    pub(crate) fn leave(mut self) {
        if let Some(mut socket) = self.socket.take() {
            // A server that is gone needs no farewell.
            let _ = socket.close(None);
            let _ = socket.flush();
        }
    }

    fn now(&self) -> Micros {
        let elapsed = self.began.elapsed().as_micros();
        Micros(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// Whether a step was predicted.
    fn perform(&mut self, outputs: Vec<Output>) -> bool {
        let mut stepped = false;
        for output in outputs {
            match output {
                Output::Connect { resume_token, .. } => match self.connect(resume_token.as_deref())
                {
                    Ok(socket) => {
                        self.socket = Some(socket);
                        self.input(Input::Opened);
                    }
                    Err(_) => self.lost(None),
                },
                Output::Send { bytes, text } => self.send(bytes, text),
                Output::Close { code } => {
                    if let Some(mut socket) = self.socket.take() {
                        // The client has given this connection up; that it cannot be told so makes no difference.
                        let _ = socket.close(Some(CloseFrame {
                            code: code.number().into(),
                            reason: "".into(),
                        }));
                        let _ = socket.flush();
                    }
                }
                Output::Stepped { .. } => stepped = true,
                Output::Corrected(correction) => self.corrections.push(correction),
                Output::Event(event) => self.told(event),
            }
        }
        stepped
    }

    fn told(&mut self, event: Event) {
        match event {
            Event::Welcomed { player, resumed } => self.welcomes.push(Welcome {
                at: Instant::now(),
                player,
                resumed,
            }),
            Event::Outdated => self.complaints.push("other rules than this build".into()),
            Event::Failed { code, message } => {
                let told = if matches!(code, ErrorCode::Rejected(_)) {
                    &mut self.refused
                } else {
                    &mut self.complaints
                };
                if !others_can_cause(code) {
                    told.push(format!("{}: {message}", code.as_str()));
                }
            }
            Event::Stored { id } if !self.removed.contains(&id) => {
                self.stored.insert(id);
            }
            Event::Stored { .. }
            | Event::Disconnected { .. }
            | Event::Refused(_)
            | Event::Placed { .. }
            | Event::Room(_) => {}
        }
    }

    fn connect(&self, token: Option<&str>) -> anyhow::Result<WebSocket<TcpStream>> {
        let Room { port, code } = &self.room;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        let stream = TcpStream::connect_timeout(&address, CONNECT_WAIT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(CONNECT_WAIT))?;
        let name = &self.name;
        let url = format!("ws://127.0.0.1:{port}/api/rooms/{code}/ws?playerId={name}");
        let uri: Uri = url.parse()?;
        let mut request =
            ClientRequestBuilder::new(uri).with_sub_protocol(self.encoding.subprotocol());
        if let Some(offer) = token.and_then(|token| Proof::Resume.offer(token)) {
            request = request.with_sub_protocol(offer);
        }
        let (socket, _) = tungstenite::client(request, stream)
            .map_err(|error| anyhow::anyhow!("the handshake: {error}"))?;
        socket.get_ref().set_nonblocking(true)?;
        Ok(socket)
    }

    fn send(&mut self, bytes: Vec<u8>, text: bool) {
        let Some(socket) = &mut self.socket else {
            return;
        };
        self.bytes_up += bytes.len() as u64;
        self.messages_up += 1;
        let message = if text {
            Message::text(String::from_utf8(bytes).expect("the client's JSON is UTF-8"))
        } else {
            Message::binary(bytes)
        };
        match socket.send(message) {
            Ok(()) => {}
            // It is kept, and goes out with the next one.
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.lost(None),
        }
    }

    fn read(&mut self) -> Option<Message> {
        let socket = self.socket.as_mut()?;
        match socket.read() {
            Ok(message) => Some(message),
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => None,
            Err(_) => {
                self.lost(None);
                None
            }
        }
    }

    fn message(&mut self, bytes: &[u8], text: bool) {
        self.bytes_down += bytes.len() as u64;
        self.input(Input::Message { bytes, text });
    }

    fn lost(&mut self, code: Option<CloseCode>) {
        self.socket = None;
        self.closed = code;
        self.input(Input::Closed { code });
    }
}

/// Whether the room can refuse with this code what the player saw to be allowed, because of what others did: they are seen a
/// moment late, and a wall of theirs or a death holds the player up before it is told.
fn others_can_cause(code: ErrorCode) -> bool {
    let ErrorCode::Rejected(reject) = code else {
        return false;
    };
    matches!(
        reject,
        Reject::Dead
            | Reject::ProjectileLimit
            | Reject::OutOfReach
            | Reject::CellTaken
            | Reject::CellOccupied
            | Reject::RoomStructureLimit
            | Reject::UnknownStructure
    )
}
