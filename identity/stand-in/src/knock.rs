//! One visit at a room's door: a WebSocket handshake, and the first thing that is said.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use tungstenite::http::Uri;
use tungstenite::{ClientRequestBuilder, Error, Message, WebSocket};

/// How long is waited for the worker. It waits for Clerk up to 4 s, twice; the rest is for slow machines.
const WAIT: Duration = Duration::from_secs(60);

/// What became of a visit.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Let in, with the room's welcome.
    Welcome(Value),
    /// Let in, in the binary encoding.
    Binary,
    /// Turned away by the protocol: the error's code and text, and the close.
    TurnedAway {
        error: Option<Value>,
        close: u16,
        reason: String,
    },
    /// Refused before there was a socket: the status.
    Refused(u16),
}

/// How somebody comes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit {
    /// What stands behind the question mark.
    pub(crate) query: String,
    /// What is offered besides an encoding.
    pub(crate) offers: Vec<String>,
    pub(crate) binary: bool,
    /// A header that only the entrance may set.
    pub(crate) forged_header: Option<(&'static str, String)>,
}

/// Comes to the room.
pub(crate) fn knock(port: u16, visit: &Visit) -> anyhow::Result<Outcome> {
    let stream = connect(port)?;
    let query = &visit.query;
    let url = format!("ws://127.0.0.1:{port}/api/rooms/identity/ws?{query}");
    let uri: Uri = url.parse().context("the address of the visit")?;
    let protocol = if visit.binary {
        "bitfort.v2.bin2"
    } else {
        "bitfort.v2.json"
    };
    let mut request = ClientRequestBuilder::new(uri).with_sub_protocol(protocol);
    for offer in &visit.offers {
        request = request.with_sub_protocol(offer);
    }
    if let Some((name, value)) = &visit.forged_header {
        request = request.with_header(*name, value.as_str());
    }
    match tungstenite::client(request, stream) {
        Ok((socket, _)) => listen(socket),
        Err(tungstenite::HandshakeError::Failure(Error::Http(response))) => {
            Ok(Outcome::Refused(response.status().as_u16()))
        }
        Err(error) => Err(error).context("the handshake"),
    }
}

fn listen(mut socket: WebSocket<TcpStream>) -> anyhow::Result<Outcome> {
    let mut error = None;
    loop {
        match socket.read().context("waiting for the room's first word")? {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text)?;
                if message["kind"] == "welcome" {
                    // The room learns of it when the connection drops.
                    return Ok(Outcome::Welcome(message));
                }
                error = Some(message);
            }
            // The binary encoding begins a welcome and an error with different tags; what tells them apart here is
            // whether a close follows.
            Message::Binary(_) => {
                if let Some(turned_away) = close_after(&mut socket)? {
                    return Ok(turned_away);
                }
                return Ok(Outcome::Binary);
            }
            Message::Close(frame) => return turned_away(error, frame),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
}

fn close_after(socket: &mut WebSocket<TcpStream>) -> anyhow::Result<Option<Outcome>> {
    match socket.read().context("what follows the first word")? {
        Message::Close(frame) => turned_away(None, frame).map(Some),
        Message::Text(_)
        | Message::Binary(_)
        | Message::Ping(_)
        | Message::Pong(_)
        | Message::Frame(_) => Ok(None),
    }
}

fn turned_away(
    error: Option<Value>,
    frame: Option<tungstenite::protocol::CloseFrame>,
) -> anyhow::Result<Outcome> {
    let frame = frame.context("the socket closed without a reason")?;
    Ok(Outcome::TurnedAway {
        error,
        close: frame.code.into(),
        reason: frame.reason.to_string(),
    })
}

fn connect(port: u16) -> anyhow::Result<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, WAIT).context("the worker is not there")?;
    stream.set_read_timeout(Some(WAIT))?;
    Ok(stream)
}

/// A plain request: the status and all that follows it.
pub(crate) fn get(port: u16, path: &str) -> anyhow::Result<(u16, String)> {
    let mut stream = connect(port)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    )?;
    // The worker keeps the connection open, so it is read until the length that it tells has come.
    let mut bytes = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        if let Some(answer) = complete(&bytes) {
            return Ok(answer);
        }
        match stream.read(&mut piece)? {
            0 => bail!("{path} was answered with half an answer"),
            length => bytes.extend_from_slice(&piece[..length]),
        }
    }
}

fn complete(bytes: &[u8]) -> Option<(u16, String)> {
    let text = String::from_utf8_lossy(bytes);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    })?;
    let begin = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let body = bytes.get(begin..begin + length)?;
    Some((status, String::from_utf8_lossy(body).into_owned()))
}
