//! A session that is recorded, read back, and damaged.

use input_log::{Entry, Evidence, HashDetail, Recording, Writer};
use sim_core::{Buttons, Frame, Step, World};

use super::rerun;
use crate::bytes::{Fields, Seed};
use crate::forged::header;
use crate::frames::{self, Record};

const FLUSH: u8 = frames::CODES;
const KEYFRAME: u8 = frames::CODES + 1;
const SLEEP: u8 = frames::CODES + 2;
const EVIDENCE: u8 = frames::CODES + 3;
const CODES: u8 = frames::CODES + 4;

/// Steps that one input may cause.
const STEPS_MAX: u32 = 300;
/// Things that happen in one step: far below what a row of the recording holds.
const HAPPENINGS_MAX: usize = 300;

/// Records a session, and reads it back whole and damaged.
pub(super) fn comes_back(from: &mut Fields<'_>) {
    let detail = if from.flag() {
        HashDetail::Check
    } else {
        HashDetail::EveryStep
    };
    let (cut, flip) = (from.u32(), from.u32());
    let mut session = Session::begin(detail, from.u64());
    while !from.is_empty() && session.steps < STEPS_MAX {
        match from.u8() % CODES {
            FLUSH => session.flush(),
            KEYFRAME => session.writer.push_keyframe(&session.world),
            SLEEP => session.sleep(from.u32().into()),
            EVIDENCE => session.watch(from),
            code => session.happen(code, from),
        }
    }
    let (whole, world, frames) = session.end();
    let recording = Recording::open(&whole).expect("the header is good");
    assert_eq!(recording.lost(), None);
    assert_eq!(recording.last_step(), Some(world.step_number()));
    assert_eq!(rerun(&recording).as_ref(), Some(&world));
    let mut recorded = frames.iter();
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        if let Entry::Step { frame, .. } = entry {
            assert_eq!(Some(frame), recorded.next(), "a frame comes back as it was");
        }
    }
    assert_eq!(recorded.next(), None);
    damaged(
        &recording,
        &whole,
        cut as usize % (whole.len() + 1),
        flip as usize,
    );
}

/// An input that records these frames of a new world with this seed.
pub(crate) fn seed<'f>(world_seed: u64, played: impl IntoIterator<Item = &'f Frame>) -> Vec<u8> {
    let mut to = Seed::default();
    to.put([2, 0]);
    to.u32(u32::MAX / 3);
    to.u32(u32::MAX / 5);
    to.u64(world_seed);
    for (nth, frame) in played.into_iter().enumerate() {
        frames::write(&mut to, frame);
        if nth % 60 == 59 {
            to.u8(FLUSH);
        }
        if nth % 240 == 239 {
            to.u8(KEYFRAME);
        }
    }
    to.into_bytes()
}

struct Session {
    world: World,
    writer: Writer,
    frame: Frame,
    /// What was recorded.
    frames: Vec<Frame>,
    bytes: Vec<u8>,
    steps: u32,
}

impl Session {
    fn begin(detail: HashDetail, seed: u64) -> Self {
        let header = header(detail);
        let world = World::new(seed);
        let mut writer = Writer::new(&header);
        writer.push_keyframe(&world);
        Self {
            bytes: header.encode(),
            world,
            writer,
            frame: Frame::default(),
            frames: Vec::new(),
            steps: 0,
        }
    }

    fn happen(&mut self, code: u8, from: &mut Fields<'_>) {
        let record = frames::read(code, from, &self.world, &mut self.frame);
        let Frame {
            joins,
            leaves,
            buttons,
            commands,
        } = &self.frame;
        let happenings = joins.len() + leaves.len() + buttons.len() + commands.len();
        if let Record::Steps { empty } = record {
            self.step();
            (0..empty).for_each(|_| self.step());
        } else if happenings >= HAPPENINGS_MAX {
            self.step();
        }
    }

    fn step(&mut self) {
        self.steps += 1;
        self.world.step(&self.frame);
        let step = self.world.step_number();
        self.writer.push_step(step, &self.frame, self.world.hash());
        self.frames.push(std::mem::take(&mut self.frame));
    }

    fn sleep(&mut self, steps: u64) {
        if self.world.is_quiet() {
            self.writer
                .push_gap(self.world.step_number().after(1), steps);
            self.world.fast_forward(steps);
        }
    }

    fn watch(&mut self, from: &mut Fields<'_>) {
        let step = self.world.step_number();
        let (player, number) = (from.player(), from.u32());
        let mut evidence = Evidence::default();
        match from.u8() % 10 {
            0 => evidence.consumed(player, step, number),
            1 => evidence.starved(player, step),
            2 => evidence.dropped(player, step, number, Buttons::LEFT),
            3 => evidence.acked(player, step, number, from.u32()),
            4 => evidence.predicted(player, step, number, number, from.u32()),
            5 => evidence.connected(player, step, number),
            6 => evidence.sent(player, step),
            7 => evidence.marked(player, step),
            8 => evidence.stalled(step, number),
            _ => evidence.arrived(player, number as i16),
        }
        self.writer.push_evidence(evidence);
    }

    fn flush(&mut self) {
        let blocks = self.writer.flush();
        self.bytes.extend(blocks);
    }

    fn end(mut self) -> (Vec<u8>, World, Vec<Frame>) {
        self.step();
        self.bytes.extend(self.writer.finish());
        (self.bytes, self.world, self.frames)
    }
}

/// Of a recording that was cut off, or in which one bit is another, every whole block before it is left.
fn damaged(recording: &Recording<'_>, whole: &[u8], cut: usize, flip: usize) {
    let is_left = |end: usize| {
        recording
            .blocks()
            .iter()
            .filter(move |block| block.at_byte + block.bytes <= end)
    };
    if let Ok(front) = Recording::open(&whole[..cut]) {
        assert_eq!(front.blocks().len(), is_left(cut).count());
        assert!(recording.blocks().starts_with(front.blocks()));
        assert_eq!(front.lost().is_none(), cut == whole.len());
        let last = front.last_step().map_or(Step(0), |last| last.after(1));
        assert!(
            front
                .lost()
                .is_none_or(|lost| lost.first_missing_step == last)
        );
    }
    let bit = flip % (whole.len() * 8);
    let mut other = whole.to_vec();
    other[bit / 8] ^= 1 << (bit % 8);
    if let Ok(front) = Recording::open(&other) {
        assert_eq!(front.blocks().len(), is_left(bit / 8).count());
        assert!(recording.blocks().starts_with(front.blocks()));
        assert!(front.lost().is_some());
    }
}
