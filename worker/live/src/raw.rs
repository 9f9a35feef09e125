//! A peer that says what it likes: a plain socket with JSON, for what no client of ours would send.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::Value;
use tungstenite::http::Uri;
use tungstenite::{ClientRequestBuilder, Error, HandshakeError, Message, WebSocket};

use crate::bot::Room;
use crate::stage::PATIENCE;

/// An open socket.
pub(crate) struct Raw {
    socket: WebSocket<TcpStream>,
    /// The subprotocols that the answer named.
    pub(crate) agreed: Vec<String>,
}

/// What opening a socket came to.
pub(crate) enum Opened {
    Open(Box<Raw>),
    /// The status instead.
    Refused(u16),
}

/// How the room closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

impl Raw {
    /// Opens a socket as this player, and hears the welcome.
    pub(crate) fn welcomed(room: &Room, player: &str) -> anyhow::Result<(Self, Value)> {
        let Opened::Open(mut raw) = Self::open(room, player, None, None)? else {
            bail!("{player} got no socket");
        };
        let welcome = raw.hear("welcome")?;
        Ok((*raw, welcome))
    }

    /// Opens a socket from a page of this origin, offering these subprotocols, with commas between them.
    pub(crate) fn open(
        room: &Room,
        query: &str,
        origin: Option<&str>,
        subprotocol: Option<&str>,
    ) -> anyhow::Result<Opened> {
        let Room { port, code } = room;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let url = format!("ws://127.0.0.1:{port}/api/rooms/{code}/ws?playerId={query}");
        let uri: Uri = url.parse()?;
        let mut request = ClientRequestBuilder::new(uri);
        for offer in subprotocol.into_iter().flat_map(|offers| offers.split(',')) {
            request = request.with_sub_protocol(offer.trim());
        }
        if let Some(origin) = origin {
            request = request.with_header("Origin", origin);
        }
        match tungstenite::client(request, stream) {
            Ok((socket, response)) => {
                let agreed = response.headers().get_all("Sec-WebSocket-Protocol");
                let agreed = agreed
                    .iter()
                    .map(|name| name.to_str().unwrap_or("?").to_owned());
                Ok(Opened::Open(Box::new(Self {
                    socket,
                    agreed: agreed.collect(),
                })))
            }
            Err(HandshakeError::Failure(Error::Http(response))) => {
                Ok(Opened::Refused(response.status().as_u16()))
            }
            Err(error) => bail!("the handshake: {error}"),
        }
    }

    pub(crate) fn say(&mut self, text: impl Into<String>) -> anyhow::Result<()> {
        self.socket.send(Message::text(text.into()))?;
        Ok(())
    }

    pub(crate) fn ping(&mut self, seq: u32) -> anyhow::Result<()> {
        self.say(format!(
            r#"{{"v":2,"kind":"ping","seq":{seq},"clientTime":0}}"#
        ))
    }

    /// The next message, or the close.
    pub(crate) fn next(&mut self) -> anyhow::Result<Result<Value, Closed>> {
        loop {
            match self.socket.read().context("waiting for the room")? {
                Message::Text(text) => return Ok(Ok(serde_json::from_str(&text)?)),
                Message::Close(frame) => {
                    let frame = frame.context("a close without a code")?;
                    return Ok(Err(Closed {
                        code: frame.code.into(),
                        reason: frame.reason.to_string(),
                    }));
                }
                Message::Binary(_) => bail!("binary on a JSON socket"),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// The next message of this kind.
    pub(crate) fn hear(&mut self, kind: &str) -> anyhow::Result<Value> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let next = self
                .next()
                .with_context(|| format!("waiting for a {kind}"))?;
            match next {
                Ok(message) if message["kind"] == kind => return Ok(message),
                Ok(_) => {}
                Err(closed) => bail!("waiting for a {kind} the socket was closed: {closed:?}"),
            }
        }
        bail!("no {kind} came in {PATIENCE:?}")
    }

    /// The errors until the close, and the close.
    pub(crate) fn until_closed(&mut self) -> anyhow::Result<(Vec<String>, Closed)> {
        let mut errors = Vec::new();
        loop {
            match self.next()? {
                Ok(message) if message["kind"] == "error" => {
                    errors.push(message["code"].as_str().unwrap_or("no code").to_owned());
                }
                Ok(_) => {}
                Err(closed) => return Ok((errors, closed)),
            }
        }
    }
}
