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
    /// Why it may be over. It is said when it is: a refusal that another token mends is none of the player's concern.
    end: Option<Notice>,
}

impl Said {
    pub(crate) fn note(&mut self, at: Micros, what: &Happened) {
        let Happened::Event(event) = what else {
            return;
        };
        match event {
            Event::Disconnected { retry_at: None } => self.end(),
            Event::Disconnected { retry_at: Some(_) } | Event::Welcomed { .. } => self.end = None,
            Event::Outdated
            | Event::Failed { .. }
            | Event::Refused(_)
            | Event::Placed { .. }
            | Event::Stored { .. }
            | Event::Room(_) => {}
        }
        let Some(notice) = about(event) else {
            return;
        };
        if notice.next == Next::SignIn {
            self.end = Some(notice);
            return;
        }
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
        if let Some(notice) = self.end.take() {
            self.put(Notice {
                lasting: true,
                ..notice
            });
            return;
        }
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

#[cfg(test)]
mod tests {
    use protocol::ErrorCode;

    use super::*;

    fn hear(said: &mut Said, event: Event) -> Vec<Notice> {
        said.note(Micros(0), &Happened::Event(event));
        said.take()
    }

    fn refused() -> Event {
        Event::Failed {
            code: ErrorCode::Unauthorized,
            message: String::new(),
        }
    }

    #[test]
    fn who_is_signed_out_is_told_when_it_is_over() {
        let mut said = Said::default();
        assert_eq!(hear(&mut said, refused()), []);
        let told = hear(&mut said, Event::Disconnected { retry_at: None });
        assert!(matches!(
            told[..],
            [Notice {
                next: Next::SignIn,
                lasting: true,
                ..
            }]
        ));
    }

    #[test]
    fn who_comes_back_with_another_token_is_not_told_to_sign_in() {
        let mut said = Said::default();
        assert_eq!(hear(&mut said, refused()), []);
        let again = Event::Disconnected {
            retry_at: Some(Micros(1)),
        };
        let told = hear(&mut said, again);
        assert!(
            told.iter().all(|notice| notice.next == Next::Wait),
            "{told:?}"
        );
        // Whatever ends it later, it is not that.
        let told = hear(&mut said, Event::Disconnected { retry_at: None });
        assert!(
            told.iter().all(|notice| notice.next != Next::SignIn),
            "{told:?}"
        );
    }
}
