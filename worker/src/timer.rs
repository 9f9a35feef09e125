//! The object's one timer.
//!
//! A timer that is not needed any more is taken back from the platform, not only forgotten: see [`crate::pause`].

use std::cell::{Cell, RefCell};
use std::time::Duration;

use authority::Millis;
use futures_util::future::{AbortHandle, abortable};
use worker::Delay;

/// Fires once, or never.
#[derive(Default)]
pub(crate) struct Timer {
    at: Cell<Option<Millis>>,
    pending: RefCell<Option<AbortHandle>>,
}

impl Timer {
    /// When it fires.
    pub(crate) fn at(&self) -> Option<Millis> {
        self.at.get()
    }

    /// Arms it in place of whatever it was armed for. Returns what to wait for: true if it has fired.
    pub(crate) fn arm(&self, now: Millis, at: Millis) -> impl Future<Output = bool> + use<> {
        self.disarm();
        let wait = Duration::from_millis(at.0.saturating_sub(now.0));
        let (fires, pending) = abortable(Delay::from(wait));
        self.at.set(Some(at));
        self.pending.replace(Some(pending));
        async move { fires.await.is_ok() }
    }

    /// It has fired.
    pub(crate) fn fired(&self) {
        self.at.set(None);
        self.pending.replace(None);
    }

    /// It never fires, and does not know.
    pub(crate) fn die(&self) {
        if let Some(pending) = self.pending.take() {
            pending.abort();
        }
    }

    /// Takes it back.
    pub(crate) fn disarm(&self) {
        self.at.set(None);
        if let Some(pending) = self.pending.take() {
            pending.abort();
        }
    }
}
