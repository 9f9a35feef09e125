//! At the edge, who is an operator: whoever sends the secret of the environment.
//!
//! * Without a secret the operators' routes are as if there were none. A secret that can be guessed opens none of them.
//! * Two secrets are compared by their hashes and to the end, so the time that it takes tells nothing of them.
//! * Wrong ones are counted, and too many are not looked at; see [`crate::guesses`].

use sha2::{Digest as _, Sha256};
use worker::{Env, Request, Response, Result, console_warn};

use crate::answer::refuse;
use crate::driver::now;
use crate::entrance::pass_on;
use crate::gate::{Gate, setting};
use crate::guesses;
use crate::refusal::Refusal;
use crate::routes::Ask;
use crate::secret::{ADMIN_SECRET, Secret};

/// Set to `1`, the room may be told to panic, and to lose its timer. For tests only.
const CHAOS: &str = "BITFORT_CHAOS";

/// Where the platform tells who asks.
const ADDRESS: &str = "CF-Connecting-IP";

/// An operator asks something of a room, or somebody who is none.
pub(crate) async fn ask(request: &Request, env: &Env, room: &str, ask: Ask) -> Result<Response> {
    let gate = Gate::of(env);
    let headers = request.headers();
    let unheard = ask.is_chaos() && setting(env, CHAOS).as_deref() != Some("1");
    if unheard {
        return refuse(&Refusal::no_route(&request.path()));
    }
    let secret = match gate.secret() {
        Secret::None => return refuse(&Refusal::no_route(&request.path())),
        Secret::Short => {
            let told = Secret::Short.warning().unwrap_or_default();
            return refuse(&Refusal::operators_misconfigured(told));
        }
        Secret::Set(secret) => secret,
    };
    let authorization = headers.get("Authorization")?;
    let Some(offered) = authorization.as_deref().and_then(offered) else {
        return unknown();
    };
    let address = headers.get(ADDRESS)?;
    let millis = now().0;
    if let Some(seconds) = guesses::wait(address.as_deref(), millis) {
        let response = refuse(&Refusal::too_many_guesses(seconds))?;
        response
            .headers()
            .set("Retry-After", &seconds.to_string())?;
        return Ok(response);
    }
    if !is_same(secret, offered) {
        console_warn!("somebody sent a secret that is not {ADMIN_SECRET}");
        guesses::wrong(address.as_deref(), millis);
        return unknown();
    }
    let method = ask.method();
    if request.method() != method {
        let response = refuse(&Refusal::method_not_allowed(&method))?;
        response.headers().set("Allow", method.as_ref())?;
        return Ok(response);
    }
    pass_on(env, room, method, &ask.path(), worker::Headers::new()).await
}

fn unknown() -> Result<Response> {
    let response = refuse(&Refusal::not_an_operator())?;
    response.headers().set("WWW-Authenticate", "Bearer")?;
    Ok(response)
}

/// The secret in a header. None when there is none to be looked at.
fn offered(authorization: &str) -> Option<&str> {
    let (scheme, secret) = authorization.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("Bearer") && !secret.is_empty()).then_some(secret)
}

fn is_same(ours: &str, theirs: &str) -> bool {
    let [ours, theirs] = [ours, theirs].map(Sha256::digest);
    let differing = ours
        .iter()
        .zip(theirs.iter())
        .fold(0, |differing, (our, their)| differing | (our ^ their));
    differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_proven(secret: &str, authorization: &str) -> bool {
        offered(authorization).is_some_and(|offered| is_same(secret, offered))
    }

    #[test]
    fn only_the_secret_proves_an_operator() {
        assert!(is_proven("open sesame", "Bearer open sesame"));
        assert!(is_proven("s3cret", "bearer  s3cret"));
        for offered in [
            "",
            "Bearer",
            "Bearer ",
            "s3cret",
            "Basic s3cret",
            "Bearer s3cre",
            "Bearer s3crets",
            "Bearer S3cret",
        ] {
            assert!(!is_proven("s3cret", offered), "{offered:?}");
        }
    }
}
