//! Tokens: a good one, and every way to spoil it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::key::SigningKey;

/// Who makes the tokens.
pub const ISSUER: &str = "https://clerk.bitfort.test";

/// The page that they are made for.
pub const PARTY: &str = "https://play.bitfort.test";

/// How long a token lasts: Clerk's own default.
const LIFE_SECONDS: u64 = 60;

/// A token in the making. Good as it is; each method changes one thing.
#[derive(Clone, Debug)]
pub struct Forge {
    header: BTreeMap<String, Value>,
    claims: BTreeMap<String, Value>,
}

impl Forge {
    /// What Clerk puts into a session token, at a time in seconds since the Unix epoch.
    #[must_use]
    pub fn new(user: &str, session: &str, now: u64) -> Self {
        let header = [("alg", "RS256"), ("typ", "JWT"), ("cat", "cl_B7d4PD111AAA")];
        let texts = [
            ("iss", ISSUER),
            ("azp", PARTY),
            ("sub", user),
            ("sid", session),
            ("sts", "active"),
        ];
        let numbers = [
            ("iat", now),
            ("nbf", now.saturating_sub(10)),
            ("exp", now + LIFE_SECONDS),
            ("v", 2),
        ];
        let text = |(name, value): (&str, &str)| (name.to_owned(), Value::from(value));
        let number = |(name, value): (&str, u64)| (name.to_owned(), Value::from(value));
        Self {
            header: header.into_iter().map(text).collect(),
            claims: texts
                .into_iter()
                .map(text)
                .chain(numbers.into_iter().map(number))
                .collect(),
        }
    }

    /// Another value in the header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Another value among the claims.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// One thing less, in the header and among the claims.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.header.remove(name);
        self.claims.remove(name);
        self
    }

    /// The token, signed. It names the key unless it names another.
    #[must_use]
    pub fn sign(self, key: &SigningKey) -> String {
        self.sign_with(key.id(), |message| key.sign(message))
    }

    /// The token, with this for a signature.
    #[must_use]
    pub fn sign_with(mut self, key_id: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
        self.header
            .entry("kid".to_owned())
            .or_insert_with(|| key_id.into());
        let part = |part: &BTreeMap<String, Value>| {
            let json = serde_json::to_string(part).expect("a map of JSON is JSON");
            URL_SAFE_NO_PAD.encode(json)
        };
        let message = format!("{}.{}", part(&self.header), part(&self.claims));
        let signature = sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
