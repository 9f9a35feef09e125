//! The bare object under the same traffic: as many messages of the same size in both directions.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use local_worker::{Serve, Server};
use serde_json::Value;
use tungstenite::{Error, Message, WebSocket};

use super::{Measured, grown, nth, quantile, since};
use crate::stage::Stage;
use crate::usage;

/// Messages that a client of the room sends in a second: a batch of two inputs each.
const MESSAGES_PER_SECOND: u64 = 30;
/// From one ping of a client to the next, as the room's clients do it.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// Snapshots that a client gets in a second.
const SNAPSHOTS_PER_SECOND: u64 = 10;
/// From one turn of everybody to the next.
const TURN: Duration = Duration::from_millis(1);

struct Peer {
    socket: WebSocket<TcpStream>,
    next: Instant,
    next_ping: Instant,
    bytes_up: u64,
    bytes_down: u64,
    messages_up: u64,
    trips: Vec<u64>,
}

pub(super) fn measure(
    stage: &Stage,
    clients: usize,
    length: Duration,
    like: &Measured,
) -> anyhow::Result<Measured> {
    let serve = Serve {
        workerd: stage.workerd.clone(),
        folder: stage.root.join("benches/bare-object"),
        config: "config.capnp".into(),
        state: stage.state.join("bare"),
        port: None,
        settings: Vec::new(),
        files: None,
        health: "/health".into(),
    };
    let server = serve.start()?;
    let began = Instant::now();
    let mut peers = Vec::new();
    for number in 0..clients {
        // Everybody has a phase of their own, as the room's clients have.
        let phase = Duration::from_secs(1) / MESSAGES_PER_SECOND as u32 * number as u32;
        let first = began + phase / clients as u32;
        peers.push(connect(&server, first, like.down / SNAPSHOTS_PER_SECOND)?);
    }
    let up = vec![0; (like.up / MESSAGES_PER_SECOND) as usize];
    play(&mut peers, &up, began, Duration::from_secs(3))?;
    for peer in &mut peers {
        (peer.bytes_up, peer.bytes_down, peer.messages_up) = (0, 0, 0);
        peer.trips.clear();
    }
    let used = usage::of(server.process_id())?;
    let late_before = counts(&server)?;
    play(&mut peers, &up, began, length)?;
    let used = since(used, usage::of(server.process_id())?);
    let (after, bounds) = (counts(&server)?, bounds(&server)?);
    let late = grown(&late_before, &after);
    let seconds = length.as_secs();
    let sum = |what: fn(&Peer) -> u64| peers.iter().map(what).sum::<u64>();
    let mut trips: Vec<u64> = peers.iter().flat_map(|peer| peer.trips.clone()).collect();
    ensure!(!trips.is_empty(), "nobody got an answer");
    Ok(Measured {
        name: "a bare JavaScript object",
        processor_percent: used.processor.as_secs_f64() * 100.0 / seconds as f64,
        mebibytes: used.kibibytes as f64 / 1024.0,
        late_p50: quantile(&late, &bounds, 500),
        late_p99: quantile(&late, &bounds, 990),
        trip_p50: nth(&mut trips, 500),
        trip_p99: nth(&mut trips, 990),
        up: sum(|peer| peer.bytes_up) / seconds / clients as u64,
        down: sum(|peer| peer.bytes_down) / seconds / clients as u64,
        messages: sum(|peer| peer.messages_up) / seconds,
    })
}

fn connect(server: &Server, first: Instant, bytes: u64) -> anyhow::Result<Peer> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let url = format!("{}/room?bytes={bytes}", server.ws());
    let (socket, _) = tungstenite::client(url, stream).context("the bare object's handshake")?;
    socket.get_ref().set_nonblocking(true)?;
    Ok(Peer {
        socket,
        next: first,
        next_ping: first,
        bytes_up: 0,
        bytes_down: 0,
        messages_up: 0,
        trips: Vec::new(),
    })
}

fn play(peers: &mut [Peer], up: &[u8], began: Instant, length: Duration) -> anyhow::Result<()> {
    let end = Instant::now() + length;
    while Instant::now() < end {
        for peer in &mut *peers {
            peer.turn(up, began)?;
        }
        std::thread::sleep(TURN);
    }
    Ok(())
}

impl Peer {
    fn turn(&mut self, up: &[u8], began: Instant) -> anyhow::Result<()> {
        let now = Instant::now();
        if self.next <= now {
            self.next += Duration::from_secs(1) / MESSAGES_PER_SECOND as u32;
            self.bytes_up += up.len() as u64;
            self.send(Message::binary(up.to_vec()))?;
        }
        if self.next_ping <= now {
            self.next_ping += PING_INTERVAL;
            let sent = now.duration_since(began).as_micros().to_string();
            self.bytes_up += sent.len() as u64;
            self.send(Message::text(sent))?;
        }
        loop {
            match self.socket.read() {
                Ok(Message::Binary(bytes)) => self.bytes_down += bytes.len() as u64,
                Ok(Message::Text(sent)) => {
                    self.bytes_down += sent.len() as u64;
                    let sent: u64 = sent.parse().context("an echo")?;
                    let now = Instant::now().duration_since(began).as_micros() as u64;
                    self.trips.push(now - sent);
                }
                Ok(Message::Close(frame)) => bail!("the bare object closed: {frame:?}"),
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("reading from the bare object"),
            }
        }
    }

    fn send(&mut self, message: Message) -> anyhow::Result<()> {
        self.messages_up += 1;
        match self.socket.send(message) {
            Ok(()) => Ok(()),
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error).context("sending to the bare object"),
        }
    }
}

fn stats(server: &Server) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&server.get("/room/stats")?)?)
}

fn counts(server: &Server) -> anyhow::Result<Vec<u64>> {
    numbers(&stats(server)?["counts"])
}

fn bounds(server: &Server) -> anyhow::Result<Vec<u64>> {
    numbers(&stats(server)?["bounds"])
}

fn numbers(array: &Value) -> anyhow::Result<Vec<u64>> {
    let numbers = array.as_array().context("no numbers")?.iter();
    Ok(numbers.filter_map(Value::as_u64).collect())
}
