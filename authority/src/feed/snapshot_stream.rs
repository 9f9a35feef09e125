//! What a connection is sent of the world, and when: snapshots against what the client has acknowledged.
//!
//! * A snapshot is a delta against the newest one that the client says it has applied. If it says that it has none it gets
//!   a full one, but not often; in between, deltas against that one.
//! * An acknowledgement counts if it names a snapshot that was sent and brings its proof.
//! * A client that takes its time gets fewer and larger deltas. What it has not acknowledged is bounded in number and
//!   bytes, so nothing piles up for it.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use protocol::limits::DELTA_STEPS_MAX;
use protocol::{Receipt, View};
use sim_core::Step;
use sim_core::rules::STEPS_PER_SNAPSHOT;

use crate::feed::proof::Secret;
use crate::feed::unread::Unread;
use crate::limits::{
    FULL_SNAPSHOT_STEPS, SLOW_CONSUMER_STEPS_MAX, SLOW_SNAPSHOT_STEPS, SNAPSHOTS_KEPT_MAX,
    SNAPSHOTS_UNACKED_MAX, UNPROVEN_FULL_SNAPSHOT_STEPS,
};
use crate::refusal::Refusal;

/// The snapshots of one connection.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotStream {
    secret: Secret,
    pub(crate) unread: Unread,
    /// Not acknowledged, oldest first.
    sent: VecDeque<Sent>,
    /// Number of the newest snapshot that the client may know of.
    newest: u32,
    /// What the client has applied.
    acked: Option<Baseline>,
    /// The client says that it has nothing.
    has_nothing: bool,
    /// The newest full snapshot that was sent.
    full: Option<Baseline>,
    /// When a snapshot was last sent.
    last: Option<Step>,
    /// Since when none is sent because the client takes none.
    stuck_since: Option<Step>,
    /// The client may hold snapshots of a room before this one, whose proofs nobody knows any more.
    outlived: bool,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    id: u32,
    step: Step,
    /// What had been sent in all, this snapshot included.
    through: u64,
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
    HeldBack,
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

/// An acknowledgement as a client says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    pub(crate) id: u32,
    pub(crate) proof: Option<Receipt>,
}

impl SnapshotStream {
    /// Of a new connection. `proves` says that the client is known to bring proofs.
    pub(crate) fn new(secret: Secret, proves: bool) -> Self {
        Self {
            secret,
            unread: Unread::nothing(proves),
            sent: VecDeque::new(),
            newest: 0,
            acked: None,
            has_nothing: false,
            full: None,
            last: None,
            stuck_since: None,
            outlived: false,
        }
    }

    /// Of a connection that outlived the room before, which sent it snapshots up to this step.
    pub(crate) fn outlived(secret: Secret, proves: bool, newest: Step) -> Self {
        Self {
            newest: snapshot_id(newest),
            outlived: true,
            ..Self::new(secret, proves)
        }
    }

    /// What stands in the snapshot of this number.
    pub(crate) fn proof(&self, snapshot: u32) -> Receipt {
        self.secret.proof(snapshot)
    }

    /// Whether the client can have such a snapshot, and has read it.
    pub(crate) fn check_ack(&self, ack: Option<Acknowledgement>) -> Result<(), Refusal> {
        let Some(Acknowledgement { id, proof }) = ack else {
            return Ok(());
        };
        if self.outlived {
            return Ok(());
        }
        // What comes before everything unacknowledged was acknowledged already, and is not looked at.
        let is_old = self.sent.front().is_none_or(|oldest| id < oldest.id);
        if id > self.newest || !(is_old || self.is_sent(id)) {
            return Err(Refusal::UnknownSnapshot { ack: id });
        }
        if is_old || self.is_right(id, proof) {
            return Ok(());
        }
        Err(Refusal::UnprovenSnapshot { ack: id })
    }

    /// The client has applied a snapshot, or has none. Returns the snapshot's number if it is news.
    pub(crate) fn acknowledge(&mut self, ack: Option<Acknowledgement>) -> Option<u32> {
        let Some(Acknowledgement { id, proof }) = ack else {
            self.has_nothing = true;
            return None;
        };
        if self.acked.is_some_and(|acked| acked.id == id) {
            self.has_nothing = false;
        }
        if !self.is_sent(id) || !self.is_right(id, proof) {
            return None;
        }
        while let Some(sent) = self.sent.pop_front() {
            if sent.id < id {
                continue;
            }
            self.acked = Some(Baseline {
                id,
                step: sent.step,
            });
            self.has_nothing = false;
            self.outlived = false;
            if proof.is_some() {
                self.unread.prove(sent.through);
            }
            break;
        }
        Some(id)
    }

    fn is_sent(&self, id: u32) -> bool {
        self.sent.binary_search_by_key(&id, |sent| sent.id).is_ok()
    }

    fn is_right(&self, id: u32, proof: Option<Receipt>) -> bool {
        match proof {
            Some(proof) => proof == self.proof(id),
            None => !self.unread.proves(),
        }
    }

    /// What the connection gets now.
    pub(crate) fn turn(&mut self, step: Step) -> Turn {
        self.unread.pass(step);
        if self.unread.is_over() {
            return Turn::TooSlow;
        }
        if self.is_stuck() {
            let since = *self.stuck_since.get_or_insert(step);
            return if step.since(since) >= SLOW_CONSUMER_STEPS_MAX {
                Turn::TooSlow
            } else {
                Turn::HeldBack
            };
        }
        self.stuck_since = None;
        let is_slow = self.sent.len() >= SNAPSHOTS_UNACKED_MAX;
        if is_slow
            && self
                .last
                .is_some_and(|last| step.since(last) < SLOW_SNAPSHOT_STEPS)
        {
            return Turn::HeldBack;
        }
        let is_near = |base: &Baseline| step.since(base.step) <= DELTA_STEPS_MAX;
        let has = self.acked.filter(|_| !self.has_nothing).filter(is_near);
        Turn::Snapshot(has.or_else(|| self.recent_full(step)))
    }

    /// The baseline of a client that has acknowledged none: the last full snapshot, while the rate limit forbids another. The
    /// transport is ordered, so that the client has it before any delta against it.
    fn recent_full(&self, step: Step) -> Option<Baseline> {
        let every = if self.unread.proves() {
            FULL_SNAPSHOT_STEPS
        } else {
            UNPROVEN_FULL_SNAPSHOT_STEPS
        };
        self.full.filter(|full| step.since(full.step) < every)
    }

    /// A snapshot was sent, so long and a full one or not.
    pub(crate) fn sent(&mut self, step: Step, bytes: usize, is_full: bool) {
        let id = snapshot_id(step);
        assert!(
            self.sent.back().is_none_or(|before| before.id < id),
            "numbers of snapshots ascend"
        );
        let through = self.unread.send(bytes);
        self.sent.push_back(Sent { id, step, through });
        if is_full {
            self.full = Some(Baseline { id, step });
        }
        self.newest = self.newest.max(id);
        self.last = Some(step);
        assert!(self.sent.len() <= SNAPSHOTS_KEPT_MAX);
    }

    /// Snapshots that the client may not have.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.sent.len()
    }

    /// Whether more must not be sent to it.
    pub(crate) fn is_stuck(&self) -> bool {
        self.unread.is_held() || self.sent.len() >= SNAPSHOTS_KEPT_MAX
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

    /// The view of the newest snapshots.
    pub(crate) fn newest(&self) -> Option<&View> {
        self.views.back().map(Arc::as_ref)
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
mod tests;
