//! A client that says that it has read what it never takes off its socket, and takes it back.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use protocol::limits::SERVER_MESSAGE_BYTES_MAX;
use protocol::{
    ClientCommand, ClientMessage, Encoding, Envelope, Input, Receipt, ServerBody, decode_server,
    encode_client,
};
use sim_core::Buttons;
use tungstenite::http::Uri;
use tungstenite::{ClientRequestBuilder, Error, Message, WebSocket};

use super::attackers::Attacker;
use crate::bot::Room;

/// What `docs/PROTOCOL.md` says that may be unread: of who brings proofs, and of who brings none, in the beginning and with
/// every second.
const UNREAD_BYTES_MAX: u64 = 2 << 20;
const UNPROVEN_BYTES_MAX: u64 = 512 << 10;
const UNPROVEN_BYTES_PER_SECOND: u64 = 32 << 10;
/// Below the rate that a room allows.
const MESSAGES_PER_SECOND: u64 = 55;
/// How far behind the newest snapshot the guess stays: one that was not sent yet would be refused.
const BEHIND: u32 = 3;
const WAIT: Duration = Duration::from_secs(5);
/// When nothing more has come for so long, everything has.
const SILENCE: Duration = Duration::from_millis(700);

pub(super) struct Liar {
    room: Room,
    encoding: Encoding,
    line: Option<Line>,
    said: u64,
    connections: u32,
    /// What the room sent on the lines before this one, as far as it was taken in the end.
    most_bytes: u64,
}

struct Line {
    socket: WebSocket<TcpStream>,
    began: Instant,
    /// The first snapshot's number: from there on they can be counted.
    first: u32,
    bytes: u64,
    said: u32,
}

impl Liar {
    pub(super) fn begin(room: &Room, encoding: Encoding) -> anyhow::Result<Self> {
        Ok(Self {
            room: room.clone(),
            encoding,
            line: Some(Line::open(room, encoding, 1)?),
            said: 0,
            connections: 1,
            most_bytes: 0,
        })
    }

    /// What the room may have sent on one connection that reads nothing.
    fn allowed(&self, length: Duration) -> u64 {
        let longest = SERVER_MESSAGE_BYTES_MAX as u64;
        match self.encoding {
            Encoding::Binary => UNREAD_BYTES_MAX + longest,
            Encoding::Json | Encoding::Binary1 => {
                let believed = length.as_millis() as u64 * UNPROVEN_BYTES_PER_SECOND / 1_000;
                UNPROVEN_BYTES_MAX + believed + longest
            }
        }
    }

    /// Whoever is closed comes back as somebody else.
    fn come_back(&mut self) -> anyhow::Result<()> {
        if let Some(line) = self.line.take() {
            self.most_bytes = self.most_bytes.max(line.drain()?);
        }
        self.connections += 1;
        self.line = Some(Line::open(&self.room, self.encoding, self.connections)?);
        Ok(())
    }
}

impl Line {
    /// Comes in, and reads until the first snapshot. It is the last thing that it reads.
    fn open(room: &Room, encoding: Encoding, number: u32) -> anyhow::Result<Self> {
        let Room { port, code } = room;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        let stream = TcpStream::connect_timeout(&address, WAIT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT))?;
        let url = format!("ws://127.0.0.1:{port}/api/rooms/{code}/ws?playerId=liar-{number}");
        let uri: Uri = url.parse()?;
        let request = ClientRequestBuilder::new(uri).with_sub_protocol(encoding.subprotocol());
        let (mut socket, _) = tungstenite::client(request, stream)
            .map_err(|error| anyhow::anyhow!("the handshake: {error}"))?;
        let mut bytes = 0;
        let first = loop {
            let message = socket.read().context("waiting for the first snapshot")?;
            let data = message.into_data();
            bytes += data.len() as u64;
            if let Ok(message) = decode_server(&data, encoding, |_| None)
                && let ServerBody::Snapshot(snapshot) = message.body
            {
                break snapshot.id;
            }
        };
        socket.get_ref().set_nonblocking(true)?;
        Ok(Self {
            socket,
            began: Instant::now(),
            first,
            bytes,
            said: 0,
        })
    }

    /// One more lie. False if the connection is gone.
    fn lie(&mut self, encoding: Encoding) -> bool {
        self.said += 1;
        let tenths = self.began.elapsed().as_millis() / 100;
        let newest = self.first + tenths as u32;
        // Every other one is taken back, which asks for a full snapshot.
        let snapshot_ack = self
            .said
            .is_multiple_of(2)
            .then(|| newest.saturating_sub(BEHIND).max(self.first));
        let guess = Receipt(self.said.wrapping_mul(0x9e37_79b9));
        let message = ClientMessage::Command(Envelope {
            seq: self.said,
            client_time: 1.0,
            command: ClientCommand::InputBatch {
                inputs: vec![Input {
                    seq: 1,
                    buttons: Buttons::NONE,
                }],
                snapshot_ack,
                snapshot_proof: snapshot_ack
                    .filter(|_| encoding == Encoding::Binary)
                    .map(|_| guess),
                predicted: None,
            },
        });
        let bytes = encode_client(&message, encoding);
        let message = if encoding.is_text() {
            Message::text(String::from_utf8_lossy(&bytes).into_owned())
        } else {
            Message::binary(bytes)
        };
        match self.socket.send(message) {
            Ok(()) => true,
            Err(Error::Io(error)) => error.kind() == ErrorKind::WouldBlock,
            Err(_) => false,
        }
    }

    /// In the end everything is read, to know how much it was.
    fn drain(mut self) -> anyhow::Result<u64> {
        let stream = self.socket.get_ref();
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(SILENCE))?;
        let end = Instant::now() + WAIT;
        while let Ok(message) = self.socket.read()
            && Instant::now() < end
        {
            self.bytes += message.len() as u64;
        }
        Ok(self.bytes)
    }
}

impl Attacker for Liar {
    fn turn(&mut self, elapsed: Duration) -> anyhow::Result<()> {
        let due = elapsed.as_millis() as u64 * MESSAGES_PER_SECOND / 1_000;
        if self.said >= due {
            return Ok(());
        }
        self.said = due;
        let encoding = self.encoding;
        let goes_on = self.line.as_mut().is_some_and(|line| line.lie(encoding));
        if !goes_on {
            self.come_back()?;
        }
        Ok(())
    }

    fn account(&mut self, elapsed: Duration) -> anyhow::Result<String> {
        if let Some(line) = self.line.take() {
            self.most_bytes = self.most_bytes.max(line.drain()?);
        }
        let (bytes, allowed) = (self.most_bytes, self.allowed(elapsed));
        let said = format!(
            "liar in {}: {} false acknowledgements in {:.1} s on {} connections; of the most that one was sent nothing was read, {bytes} \
             bytes, where {allowed} are allowed",
            self.encoding.subprotocol(),
            self.said,
            elapsed.as_secs_f64(),
            self.connections,
        );
        ensure!(bytes <= allowed, "{said}");
        Ok(said)
    }
}
