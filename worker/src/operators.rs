//! At the edge, who is an operator: whoever sends the secret of the environment.
//!
//! * Without a secret the operators' routes are as if there were none.
//! * Two secrets are compared by their hashes and to the end, so the time that it takes tells nothing of them.

use sha2::{Digest as _, Sha256};
use worker::{Env, Request, Response, Result};

use crate::answer::refuse;
use crate::entrance::pass_on;
use crate::gate::setting;
use crate::refusal::Refusal;
use crate::routes::Ask;

/// The operators' secret.
const ADMIN_SECRET: &str = "ADMIN_SECRET";

/// Set to `1`, the room may be told to panic. For tests only.
const CHAOS: &str = "BITFORT_CHAOS";

/// An operator asks something of a room, or somebody who is none.
pub(crate) async fn ask(request: &Request, env: &Env, room: &str, ask: Ask) -> Result<Response> {
    let offered = request.headers().get("Authorization")?;
    let unheard = ask == Ask::Panic && setting(env, CHAOS).as_deref() != Some("1");
    let secret = setting(env, ADMIN_SECRET).filter(|_| !unheard);
    let Some(secret) = secret else {
        return refuse(&Refusal::no_route(&request.path()));
    };
    if !is_proven(&secret, offered.as_deref()) {
        let response = refuse(&Refusal::not_an_operator())?;
        response.headers().set("WWW-Authenticate", "Bearer")?;
        return Ok(response);
    }
    let method = ask.method();
    if request.method() != method {
        let response = refuse(&Refusal::method_not_allowed(&method))?;
        response.headers().set("Allow", method.as_ref())?;
        return Ok(response);
    }
    pass_on(env, room, method, &ask.path(), worker::Headers::new()).await
}

fn is_proven(secret: &str, authorization: Option<&str>) -> bool {
    let Some((scheme, offered)) = authorization.and_then(|header| header.split_once(' ')) else {
        return false;
    };
    let [ours, theirs] = [secret.trim(), offered.trim()].map(Sha256::digest);
    let differing = ours
        .iter()
        .zip(theirs.iter())
        .fold(0, |differing, (our, their)| differing | (our ^ their));
    scheme.eq_ignore_ascii_case("Bearer") && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_proves_an_operator() {
        assert!(is_proven("open sesame", Some("Bearer open sesame")));
        assert!(is_proven("s3cret\n", Some("bearer  s3cret")));
        for offered in [
            None,
            Some(""),
            Some("Bearer"),
            Some("Bearer "),
            Some("s3cret"),
            Some("Basic s3cret"),
            Some("Bearer s3cre"),
            Some("Bearer s3crets"),
            Some("Bearer S3cret"),
        ] {
            assert!(!is_proven("s3cret", offered), "{offered:?}");
        }
    }
}
