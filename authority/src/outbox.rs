//! What a connection is sent of the world, and when: snapshots against what the client has acknowledged.
//!
//! * A snapshot is a delta against the newest one that the client says it has applied, and full if it says that it has
//!   none.
//! * A client that takes its time gets fewer and larger deltas. What it has not acknowledged is bounded in number and
//!   bytes, so nothing piles up for it.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use protocol::View;
use protocol::limits::DELTA_STEPS_MAX;
use sim_core::Step;
use sim_core::rules::STEPS_PER_SNAPSHOT;

use crate::limits::{
    QUEUED_BYTES_MAX, SLOW_CONSUMER_STEPS_MAX, SLOW_SNAPSHOT_STEPS, SNAPSHOT_BYTES_UNACKED_MAX,
    SNAPSHOTS_KEPT_MAX, SNAPSHOTS_UNACKED_MAX,
};
use crate::refusal::Refusal;

/// The snapshots of one connection.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Not acknowledged, oldest first.
    sent: VecDeque<Sent>,
    unacked_bytes: usize,
    /// Number of the newest snapshot that the client may know of.
    newest: u32,
    /// What the client has applied.
    acked: Option<Baseline>,
    /// When a snapshot was last sent.
    last: Option<Step>,
    /// Since when none is sent because the client takes none.
    stuck_since: Option<Step>,
    pub(crate) queued_bytes: usize,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    id: u32,
    step: Step,
    bytes: usize,
}

/// What a delta is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Baseline {
    pub(crate) id: u32,
    pub(crate) step: Step,
}

/// What a connection gets when snapshots are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// A snapshot; full without a baseline.
    Snapshot(Option<Baseline>),
    /// Nothing: it has not taken what it was sent.
    Held,
    /// Nothing any more: it has not for too long.
    TooSlow,
}

/// The number of the snapshot after a step. It ascends by itself, also over a room that comes back from its log.
pub(crate) fn snapshot_id(step: Step) -> u32 {
    (step.0 / u64::from(STEPS_PER_SNAPSHOT)) as u32
}

/// The first step after this one that snapshots are due at.
pub(crate) fn next_snapshot(step: Step) -> Step {
    let every = u64::from(STEPS_PER_SNAPSHOT);
    step.after(every - step.0 % every)
}

impl Line {
    /// Of a connection that knows of snapshots up to this step, if any.
    pub(crate) fn knowing(newest: Option<Step>) -> Self {
        Self {
            sent: VecDeque::new(),
            unacked_bytes: 0,
            newest: newest.map_or(0, snapshot_id),
            acked: None,
            last: None,
            stuck_since: None,
            queued_bytes: 0,
        }
    }

    /// Whether the client can have such a snapshot.
    pub(crate) fn check_ack(&self, ack: Option<u32>) -> Result<(), Refusal> {
        match ack {
            Some(ack) if ack > self.newest => Err(Refusal::UnknownSnapshot { ack }),
            Some(_) | None => Ok(()),
        }
    }

    /// The client has applied a snapshot, or has none. Returns the snapshot's number if it is news.
    pub(crate) fn acknowledge(&mut self, ack: Option<u32>) -> Option<u32> {
        let Some(ack) = ack else {
            self.acked = None;
            return None;
        };
        let mut news = None;
        while let Some(&Sent { id, step, bytes }) = self.sent.front()
            && id <= ack
        {
            self.sent.pop_front();
            self.unacked_bytes -= bytes;
            if id == ack {
                self.acked = Some(Baseline { id, step });
                news = Some(id);
            }
        }
        assert!(
            !self.sent.is_empty() || self.unacked_bytes == 0,
            "bytes are those of snapshots"
        );
        news
    }

    /// What the connection gets now.
    pub(crate) fn turn(&mut self, step: Step) -> Turn {
        if self.is_stuck() {
            let since = *self.stuck_since.get_or_insert(step);
            return if step.since(since) >= SLOW_CONSUMER_STEPS_MAX {
                Turn::TooSlow
            } else {
                Turn::Held
            };
        }
        self.stuck_since = None;
        let is_slow = self.sent.len() >= SNAPSHOTS_UNACKED_MAX;
        if is_slow
            && self
                .last
                .is_some_and(|last| step.since(last) < SLOW_SNAPSHOT_STEPS)
        {
            return Turn::Held;
        }
        let is_near = |base: &Baseline| step.since(base.step) <= DELTA_STEPS_MAX;
        Turn::Snapshot(self.acked.filter(is_near))
    }

