//! Clerk's public keys: reading a set of them, and deciding when to ask for another.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::Millis;
use crate::limits::{
    KEY_BITS_MAX, KEY_BITS_MIN, KEYS_ASK_MILLIS, KEYS_ASKS_MAX, KEYS_FRESH_MILLIS, KEYS_MAX,
    KEYS_OLD_MILLIS, KEYS_RETRY_MILLIS,
};
use crate::refusal::Refusal;

/// An RSA public key for RS256, in the spelling of a JWK.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    modulus: String,
    modulus_bytes: usize,
}

/// The exponent of every key: 65537. Clerk makes no others, and small ones are dangerous.
const EXPONENT: &str = "AQAB";

impl Key {
    /// `n`: the modulus, base64url without padding.
    #[must_use]
    pub fn n(&self) -> &str {
        &self.modulus
    }

    /// `e`: the exponent, base64url without padding.
    #[must_use]
    pub const fn e(&self) -> &'static str {
        EXPONENT
    }

    /// Bytes of the modulus, and of every signature by this key.
    pub(crate) fn signature_bytes(&self) -> usize {
        self.modulus_bytes
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key({} bits)", self.modulus_bytes * 8)
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: Option<String>,
    kty: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Jwk {
    /// None for a key that is not for RS256 signatures, or too weak.
    fn fit(self) -> Option<Key> {
        let is = |value: Option<String>, wanted: &str| value.is_none_or(|value| value == wanted);
        let operations = self.key_ops;
        let verifies = operations.is_none_or(|all| all.iter().any(|one| one == "verify"));
        let for_rs256 = self.kty.as_deref() == Some("RSA")
            && is(self.purpose, "sig")
            && is(self.alg, "RS256")
            && verifies;
        if !for_rs256 || self.e.as_deref() != Some(EXPONENT) {
            return None;
        }
        let modulus = self.n?;
        let bytes = URL_SAFE_NO_PAD.decode(&modulus).ok()?;
        // The first byte is not zero, so the length tells the bits but for some of its own.
        let bits = bytes.len() * 8 - bytes.first()?.leading_zeros() as usize;
        let odd = bytes.last()? % 2 == 1;
        let fits = (KEY_BITS_MIN..=KEY_BITS_MAX).contains(&bits) && bytes.first() != Some(&0);
        (fits && odd).then_some(Key {
            modulus,
            modulus_bytes: bytes.len(),
        })
    }
}

/// What the set says of a key's id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Key(Key),
    /// Ask Clerk before anything is decided.
    Ask,
    No(Refusal),
}

/// The newest set, and when Clerk was asked.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    set: Vec<(String, Option<Key>)>,
    /// When the set came.
    came: Option<Millis>,
    /// When the newest span of asking began, and how often was asked since.
    asked: Option<(Millis, u32)>,
    /// When an answer last was none.
    failed: Option<Millis>,
}

impl Keys {
    /// Looks a key up, and says whether to ask for newer ones. When it says so, somebody does.
    pub(crate) fn find(&mut self, id: &str, now: Millis) -> Found {
        let Some(age) = self.age(now) else {
            return if self.may_ask_for_the_first(now) {
                self.ask(now, KEYS_RETRY_MILLIS);
                Found::Ask
            } else {
                Found::No(Refusal::KeysUnavailable)
            };
        };
        let found = self.get(id);
        let wanted = found.is_none() || age >= KEYS_FRESH_MILLIS;
        if wanted && self.may_ask_for_newer(now) {
            self.ask(now, KEYS_ASK_MILLIS);
            return Found::Ask;
        }
        found.unwrap_or_else(|| Found::No(self.unknown()))
    }

    /// What the set says now that it is as new as can be had.
    pub(crate) fn find_again(&self, id: &str, now: Millis) -> Found {
        if self.age(now).is_none() {
            return Found::No(Refusal::KeysUnavailable);
        }
        self.get(id).unwrap_or_else(|| Found::No(self.unknown()))
    }

    /// Something came. A set replaces the one before: a key that is no longer in it is no longer good. What is no set
    /// replaces nothing: an instance always has a key, so a set without any is a fault of whoever answered.
    pub(crate) fn take(&mut self, body: &[u8], now: Millis) {
        let mut set = Vec::new();
        if let Ok(Set { keys }) = serde_json::from_slice::<Set>(body) {
            for mut jwk in keys.into_iter().take(KEYS_MAX) {
                if let Some(id) = jwk.kid.take() {
                    set.push((id, jwk.fit()));
                }
            }
        }
        // Keys that are all unfit are worth knowing only for who has nothing better: they tell an operator what is wrong.
        let fits = |set: &[(String, Option<Key>)]| set.iter().any(|(_, key)| key.is_some());
        let is_worse = !fits(&set) && fits(&self.set) && self.age(now).is_some();
        if set.is_empty() || is_worse {
            self.fail(now);
            return;
        }
        self.set = set;
        self.came = Some(now);
    }

    /// No set came.
    pub(crate) fn fail(&mut self, now: Millis) {
        self.failed = Some(now);
    }

    fn get(&self, id: &str) -> Option<Found> {
        let (_, key) = self.set.iter().find(|(known, _)| known == id)?;
        Some(match key {
            Some(key) => Found::Key(key.to_owned()),
            None => Found::No(Refusal::UnfitKey),
        })
    }

    /// A key that is not in the set does not exist, if the set is at least as new as the last question.
    fn unknown(&self) -> Refusal {
        let asked = self.asked.map(|(asked, _)| asked);
        if self.came >= asked {
            Refusal::UnknownKey
        } else {
            Refusal::KeysUnavailable
        }
    }

    /// None when there is no set, or one that is too old to be believed.
    fn age(&self, now: Millis) -> Option<u64> {
        let age = now.since(self.came?);
        (age < KEYS_OLD_MILLIS).then_some(age)
    }

    fn may_ask_for_newer(&self, now: Millis) -> bool {
        self.asked
            .is_none_or(|(asked, _)| now.since(asked) >= KEYS_ASK_MILLIS)
    }

    fn may_ask_for_the_first(&self, now: Millis) -> bool {
        let failed = |failed| now.since(failed) < KEYS_RETRY_MILLIS;
        let many = |(asked, times)| times >= KEYS_ASKS_MAX && now.since(asked) < KEYS_RETRY_MILLIS;
        !self.failed.is_some_and(failed) && !self.asked.is_some_and(many)
    }

    fn ask(&mut self, now: Millis, span: u64) {
        self.asked = match self.asked {
            Some((asked, times)) if now.since(asked) < span => {
                Some((asked, times.saturating_add(1)))
            }
            Some(_) | None => Some((now, 1)),
        };
    }
}
