//! The room's sockets, by the number that the room knows them under.
//!
//! * The platform keeps a socket alive while the object is out of memory; the attachment is what is left to tell whose
//!   it is. So everything that the object must know again stands in it.

use std::collections::BTreeMap;

use authority::ConnId;
use serde::{Deserialize, Serialize};
use worker::{Result, State, WebSocket};

/// What a socket keeps while the object sleeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// Counts up from 1 over the object's life, so it stays exact as a JavaScript number.
    pub(crate) conn: u64,
    /// Whose it is.
    pub(crate) user_id: String,
    /// The binary encoding was agreed on.
    pub(crate) binary: bool,
}

/// Every open socket.
#[derive(Default)]
pub(crate) struct Sockets {
    open: BTreeMap<ConnId, WebSocket>,
    last: u64,
}

impl Sockets {
    /// The sockets that outlived the object's memory, and whose they are.
    pub(crate) fn restore(state: &State) -> (Self, Vec<Attachment>) {
        let mut sockets = Self::default();
        let mut found = Vec::new();
        for socket in state.get_websockets() {
            let Some(attachment) = attachment(&socket) else {
                continue;
            };
            sockets.last = sockets.last.max(attachment.conn);
            sockets.open.insert(ConnId(attachment.conn), socket);
            found.push(attachment);
        }
        (sockets, found)
    }

    /// Takes a socket in. Its messages come to the object from now on.
    pub(crate) fn accept(
        &mut self,
        state: &State,
        socket: WebSocket,
        user_id: &str,
        binary: bool,
    ) -> Result<ConnId> {
        let conn = self.last + 1;
        state.accept_web_socket(&socket);
        socket.serialize_attachment(Attachment {
            conn,
            user_id: user_id.to_owned(),
            binary,
        })?;
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
            // Fails when the peer closed it first.
            let _ = socket.close(Some(code), Some(reason));
        }
    }

    /// Closes them all.
    pub(crate) fn close_all(&mut self, code: u16, reason: &str) {
        for (_, socket) in std::mem::take(&mut self.open) {
            let _ = socket.close(Some(code), Some(reason));
        }
    }

    /// Forgets a socket that the peer closed.
    pub(crate) fn forget(&mut self, conn: ConnId) {
        self.open.remove(&conn);
    }
}

/// Which connection a socket is. None for a socket that was never taken in.
pub(crate) fn connection(socket: &WebSocket) -> Option<ConnId> {
    attachment(socket).map(|attachment| ConnId(attachment.conn))
}

fn attachment(socket: &WebSocket) -> Option<Attachment> {
    socket.deserialize_attachment().ok().flatten()
}
