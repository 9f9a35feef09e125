//! Why somebody is not let in: a code for programs, a sentence for the player, and the error's own text for operators.
//!
//! * No text holds anything of the token but the names of its fields.

use crate::limits::TOKEN_BYTES_MAX;

/// The part of a token that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It is not three parts with points between them.
    Shape,
    /// The first part: no base64url, no JSON, or a field of another type.
    Header,
    /// The second part, likewise.
    Claims,
    /// The third part: no base64url.
    Signature,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Shape, Self::Header, Self::Claims, Self::Signature];

    const fn name(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Header => "header",
            Self::Claims => "claims",
            Self::Signature => "signature",
        }
    }
}

impl core::fmt::Display for Part {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(self.name())
    }
}

/// A field that a token must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// `kid`, in the header.
    KeyId,
    /// `iss`
    Issuer,
    /// `exp`
    Expiry,
    /// `sub`
    User,
    /// `sid`. Tokens that were made by a template for another service have none.
    Session,
}

impl Claim {
    /// Its name in the token.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyId => "kid",
            Self::Issuer => "iss",
            Self::Expiry => "exp",
            Self::User => "sub",
            Self::Session => "sid",
        }
    }
}

impl core::fmt::Display for Claim {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str(self.name())
    }
}

/// Why somebody is not let in. The text is for operators; it tells what to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no token.
    #[error("no token was sent")]
    TokenMissing,
    /// More bytes than a session token has.
    #[error("the token has more than {TOKEN_BYTES_MAX} bytes")]
    TokenTooLong,
    /// It is no JWT.
    #[error("the token's {0} cannot be read")]
    Malformed(Part),
    /// `none`, HS256 or anything else that is not RS256. Such a token was made to deceive, or for another service.
    #[error("the token is not signed by RS256")]
    Algorithm,
    /// The header says that the token is no session token, or that it must be understood in another way.
    #[error("the token's header has a `typ` or `crit` that no session token has")]
    Header,
    /// A field is not there.
    #[error("the token has no `{0}`")]
    Missing(Claim),
    /// An id that Clerk would not make.
    #[error("the token's `{0}` has characters or a length that no id has")]
    Unfit(Claim),
    /// Made by another Clerk instance.
    #[error("the token's `iss` is not the configured issuer")]
    Issuer,
    /// Made for another page.
    #[error("the token's `azp` is not one of the authorized parties")]
    Party,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet; do the clocks differ?")]
    NotYetValid,
    /// The user has signed in and must still do something, says token or session.
    #[error("the session is pending: the user has not completed its tasks")]
    Pending,
    /// Clerk has no such key.
    #[error(
        "the instance has no key with the token's `kid`; is the secret key that of the token's instance?"
    )]
    UnknownKey,
    /// The key is for something else, or too weak.
    #[error("the key with the token's `kid` is not for RS256 signatures, or too short")]
    UnfitKey,
    /// The signature is not that of the key.
    #[error("the token's signature is wrong")]
    Signature,
    /// Signed out, revoked, expired, replaced, abandoned, removed, or never there.
    #[error("the session is over")]
    SessionOver,
    /// Clerk gave the session of somebody else.
    #[error("Clerk says that the token's session is not the token's user's")]
    SessionOfAnother,
    /// Clerk's keys cannot be had, and those that were had are too old or do not have this one.
    #[error("Clerk's keys cannot be had")]
    KeysUnavailable,
    /// Clerk does not say what the session's status is.
    #[error("Clerk does not answer with the session's status")]
    SessionUnavailable,
    /// Clerk does not take our secret.
    #[error("Clerk refuses the secret key; look at CLERK_SECRET_KEY")]
    SecretRefused,
    /// The platform could not do the RSA.
    #[error("the platform cannot check RS256 signatures")]
    CryptoUnavailable,
}

impl Refusal {
    /// Every refusal, for documents and tests.
    pub const ALL: [Self; 30] = [
        Self::TokenMissing,
        Self::TokenTooLong,
        Self::Malformed(Part::Shape),
        Self::Malformed(Part::Header),
        Self::Malformed(Part::Claims),
        Self::Malformed(Part::Signature),
        Self::Algorithm,
        Self::Header,
        Self::Missing(Claim::KeyId),
        Self::Missing(Claim::Issuer),
        Self::Missing(Claim::Expiry),
        Self::Missing(Claim::User),
        Self::Missing(Claim::Session),
        Self::Unfit(Claim::KeyId),
        Self::Unfit(Claim::User),
        Self::Unfit(Claim::Session),
        Self::Issuer,
        Self::Party,
        Self::Expired,
        Self::NotYetValid,
        Self::Pending,
        Self::UnknownKey,
        Self::UnfitKey,
        Self::Signature,
        Self::SessionOver,
        Self::SessionOfAnother,
        Self::KeysUnavailable,
        Self::SessionUnavailable,
        Self::SecretRefused,
        Self::CryptoUnavailable,
    ];

