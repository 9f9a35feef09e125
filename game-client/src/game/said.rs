//! Sentences for the player that nobody has read yet.

use netcode::{Event, Micros};

use crate::play::Happened;
use crate::words::{Next, Notice, about};

/// Sentences that wait to be read; the oldest goes if more come.
const WAITING_MAX: usize = 16;
/// The same sentence is not said again for so long: a held key asks for the same again and again.
const SILENT: Micros = Micros::from_millis(2_000);

/// Sentences for the player.
#[derive(Clone, Debug, Default)]
pub struct Said {
    waiting: Vec<Notice>,
    last: Option<(Micros, &'static str)>,
}

impl Said {
    pub(crate) fn note(&mut self, at: Micros, what: &Happened) {
        let Happened::Event(event) = what else {
            return;
        };
        if matches!(event, Event::Disconnected { retry_at: None }) {
            self.end();
        }
        let Some(notice) = about(event) else {
            return;
        };
        let again = self
            .last
            .is_some_and(|(said_at, text)| text == notice.text && at.since(said_at) < SILENT);
        if !again {
            self.last = Some((at, notice.text));
            self.put(notice);
        }
    }

    /// There will be no further attempt: what was said last stays, or why it is over is said.
    fn end(&mut self) {
        let reason = self
            .waiting
            .iter_mut()
            .rev()
            .find(|notice| notice.next != Next::Wait);
        match reason {
            Some(notice) => notice.lasting = true,
            None => self.put(Notice {
                text: "The room has ended the connection. Load this page again to come back.",
                next: Next::Reload,
                lasting: true,
            }),
        }
    }

    fn put(&mut self, notice: Notice) {
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.remove(0);
        }
        self.waiting.push(notice);
    }

    /// What was said last, as long as it is of use.
    #[cfg(feature = "desktop")]
    pub(crate) fn newest(&self, now: Micros) -> Option<&'static str> {
        let lasting = self.waiting.iter().rev().find(|notice| notice.lasting);
        let fresh = self.last.filter(|(at, _)| now.since(*at) < SILENT);
        lasting
            .map(|notice| notice.text)
            .or(fresh.map(|(_, text)| text))
    }

    pub(crate) fn take(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.waiting)
    }
}
