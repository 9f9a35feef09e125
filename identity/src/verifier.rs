//! The order of the questions: token, keys, signature, session.
//!
//! * A check moves from value to value, so that no answer can come to a question that was not asked.
//! * A check that is dropped half-way costs nothing and holds nothing up.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use crate::Millis;
use crate::config::Config;
use crate::keys::{Found, Key, Keys};
use crate::limits::ANSWER_BYTES_MAX;
use crate::refusal::Refusal;
use crate::sessions::{self, Sessions};
use crate::token::{Token, UserId};

/// Decides who somebody is. One for all connections, so that they share what Clerk has said.
///
/// `begin`, then for each [`Need`] the method that its doc names, until `Done`.
#[derive(Debug)]
pub struct Verifier {
    config: Config,
    keys: Keys,
    sessions: Sessions,
}

/// What a check needs to go on.
#[derive(Debug)]
#[must_use = "nobody is let in before `Done`"]
pub enum Need {
    /// Clerk's keys: fetch them, then [`Verifier::keys_arrived`].
    Keys(KeysNeeded),
    /// An RSA check: do it, then [`Verifier::signature_checked`].
    Signature(SignatureNeeded),
    /// A session's status: fetch it, then [`Verifier::session_arrived`].
    Session(SessionNeeded),
    /// It is decided.
    Done(Result<UserId, Refusal>),
}

/// What Clerk answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body. More than [`ANSWER_BYTES_MAX`] need not be read: it is refused.
    pub body: Box<[u8]>,
}

/// What the RSA check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The key's owner has signed the message.
    Genuine,
    /// Somebody else has.
    Forged,
    /// The check could not be done.
    Unknown,
}

/// A check that waits for Clerk's keys.
#[derive(Debug)]
pub struct KeysNeeded {
    token: Token,
    url: String,
}

impl KeysNeeded {
    /// What to fetch, with the secret as bearer.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// A check that waits for RSA: RSASSA-PKCS1-v1_5 with SHA-256.
pub struct SignatureNeeded {
    token: Token,
    key: Key,
}

impl SignatureNeeded {
    /// Whose signature it must be.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// What must have been signed.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.token.message
    }

    /// The signature, as long as the key's modulus.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.token.signature
    }
}

impl fmt::Debug for SignatureNeeded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SignatureNeeded")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// A check that waits for the status of the token's session.
#[derive(Debug)]
pub struct SessionNeeded {
    token: Token,
    url: String,
}

impl SessionNeeded {
    /// What to fetch, with the secret as bearer.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Verifier {
    /// A verifier that has heard nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            keys: Keys::default(),
            sessions: Sessions::default(),
        }
    }

    /// What it believes.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Begins to check a token. An empty one is none.
    pub fn begin(&mut self, token: &str, now: Millis) -> Need {
        let token = match Token::read(token, &self.config, now) {
            Ok(token) => token,
            Err(refusal) => return refuse(refusal),
        };
        match self.keys.find(&token.key_id, now) {
            Found::Key(key) => ask_for_signature(token, key),
            Found::Ask => Need::Keys(KeysNeeded {
                url: self.config.keys_url(),
                token,
            }),
            Found::No(refusal) => refuse(refusal),
        }
    }

    /// Clerk has answered, or not: none when it cannot be reached.
    pub fn keys_arrived(
        &mut self,
        asked: KeysNeeded,
        answer: Option<&Answer>,
        now: Millis,
    ) -> Need {
        let mut denied = false;
        match answer.map(sort) {
            Some(Sorted::Good(body)) => self.keys.take(body, now),
            Some(Sorted::Denied) => {
                denied = true;
                self.keys.fail(now);
            }
            Some(Sorted::Absent(_) | Sorted::Bad) | None => self.keys.fail(now),
        }
        match self.keys.find_again(&asked.token.key_id, now) {
            Found::Key(key) => ask_for_signature(asked.token, key),
            Found::No(Refusal::KeysUnavailable) if denied => refuse(Refusal::SecretRefused),
            Found::No(refusal) => refuse(refusal),
            Found::Ask => refuse(Refusal::KeysUnavailable),
        }
    }

    /// The RSA check is done.
    pub fn signature_checked(
        &mut self,
        asked: SignatureNeeded,
        verdict: Verdict,
        now: Millis,
    ) -> Need {
        match verdict {
            Verdict::Genuine => {}
            Verdict::Forged => return refuse(Refusal::Signature),
            Verdict::Unknown => return refuse(Refusal::CryptoUnavailable),
        }
        let token = asked.token;
        match self.sessions.heard(&token.of, now) {
            Some(outcome) => finish(token, outcome, now),
            None => Need::Session(SessionNeeded {
                url: self.config.session_url(&token.of.0),
                token,
            }),
        }
    }

    /// Clerk has answered, or not: none when it cannot be reached.
    pub fn session_arrived(
        &mut self,
        asked: SessionNeeded,
        answer: Option<&Answer>,
        now: Millis,
    ) -> Need {
        let token = asked.token;
        let outcome = match answer.map(sort) {
            Some(Sorted::Good(body)) => sessions::read(body, &token.of),
            Some(Sorted::Absent(body)) => sessions::read_absence(body),
            Some(Sorted::Denied) => Err(Refusal::SecretRefused),
            Some(Sorted::Bad) | None => Err(Refusal::SessionUnavailable),
        };
        let outcome = self.sessions.hear(&token.of, outcome, now);
        finish(token, outcome, now)
    }
}

/// What kind of answer it is.
enum Sorted<'a> {
    Good(&'a [u8]),
    Absent(&'a [u8]),
    Denied,
    Bad,
}

fn sort(answer: &Answer) -> Sorted<'_> {
    match answer.status {
        200 if answer.body.len() <= ANSWER_BYTES_MAX => Sorted::Good(&answer.body),
        401 | 403 => Sorted::Denied,
        404 | 410 if answer.body.len() <= ANSWER_BYTES_MAX => Sorted::Absent(&answer.body),
        _ => Sorted::Bad,
    }
}

fn ask_for_signature(token: Token, key: Key) -> Need {
    if token.signature.len() == key.signature_bytes() {
        Need::Signature(SignatureNeeded { token, key })
    } else {
        refuse(Refusal::Signature)
    }
}

/// Asking takes time, so that a token may have expired meanwhile.
fn finish(token: Token, outcome: Result<(), Refusal>, now: Millis) -> Need {
    match outcome {
        Ok(()) if token.lasts(now) => Need::Done(Ok(token.of.1)),
        Ok(()) => refuse(Refusal::Expired),
        Err(refusal) => refuse(refusal),
    }
}

fn refuse(refusal: Refusal) -> Need {
    Need::Done(Err(refusal))
}
