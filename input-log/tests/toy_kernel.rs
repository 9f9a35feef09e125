//! Another game behind the same recordings: what a kernel must be, and no more.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use input_log::kernel::{Kernel, Malformed, RecordableKernel, Window};
use input_log::{Diverged, HashDetail, Header, LostReason, Recording, Rerun, Verified, Writer};
use sim_core::{FieldDiff, Step};

/// A till: each frame is an amount that is paid in, times the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Till {
    rate: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    steps: u64,
    paid: u64,
}

impl Kernel for Till {
    type World = Sum;
    type Frame = u8;
    type Evidence = ();
    /// The amount of the step before: frames are what comes on top of it.
    type Codec = u8;
    type Frames = usize;

    fn sim_version(&self) -> u32 {
        1000
    }

    fn read_keyframe(&self, payload: &[u8]) -> Result<(Vec<u8>, u8), Malformed> {
        let is_sum = payload.len() == 16;
        is_sum.then(|| (payload.to_vec(), 0)).ok_or(Malformed)
    }

    fn begin_frames(&self, _: &[u8]) -> usize {
        0
    }

    fn read_frame(
        &self,
        codec: &mut u8,
        read: &mut usize,
        payload: &[u8],
        frame: &mut u8,
    ) -> Result<(), Malformed> {
        *codec = codec.wrapping_add(*payload.get(*read).ok_or(Malformed)?);
        *read += 1;
        *frame = *codec;
        Ok(())
    }

    fn end_frames(&self, read: &usize, payload: &[u8]) -> Result<(), Malformed> {
        (*read == payload.len()).then_some(()).ok_or(Malformed)
    }

    fn read_evidence(&self, _: &mut u8, _: &[u8], _: Window, (): &mut ()) -> Result<(), Malformed> {
        Err(Malformed)
    }

    fn restore(&self, encoded: &[u8]) -> Result<Sum, String> {
        let [steps, paid] = [0, 8].map(|at| encoded[at..at + 8].try_into().unwrap());
        let [steps, paid] = [steps, paid].map(u64::from_le_bytes);
        let is_sum = paid.is_multiple_of(self.rate);
        let not_paid = || format!("{paid} is nothing that can be paid");
        is_sum.then_some(Sum { steps, paid }).ok_or_else(not_paid)
    }

    fn encode(&self, world: &Sum) -> Vec<u8> {
        [world.steps.to_le_bytes(), world.paid.to_le_bytes()].concat()
    }

    fn step_number(&self, world: &Sum) -> Step {
        Step(world.steps)
    }

    fn step(&self, world: &mut Sum, amount: &u8) {
        world.steps += 1;
        world.paid += self.rate * u64::from(*amount);
    }

    fn is_quiet(&self, _: &Sum) -> bool {
        true
    }

    fn fast_forward(&self, world: &mut Sum, steps: u64) {
        world.steps += steps;
    }

    fn hash(&self, world: &Sum) -> u64 {
        world.steps ^ world.paid.rotate_left(32)
    }

    fn fields(&self, world: &Sum) -> Vec<(String, String)> {
        vec![("paid".into(), world.paid.to_string())]
    }

    fn difference(&self, expected: &Sum, actual: &Sum) -> Option<FieldDiff> {
        let [expected, actual] = [expected, actual].map(|world| self.fields(world).remove(0));
        (expected != actual).then_some(FieldDiff {
            path: expected.0,
            expected: expected.1,
            actual: actual.1,
        })
    }
}

impl RecordableKernel for Till {
    type Written = (u8, Vec<u8>);

    fn write_keyframe(&self, world: &Sum) -> (Vec<u8>, u8) {
        (self.encode(world), 0)
    }

    fn write_frame(&self, codec: &mut u8, (_, written): &mut Self::Written, frame: &u8) {
        written.push(frame.wrapping_sub(*codec));
        *codec = *frame;
    }

    fn written_bytes(&self, (_, written): &Self::Written) -> usize {
        written.len()
    }

    fn finish_frames(&self, (_, written): Self::Written) -> Vec<u8> {
        written
    }

    fn gather(&self, (): &mut (), (): ()) {}

    fn write_evidence(&self, _: &mut u8, (): &(), _: Window) -> Option<Vec<u8>> {
        None
    }
}

const TILL: Till = Till { rate: 1 };

/// 100 steps, a sleep of 50, a keyframe, and 30 steps more. `bend` changes what the keyframe says.
fn recorded(bend: impl Fn(&mut Sum)) -> (Vec<u8>, Sum) {
    let header = Header {
        sim_version: TILL.sim_version(),
        ..Header::of_this_build("toy".into(), "till".into(), 0, 0, HashDetail::EveryStep)
    };
    let mut bytes = header.encode();
    let mut writer = Writer::with(TILL, &header);
    let mut world = Sum::default();
    writer.push_keyframe(&world);
    let mut pay = |world: &mut Sum, writer: &mut Writer<Till>, steps: u8| {
        for amount in 0..steps {
            TILL.step(world, &amount);
            writer.push_step(Step(world.steps), &amount, TILL.hash(world));
            if amount % 20 == 19 {
                bytes.extend(writer.flush());
            }
        }
    };
    pay(&mut world, &mut writer, 100);
    writer.push_gap(Step(world.steps + 1), 50);
    TILL.fast_forward(&mut world, 50);
    let mut kept = world;
    bend(&mut kept);
    writer.push_keyframe(&kept);
    pay(&mut world, &mut writer, 30);
    bytes.extend(writer.finish());
    (bytes, world)
}

