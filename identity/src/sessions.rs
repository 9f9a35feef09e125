//! What Clerk says of sessions: reading its answer, and deciding when to ask again.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::Millis;
use crate::limits::{SESSION_FRESH_MILLIS, SESSION_RETRY_MILLIS, SESSIONS_MAX};
use crate::refusal::Refusal;
use crate::token::UserId;

#[derive(Deserialize)]
struct Session {
    id: String,
    user_id: String,
    status: String,
}

/// What Clerk's answer to the question for a session comes to.
pub(crate) fn read(body: &[u8], (session, user): &Of) -> Result<(), Refusal> {
    let told: Session = serde_json::from_slice(body).map_err(|_| Refusal::SessionUnavailable)?;
    if told.id != *session || told.user_id != user.as_str() {
        return Err(Refusal::SessionOfAnother);
    }
    match told.status.as_str() {
        "active" => Ok(()),
        "pending" => Err(Refusal::Pending),
        // Abandoned, ended, expired, removed, replaced, revoked, and what Clerk may think of yet.
        _ => Err(Refusal::SessionOver),
    }
}

#[derive(Deserialize)]
struct Errors {
    #[serde(rename = "errors")]
    _errors: Vec<IgnoredAny>,
}

/// What it comes to when nothing is found. Clerk says so in its own words; whatever else answers 404 on the way, such as
/// a proxy in front of it, knows nothing of the session.
pub(crate) fn read_absence(body: &[u8]) -> Result<(), Refusal> {
    match serde_json::from_slice::<Errors>(body) {
        Ok(_) => Err(Refusal::SessionOver),
        Err(_) => Err(Refusal::SessionUnavailable),
    }
}

/// What was heard of sessions lately.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    heard: BTreeMap<Of, (Millis, Result<(), Refusal>)>,
}

/// A session and its user. What was heard of one user's session says nothing of another's.
pub(crate) type Of = (String, UserId);

impl Sessions {
    /// What was heard of a session, as long as it is to be believed.
    pub(crate) fn heard(&self, of: &Of, now: Millis) -> Option<Result<(), Refusal>> {
        let (at, outcome) = self.heard.get(of)?;
        (now.since(*at) < lasts(*outcome)).then_some(*outcome)
    }

    /// Remembers what was heard, in the place of the oldest when there are too many. Returns what is to be believed: that
    /// nothing could be heard does not undo what somebody else heard a moment ago.
    pub(crate) fn hear(
        &mut self,
        of: &Of,
        outcome: Result<(), Refusal>,
        now: Millis,
    ) -> Result<(), Refusal> {
        if outcome.is_err_and(Refusal::is_retryable)
            && let Some(known) = self.heard(of, now)
        {
            return known;
        }
        if self.heard.len() >= SESSIONS_MAX && !self.heard.contains_key(of) {
            self.heard
                .retain(|_, (at, outcome)| now.since(*at) < lasts(*outcome));
        }
        if self.heard.len() >= SESSIONS_MAX && !self.heard.contains_key(of) {
            let oldest = self.heard.iter().min_by_key(|(_, (at, _))| *at);
            if let Some(oldest) = oldest.map(|(of, _)| of.clone()) {
                self.heard.remove(&oldest);
            }
        }
        self.heard.insert(of.clone(), (now, outcome));
        outcome
    }
}

/// How long an outcome is believed. One that can change for the better is asked for again soon.
fn lasts(outcome: Result<(), Refusal>) -> u64 {
    match outcome {
        Err(refusal) if refusal.is_retryable() || refusal == Refusal::Pending => {
            SESSION_RETRY_MILLIS
        }
        Ok(()) | Err(_) => SESSION_FRESH_MILLIS,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn of(number: usize) -> Of {
        (format!("sess_{number}"), UserId::of_test("user_1"))
    }

    #[test]
    fn only_so_many_are_remembered_and_the_oldest_goes() {
        let mut sessions = Sessions::default();
        for number in 0..=SESSIONS_MAX {
            let _ = sessions.hear(&of(number), Ok(()), Millis(number as u64));
        }
        assert_eq!(sessions.heard.len(), SESSIONS_MAX);
        let now = Millis(SESSIONS_MAX as u64);
        assert_eq!(sessions.heard(&of(0), now), None);
        assert_eq!(sessions.heard(&of(1), now), Some(Ok(())));
    }

    #[test]
    fn what_is_over_makes_room_first() {
        let mut sessions = Sessions::default();
        for number in 0..SESSIONS_MAX {
            let _ = sessions.hear(&of(number), Ok(()), Millis(0));
        }
        let _ = sessions.hear(&of(SESSIONS_MAX), Ok(()), Millis(SESSION_FRESH_MILLIS));
        assert_eq!(sessions.heard.len(), 1);
    }

    #[test]
    fn one_users_session_vouches_for_no_other() {
        let mut sessions = Sessions::default();
        let _ = sessions.hear(&of(1), Ok(()), Millis(0));
        let (session, _) = of(1);
        let other = (session, UserId::of_test("user_2"));
        assert_eq!(sessions.heard(&other, Millis(0)), None);
    }
}
