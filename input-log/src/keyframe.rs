//! A whole world in the recording, from which a rerun can begin.

use sim_core::{DecodeError, Step, World};

/// A world's canonical encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyframe<'a> {
    /// Steps that the world has done.
    pub step: Step,
    /// What `World::encode` gave.
    pub encoded: &'a [u8],
}

impl Keyframe<'_> {
    /// The world.
    ///
    /// # Errors
    /// If the recording is of another `SIM_VERSION`; keyframes of this version were checked when the recording was
    /// opened.
    pub fn world(&self) -> Result<World, DecodeError> {
        World::decode(self.encoded)
    }
}
