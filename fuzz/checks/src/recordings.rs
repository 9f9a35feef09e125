//! Target `input_log`: a recording that is whole gives everything back, any other its intact front, and nothing panics.
//!
//! First byte: the bytes of a file (0), blocks whose checksums are made to fit (1), or a session that is recorded, and
//! then damaged (2).

use authority::recover;
use input_log::{Entry, Kind, LostReason, Recording, Rerun};
use sim_core::{Frame, Step, World};

use crate::bytes::{Fields, Seed};
use crate::forged;

mod by_module;
mod session;

pub(crate) use session::seed as session_seed;

/// Steps that one input may have rerun.
const RERUN_STEPS_MAX: u64 = 4_000;

/// Checks it.
pub fn input_log(bytes: &[u8]) {
    let mut from = Fields::of(bytes);
    match from.u8() % 3 {
        0 => salvages(from.rest()),
        1 => salvages(&forged::recording(&mut from)),
        _ => session::comes_back(&mut from),
    }
}

/// An input that is this file.
pub(crate) fn file_seed(bytes: &[u8]) -> Vec<u8> {
    let mut to = Seed::default();
    to.u8(0);
    to.raw(bytes);
    to.into_bytes()
}

/// An input with the blocks of this recording.
pub(crate) fn blocks_seed<'b>(
    detail: input_log::HashDetail,
    blocks: impl IntoIterator<Item = (Kind, Step, u64, &'b [u8])>,
) -> Vec<u8> {
    let mut to = Seed::default();
    to.u8(1);
    forged::write(&mut to, detail, blocks);
    to.into_bytes()
}

/// Whatever the bytes are, what opens holds.
fn salvages(bytes: &[u8]) {
    let Ok(recording) = Recording::open(bytes) else {
        assert!(recover(bytes).is_err());
        return;
    };
    let intact = recording.intact_bytes();
    assert!(intact <= bytes.len());
    assert_eq!(
        recording.lost().is_none(),
        ends_in_order(&recording) && intact == bytes.len()
    );
    let mut end = None;
    for block in recording.blocks() {
        assert!(
            end.is_none_or(|end| end == block.at_byte),
            "no bytes between blocks"
        );
        end = Some(block.at_byte + block.bytes);
    }
    assert!(end.is_none_or(|end| end == intact));
    entries_follow_each_other(&recording);
    if let Some(lost) = recording.lost() {
        assert_eq!(lost.at_byte, intact);
        assert!(!lost.reason.to_string().is_empty());
        let again = Recording::open(&bytes[..intact]).expect("the header is good");
        assert_eq!(
            again.blocks(),
            recording.blocks(),
            "the intact front opens alone"
        );
        assert_eq!(again.last_step(), recording.last_step());
        let reason = again.lost().map(|lost| lost.reason);
        let is_whole = ends_in_order(&recording);
        assert_eq!(reason, (!is_whole).then_some(LostReason::NoEnd));
    }
    let frames = recording
        .blocks()
        .iter()
        .filter(|block| block.kind == Kind::Frames);
    if frames.map(|block| block.steps).sum::<u64>() <= RERUN_STEPS_MAX {
        reruns(&recording, bytes);
        by_module::comes_to_the_same(&recording, bytes);
        by_module::is_explained_the_same(&recording, bytes);
    }
}

fn ends_in_order(recording: &Recording<'_>) -> bool {
    let last = recording.blocks().last();
    last.is_some_and(|block| block.kind == Kind::End)
}

/// Every entry reads, and the steps have no holes.
fn entries_follow_each_other(recording: &Recording<'_>) {
    let mut entries = recording.entries();
    let mut last: Option<Step> = None;
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Keyframe(keyframe) => {
                assert!(last.is_none_or(|last| last == keyframe.step));
                last = Some(keyframe.step);
            }
            Entry::Step { step, .. } => {
                assert_eq!(last.map(|last| last.after(1)), Some(step));
                last = Some(step);
            }
            Entry::Gap { first, steps } => {
                assert_eq!(last.map(|last| last.after(1)), Some(first));
                last = Some(first.after(steps - 1));
            }
            Entry::Digest { first, steps, .. } => {
                assert_eq!(Some(first.after(steps - 1)), last);
            }
            Entry::Evidence(_) | Entry::End => {}
        }
    }
    assert_eq!(last, recording.last_step());
}

/// A room that is left with it begins, or is told why it cannot; and goes on with it.
fn reruns(recording: &Recording<'_>, bytes: &[u8]) {
    let recovered = match recover(bytes) {
        Ok(recovered) => recovered,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert_eq!(Some(recovered.world.step_number()), recording.last_step());
    let Some(mut writer) = recovered.writer else {
        return;
    };
    let mut world = recovered.world;
    writer.push_keyframe(&world);
    let frame = Frame::default();
    if world.step_number() < Step(u64::MAX) {
        world.step(&frame);
        writer.push_step(world.step_number(), &frame, world.hash());
    }
    let mut longer = bytes[..recording.intact_bytes()].to_vec();
    longer.extend(writer.finish());
    let longer = Recording::open(&longer).expect("the header is good");
    assert_eq!(longer.lost(), None, "what was resumed is whole again");
    assert_eq!(longer.last_step(), Some(world.step_number()));
}

/// The world that a whole recording reruns to.
fn rerun(recording: &Recording<'_>) -> Option<World> {
    let world = Rerun::of(recording).finish();
    world.unwrap_or_else(|diverged| panic!("the rerun diverges: {diverged}"))
}
