//! How a client proves who it is: tokens among the WebSocket subprotocols that it offers.
//!
//! * A page cannot set headers of its own, and addresses are kept by logs and histories. What is offered is in neither.
//! * The room answers with the encoding alone; a token is never sent back.

use alloc::format;
use alloc::string::String;

/// What a token proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// Who the user is: the session token of the identity provider.
    Session,
    /// The right to a player: the resume token of an earlier welcome.
    Resume,
}

impl Proof {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Session, Self::Resume];

    /// What stands before the token in an offer.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "bitfort.token.",
            Self::Resume => "bitfort.resume.",
        }
    }

    /// The parameter of the socket's URL that says the same, for clients that cannot offer it.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Session => "token",
            Self::Resume => "resumeToken",
        }
    }

    /// The subprotocol to offer. None for an empty token, and for one with a character that no subprotocol has
    /// (RFC 9110, section 5.6.2); session and resume tokens have none.
    #[must_use]
    pub fn offer(self, token: &str) -> Option<String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let can_be_offered = !token.is_empty() && token.bytes().all(fits);
        can_be_offered.then(|| format!("{}{token}", self.prefix()))
    }

    /// The token of an offer. None for any other subprotocol.
    #[must_use]
    pub fn read(self, offered: &str) -> Option<&str> {
        offered.strip_prefix(self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_from_its_offer_and_from_no_other() {
        for proof in Proof::ALL {
            let token = "eyJh.bG_ci-Oi";
            let offer = proof.offer(token);
            let read = |as_what: Proof| as_what.read(offer.as_deref().unwrap_or_default());
            assert_eq!(read(proof), Some(token));
            for other in Proof::ALL.into_iter().filter(|other| *other != proof) {
                assert_eq!(read(other), None);
            }
        }
    }

    #[test]
    fn what_no_subprotocol_can_carry_is_not_offered() {
        for token in ["", "a b", "a,b", "a;b", "a\"b", "a/b", "a=", "ä", "a\n"] {
            assert_eq!(Proof::Session.offer(token), None, "{token:?}");
        }
    }

    #[test]
    fn no_encoding_looks_like_a_token() {
        for encoding in crate::Encoding::ALL {
            for proof in Proof::ALL {
                assert_eq!(proof.read(encoding.subprotocol()), None);
            }
        }
    }
}
