//! The recording of the room: every step with its hash, keyframes, gaps, and what was seen of the clients.
//!
//! * It begins with the first step that is run or slept through; a room that only answers pings records nothing.
//! * What a flush gives is whole blocks, stored together with the rows of the same moment.

use input_log::{Evidence, Header, Writer};
use sim_core::{Frame, Step, World};

use crate::input::Millis;
use crate::limits::{KEYFRAME_STEPS, RECORDING_STEPS_MAX};
use crate::output::{Note, Output};

/// The recording of the room.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// When a recording that begins now begins.
    pub(crate) now: Millis,
    header: Header,
    writer: Option<Writer>,
    /// The header's bytes, of a recording that nothing has been flushed of.
    start: Option<Vec<u8>>,
    /// Steps in this recording, those slept through not counted: they take no room.
    steps: u64,
    /// When the next keyframe is due; none if it must be the next thing written.
    next_keyframe: Option<Step>,
    pub(crate) evidence: Evidence,
}

impl Recorder {
    /// A recording that begins, or goes on with the writer of the one before.
    pub(crate) fn new(header: Header, recording: Option<(Writer, u64)>) -> Self {
        let (writer, steps) = recording.unzip();
        Self {
            now: Millis(header.started_at_ms),
            header,
            writer,
            start: None,
            steps: steps.unwrap_or(0),
            next_keyframe: None,
            evidence: Evidence::default(),
        }
    }

    /// Makes sure that what comes next can be written. `world` is as it was before.
    pub(crate) fn prepare(&mut self, world: &World, outputs: &mut Vec<Output>) {
        if self.next_keyframe.is_some() {
            return;
        }
        let step = world.step_number();
        let writer = self.writer.get_or_insert_with(|| {
            self.start = Some(self.header.encode());
            self.steps = 0;
            outputs.push(Output::Note(Note::Recording { step }));
            Writer::new(&self.header)
        });
        writer.push_keyframe(world);
        self.next_keyframe = Some(step.after(KEYFRAME_STEPS));
    }

    /// A step was run.
    pub(crate) fn step(&mut self, step: Step, frame: &Frame, hash: u64) {
        self.writer().push_step(step, frame, hash);
        self.steps += 1;
    }

    /// Steps were slept through.
    pub(crate) fn gap(&mut self, first: Step, steps: u64) {
        self.writer().push_gap(first, steps);
    }

    /// Gives what was written since the last flush. Returns how many bytes that is.
    pub(crate) fn flush(&mut self, world: &World, outputs: &mut Vec<Output>) -> usize {
        let step = world.step_number();
        if self.next_keyframe.is_none() {
            return 0;
        }
        if self.steps >= RECORDING_STEPS_MAX {
            self.header.started_at_ms = self.now.0;
            return self.finish(outputs);
        }
        let writer = self
            .writer
            .as_mut()
            .expect("what was prepared has a writer");
        if self.next_keyframe.is_some_and(|due| due <= step) {
            writer.push_keyframe(world);
            self.next_keyframe = Some(step.after(KEYFRAME_STEPS));
        }
        writer.push_evidence(std::mem::take(&mut self.evidence));
        let bytes = writer.flush();
        self.put(bytes, outputs)
    }

    /// Ends the recording in order. What comes next begins another.
    pub(crate) fn finish(&mut self, outputs: &mut Vec<Output>) -> usize {
        let Some(mut writer) = self.writer.take() else {
            return 0;
        };
        self.next_keyframe = None;
        writer.push_evidence(std::mem::take(&mut self.evidence));
        let bytes = writer.finish();
        self.put(bytes, outputs)
    }

    fn put(&mut self, bytes: Vec<u8>, outputs: &mut Vec<Output>) -> usize {
        let mut written = bytes.len();
        if let Some(start) = self.start.take() {
            written += start.len();
            outputs.push(Output::LogStart(start));
        }
        if !bytes.is_empty() {
            outputs.push(Output::Log(bytes));
        }
        written
    }

    fn writer(&mut self) -> &mut Writer {
        assert!(self.next_keyframe.is_some(), "a keyframe comes first");
        self.writer
            .as_mut()
            .expect("what was prepared has a writer")
    }
}
