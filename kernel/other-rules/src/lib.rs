//! A kernel with other rules, another world and another prediction than this build's: what a recording of another version is like.
//!
//! * Nobody walks to the left, and a world counts how often somebody wanted to. The count stands in front of the world's encoding
//!   and is hashed.
//! * Payloads of frames and evidence are coded as this build codes them.
#![allow(
    unsafe_code,
    reason = "a module's exports have names that are not mangled"
)]

use input_log::kernel::{Kernel, Malformed, RecordableKernel, Window};
use input_log::{Evidence, Native};
use kernel::{Moment, Phases, Prediction, Snapshot, Translate};
use sim_core::{Action, Buttons, Event, FieldDiff, Frame, Player, PlayerId, Step, World};

kernel::export!(OtherRules { walks_left: false } => OtherRules);

/// Its `SIM_VERSION`, which this build never comes to.
pub const SIM_VERSION: u32 = 4_000_000_001;
/// What stands for the hash over its constants.
pub const RULES_HASH: u64 = 0x0DD_B0D5;

/// The rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherRules {
    /// A mistake: the button to the left is counted and does what it says.
    pub walks_left: bool,
}

/// A world of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// How often somebody began to hold a button to the left, or went on to.
    pub lefts: u64,
    /// Everything else.
    pub world: World,
}

fn hash(lefts: u64, world: &World) -> u64 {
    world.hash() ^ lefts.rotate_left(32)
}

fn fields(lefts: u64, world: &World) -> Vec<(String, String)> {
    let own = ("lefts".to_owned(), lefts.to_string());
    [own].into_iter().chain(sim_core::fields(world)).collect()
}

impl OtherRules {
    fn steered(self, buttons: Buttons) -> Buttons {
        Buttons::new(
            buttons.holds(Buttons::UP),
            buttons.holds(Buttons::DOWN),
            self.walks_left && buttons.holds(Buttons::LEFT),
            buttons.holds(Buttons::RIGHT),
        )
    }

    /// The frame as these rules take it, with the lefts in it counted.
    fn begin(self, world: &mut Other, frame: &Frame) -> Frame {
        let mut frame = frame.clone();
        for (_, buttons) in &mut frame.buttons {
            world.lefts += u64::from(buttons.holds(Buttons::LEFT));
            *buttons = self.steered(*buttons);
        }
        frame
    }
}

impl Kernel for OtherRules {
    type World = Other;
    type Frame = Frame;
    type Evidence = Evidence;
    type Codec = <Native as Kernel>::Codec;
    type Frames = <Native as Kernel>::Frames;

    fn sim_version(&self) -> u32 {
        SIM_VERSION
    }

    fn read_keyframe(&self, payload: &[u8]) -> Result<(Vec<u8>, Self::Codec), Malformed> {
        let (lefts, payload) = payload.split_first_chunk::<8>().ok_or(Malformed)?;
        let (encoded, codec) = Native.read_keyframe(payload)?;
        Ok(([lefts.as_slice(), &encoded].concat(), codec))
    }

    fn begin_frames(&self, payload: &[u8]) -> Self::Frames {
        Native.begin_frames(payload)
    }

    fn read_frame(
        &self,
        codec: &mut Self::Codec,
        frames: &mut Self::Frames,
        payload: &[u8],
        frame: &mut Frame,
    ) -> Result<(), Malformed> {
        Native.read_frame(codec, frames, payload, frame)
    }

    fn end_frames(&self, frames: &Self::Frames, payload: &[u8]) -> Result<(), Malformed> {
        Native.end_frames(frames, payload)
    }

    fn read_evidence(
        &self,
        codec: &mut Self::Codec,
        payload: &[u8],
        window: Window,
        evidence: &mut Evidence,
    ) -> Result<(), Malformed> {
        Native.read_evidence(codec, payload, window, evidence)
    }

    fn restore(&self, encoded: &[u8]) -> Result<Other, String> {
        let (lefts, encoded) = encoded.split_first_chunk().ok_or("it is too short")?;
        Ok(Other {
            lefts: u64::from_le_bytes(*lefts),
            world: Native.restore(encoded)?,
        })
    }

    fn encode(&self, world: &Other) -> Vec<u8> {
        [world.lefts.to_le_bytes().as_slice(), &world.world.encode()].concat()
    }

    fn step_number(&self, world: &Other) -> Step {
        world.world.step_number()
    }

