//! The recording of the room: every step with its hash, keyframes, gaps, and what was seen of the clients.
//!
//! * It begins with the first step that is run or slept through; a room that only answers pings records nothing.
//! * What a flush gives is whole blocks, stored together with the rows of the same moment.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use input_log::{Evidence, Header, Writer};
use sim_core::{Frame, Step, World};

use crate::limits::{KEYFRAME_STEPS, RECORDING_STEPS_MAX};
use crate::output::{Note, Output};
use crate::time::Millis;

/// The recording of the room.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// The present time, for the header of a recording that begins.
    pub(crate) now: Millis,
    header: Header,
    writer: Option<Writer>,
    /// Bytes of the header that the first flush of a recording puts in front.
    start: Option<Vec<u8>>,
    /// Steps in this recording, without those that the room slept through, which take no bytes.
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
    pub(crate) fn prepare(&mut self, world: &World, outputs: &mut VecDeque<Output>) {
        if self.next_keyframe.is_some() {
            return;
        }
        let step = world.step_number();
        let writer = self.writer.get_or_insert_with(|| {
            self.start = Some(self.header.encode());
            self.steps = 0;
            outputs.push_back(Output::Note(Note::Recording { step }));
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

    /// Puts out what was written since the last flush. Returns the number of bytes.
    pub(crate) fn flush(&mut self, world: &World, outputs: &mut VecDeque<Output>) -> usize {
        let step = world.step_number();
        if self.next_keyframe.is_none() {
            return 0;
        }
        if self.steps >= RECORDING_STEPS_MAX {
            return self.begin_another(outputs);
        }
        let writer = self
            .writer
            .as_mut()
            .expect("what was prepared has a writer");
        if self.next_keyframe.is_some_and(|due| due <= step) {
            writer.push_keyframe(world);
            self.next_keyframe = Some(step.after(KEYFRAME_STEPS));
        }
        writer.push_evidence(core::mem::take(&mut self.evidence));
        let bytes = writer.flush();
        self.put(bytes, outputs)
    }

    /// Ends the recording in order, and dates the next one, which follows at once.
    pub(crate) fn begin_another(&mut self, outputs: &mut VecDeque<Output>) -> usize {
        self.header.started_at_ms = self.now.0;
        self.finish(outputs)
    }

    /// Ends the recording in order. What comes next begins another.
    pub(crate) fn finish(&mut self, outputs: &mut VecDeque<Output>) -> usize {
        let Some(mut writer) = self.writer.take() else {
            return 0;
        };
        let evidence = core::mem::take(&mut self.evidence);
        // A room that came back and ran no step has nothing to say of its clients, and no keyframe to say it behind.
        if self.next_keyframe.take().is_some() {
            writer.push_evidence(evidence);
        }
        let bytes = writer.finish();
        self.put(bytes, outputs)
    }

    fn put(&mut self, bytes: Vec<u8>, outputs: &mut VecDeque<Output>) -> usize {
        let mut written = bytes.len();
        if let Some(start) = self.start.take() {
            written += start.len();
            outputs.push_back(Output::LogStart(start));
        }
        if !bytes.is_empty() {
            outputs.push_back(Output::Log(bytes));
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

#[cfg(test)]
mod tests {
    use input_log::HashDetail;

    use super::*;

    #[test]
    fn after_an_hour_the_next_recording_begins_where_the_last_ended() {
        let header = Header::of_this_build("test".into(), "room".into(), 5, 7, HashDetail::Check);
        let mut recorder = Recorder::new(header, None);
        let mut world = World::new(7);
        let mut outputs = VecDeque::new();
        recorder.now = Millis(3_600_005);
        for nth in 1..=RECORDING_STEPS_MAX + 60 {
            recorder.prepare(&world, &mut outputs);
            let frame = Frame::default();
            world.step(&frame);
            recorder.step(world.step_number(), &frame, world.hash());
            if nth.is_multiple_of(60) {
                recorder.flush(&world, &mut outputs);
            }
        }
        let mut recordings: Vec<Vec<u8>> = Vec::new();
        for output in outputs {
            match output {
                Output::LogStart(header) => recordings.push(header),
                Output::Log(block) => recordings
                    .last_mut()
                    .expect("a recording begins first")
                    .extend(block),
                Output::Note(_) => {}
                Output::Send { .. }
                | Output::SendStored { .. }
                | Output::Close { .. }
                | Output::WakeAt(_)
                | Output::Sleep
                | Output::Persist(_) => unreachable!("a recorder only records"),
            }
        }
        assert_eq!(recordings.len(), 2);
        let ended = crate::recover(&recordings[0]).expect("it is whole");
        assert!(ended.writer.is_none());
        assert_eq!(ended.steps, RECORDING_STEPS_MAX);
        let next = crate::recover(&recordings[1]).expect("it is whole");
        assert!(next.writer.is_some());
        assert_eq!(next.steps, 60);
        assert_eq!(next.world, world);
    }
}
