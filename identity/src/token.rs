//! Reading a session token: its shape, its header and its claims, all before anything is asked of anybody.
//!
//! * What stands here has not been proven: only the verifier gives a `UserId` away.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::Millis;
use crate::config::Config;
use crate::limits::{ID_BYTES_MAX, KEY_ID_BYTES_MAX, LEEWAY_MILLIS, TOKEN_BYTES_MAX};
use crate::refusal::{Claim, Part, Refusal};

/// Who somebody is, proven.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

impl UserId {
    /// Clerk's name for the user: visible ASCII, at most [`ID_BYTES_MAX`] bytes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn of_test(id: &str) -> Self {
        Self(id.into())
    }

    /// The same, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: Option<String>,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    azp: Option<String>,
    sub: Option<String>,
    sid: Option<String>,
    sts: Option<String>,
    exp: Option<u64>,
    nbf: Option<u64>,
    iat: Option<u64>,
}

/// A token that says the right things. Whether it tells the truth is not known.
pub(crate) struct Token {
    pub(crate) key_id: String,
    /// The session, and the user that it is said to be of.
    pub(crate) of: (String, UserId),
    /// What was signed.
    pub(crate) message: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    expires: Millis,
}

/// Nothing of a token may come to a log.
impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(..)")
    }
}

impl Token {
    /// Everything that the token alone can be refused for.
    pub(crate) fn read(token: &str, config: &Config, now: Millis) -> Result<Self, Refusal> {
        if token.is_empty() {
            return Err(Refusal::TokenMissing);
        }
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Refusal::TokenTooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Malformed(Part::Shape));
        };
        let key_id = key_id(object(header, Part::Header)?)?;
        // An empty signature is that of `none`, which has been refused by its name.
        let bytes = bytes(signature, Part::Signature)?;
        let claims: Claims = object(claims, Part::Claims)?;
        let message = &token[..token.len() - signature.len() - 1];
        let (of, expires) = accept(claims, config, now)?;
        Ok(Self {
            key_id,
            of,
            message: message.as_bytes().into(),
            signature: bytes,
            expires,
        })
    }

    /// True until the token's time is over, and a little longer for clocks that differ.
    pub(crate) fn lasts(&self, now: Millis) -> bool {
        lasts(self.expires, now)
    }
}

fn lasts(expires: Millis, now: Millis) -> bool {
    now.0 < expires.0.saturating_add(LEEWAY_MILLIS)
}

fn key_id(header: Header) -> Result<String, Refusal> {
    // The one algorithm stands here, so that the token never chooses how it is checked.
    if header.alg.as_deref() != Some("RS256") {
        return Err(Refusal::Algorithm);
    }
    let is_jwt = header.typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    if !is_jwt || header.crit.is_some() {
        return Err(Refusal::Header);
    }
    let id = header.kid.ok_or(Refusal::Missing(Claim::KeyId))?;
    if id.is_empty() || id.len() > KEY_ID_BYTES_MAX {
        return Err(Refusal::Unfit(Claim::KeyId));
    }
    Ok(id)
}

fn accept(
    claims: Claims,
    config: &Config,
    now: Millis,
) -> Result<((String, UserId), Millis), Refusal> {
    let Claims {
        iss,
        azp,
        sub,
        sid,
        sts,
        exp,
        nbf,
        iat,
    } = claims;
    let issuer = iss.ok_or(Refusal::Missing(Claim::Issuer))?;
    if !config.is_issuer(&issuer) {
        return Err(Refusal::Issuer);
    }
    if !config.may_be_for(azp.as_deref()) {
        return Err(Refusal::Party);
    }
    let expires = seconds(exp.ok_or(Refusal::Missing(Claim::Expiry))?);
    if !lasts(expires, now) {
        return Err(Refusal::Expired);
    }
    let begins = [nbf, iat].into_iter().flatten().map(seconds).max();
    if begins.is_some_and(|begins| begins.0 > now.0.saturating_add(LEEWAY_MILLIS)) {
        return Err(Refusal::NotYetValid);
    }
    let user = sub.ok_or(Refusal::Missing(Claim::User))?;
    if !fits(&user, |byte| byte.is_ascii_graphic()) {
        return Err(Refusal::Unfit(Claim::User));
    }
    let session = sid.ok_or(Refusal::Missing(Claim::Session))?;
    // It becomes a part of a path.
    if !fits(&session, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    }) {
        return Err(Refusal::Unfit(Claim::Session));
    }
    match sts.as_deref() {
        None | Some("active") => Ok(((session, UserId(user)), expires)),
        Some("pending") => Err(Refusal::Pending),
        Some(_) => Err(Refusal::SessionOver),
    }
}

fn seconds(seconds: u64) -> Millis {
    Millis(seconds.saturating_mul(1_000))
}

fn fits(id: &str, allowed: impl Fn(u8) -> bool) -> bool {
    (1..=ID_BYTES_MAX).contains(&id.len()) && id.bytes().all(allowed)
}

fn object<T: DeserializeOwned>(text: &str, part: Part) -> Result<T, Refusal> {
    serde_json::from_slice(&bytes(text, part)?).map_err(|_| Refusal::Malformed(part))
}

/// Canonical base64url without padding: each string of bytes has one spelling.
fn bytes(text: &str, part: Part) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Refusal::Malformed(part))
}
