//! A WebSocket without a library: frames made by hand, on a connection that no close ends.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::bot::Room;

const WAIT: Duration = Duration::from_secs(10);
/// A handshake's answer is some hundred bytes.
const HEAD_BYTES_MAX: usize = 8_192;
const OPCODE_CLOSE: u8 = 8;

/// An open connection.
pub(crate) struct Line {
    stream: TcpStream,
    /// The answer to the handshake, in lower case.
    head: String,
    heard: Vec<u8>,
    /// What does not fit into the operating system's buffer yet.
    waits: Vec<u8>,
    began: Instant,
    closed: Option<(u16, Duration)>,
    pub(crate) bytes_down: u64,
    pub(crate) bytes_up: u64,
}

impl Line {
    /// Opens a socket as this player, offering these extensions.
    pub(crate) fn open(
        room: &Room,
        player: &str,
        extensions: Option<&str>,
    ) -> anyhow::Result<Self> {
        let Room { port, code } = room;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        let mut stream = TcpStream::connect_timeout(&address, WAIT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT))?;
        let offer = extensions.map(|offer| format!("Sec-WebSocket-Extensions: {offer}\r\n"));
        // The key may be any 16 bytes; what comes back for it is not looked at.
        let request = format!(
            "GET /api/rooms/{code}/ws?playerId={player} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{}\r\n",
            offer.unwrap_or_default()
        );
        stream.write_all(request.as_bytes())?;
        let mut heard = Vec::new();
        let end = loop {
            if let Some(at) = heard.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            ensure!(heard.len() < HEAD_BYTES_MAX, "the answer has no end");
            let mut some = [0; 1_024];
            let read = stream
                .read(&mut some)
                .context("waiting for the handshake")?;
            ensure!(read > 0, "the handshake was broken off");
            heard.extend_from_slice(&some[..read]);
        };
        let head = String::from_utf8_lossy(&heard[..end]).to_lowercase();
        ensure!(head.starts_with("http/1.1 101"), "no socket, but {head}");
        heard.drain(..end);
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            head,
            heard,
            waits: Vec::new(),
            began: Instant::now(),
            closed: None,
            bytes_down: 0,
            bytes_up: 0,
        })
    }

    /// The extensions that were agreed on, if any.
    pub(crate) fn extensions(&self) -> Option<&str> {
        let named = |line: &'_ str| line.starts_with("sec-websocket-extensions:");
        self.head.lines().find(|line| named(line))
    }

    /// How the room closed it, and when after it was opened.
    pub(crate) fn closed(&self) -> Option<(u16, Duration)> {
        self.closed
    }

    /// Bytes that wait because the server does not read.
    pub(crate) fn waiting(&self) -> usize {
        self.waits.len()
    }

    /// Sends bytes as they are, or what fits.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.waits.extend_from_slice(bytes);
        let mut sent = 0;
        while sent < self.waits.len() {
            match self.stream.write(&self.waits[sent..]) {
                Ok(0) => bail!("nothing can be sent"),
                Ok(written) => sent += written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        self.waits.drain(..sent);
        self.bytes_up += sent as u64;
        Ok(())
    }

    /// Takes what has come. False if there is an end.
    pub(crate) fn hear(&mut self) -> anyhow::Result<bool> {
        let mut some = [0; 65_536];
        loop {
            match self.stream.read(&mut some) {
                Ok(0) => return Ok(false),
                Ok(read) => {
                    self.bytes_down += read as u64;
                    self.heard.extend_from_slice(&some[..read]);
                    self.take_frames();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A server's frames are not masked. Only a close says something that is wanted here.
    fn take_frames(&mut self) {
        let mut at = 0;
        while let Some((payload, end)) = frame(&self.heard[at..]) {
            let opcode = self.heard[at] & 0x0f;
            if opcode == OPCODE_CLOSE
                && self.closed.is_none()
                && let [high, low, ..] = self.heard[at + payload..at + end]
            {
                let code = u16::from_be_bytes([high, low]);
                self.closed = Some((code, self.began.elapsed()));
            }
            at += end;
        }
        self.heard.drain(..at);
    }
}

/// Where the first frame's payload begins and where it ends, if it is all there.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let short = usize::from(bytes.get(1)? & 0x7f);
    let (begin, length) = match short {
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            (4, usize::from(u16::from_be_bytes(length)))
        }
        127 => {
            let length = bytes.get(2..10)?.try_into().ok()?;
            (10, usize::try_from(u64::from_be_bytes(length)).ok()?)
        }
        _ => (2, short),
    };
    (bytes.len() >= begin + length).then_some((begin, begin + length))
}

/// A frame as a client sends it. The first byte says what it is: `0x81` text, `0x82` binary, `0xc2` compressed binary.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x35, 0xa1, 0x6c, 0x0e];
    let mut frame = vec![first];
    match payload.len() {
        length @ ..=125 => frame.push(0x80 | length as u8),
        length @ ..=65_535 => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    let bytes = payload.iter().zip(MASK.iter().cycle());
    frame.extend(bytes.map(|(byte, mask)| byte ^ mask));
    frame
}
