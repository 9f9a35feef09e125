//! Who wants to connect, as they say.
//!
//! * What they say is checked for its length and its characters here, and proven by nothing yet.
//! * Tokens are taken from what is offered or from the URL, and never written anywhere.

use protocol::{ErrorCode, Proof, limits};

use crate::refusal::Refusal;

/// Characters of a `playerId`.
pub(crate) const PLAYER_ID_CHARS_MAX: usize = 64;

/// The characters of a session token. A longer one is not looked at.
pub(crate) const TOKEN_CHARS_MAX: usize = identity::limits::TOKEN_BYTES_MAX;

/// Who wants to connect, from the offered subprotocols and the query of the socket's URL. Nothing in it is proven.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The name that permissive mode takes as it is.
    pub(crate) player_id: Option<String>,
    /// Proof of identity.
    pub(crate) token: Option<String>,
    /// The right to an old seat.
    pub(crate) resume_token: Option<String>,
}

impl Claim {
    /// Reads the query's decoded pairs and what is offered. What is not known is ignored; of a name given twice the last
    /// counts, and what is offered counts more.
    pub(crate) fn parse<K: AsRef<str>, V: Into<String>>(
        pairs: impl Iterator<Item = (K, V)>,
        offered: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut claim = Self::default();
        for (name, value) in pairs {
            match name.as_ref() {
                "playerId" => claim.player_id = Some(value.into()),
                "token" => claim.token = Some(value.into()),
                "resumeToken" => claim.resume_token = Some(value.into()),
                _ => {}
            }
        }
        for name in names(offered.unwrap_or_default()) {
            for proof in Proof::ALL {
                let Some(token) = proof.read(name) else {
                    continue;
                };
                let place = match proof {
                    Proof::Session => &mut claim.token,
                    Proof::Resume => &mut claim.resume_token,
                };
                *place = Some(token.to_owned());
            }
        }
        if let Some(id) = &claim.player_id {
            let fits = (1..=PLAYER_ID_CHARS_MAX).contains(&id.len());
            if !fits
                || !id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            {
                let message = format!(
                    "a player's id is 1 to {PLAYER_ID_CHARS_MAX} of A-Z, a-z, 0-9, -, _ and ."
                );
                return Err(Refusal::out_of_range("playerId", message));
            }
        }
        for (field, value, most) in [
            ("token", &claim.token, TOKEN_CHARS_MAX),
            ("resumeToken", &claim.resume_token, limits::TOKEN_BYTES_MAX),
        ] {
            if value.as_ref().is_some_and(|value| value.len() > most) {
                return Err(Refusal::out_of_range(
                    field,
                    format!("{field} has more than {most} bytes"),
                ));
            }
        }
        Ok(claim)
    }

    /// The user that permissive mode makes of a claim: whoever they say they are.
    pub(crate) fn permissive_user(self) -> Result<String, Refusal> {
        self.player_id.ok_or_else(|| Refusal {
            status: 400,
            code: ErrorCode::MissingField.as_str(),
            field: Some("playerId"),
            message: "permissive mode needs a playerId".into(),
        })
    }
}

/// What is offered besides tokens: a room is told of nothing else.
pub(crate) fn without_tokens(offered: &str) -> String {
    let is_token = |name: &&str| {
        Proof::ALL
            .into_iter()
            .any(|proof| proof.read(name).is_some())
    };
    let rest: Vec<&str> = names(offered).filter(|name| !is_token(name)).collect();
    rest.join(", ")
}

fn names(offered: &str) -> impl Iterator<Item = &str> {
    offered.split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::routes::negotiate;

    #[test]
    fn a_claim_is_limited_and_names_the_field() {
        let claim =
            |name: &'static str, value: String| Claim::parse([(name, value)].into_iter(), None);
        assert!(
            claim("playerId", "ann_1".into())
                .is_ok_and(|claim| claim.permissive_user().unwrap() == "ann_1")
        );
        assert!(claim("more", "x".into()).is_ok_and(|claim| claim.permissive_user().is_err()));
        for (name, value) in [
            ("playerId", String::new()),
            ("playerId", "a b".into()),
            ("playerId", "a".repeat(PLAYER_ID_CHARS_MAX + 1)),
            ("token", "t".repeat(TOKEN_CHARS_MAX + 1)),
            ("resumeToken", "t".repeat(limits::TOKEN_BYTES_MAX + 1)),
        ] {
            assert_eq!(
                claim(name, value).err().and_then(|refusal| refusal.field),
                Some(name)
            );
        }
    }

    fn tokens(
        pairs: &[(&str, &str)],
        offered: Option<&str>,
    ) -> Result<(Option<String>, Option<String>), Refusal> {
        let pairs = pairs.iter().map(|(name, value)| (*name, *value));
        Claim::parse(pairs, offered).map(|claim| (claim.token, claim.resume_token))
    }

    #[test]
    fn tokens_are_offered_or_stand_in_the_query() {
        let both = Some((Some("e.y.j".to_owned()), Some("ab".to_owned())));
        let offered = "bitfort.v2.bin,bitfort.token.e.y.j , bitfort.resume.ab";
        assert_eq!(tokens(&[], Some(offered)).ok(), both);
        let query = [("token", "e.y.j"), ("resumeToken", "ab")];
        assert_eq!(tokens(&query, None).ok(), both);
        assert_eq!(tokens(&query, Some("bitfort.v2.bin")).ok(), both);
        // What is offered counts more.
        let other = [("token", "other"), ("resumeToken", "other")];
        assert_eq!(tokens(&other, Some(offered)).ok(), both);
        assert_eq!(tokens(&[], Some("bitfort.v2.bin")).ok(), Some((None, None)));
    }

    #[test]
    fn offered_tokens_have_the_limits_of_others() {
        for (prefix, most, field) in [
            ("bitfort.token.", TOKEN_CHARS_MAX, "token"),
            ("bitfort.resume.", limits::TOKEN_BYTES_MAX, "resumeToken"),
        ] {
            let offer = |length: usize| format!("bitfort.v2.json, {prefix}{}", "t".repeat(length));
            assert!(tokens(&[], Some(&offer(most))).is_ok());
            let refused = tokens(&[], Some(&offer(most + 1))).unwrap_err();
            assert_eq!((refused.status, refused.field), (400, Some(field)));
        }
    }

    #[test]
    fn a_room_is_told_of_no_token() {
        assert_eq!(
            without_tokens("bitfort.token.e.y.j, bitfort.v2.bin ,bitfort.resume.ab,chat"),
            "bitfort.v2.bin, chat"
        );
        // Who offers nothing but tokens speaks none of the encodings.
        assert_eq!(
            negotiate(Some(&without_tokens("bitfort.token.e")))
                .unwrap_err()
                .status,
            400
        );
    }
}
