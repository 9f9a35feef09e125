//! A kernel that takes every payload as it is and reads none: what a recording is made of is known even if its rules are not.

use input_log::kernel::{Kernel, Malformed, Window};
use sim_core::{FieldDiff, Step};

/// No rules at all. Only entries are gone through with it; nothing is rerun.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unread;

impl Kernel for Unread {
    type World = ();
    type Frame = ();
    type Evidence = ();
    type Codec = ();
    type Frames = ();

    /// No recording has it, so that no world is looked at.
    fn sim_version(&self) -> u32 {
        u32::MAX
    }

    fn read_keyframe(&self, _: &[u8]) -> Result<(Vec<u8>, ()), Malformed> {
        Ok((Vec::new(), ()))
    }

    fn begin_frames(&self, _: &[u8]) {}

    fn read_frame(&self, (): &mut (), (): &mut (), _: &[u8], (): &mut ()) -> Result<(), Malformed> {
        Ok(())
    }

    fn end_frames(&self, (): &(), _: &[u8]) -> Result<(), Malformed> {
        Ok(())
    }

    fn read_evidence(
        &self,
        (): &mut (),
        _: &[u8],
        _: Window,
        (): &mut (),
    ) -> Result<(), Malformed> {
        Ok(())
    }

    fn restore(&self, _: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn encode(&self, (): &()) -> Vec<u8> {
        Vec::new()
    }

    fn step_number(&self, (): &()) -> Step {
        Step(0)
    }

    fn step(&self, (): &mut (), (): &()) {}

    fn is_quiet(&self, (): &()) -> bool {
        true
    }

    fn fast_forward(&self, (): &mut (), _: u64) {}

    fn hash(&self, (): &()) -> u64 {
        0
    }

    fn fields(&self, (): &()) -> Vec<(String, String)> {
        Vec::new()
    }

    fn difference(&self, (): &(), (): &()) -> Option<FieldDiff> {
        None
    }
}