    /// The code: it stays as it is from version to version.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TokenMissing => "token_missing",
            Self::TokenTooLong => "token_too_long",
            Self::Malformed(_) => "token_malformed",
            Self::Algorithm => "token_algorithm",
            Self::Header => "token_header",
            Self::Missing(_) => "token_claim_missing",
            Self::Unfit(_) => "token_claim_unfit",
            Self::Issuer => "token_issuer",
            Self::Party => "token_party",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
            Self::Pending => "session_pending",
            Self::UnknownKey => "token_key_unknown",
            Self::UnfitKey => "token_key_unfit",
            Self::Signature => "token_signature",
            Self::SessionOver => "session_over",
            Self::SessionOfAnother => "session_of_another",
            Self::KeysUnavailable => "identity_keys_unavailable",
            Self::SessionUnavailable => "identity_session_unavailable",
            Self::SecretRefused => "identity_secret_refused",
            Self::CryptoUnavailable => "identity_crypto_unavailable",
        }
    }

    /// What the player reads.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TokenMissing => "Sign in to play.",
            Self::TokenTooLong
            | Self::Malformed(_)
            | Self::Algorithm
            | Self::Header
            | Self::Missing(_)
            | Self::Unfit(_)
            | Self::UnknownKey
            | Self::UnfitKey
            | Self::Signature
            | Self::SessionOfAnother => {
                "This sign-in is not valid. Sign out, sign in and try again."
            }
            Self::Issuer | Self::Party => {
                "This sign-in was made for another site. Sign in here to play."
            }
            Self::Expired => "Your sign-in has run out. Reload the page to renew it.",
            Self::NotYetValid => "Your sign-in is not valid yet. Wait a moment and try again.",
            Self::Pending => "Your sign-in is not complete. Finish it, then come back.",
            Self::SessionOver => "You have been signed out. Sign in again to play.",
            Self::KeysUnavailable
            | Self::SessionUnavailable
            | Self::SecretRefused
            | Self::CryptoUnavailable => {
                "Your sign-in cannot be checked right now. Try again in a moment."
            }
        }
    }

    /// True when the fault is not the token's: the same one may be good in a moment.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::KeysUnavailable
            | Self::SessionUnavailable
            | Self::SecretRefused
            | Self::CryptoUnavailable => true,
            Self::TokenMissing
            | Self::TokenTooLong
            | Self::Malformed(_)
            | Self::Algorithm
            | Self::Header
            | Self::Missing(_)
            | Self::Unfit(_)
            | Self::Issuer
            | Self::Party
            | Self::Expired
            | Self::NotYetValid
            | Self::Pending
            | Self::UnknownKey
            | Self::UnfitKey
            | Self::Signature
            | Self::SessionOver
            | Self::SessionOfAnother => false,
        }
    }

    /// The status of an HTTP answer.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        if self.is_retryable() { 503 } else { 401 }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn codes_are_plain_and_tell_refusals_apart() {
        let mut codes = BTreeSet::new();
        for refusal in Refusal::ALL {
            let code = refusal.code();
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(code.bytes().all(plain), "{code}");
            codes.insert(code);
        }
        assert_eq!(codes.len(), 21, "{codes:?}");
    }

    #[test]
    fn what_may_be_tried_again_says_so() {
        for refusal in Refusal::ALL {
            let sentence = refusal.sentence();
            assert!(sentence.ends_with('.'), "{sentence}");
            assert_eq!(refusal.is_retryable(), refusal.http_status() == 503);
            if refusal.is_retryable() {
                assert!(refusal.code().starts_with("identity_"));
                assert!(sentence.contains("Try again"), "{sentence}");
            }
            // Players do not know what a token is.
            assert!(!sentence.contains("token"), "{sentence}");
            assert!(!refusal.to_string().is_empty());
        }
    }
}
