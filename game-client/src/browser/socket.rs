//! The connection of a page: the browser's WebSocket.
//!
//! * What comes is stamped when the browser hands it over. Whoever is told of it can take it at once, also in a page that
//!   is not shown and is given no frames.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use netcode::Micros;
use protocol::Encoding;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

use crate::address::{Address, AddressError};
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
    address: Rc<RefCell<Address>>,
    encoding: Encoding,
    told: Told,
}

impl WebDial {
    /// For a room. The address may get another token between two attempts.
    pub fn new(
        address: Rc<RefCell<Address>>,
        encoding: Encoding,
        told: Told,
    ) -> Result<Self, AddressError> {
        address.borrow().socket(None)?;
        Ok(Self {
            address,
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
        let url = self.address.borrow().socket(resume_token);
        let socket = url
            .ok()
            .and_then(|url| WebSocket::new_with_str(&url, self.encoding.subprotocol()).ok());
        let Some(socket) = socket else {
            arrived.put(Arrival::Closed { code: None });
            return WebConnection {
                open: None,
                arrived,
            };
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let listeners = Listeners::on(&socket, &arrived);
        WebConnection {
            open: Some((socket, listeners)),
            arrived,
        }
    }
}

/// A connection of a page.
pub struct WebConnection {
    open: Option<(WebSocket, Listeners)>,
    arrived: Arrived,
}

impl Socket for WebConnection {
    fn send(&mut self, bytes: Vec<u8>, text: bool) {
        let Some((socket, _)) = &self.open else {
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

    fn arrived(&mut self) -> Option<(Micros, Arrival)> {
        self.arrived.queue.borrow_mut().pop_front()
    }
}

impl Drop for WebConnection {
    fn drop(&mut self) {
        if let Some((socket, _)) = self.open.take() {
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
    fn on(socket: &WebSocket, arrived: &Arrived) -> Self {
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
