//! What a player is told to be stored is on the disk when it is told.
//!
//! That a room which comes back has exactly the structures of the disk is another oracle's.

use authority::Room;
use protocol::{Encoding, ServerBody, decode_server};

use super::Violation;
use crate::disk::Disk;

/// A message leaves that was to wait for the disk.
pub(crate) fn is_stored(bytes: &[u8], text: bool, room: &Room, disk: &Disk) -> Option<Violation> {
    let encoding = if text {
        Encoding::Json
    } else {
        Encoding::Binary
    };
    let message = decode_server(bytes, encoding, |_| None);
    let ServerBody::Ack(ack) = message.ok()?.body else {
        return None;
    };
    let told = ack.structure_id.filter(|_| ack.durable);
    let Some(id) = told else {
        return Some(Violation::NotStored {
            what: format!("{ack:?} waited for the disk"),
        });
    };
    // What was placed stands or has been taken away since; what was removed does not stand. Ids are never used again.
    let (stands, is_stored) = (room.world().structures().get(id), disk.structure(id));
    (stands.is_some() && is_stored.is_none()).then(|| Violation::NotStored {
        what: format!("structure {} was told to be, of {stands:?}", id.0),
    })
}
