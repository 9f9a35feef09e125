//! Whether a refusal is the end for somebody who can get another token.

use protocol::CloseCode;

/// Reasons of `unauthorized` that a newer token does not have; docs/DEPLOY.md lists them all.
const MENDED_BY_ANOTHER: [&str; 3] = [
    "token_expired",
    "token_not_yet_valid",
    // Keys are replaced, and a token made before that is signed by the old one.
    "token_key_unknown",
];

/// The reason when nothing was sent. A room from before tokens were offered says so to whoever offers one; the next one that
/// answers may be newer.
const MISSING: &str = "token_missing";

/// The number of a close as the client is to take it. `sent` tells whether a token was sent. A refusal that another token
/// mends is, to somebody who asks for one at every connection, no more than a delay.
#[must_use]
pub fn with_another_token(number: u16, reason: &str, sent: bool) -> u16 {
    let refused = number == CloseCode::Unauthorized.number();
    let mended = MENDED_BY_ANOTHER.contains(&reason) || (reason == MISSING && sent);
    if refused && mended {
        CloseCode::IdentityUnavailable.number()
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_come_back(number: u16, reason: &str, sent: bool) -> bool {
        CloseCode::from_number(with_another_token(number, reason, sent))
            .is_some_and(CloseCode::may_reconnect)
    }

    #[test]
    fn a_token_whose_time_was_over_is_not_the_end() {
        for reason in MENDED_BY_ANOTHER {
            assert!(may_come_back(4001, reason, true), "{reason}");
        }
    }

    #[test]
    fn who_is_signed_out_stays_out() {
        for reason in [
            "session_over",
            "session_pending",
            "token_party",
            "token_signature",
            "",
        ] {
            assert!(!may_come_back(4001, reason, true), "{reason}");
        }
        assert!(!may_come_back(4001, MISSING, false));
        assert!(may_come_back(4001, MISSING, true));
    }

    #[test]
    fn other_closes_are_what_they_are() {
        for (number, reason) in [
            (4003, "token_expired"),
            (4002, "bad_resume_token"),
            (1000, ""),
        ] {
            assert_eq!(with_another_token(number, reason, true), number);
        }
    }
}