#[test]
fn it_is_recorded_and_rerun() {
    let (bytes, world) = recorded(|_| {});
    let recording = Recording::open_with(TILL, &bytes).unwrap();
    assert_eq!(recording.lost(), None);
    let mut rerun = Rerun::of(&recording);
    let (mut steps, mut slept, mut keyframes) = (0, 0, 0);
    while let Some(verified) = rerun.next() {
        match verified.unwrap() {
            Verified::Step { .. } => steps += 1,
            Verified::Slept { steps, .. } => slept += steps,
            Verified::Keyframe(_) => keyframes += 1,
            Verified::Began | Verified::Digest { .. } | Verified::Evidence(()) | Verified::End => {}
        }
    }
    assert_eq!((steps, slept, keyframes), (130, 50, 1));
    assert_eq!(rerun.world(), Some(&world));
    let mut rerun = Rerun::towards(&recording, Step(160));
    assert_eq!(rerun.reach(Step(160)), Ok(Some(Some(9))));
    assert_eq!(rerun.world().unwrap().paid, (0..100).sum::<u64>() + 45);
}

#[test]
fn what_is_intact_of_it_is_rerun() {
    let (bytes, world) = recorded(|_| {});
    let whole = Recording::open_with(TILL, &bytes).unwrap();
    for cut in whole.blocks()[0].at_byte + whole.blocks()[0].bytes..bytes.len() {
        let recording = Recording::open_with(TILL, &bytes[..cut]).unwrap();
        let is_intact = |block: &&input_log::BlockInfo| block.at_byte + block.bytes <= cut;
        let intact = whole.blocks().iter().filter(is_intact).count();
        assert_eq!(recording.blocks().len(), intact, "cut at {cut}");
        let last = Rerun::of(&recording).finish().unwrap().unwrap();
        assert_eq!(Some(Step(last.steps)), recording.last_step());
        assert!(last.paid <= world.paid);
    }
    let mut altered = bytes.clone();
    let at = whole.blocks()[1].at_byte + 20;
    altered[at] ^= 1;
    let altered = Recording::open_with(TILL, &altered).unwrap();
    assert_eq!(altered.lost().unwrap().reason, LostReason::Checksum);
    // A recorder goes on behind what is intact.
    let cut = Recording::open_with(TILL, &bytes[..altered.intact_bytes()]).unwrap();
    let mut writer = cut.resume().unwrap();
    writer.push_keyframe(&Sum::default());
    let mut went_on = bytes[..cut.intact_bytes()].to_vec();
    went_on.extend(writer.finish());
    assert_eq!(Recording::open_with(TILL, &went_on).unwrap().lost(), None);
}

#[test]
fn other_rules_part_from_it_at_the_first_step_that_they_change() {
    let (bytes, _) = recorded(|_| {});
    let recording = Recording::open_with(Till { rate: 3 }, &bytes).unwrap();
    let diverged = Rerun::of(&recording).finish().unwrap_err();
    assert!(
        matches!(diverged, Diverged::Step { step: Step(2), .. }),
        "{diverged:?}"
    );
    // The 4950 of the second keyframe cannot be paid in sevens.
    let recording = Recording::open_with(Till { rate: 7 }, &bytes).unwrap();
    let lost = recording.lost().unwrap();
    assert_eq!(lost.reason, LostReason::Malformed("world"));
    assert_eq!(recording.last_step(), Some(Step(150)));
}

#[test]
fn another_keyframe_is_found_and_its_field_is_named() {
    let (bytes, _) = recorded(|world| world.paid += 1);
    let recording = Recording::open_with(TILL, &bytes).unwrap();
    let diverged = Rerun::of(&recording).finish().unwrap_err();
    let difference = FieldDiff {
        path: "paid".into(),
        expected: "4951".into(),
        actual: "4950".into(),
    };
    let step = Step(150);
    assert_eq!(diverged, Diverged::Keyframe { step, difference });
}

#[test]
fn the_rules_of_this_build_read_nothing_of_it() {
    let (bytes, _) = recorded(|_| {});
    let recording = Recording::open(&bytes).unwrap();
    assert_eq!(recording.header().sim_version, 1000);
    assert_eq!(recording.blocks().len(), 0);
    assert_eq!(
        recording.lost().unwrap().reason,
        LostReason::Malformed("keyframe")
    );
}
