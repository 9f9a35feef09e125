//! The connection of a page: the browser's WebSocket.
//!
//! * What comes is stamped when the browser hands it over. Whoever is told of it can take it at once, also in a page that
//!   is not shown and is given no frames.
//! * Where somebody has to prove who they are, each connection waits for a token of its own.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Function, Promise, Uint8Array};
use netcode::Micros;
use protocol::{CloseCode, Encoding};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use crate::address::{Address, AddressError, Call};
use crate::proof::with_another_token;
use crate::socket::{Arrival, Dial, Socket};

/// Now, on the page's own clock.
#[must_use]
pub fn now() -> Micros {
    let millis = web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |clock| clock.now());
    Micros((millis * 1_000.0) as u64)
}

/// What is told that something has arrived.
pub(super) type Told = Rc<dyn Fn()>;

/// Dials an address.
#[derive(Clone)]
pub struct WebDial {
    address: Address,
    /// Asks the page for a token; none where nobody has to prove anything.
    tokens: Option<Function>,
    /// The last token was refused, and another one may be good.
    refused: Rc<Cell<bool>>,
    encoding: Encoding,
    told: Told,
}

impl WebDial {
    /// For a room. `tokens` is asked at every connection, with whether the last token was refused as over. It gives a
    /// promise of a token, or of nothing when the user is signed out; a promise that is broken means that there is none at
    /// the moment.
    pub fn new(
        address: Address,
        tokens: Option<Function>,
        encoding: Encoding,
        told: Told,
    ) -> Result<Self, AddressError> {
        address.call(encoding, None)?;
        Ok(Self {
            address,
            tokens,
            refused: Rc::default(),
            encoding,
            told,
        })
    }
}

impl Dial for WebDial {
    type Socket = WebConnection;

    fn dial(&mut self, resume_token: Option<&str>) -> WebConnection {
        let arrived = Arrived {
            queue: Rc::default(),
            told: Rc::clone(&self.told),
        };
        let open = Rc::new(RefCell::new(None));
        let connection = WebConnection {
            open: Rc::clone(&open),
            arrived: arrived.clone(),
        };
        let Some(tokens) = &self.tokens else {
            let call = self.address.call(self.encoding, resume_token);
            let end = |number: u16, _: &str| number;
            match call.ok().and_then(|call| connect(&call, &arrived, end)) {
                Some(socket) => *open.borrow_mut() = Some(socket),
                None => arrived.put(Arrival::Closed { code: None }),
            }
            return connection;
        };
        let refused = Rc::clone(&self.refused);
        let promise = tokens
            .call1(&JsValue::NULL, &JsValue::from(refused.take()))
            .map(|promise| JsFuture::from(Promise::resolve(&promise)));
        let (mut address, encoding) = (self.address.clone(), self.encoding);
        let resume_token = resume_token.map(str::to_owned);
        // Who gives the connection up meanwhile drops it, and then it is not made.
        let awaited = Rc::downgrade(&open);
        spawn_local(async move {
            let token = match promise {
                Ok(promise) => promise.await,
                Err(error) => Err(error),
            };
            let Some(open) = awaited.upgrade() else {
                return;
            };
            // Without a token the room says that the user is signed out, which ends it. A token that cannot be had is no
            // such thing: it is asked for again.
            let socket = token.ok().and_then(|token| {
                address.token = token.as_string();
                let sent = address.token.is_some();
                let call = address.call(encoding, resume_token.as_deref()).ok()?;
                connect(&call, &arrived, move |number, reason| {
                    let taken = with_another_token(number, reason, sent);
                    refused.set(taken != number);
                    taken
                })
            });
            match socket {
                Some(socket) => *open.borrow_mut() = Some(socket),
                None => arrived.put_and_tell(Arrival::Closed { code: None }),
            }
        });
        connection
    }
}

/// Begins to open a socket. `end` says what the number and reason of its close come to.
fn connect(
    call: &Call,
    arrived: &Arrived,
    end: impl Fn(u16, &str) -> u16 + 'static,
) -> Option<(WebSocket, Listeners)> {
    let offers: Array = call
        .offers
        .iter()
        .map(|offer| JsValue::from_str(offer))
        .collect();
    let socket = WebSocket::new_with_str_sequence(&call.url, &offers).ok()?;
    socket.set_binary_type(BinaryType::Arraybuffer);
    let listeners = Listeners::on(&socket, arrived, end);
    Some((socket, listeners))
}

/// A connection of a page.
pub struct WebConnection {
    /// None until there is a token for it, and when it could not be begun.
    open: Rc<RefCell<Option<(WebSocket, Listeners)>>>,
    arrived: Arrived,
}

impl Socket for WebConnection {
    fn send(&mut self, bytes: Vec<u8>, text: bool) {
        let open = self.open.borrow();
        let Some((socket, _)) = &*open else {
            return;
        };
        if socket.ready_state() != WebSocket::OPEN {
            return;
        }
        // What cannot be sent is followed by a close event, which says so.
        let _ = if text {
            let text = String::from_utf8(bytes).expect("the client's JSON is UTF-8");
            socket.send_with_str(&text)
        } else {
            socket.send_with_u8_array(&bytes)
        };
    }

    fn close(self, code: CloseCode) {
        if let Some((socket, _)) = &*self.open.borrow() {
            // One that is closed already stays so.
            let _ = socket.close_with_code_and_reason(code.number(), code.reason());
        }
    }

    fn arrived(&mut self) -> Option<(Micros, Arrival)> {
        self.arrived.queue.borrow_mut().pop_front()
    }
}

impl Drop for WebConnection {
    fn drop(&mut self) {
        if let Some((socket, _)) = self.open.borrow_mut().take() {
            socket.set_onopen(None);
            socket.set_onmessage(None);
            socket.set_onclose(None);
            // One that is closed already stays so.
            let _ = socket.close();
        }
    }
}

#[derive(Clone)]
struct Arrived {
    queue: Rc<RefCell<VecDeque<(Micros, Arrival)>>>,
    told: Told,
}

impl Arrived {
    fn put(&self, what: Arrival) {
        self.queue.borrow_mut().push_back((now(), what));
    }

    fn put_and_tell(&self, what: Arrival) {
        self.put(what);
        (self.told)();
    }
}

/// Kept as long as the browser may call them.
struct Listeners {
    _open: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Listeners {
    fn on(socket: &WebSocket, arrived: &Arrived, end: impl Fn(u16, &str) -> u16 + 'static) -> Self {
        let opened = arrived.clone();
        let open = Closure::<dyn FnMut(Event)>::new(move |_| opened.put_and_tell(Arrival::Opened));
        let came = arrived.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            let message = match data.as_string() {
                Some(text) => Arrival::Message {
                    bytes: text.into_bytes(),
                    text: true,
                },
                None => match data.dyn_into::<ArrayBuffer>() {
                    Ok(buffer) => Arrival::Message {
                        bytes: Uint8Array::new(&buffer).to_vec(),
                        text: false,
                    },
                    // Neither text nor what was asked for: nothing that a room sends.
                    Err(_) => return,
                },
            };
            came.put_and_tell(message);
        });
        let gone = arrived.clone();
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            // 1006 is the browser's word for an end without a close frame.
            let code = Some(event.code()).filter(|code| *code != 1_006);
            let code = code.map(|code| end(code, &event.reason()));
            gone.put_and_tell(Arrival::Closed { code });
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Self {
            _open: open,
            _message: message,
            _close: close,
        }
    }
}