    /// A snapshot was sent.
    pub(crate) fn sent(&mut self, step: Step, bytes: usize) {
        let id = snapshot_id(step);
        assert!(
            self.sent.back().is_none_or(|before| before.id < id),
            "numbers of snapshots ascend"
        );
        self.sent.push_back(Sent { id, step, bytes });
        self.unacked_bytes += bytes;
        self.newest = id;
        self.last = Some(step);
        assert!(self.sent.len() <= SNAPSHOTS_KEPT_MAX);
    }

    /// Snapshots that the client may not have.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.sent.len()
    }

    /// Whether more must not be sent to it.
    pub(crate) fn is_stuck(&self) -> bool {
        self.queued_bytes > QUEUED_BYTES_MAX
            || self.unacked_bytes > SNAPSHOT_BYTES_UNACKED_MAX
            || self.sent.len() >= SNAPSHOTS_KEPT_MAX
    }

    /// Whether it was sent a snapshot of what was after this step.
    pub(crate) fn has_heard_of(&self, step: Step) -> bool {
        self.last.is_some_and(|last| last >= step)
    }
}

/// The views that deltas may be against, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Baselines {
    views: VecDeque<Arc<View>>,
}

impl Baselines {
    /// Keeps a view, and drops those that nothing may be against any more.
    pub(crate) fn push(&mut self, view: Arc<View>) {
        while let Some(oldest) = self.views.front()
            && view.step.since(oldest.step) > DELTA_STEPS_MAX
        {
            self.views.pop_front();
        }
        self.views.push_back(view);
        assert!(self.views.len() as u64 <= DELTA_STEPS_MAX / u64::from(STEPS_PER_SNAPSHOT) + 1);
    }

    /// The view after a step.
    pub(crate) fn at(&self, step: Step) -> Option<&Arc<View>> {
        let index = self
            .views
            .binary_search_by_key(&step, |view| view.step)
            .ok()?;
        self.views.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(snapshots: u64, bytes: usize) -> Line {
        let mut line = Line::knowing(None);
        for number in 1..=snapshots {
            line.sent(Step(6 * number), bytes);
        }
        line
    }

    #[test]
    fn the_newest_acknowledged_snapshot_is_the_baseline() {
        let mut line = sent(5, 100);
        assert_eq!(line.acknowledge(Some(3)), Some(3));
        let base = Baseline {
            id: 3,
            step: Step(18),
        };
        assert_eq!(line.turn(Step(36)), Turn::Snapshot(Some(base)));
        assert_eq!(line.acknowledge(Some(2)), None);
        assert_eq!(line.turn(Step(36)), Turn::Snapshot(Some(base)));
        assert_eq!(line.acknowledge(None), None);
        assert_eq!(line.turn(Step(36)), Turn::Snapshot(None));
    }

    #[test]
    fn a_snapshot_that_was_never_sent_cannot_be_acknowledged() {
        let line = sent(5, 100);
        assert_eq!(line.check_ack(Some(5)), Ok(()));
        assert_eq!(
            line.check_ack(Some(6)),
            Err(Refusal::UnknownSnapshot { ack: 6 })
        );
    }

    #[test]
    fn a_client_that_acknowledges_nothing_gets_one_snapshot_a_second() {
        let mut line = sent(10, 100);
        assert_eq!(line.turn(Step(66)), Turn::Held);
        assert_eq!(line.turn(Step(120)), Turn::Snapshot(None));
    }

    #[test]
    fn a_client_that_takes_nothing_gets_nothing_and_is_given_up_in_the_end() {
        let mut line = sent(2, SNAPSHOT_BYTES_UNACKED_MAX);
        assert_eq!(line.turn(Step(600)), Turn::Held);
        assert_eq!(
            line.turn(Step(600 + SLOW_CONSUMER_STEPS_MAX)),
            Turn::TooSlow
        );
        line.acknowledge(Some(2));
        assert!(matches!(line.turn(Step(600)), Turn::Snapshot(_)));
    }
}
