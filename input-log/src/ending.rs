//! The end of a recording of which only the last stored piece is at hand: what a copy of a running session needs to be
//! whole.

use alloc::vec::Vec;

use sim_core::Step;

use crate::block::{self, Kind};

/// The end block behind `tail`, which is a whole number of blocks and the last that there are: what a flush gave, for
/// example. The same bytes as those of [`Recording::resume`](crate::Recording::resume) and
/// [`Writer::finish`](crate::Writer::finish) with all of the recording at hand.
///
/// None if the recording has ended, or if the tail is empty or damaged.
#[must_use]
pub fn ending(tail: &[u8]) -> Option<Vec<u8>> {
    let mut rest = tail;
    let mut chain = block::follows(tail).ok()?;
    let mut last = None;
    while !rest.is_empty() {
        let block = block::take(rest, chain).ok()?;
        chain = block::Chain::of(block.bytes);
        rest = &rest[block.bytes.len()..];
        // A keyframe is about no step: it is the world after the one that it names.
        let behind_first = block.steps.saturating_sub(1);
        last = match block.kind {
            Kind::End => None,
            Kind::Keyframe | Kind::Frames | Kind::Evidence | Kind::Gap => {
                Some(Step(block.first.0.checked_add(behind_first)?))
            }
        };
    }
    let mut end = Vec::new();
    block::put(&mut end, &mut chain, Kind::End, last?, 0, &[]);
    Some(end)
}
