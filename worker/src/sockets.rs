//! The room's sockets, by the number that the room knows them under.
//!
//! * The platform keeps a socket alive while the object is out of memory; the attachment is what is left to tell whose
//!   it is. So everything that the object must know again stands in it.
//! * A socket that is closed says so in its attachment first, so no other life of the object takes it for an open one.

use std::collections::BTreeMap;

use authority::{CloseCode, ConnId, Encoding, Millis};
use worker::{Result, State, WebSocket};

use crate::attachment::Attachment;
use crate::closed_sockets::ClosedSockets;
use crate::listed::{Fate, fates, next_number};

/// Every open socket.
#[derive(Default)]
pub(crate) struct Sockets {
    open: BTreeMap<ConnId, WebSocket>,
    held: ClosedSockets,
    last: u64,
}

impl Sockets {
    /// The sockets that outlived the object's memory and go on, and whose they are, oldest first. The others are closed.
    pub(crate) fn restore(state: &State) -> (Self, Vec<Attachment>) {
        let (mut listed, mut all) = (Vec::new(), Vec::new());
        for socket in state.get_websockets() {
            match attachment(&socket) {
                Some(attachment) => all.push((attachment, socket)),
                // It was never taken in.
                None => end(&socket, CloseCode::Internal.number(), ""),
            }
        }
        all.sort_by_key(|(attachment, _)| attachment.conn);
        listed.extend(all.iter().map(|(attachment, _)| attachment.clone()));
        let mut sockets = Self::default();
        let mut found = Vec::new();
        for ((attachment, socket), fate) in all.into_iter().zip(fates(&listed)) {
            sockets.last = sockets.last.max(attachment.conn);
            let conn = ConnId(attachment.conn);
            match fate {
                // Its close event has yet to come.
                Fate::GoesOn if !is_open(&socket) => sockets.held.close(conn, attachment.user_id),
                Fate::GoesOn => {
                    sockets.open.insert(conn, socket);
                    found.push(attachment);
                }
                Fate::Closes(code) => {
                    end(&socket, code.number(), code.reason());
                    sockets.held.close(conn, attachment.user_id);
                }
            }
        }
        (sockets, found)
    }

    /// Takes a socket in. Its messages come to the object from now on.
    pub(crate) fn accept(
        &mut self,
        state: &State,
        now: Millis,
        socket: WebSocket,
        user_id: &str,
        encoding: Encoding,
    ) -> Result<ConnId> {
        let conn = next_number(self.last, now);
        state.accept_web_socket(&socket);
        socket.serialize_attachment(Attachment::new(conn, user_id, encoding))?;
        self.last = conn;
        self.open.insert(ConnId(conn), socket);
        Ok(ConnId(conn))
    }

    /// Sends to a socket. One that is closing cannot be sent to, and its close event follows: nothing to do here.
    pub(crate) fn send(&self, conn: ConnId, bytes: &[u8], text: bool) {
        let Some(socket) = self.open.get(&conn) else {
            return;
        };
        let _ = match std::str::from_utf8(bytes) {
            Ok(string) if text => socket.send_with_str(string),
            Ok(_) | Err(_) => socket.send_with_bytes(bytes),
        };
    }

    /// Closes a socket and forgets it.
    pub(crate) fn close(&mut self, conn: ConnId, code: u16, reason: &str) {
        if let Some(socket) = self.open.remove(&conn) {
            if let Some(attachment) = attachment(&socket) {
                self.held.close(conn, attachment.user_id);
            }
            end(&socket, code, reason);
        }
    }

    /// Closes them all.
    pub(crate) fn close_all(&mut self, code: CloseCode) {
        let open: Vec<ConnId> = self.open.keys().copied().collect();
        for conn in open {
            self.close(conn, code.number(), code.reason());
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Forgets a socket whose peer closed it, or answered its close.
    pub(crate) fn forget(&mut self, conn: ConnId, now: Millis) {
        self.open.remove(&conn);
        self.held.ended(conn, now);
    }

    /// Whether a user holds as many closed connections as one may.
    pub(crate) fn holds_too_much(&mut self, user_id: &str, now: Millis) -> bool {
        self.held.is_too_much(user_id, now)
    }

    /// Connections that are open, and those that are closed and may be held.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.open.len(), self.held.count())
    }
}

/// Whether nobody has closed it yet. Who has been closed may go on sending.
pub(crate) fn is_open(socket: &WebSocket) -> bool {
    let socket: &web_sys::WebSocket = socket.as_ref();
    socket.ready_state() == web_sys::WebSocket::OPEN
}

/// Which connection a socket is. None for a socket that was never taken in, or that the room has closed.
pub(crate) fn connection(socket: &WebSocket) -> Option<ConnId> {
    let attachment = attachment(socket).filter(|attachment| attachment.closed.is_none())?;
    Some(ConnId(attachment.conn))
}

/// Closes a socket for good.
fn end(socket: &WebSocket, code: u16, reason: &str) {
    if let Some(attachment) = attachment(socket) {
        // Fails for a socket that is gone, and then nobody finds it again.
        let _ = socket.serialize_attachment(Attachment {
            closed: Some(code),
            ..attachment
        });
    }
    // Fails when the peer closed it first.
    let _ = socket.close(Some(code), Some(reason));
}

fn attachment(socket: &WebSocket) -> Option<Attachment> {
    socket.deserialize_attachment().ok().flatten()
}
