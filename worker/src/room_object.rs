//! The class that the platform makes: its events, handed on to the driver.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::CloseCode;
use worker::{
    DurableObject, Env, Error, Request, Response, Result, State, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, console_error, durable_object,
};

use crate::alarm::Kept;
use crate::answer::refuse;
use crate::driver::{Driver, now};
use crate::entrance::{ADDRESS, NEW, RESUME, USER, resume_hash};
use crate::gate::setting;
use crate::panics;
use crate::refusal::Refusal;
use crate::routes::{Ask, Route, negotiate};
use crate::sockets::{connection, is_open};
use crate::visitors::Visitors;

/// How long a room is kept in which nobody is.
const EMPTY_ROOMS_KEPT: &str = "EMPTY_ROOMS_KEPT";

/// One room.
#[durable_object]
pub struct RoomObject {
    driver: Rc<Driver>,
    visitors: RefCell<Visitors>,
}

impl DurableObject for RoomObject {
    fn new(state: State, env: Env) -> Self {
        panics::watch();
        Self {
            driver: Driver::new(state, kept(&env)),
            visitors: RefCell::new(Visitors::of_a_room()),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.driver.alarm(now()).await?;
        Response::empty()
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.driver.count_request();
        let answer = match Route::parse(&request.path()) {
            Ok(Route::Socket { room }) => {
                self.driver.is_called(&room);
                self.socket(&request, &room)
            }
            Ok(Route::Operator { room, ask }) => {
                self.driver.is_called(&room);
                self.operator(&room, ask).await
            }
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
            Err(Fault::Unavailable(room, error)) => {
                console_error!("room {room} cannot be opened: {error}");
                refuse(&Refusal::room_unavailable())
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
        code: usize,
        _reason: String,
        _clean: bool,
    ) -> Result<()> {
        self.gone(&socket, code == usize::from(CloseCode::Left.number()));
        Ok(())
    }

    async fn websocket_error(&self, socket: WebSocket, _error: Error) -> Result<()> {
        self.gone(&socket, false);
        Ok(())
    }
}

/// How long an empty room is kept, by the environment. With a setting that says nothing, for ever: a typing mistake must
/// not delete anything.
fn kept(env: &Env) -> Kept {
    let Some(text) = setting(env, EMPTY_ROOMS_KEPT) else {
        return Kept::DEFAULT;
    };
    Kept::parse(&text).unwrap_or_else(|| {
        console_error!("{EMPTY_ROOMS_KEPT} is no time, so empty rooms are kept: {text:?}");
        Kept::Forever
    })
}

/// Why a request gets no answer of its own.
enum Fault {
    Peer(Refusal),
    Ours(Error),
    /// Nothing of this room's storage can be read.
    Unavailable(String, Error),
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
            return Err(Refusal::too_many_held().into());
        }
        let address = headers.get(ADDRESS)?;
        let mut visitors = self.visitors.borrow_mut();
        if !visitors.may_come(now, &user_id, address.as_deref()) {
            return Err(Refusal::too_many_connections().into());
        }
        let unavailable = |error| Fault::Unavailable(room.to_owned(), error);
        let is_new = self.driver.is_new().map_err(unavailable)?;
        if is_new && headers.get(NEW)?.is_none() {
            return Err(Refusal::too_many_rooms().into());
        }
        self.driver.awaken(now);
        self.driver.open(now, room).map_err(unavailable)?;
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.driver.accept(now, server, encoding, user_id, resume)?;
        let response = Response::from_websocket(client)?;
        if is_new {
            response.headers().set(NEW, "1")?;
        }
        if named {
            response
                .headers()
                .set("Sec-WebSocket-Protocol", encoding.subprotocol())?;
        }
        Ok(response)
    }

    /// The entrance has made sure that an operator asks.
    async fn operator(&self, room: &str, ask: Ask) -> std::result::Result<Response, Fault> {
        let (driver, now) = (&self.driver, now());
        let answer = match ask {
            Ask::Recordings => driver.recordings(now)?,
            Ask::Recording(which) => driver.recording(now, room, which)?,
            Ask::Stats => driver.stats(now)?,
            Ask::Delete => {
                let is_gone = driver.delete(now, "an operator asked for it").await?;
                is_gone
                    .then(|| Response::empty().map(|response| response.with_status(204)))
                    .transpose()?
            }
            Ask::Panic => driver.panic(now)?,
            Ask::Stall => driver.stall()?,
        };
        answer.ok_or_else(|| Refusal::not_found("nothing was ever recorded here").into())
    }

    fn gone(&self, socket: &WebSocket, on_purpose: bool) {
        if let Some(conn) = connection(socket) {
            self.driver.disconnect(now(), conn, on_purpose);
        }
        // Completes the closing handshake; fails when the room has closed it before.
        let _ = socket.close(Some(CloseCode::Normal.number()), Some(""));
    }
}
