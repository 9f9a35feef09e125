//! Who asks to come into a room.

use alloc::string::String;

use protocol::Encoding;

use crate::input::ConnId;

/// Who wants in.
pub(crate) struct Visitor {
    pub(crate) conn: ConnId,
    pub(crate) encoding: Encoding,
    pub(crate) user_id: String,
}
