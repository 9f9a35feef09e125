//! What stands in for the engine in a build without it.

use kernel::{Archived, Instance};

use crate::exit::Failure;

/// Nothing of this kind is ever made.
pub(crate) enum Running {}

/// # Errors
/// Always.
pub(crate) fn start(_: &[u8]) -> Result<Archived<Running>, Failure> {
    Err(Failure::Unreadable(
        "this replay was built without the engine that runs archived kernels. Build it with the feature `engine`, which is on by \
         default"
            .to_owned(),
    ))
}

impl Instance for Running {
    fn call(&mut self, _: u32, _: [u64; 4]) -> Result<u64, String> {
        match *self {}
    }

    fn write(&mut self, _: &[u8]) -> Result<(), String> {
        match *self {}
    }

    fn read(&mut self) -> Result<Vec<u8>, String> {
        match *self {}
    }
}
