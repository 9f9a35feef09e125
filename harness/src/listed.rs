//! The connections that the platform lists when a room comes back into memory.
//!
//! * It lists one until both sides have ended it, and one whose peer is gone without a word long after the room has closed
//!   it.
//! * They come in any order.

use std::collections::BTreeMap;

use authority::{CloseCode, ConnId, Input};
use protocol::Encoding;
use sim_core::Rng;

use crate::entropy::entropy;

/// What is left of connections when the room's memory is gone.
#[derive(Debug, Default)]
pub(crate) struct Connections(BTreeMap<ConnId, Listed>);

#[derive(Debug)]
struct Listed {
    encoding: Encoding,
    user_id: String,
    /// How the room closed it.
    closed: Option<u16>,
}

impl Connections {
    pub(crate) fn accept(&mut self, conn: ConnId, encoding: Encoding, user_id: &str) {
        let listed = Listed {
            encoding,
            user_id: user_id.to_owned(),
            closed: None,
        };
        self.0.insert(conn, listed);
    }

    /// The room has closed it.
    pub(crate) fn close(&mut self, conn: ConnId, code: u16) {
        if let Some(listed) = self.0.get_mut(&conn) {
            listed.closed = Some(code);
        }
    }

    /// Both sides have ended it.
    pub(crate) fn forget(&mut self, conn: ConnId) {
        self.0.remove(&conn);
    }

    /// All of them are gone with the host.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_open(&self, conn: ConnId) -> bool {
        self.0
            .get(&conn)
            .is_some_and(|listed| listed.closed.is_none())
    }

    /// What the driver of a room that comes back tells it. One that the room has closed is not among it. Of those that a
    /// newer one replaced the room must see for itself, so they are, although a driver knows better.
    pub(crate) fn found(&self, rng: &mut Rng, seed: u64) -> Vec<Input<'static>> {
        let mut found: Vec<Input<'static>> = self
            .0
            .iter()
            .filter(|(conn, listed)| listed.closed.is_none() || self.is_replaced(**conn, listed))
            .map(|(conn, listed)| Input::Restore {
                conn: *conn,
                encoding: listed.encoding,
                user_id: listed.user_id.clone(),
                entropy: entropy(&mut Rng::new(seed ^ !conn.0)),
            })
            .collect();
        for last in (1..found.len()).rev() {
            found.swap(last, rng.below(last as u32 + 1) as usize);
        }
        found
    }

    /// Whether it was closed for a newer one, which is still open.
    fn is_replaced(&self, conn: ConnId, listed: &Listed) -> bool {
        let newer = |(other, one): (&ConnId, &Listed)| {
            *other > conn && one.user_id == listed.user_id && one.closed.is_none()
        };
        listed.closed == Some(CloseCode::ReplacedByNewerConnection.number())
            && self.0.iter().any(newer)
    }
}
