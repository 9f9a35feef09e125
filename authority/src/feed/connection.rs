//! A connection: its encoding, its numbers, and how its messages arrive.

use protocol::{Encoding, Timing};
use sim_core::PlayerId;

use crate::feed::snapshot_stream::SnapshotStream;
use crate::lobby::input_buffer::InputBuffer;
use crate::rates::{Bucket, Rate};
use crate::refusal::Refusal;
use crate::time::Millis;

/// A connection.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) player: PlayerId,
    pub(crate) encoding: Encoding,
    pub(crate) bucket: Bucket,
    /// Messages that came too fast.
    pub(crate) too_fast: u32,
    /// Messages that could not be decoded, or acknowledged what was not read.
    pub(crate) nonsense: u32,
    pub(crate) snapshots: SnapshotStream,
    /// Number of the newest message.
    last_seq: Option<u32>,
    /// Whether it has brought an input since the room was last idle. Before that no step counts as starved.
    pub(crate) began: bool,
    /// Number of the newest snapshot that said that the room is idle.
    told_idle: Option<u32>,
    pub(crate) starved: u32,
    pub(crate) dropped: u32,
}

impl Connection {
    pub(crate) fn opened(
        player: PlayerId,
        encoding: Encoding,
        snapshots: SnapshotStream,
        now: Millis,
    ) -> Self {
        Self {
            player,
            encoding,
            bucket: Bucket::full(Rate::MESSAGES, now),
            too_fast: 0,
            nonsense: 0,
            snapshots,
            last_seq: None,
            began: false,
            told_idle: None,
            starved: 0,
            dropped: 0,
        }
    }

    /// Takes the number of a message.
    pub(crate) fn number(&mut self, seq: u32) -> Result<(), Refusal> {
        if let Some(last) = self.last_seq
            && seq <= last
        {
            return Err(Refusal::SeqNotIncreasing { seq, last });
        }
        self.last_seq = Some(seq);
        Ok(())
    }

    /// A snapshot tells the client that it need not send inputs. No step counts as starved until it sends again.
    pub(crate) fn tell_idle(&mut self, snapshot: u32) {
        self.told_idle = Some(snapshot);
        self.began = false;
    }

    /// The client has sent new inputs. While it may still believe that the room is idle, only pressed buttons show that more
    /// follow.
    pub(crate) fn begin(&mut self, snapshot_ack: Option<u32>, presses: bool) {
        self.began |= presses
            || self
                .told_idle
                .is_none_or(|told| snapshot_ack.is_some_and(|ack| ack > told));
    }

    pub(crate) fn timing(&self, input_buffer: &InputBuffer, idle: bool) -> Timing {
        Timing {
            buffer_depth: input_buffer.depth() as u16,
            starved: self.starved,
            dropped: self.dropped,
            idle,
        }
    }
}
