//! Buffers that a step fills and the next step fills again, so that a step allocates nothing in the steady state.

use alloc::vec::Vec;

use sim_core::{Frame, PlayerId};

use crate::lobby::commands::Asked;

/// The buffers of one step.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) frame: Frame,
    /// Who asked for each command of the frame.
    pub(crate) asked: Vec<Asked>,
    pub(crate) due: Vec<Asked>,
    /// Inputs that the step consumes.
    pub(crate) consumed: Vec<(PlayerId, u32)>,
}