    fn step(&self, world: &mut Other, frame: &Frame) {
        let frame = self.begin(world, frame);
        world.world.step(&frame);
    }

    fn is_quiet(&self, world: &Other) -> bool {
        world.world.is_quiet()
    }

    fn fast_forward(&self, world: &mut Other, steps: u64) {
        world.world.fast_forward(steps);
    }

    fn hash(&self, world: &Other) -> u64 {
        hash(world.lefts, &world.world)
    }

    fn fields(&self, world: &Other) -> Vec<(String, String)> {
        fields(world.lefts, &world.world)
    }

    fn difference(&self, expected: &Other, actual: &Other) -> Option<FieldDiff> {
        if expected.lefts == actual.lefts {
            return Native.difference(&expected.world, &actual.world);
        }
        Some(FieldDiff {
            path: "lefts".to_owned(),
            expected: expected.lefts.to_string(),
            actual: actual.lefts.to_string(),
        })
    }
}

impl RecordableKernel for OtherRules {
    type Written = <Native as RecordableKernel>::Written;

    fn write_keyframe(&self, world: &Other) -> (Vec<u8>, Self::Codec) {
        let (payload, codec) = Native.write_keyframe(&world.world);
        (
            [world.lefts.to_le_bytes().as_slice(), &payload].concat(),
            codec,
        )
    }

    fn write_frame(&self, codec: &mut Self::Codec, written: &mut Self::Written, frame: &Frame) {
        Native.write_frame(codec, written, frame);
    }

    fn written_bytes(&self, written: &Self::Written) -> usize {
        Native.written_bytes(written)
    }

    fn finish_frames(&self, written: Self::Written) -> Vec<u8> {
        Native.finish_frames(written)
    }

    fn gather(&self, evidence: &mut Evidence, later: Evidence) {
        Native.gather(evidence, later);
    }

    fn write_evidence(
        &self,
        codec: &mut Self::Codec,
        evidence: &Evidence,
        window: Window,
    ) -> Option<Vec<u8>> {
        Native.write_evidence(codec, evidence, window)
    }
}

impl Translate for OtherRules {
    type Snapshot = Snapshot;
    type Prediction = Prediction;

    fn rules_hash(&self) -> u64 {
        RULES_HASH
    }

    fn moment(&self, world: &Other) -> Moment {
        Native.moment(&world.world)
    }

    fn events(&self, world: &Other) -> Vec<Event> {
        Native.events(&world.world)
    }

    fn frame(&self, frame: &Frame) -> Frame {
        frame.clone()
    }

    fn frame_of(&self, frame: &Frame) -> Result<Frame, String> {
        Ok(frame.clone())
    }

    fn evidence(&self, evidence: &Evidence) -> Evidence {
        evidence.clone()
    }

    fn predicted_hash(&self, world: &Other, player: PlayerId) -> Option<u32> {
        Native.predicted_hash(&world.world, player)
    }

    fn step_in_phases(&self, world: &mut Other, frame: &Frame, phase: usize) -> Phases {
        let frame = self.begin(world, frame);
        let mut phases = Phases::default();
        let Other { lefts, world } = world;
        world.step_in_phases(&frame, |after, world| {
            if phases.hashes.len() == phase {
                phases.fields = fields(*lefts, world);
            }
            let after = (after.name().to_owned(), hash(*lefts, world));
            phases.hashes.push(after);
        });
        phases
    }

    fn snapshot(&self, world: &Other, earlier: Option<&Snapshot>) -> Snapshot {
        Native.snapshot(&world.world, earlier)
    }

    fn held(&self, snapshot: &Snapshot, player: PlayerId) -> Option<Buttons> {
        Native.held(snapshot, player)
    }

    fn predict(&self, snapshot: &Snapshot, player: PlayerId) -> Option<Prediction> {
        Native.predict(snapshot, player)
    }

    fn predict_step(&self, prediction: &mut Prediction, buttons: Buttons, actions: &[Action]) {
        Native.predict_step(prediction, self.steered(buttons), actions);
    }

    fn predicted(&self, prediction: &Prediction) -> Player {
        Native.predicted(prediction)
    }

    fn prediction_hash(&self, prediction: &Prediction) -> u32 {
        Native.prediction_hash(prediction)
    }

    fn failure(&self) -> Option<String> {
        None
    }
}
