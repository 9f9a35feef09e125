//! The archive of a room: its recording, and the rows of its tables.
//!
//! A flush has rows and recording of the same moment, so a restart never finds one ahead of the other.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use input_log::{Evidence, Header, Writer};
use protocol::Ack;
use sim_core::{Frame, Step, World};

use crate::archive::record::Recorder;
use crate::archive::store::Store;
use crate::checkpoint::RoomCheckpoint;
use crate::input::ConnId;
use crate::limits::{ACKS_TO_STORE_MAX, FLUSH_STEPS};
use crate::output::Output;
use crate::rates::{Bucket, Rate};
use crate::rows::{CheckpointRow, MetaRow, Persist};
use crate::stats::Stats;
use crate::time::Millis;

mod record;
pub(crate) mod store;

/// Recording and rows.
#[derive(Debug)]
pub(crate) struct Archive {
    recorder: Recorder,
    store: Store,
    /// Acknowledgements to repeat as durable with the next flush. Too many make it come early.
    told_when_stored: Vec<(ConnId, Ack)>,
    next_flush: Step,
    /// Rate limit of early flushes.
    early: Bucket,
    now: Millis,
    log_bytes: u64,
    flushes: u64,
}

impl Archive {
    /// The archive of a room that continues `recording`, if there is one, and whose tables hold what `store` says.
    pub(crate) fn new(
        header: Header,
        recording: Option<(Writer, u64)>,
        store: Store,
        step: Step,
    ) -> Self {
        let started = Millis(header.started_at_ms);
        Self {
            recorder: Recorder::new(header, recording),
            store,
            told_when_stored: Vec::new(),
            next_flush: step.after(FLUSH_STEPS),
            early: Bucket::full(Rate::FLUSHES_EARLY, started),
            now: started,
            log_bytes: 0,
            flushes: 0,
        }
    }

    /// Sets the present time.
    pub(crate) fn set_time(&mut self, now: Millis) {
        self.now = now;
        self.recorder.now = now;
    }

    /// The time of the last input.
    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    // The recording.

    /// Begins a recording or writes a keyframe if the next step needs one. `world` is the world before that step.
    pub(crate) fn prepare(&mut self, world: &World, out: &mut VecDeque<Output>) {
        self.recorder.prepare(world, out);
    }

    /// Records a step.
    pub(crate) fn step(&mut self, world: &World, frame: &Frame) {
        self.recorder.step(world.step_number(), frame, world.hash());
    }

    /// Records steps that the room slept through.
    pub(crate) fn gap(&mut self, first: Step, steps: u64) {
        self.recorder.gap(first, steps);
    }

    /// The evidence of the clients, to add to.
    pub(crate) fn evidence(&mut self) -> &mut Evidence {
        &mut self.recorder.evidence
    }

    /// Ends the recording in order; the next one follows at once.
    pub(crate) fn begin_another(&mut self, out: &mut VecDeque<Output>) {
        self.log_bytes += self.recorder.begin_another(out) as u64;
    }

    /// Ends the recording in order.
    pub(crate) fn finish(&mut self, out: &mut VecDeque<Output>) {
        self.log_bytes += self.recorder.finish(out) as u64;
    }

    // Rows.

    /// Rows for the next flush.
    pub(crate) fn rows(&mut self) -> &mut Persist {
        &mut self.store.rows
    }

    /// Adds the rows that describe the room.
    pub(crate) fn put_meta(&mut self, seed: u64) {
        self.store.rows.meta.extend([
            MetaRow {
                name: "seed",
                value: seed.to_string(),
            },
            MetaRow {
                name: "sim_version",
                value: sim_core::SIM_VERSION.to_string(),
            },
            MetaRow {
                name: "rules_hash",
                value: format!("{:016x}", sim_core::rules_hash()),
            },
        ]);
    }

    /// Adds a user's checkpoint row, in place of one that waits.
    pub(crate) fn put_checkpoint(&mut self, row: CheckpointRow) {
        let rows = &mut self.store.rows.checkpoints;
        rows.retain(|before| before.user_id != row.user_id);
        rows.push(row);
    }

    /// Repeats this acknowledgement as durable with the next flush.
    pub(crate) fn ack_when_stored(&mut self, conn: ConnId, ack: Ack) {
        self.told_when_stored.push((conn, ack));
    }

    /// Whether a flush is due.
    pub(crate) fn is_flush_due(&self, step: Step) -> bool {
        step >= self.next_flush || self.told_when_stored.len() >= ACKS_TO_STORE_MAX
    }

    /// Whether a flush may come early because a player joins or leaves.
    pub(crate) fn may_flush_early(&mut self, now: Millis) -> bool {
        self.early.take(now)
    }

    /// Stores everything that is not stored. Returns the acknowledgements to repeat as durable.
    pub(crate) fn flush(
        &mut self,
        world: &World,
        checkpoint: RoomCheckpoint,
        out: &mut VecDeque<Output>,
    ) -> Vec<(ConnId, Ack)> {
        self.next_flush = world.step_number().after(FLUSH_STEPS);
        self.store.compare(world.structures(), checkpoint);
        let rows = core::mem::take(&mut self.store.rows);
        if !rows.is_empty() {
            out.push_back(Output::Persist(rows));
        }
        self.log_bytes += self.recorder.flush(world, out) as u64;
        self.flushes += 1;
        core::mem::take(&mut self.told_when_stored)
    }

    /// Stores changes of characters, and returns whether there were any. Other rows wait for the flush, because they belong to the
    /// world of its recording.
    pub(crate) fn flush_characters(&mut self, out: &mut VecDeque<Output>) -> bool {
        let waiting = &mut self.store.rows;
        let rows = Persist {
            profiles: core::mem::take(&mut waiting.profiles),
            active: core::mem::take(&mut waiting.active),
            ..Persist::default()
        };
        let any = !rows.is_empty();
        if any {
            out.push_back(Output::Persist(rows));
        }
        any
    }

    /// Adds what is known here.
    pub(crate) fn report(&self, stats: &mut Stats) {
        stats.log_bytes = self.log_bytes;
        stats.flushes = self.flushes;
    }
}
