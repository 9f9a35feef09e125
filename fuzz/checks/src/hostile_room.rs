//! Target `hostile_room`: whatever is sent to a room, it goes on, an honest player is not hurt, and the recording reruns.
//!
//! Records of [`happenings`](crate::happenings), by everybody but the first user.

use authority::Hydration;
use harness::Disk;

use crate::bytes::Fields;
use crate::driver::Driver;
use crate::happenings::Table;

/// Checks it.
pub fn hostile_room(bytes: &[u8]) {
    let driver = Driver::begin(Hydration::Fresh, Disk::default());
    Table::around(driver, true).happen(&mut Fields::of(bytes));
}
