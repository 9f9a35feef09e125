//! The views that the client has merged from snapshots: baselines of deltas, and what interpolation draws between.

use alloc::collections::VecDeque;

use protocol::{ApplyError, Mode, Receipt, Snapshot, View};
use sim_core::Step;

use crate::time::Micros;

/// Views that are held: three seconds of snapshots, more than a delta is ever behind on a live link.
pub(crate) const VIEWS_MAX: usize = 32;

/// A view with its time and the number of its snapshot.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedView {
    /// Its snapshot's number on the current connection; `None` if it is from one before.
    id: Option<u32>,
    /// The authority's time.
    pub(crate) time: Micros,
    pub(crate) view: View,
}

/// What is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    pub(crate) id: u32,
    /// The proof that the snapshot carried.
    pub(crate) proof: Option<Receipt>,
}

/// Why a snapshot could not be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MergeError {
    /// It is not newer than the newest view.
    #[error("snapshot {0} is not newer than the newest")]
    NotNewer(u32),
    /// It is a delta against a view that is not held.
    #[error("the base is not held")]
    UnknownBase,
    /// Its changes do not fit its base.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// The views held, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Views {
    held: VecDeque<ReceivedView>,
    ack: Option<Acknowledged>,
    /// The newest that the authority was told of: what it counts from when it hears no more.
    told: Option<u32>,
}

impl Views {
    /// A connection begins: numbers begin anew, and what is held is only for drawing.
    pub(crate) fn begin(&mut self) {
        for held in &mut self.held {
            held.id = None;
        }
        self.ack = None;
        self.told = None;
    }

    /// The newest snapshot that was merged, to be acknowledged; `None` asks for a full one.
    pub(crate) fn ack(&self) -> Option<u32> {
        self.ack.map(|ack| ack.id)
    }

    /// Asks for a full snapshot.
    pub(crate) fn ask_for_full(&mut self) {
        self.ack = None;
    }

    /// The same, when the authority is told.
    pub(crate) fn tell_ack(&mut self) -> Option<Acknowledged> {
        self.told = self.ack();
        self.ack
    }

    pub(crate) fn newest(&self) -> Option<&View> {
        self.held.back().map(|held| &held.view)
    }

    pub(crate) fn held(&self) -> &VecDeque<ReceivedView> {
        &self.held
    }

    /// The view that a snapshot of this number made.
    pub(crate) fn base(&self, id: u32) -> Option<&View> {
        let held = self.held.iter().rev().find(|held| held.id == Some(id))?;
        Some(&held.view)
    }

    /// Merges a snapshot of this step and time.
    pub(crate) fn merge(
        &mut self,
        snapshot: &Snapshot,
        step: Step,
        time: Micros,
    ) -> Result<(), MergeError> {
        let newest = self.held.iter().rev().find_map(|held| held.id);
        if newest.is_some_and(|newest| newest >= snapshot.id) {
            return Err(MergeError::NotNewer(snapshot.id));
        }
        let view = match (snapshot.mode, snapshot.base_id) {
            (Mode::Full, _) => View::from_full(&snapshot.features, step)?,
            (Mode::Delta, Some(base)) => {
                let mut view = self.base(base).ok_or(MergeError::UnknownBase)?.clone();
                view.apply(&snapshot.features, step)?;
                view
            }
            (Mode::Delta, None) => return Err(MergeError::UnknownBase),
        };
        // A room that restarted may be a little earlier again: what it never reached is not drawn.
        while self
            .held
            .back()
            .is_some_and(|held| held.id.is_none() && held.time > time)
        {
            self.held.pop_back();
        }
        if self.held.len() >= VIEWS_MAX {
            let needed =
                self.told.is_some() && self.held.front().is_some_and(|held| held.id == self.told);
            self.held.remove(usize::from(needed));
        }
        self.held.push_back(ReceivedView {
            id: Some(snapshot.id),
            time,
            view,
        });
        self.ack = Some(Acknowledged {
            id: snapshot.id,
            proof: snapshot.proof,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use protocol::{SnapshotDelta, Timing};

    use super::*;

    fn full(id: u32) -> Snapshot {
        Snapshot {
            id,
            proof: None,
            mode: Mode::Full,
            base_id: None,
            local_ack_seq: None,
            timing: Timing::default(),
            features: SnapshotDelta::default(),
        }
    }

    fn merged(views: &mut Views, id: u32, time: u64) {
        assert_eq!(views.merge(&full(id), Step(time), Micros(time)), Ok(()));
    }

    fn times(views: &Views) -> Vec<u64> {
        views.held().iter().map(|held| held.time.0).collect()
    }

    #[test]
    fn of_another_connection_only_what_the_room_has_not_reached_again_is_dropped() {
        let mut views = Views::default();
        merged(&mut views, 1, 100);
        merged(&mut views, 2, 200);
        merged(&mut views, 3, 300);
        views.begin();
        merged(&mut views, 1, 250);
        assert_eq!(times(&views), [100, 200, 250]);
        // On one connection a time that is earlier takes nothing back.
        merged(&mut views, 2, 240);
        assert_eq!(times(&views), [100, 200, 250, 240]);
    }

    #[test]
    fn the_view_that_the_authority_was_told_of_is_held_the_longest() {
        let count = VIEWS_MAX as u32;
        let fill = |views: &mut Views, from: u32| {
            (from..=count).for_each(|id| merged(views, id, u64::from(id)));
        };
        let held = |views: &Views, id: u32| views.base(id).is_some();

        let mut views = Views::default();
        merged(&mut views, 1, 1);
        views.tell_ack();
        fill(&mut views, 2);
        merged(&mut views, count + 1, 1_000);
        assert!(held(&views, 1) && !held(&views, 2));

        let mut views = Views::default();
        merged(&mut views, 1, 1);
        merged(&mut views, 2, 2);
        views.tell_ack();
        fill(&mut views, 3);
        merged(&mut views, count + 1, 1_000);
        assert!(!held(&views, 1) && held(&views, 2));
    }

    #[test]
    fn the_oldest_view_goes_when_the_authority_was_told_of_none() {
        let mut views = Views::default();
        (1..=VIEWS_MAX as u32).for_each(|id| merged(&mut views, id, u64::from(id)));
        views.begin();
        merged(&mut views, 1, 1_000);
        assert_eq!(views.held().len(), VIEWS_MAX);
        assert_eq!(times(&views).first(), Some(&2));
    }
}
