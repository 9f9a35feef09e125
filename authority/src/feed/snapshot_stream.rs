//! When a connection gets a snapshot, and against which baseline.
//!
//! * A snapshot is a delta against the newest one that the client has acknowledged. A client that has none gets a full
//!   snapshot, at a limited rate; in between, deltas against that one.
//! * An acknowledgement counts if it names a snapshot that was sent and brings its proof.
//! * A slow client gets fewer and larger deltas. Unacknowledged snapshots are bounded in number and in bytes, so no queue
//!   grows.

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
    /// The newest snapshot that the client has acknowledged.
    acked: Option<Baseline>,
    /// The client's last batch acknowledged nothing.
    has_nothing: bool,
    /// The newest full snapshot that was sent.
    full: Option<Baseline>,
    /// When a snapshot was last sent.
    last: Option<Step>,
    /// The step from which on no snapshot is sent, because the client acknowledges none.
    stuck_since: Option<Step>,
    /// The client may hold snapshots of the room's life before this one, whose proofs are lost.
    outlived: bool,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    id: u32,
    step: Step,
    /// Bytes that had been sent on the connection, this snapshot included.
    through: u64,
}

/// The snapshot that a delta counts from.
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
    /// None: too many snapshots are unacknowledged.
    HeldBack,
    /// None, and the connection is closed: it has acknowledged nothing for too long.
    TooSlow,
}

/// The number of the snapshot after a step. It follows from the step, so it also rises across a restart of the room.
pub(crate) fn snapshot_id(step: Step) -> u32 {
    (step.0 / u64::from(STEPS_PER_SNAPSHOT)) as u32
}

/// The first step after this one that snapshots are due at.
pub(crate) fn next_snapshot(step: Step) -> Step {
    let every = u64::from(STEPS_PER_SNAPSHOT);
    step.after(every - step.0 % every)
}

/// An acknowledgement as the client sent it.
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

    /// The proof that the snapshot of this number carries.
    pub(crate) fn proof(&self, snapshot: u32) -> Receipt {
        self.secret.proof(snapshot)
    }

    /// Checks that the snapshot was sent on this connection and that the proof is its own.
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

    /// Takes an acknowledgement, or its absence. Returns the snapshot's number if it is a new one.
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

    /// Decides what the connection gets at this step.
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

    /// Notes that a snapshot of so many bytes was sent.
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

    /// Number of unacknowledged snapshots.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.sent.len()
    }

    /// Whether snapshots and events are held back.
    pub(crate) fn is_stuck(&self) -> bool {
        self.unread.is_held() || self.sent.len() >= SNAPSHOTS_KEPT_MAX
    }

    /// Whether a snapshot of this step or a later one was sent.
    pub(crate) fn has_heard_of(&self, step: Step) -> bool {
        self.last.is_some_and(|last| last >= step)
    }
}

/// Views that are baselines of deltas, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Baselines {
    views: VecDeque<Arc<View>>,
}

impl Baselines {
    /// Keeps a view, and drops those that are too old for a baseline.
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
