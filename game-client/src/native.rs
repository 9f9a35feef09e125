//! The connection of a program: a thread that reads and writes a socket.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the one place where the client has a clock and a thread"
)]

use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use netcode::Micros;
use protocol::{CloseCode, Encoding};
use tungstenite::http::Uri;
use tungstenite::protocol::CloseFrame;
use tungstenite::{ClientRequestBuilder, Error, Message, WebSocket};

use crate::address::{Address, AddressError, Call};
use crate::socket::{Arrival, Dial, Socket};

/// How long an address may take to answer.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// How long the thread listens before it looks whether there is something to send. It is added to the latency, at most.
const LISTENS: Duration = Duration::from_millis(1);

/// Time since a moment, as the client counts it.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Default for Stopwatch {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Stopwatch {
    /// Now.
    #[must_use]
    pub fn now(self) -> Micros {
        Micros(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX))
    }
}

/// A number that is another one in every process.
#[must_use]
pub fn entropy() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0_u8)
}

/// Dials an address.
#[derive(Clone, Debug)]
pub struct NativeDial {
    address: Address,
    encoding: Encoding,
    clock: Stopwatch,
}

impl NativeDial {
    /// For a room without encryption on the way: this is for a machine of one's own.
    pub fn new(
        address: Address,
        encoding: Encoding,
        clock: Stopwatch,
    ) -> Result<Self, AddressError> {
        address.call(encoding, None)?;
        if address.origin.starts_with("https://") {
            return Err(AddressError::Encrypted(address.origin));
        }
        Ok(Self {
            address,
            encoding,
            clock,
        })
    }
}

impl Dial for NativeDial {
    type Socket = NativeSocket;

    fn dial(&mut self, resume_token: Option<&str>) -> NativeSocket {
        let call = self
            .address
            .call(self.encoding, resume_token)
            .expect("it was looked at when the dial was made");
        let (to_send, sends) = channel();
        let (arrives, arrived) = channel();
        let clock = self.clock;
        thread::spawn(move || {
            let told = |what| arrives.send((clock.now(), what)).is_ok();
            let code = match open(&call) {
                Ok(socket) => {
                    told(Arrival::Opened);
                    pump(socket, &sends, &told)
                }
                Err(_) => None,
            };
            told(Arrival::Closed { code });
        });
        NativeSocket { to_send, arrived }
    }
}

/// A connection, and the thread that has it. The thread ends when this is dropped.
#[derive(Debug)]
pub struct NativeSocket {
    to_send: Sender<Message>,
    arrived: Receiver<(Micros, Arrival)>,
}

impl Socket for NativeSocket {
    fn send(&mut self, bytes: Vec<u8>, text: bool) {
        let message = if text {
            Message::text(String::from_utf8(bytes).expect("the client's JSON is UTF-8"))
        } else {
            Message::binary(bytes)
        };
        // A thread that has ended has said so; nobody waits for this message.
        let _ = self.to_send.send(message);
    }

    fn close(self, code: CloseCode) {
        let frame = CloseFrame {
            code: code.number().into(),
            reason: code.reason().into(),
        };
        // The thread sends what waits before it sees that its owner is gone.
        let _ = self.to_send.send(Message::Close(Some(frame)));
    }

    fn arrived(&mut self) -> Option<(Micros, Arrival)> {
        self.arrived.try_recv().ok()
    }
}

/// Opens a connection, or says why not.
fn open(call: &Call) -> Result<WebSocket<TcpStream>, Error> {
    let uri: Uri = call.url.parse()?;
    let host = uri.host().unwrap_or_default().to_owned();
    let address = (host, uri.port_u16().unwrap_or(80))
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| std::io::Error::from(ErrorKind::AddrNotAvailable))?;
    let stream = TcpStream::connect_timeout(&address, CONNECT_WAIT)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(CONNECT_WAIT))?;
    let mut request = ClientRequestBuilder::new(uri);
    for offer in &call.offers {
        request = request.with_sub_protocol(offer);
    }
    let (socket, _) = tungstenite::client(request, stream).map_err(|error| match error {
        tungstenite::HandshakeError::Failure(error) => error,
        tungstenite::HandshakeError::Interrupted(_) => Error::Io(ErrorKind::TimedOut.into()),
    })?;
    socket.get_ref().set_read_timeout(Some(LISTENS))?;
    Ok(socket)
}

/// Reads and writes until the connection or its owner is gone. Returns what the close frame said.
fn pump(
    mut socket: WebSocket<TcpStream>,
    sends: &Receiver<Message>,
    told: &dyn Fn(Arrival) -> bool,
) -> Option<u16> {
    loop {
        loop {
            match sends.try_recv() {
                Ok(message) => socket.send(message).ok()?,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    // The owner has gone; a farewell that is not heard changes nothing.
                    let _ = socket.close(None);
                    let _ = socket.flush();
                    return None;
                }
            }
        }
        match socket.read() {
            Ok(Message::Text(text)) => {
                let bytes = text.as_bytes().to_vec();
                told(Arrival::Message { bytes, text: true });
            }
            Ok(Message::Binary(bytes)) => {
                let bytes = bytes.to_vec();
                told(Arrival::Message { bytes, text: false });
            }
            Ok(Message::Close(frame)) => return frame.map(|frame| u16::from(frame.code)),
            Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            Err(Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return None,
        }
    }
}
