//! The class that the platform makes: its events, handed on to the driver.

use std::rc::Rc;

use worker::{
    DurableObject, Env, Error, Request, Response, Result, State, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, console_error, durable_object,
};

use crate::answer::refuse;
use crate::driver::{Driver, now};
use crate::entrance::{RESUME, USER, resume_hash};
use crate::panics;
use crate::refusal::Refusal;
use crate::routes::{Ask, Route, negotiate};
use crate::sockets::{connection, is_open};

/// One room.
#[durable_object]
pub struct RoomObject {
    driver: Rc<Driver>,
}

impl DurableObject for RoomObject {
    fn new(state: State, _env: Env) -> Self {
        panics::watch();
        Self {
            driver: Driver::new(state),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.driver.count_request();
        let answer = match Route::parse(&request.path()) {
            Ok(Route::Socket { room }) => self.socket(&request, &room),
            Ok(Route::Operator { room, ask }) => self.operator(&room, ask),
            Ok(Route::Page | Route::File | Route::Health) => {
                Err(Refusal::not_found("a room has neither pages nor a health of its own").into())
            }
            Err(refusal) => Err(refusal.into()),
        };
        match answer {
            Ok(response) => Ok(response),
            Err(Fault::Peer(refusal)) => refuse(&refusal),
            Err(Fault::Ours(error)) => {
                console_error!("a request failed: {error}");
                refuse(&Refusal::internal())
            }
        }
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<()> {
        let bytes = match message {
            WebSocketIncomingMessage::String(text) => text.into_bytes(),
            WebSocketIncomingMessage::Binary(bytes) => bytes,
        };
        // Cheaper than asking whose it is.
        if !is_open(&socket) {
            self.driver.message_after_close(now(), bytes.len());
        } else if let Some(conn) = connection(&socket) {
            self.driver.message(now(), conn, &bytes);
        }
        Ok(())
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        _code: usize,
        _reason: String,
        _clean: bool,
    ) -> Result<()> {
        self.gone(&socket);
        Ok(())
    }

    async fn websocket_error(&self, socket: WebSocket, _error: Error) -> Result<()> {
        self.gone(&socket);
        Ok(())
    }
}

/// Why a request gets no answer of its own.
enum Fault {
    Peer(Refusal),
    Ours(Error),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Peer(refusal)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl RoomObject {
    /// The entrance has checked the request and made this one of it.
    fn socket(&self, request: &Request, room: &str) -> std::result::Result<Response, Fault> {
        let headers = request.headers();
        let offered = headers.get("Sec-WebSocket-Protocol")?;
        let (encoding, named) = negotiate(offered.as_deref())?;
        let user_id = headers
            .get(USER)?
            .ok_or_else(|| Error::RustError("the entrance did not say who comes".into()))?;
        let resume = headers.get(RESUME)?.as_deref().and_then(resume_hash);

        let now = now();
        if self.driver.holds_too_much(now, &user_id) {
            return Err(Refusal::too_many_connections().into());
        }
        self.driver.awaken(now);
        self.driver.open(now, room)?;
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.driver.accept(now, server, encoding, user_id, resume)?;
        let response = Response::from_websocket(client)?;
        if named {
            response
                .headers()
                .set("Sec-WebSocket-Protocol", encoding.subprotocol())?;
        }
        Ok(response)
    }

    /// The entrance has made sure that an operator asks.
    fn operator(&self, room: &str, ask: Ask) -> std::result::Result<Response, Fault> {
        let (driver, now) = (&self.driver, now());
        let answer = match ask {
            Ask::Recordings => driver.recordings(now)?,
            Ask::Recording(which) => driver.recording(now, room, which)?,
            Ask::Stats => driver.stats(now)?,
            Ask::Panic => driver.panic(now)?,
        };
        answer.ok_or_else(|| Refusal::not_found("nothing was ever recorded here").into())
    }

    fn gone(&self, socket: &WebSocket) {
        if let Some(conn) = connection(socket) {
            self.driver.disconnect(now(), conn);
        }
        // Completes the closing handshake; fails when the room has closed it before.
        let _ = socket.close(Some(protocol::CloseCode::Normal.number()), Some(""));
    }
}
