//! Every kind of visitor, and what must become of them.

mod clerk_fails;

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail, ensure};
use clerk_stand_in::{Clerk, Forge, SigningKey};
use serde_json::Value;

use crate::knock::{Outcome, Visit, get, knock};

/// Close codes, as docs/PROTOCOL.md has them.
const UNAUTHORIZED: u16 = 4_001;
const BAD_RESUME_TOKEN: u16 = 4_002;
const IDENTITY_UNAVAILABLE: u16 = 4_012;

/// From one question for keys to the next, where there are keys.
const ASKED_EVERY: Duration = Duration::from_millis(10_000);
/// A little more than the identity crate waits between two questions for keys, with keys at hand and without.
const ASK_AGAIN: Duration = Duration::from_millis(10_200);
/// How long a session that was checked is good without Clerk.
const CHECKED_FOR: Duration = Duration::from_millis(15_000);
const RETRY: Duration = Duration::from_millis(1_200);

const KEYS: &str = "/v1/jwks";
const STATS: &str = "/api/rooms/identity/stats";

/// The visitor.
#[derive(Debug)]
pub(crate) struct Visits {
    port: u16,
    tokens: Vec<String>,
    count: u32,
}

impl Visits {
    pub(crate) fn new(port: u16) -> Self {
        Self {
            port,
            tokens: Vec::new(),
            count: 0,
        }
    }

    /// How many visits there were.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    pub(crate) fn all(&mut self, clerk: u16, secret: &str, log: &Path) -> anyhow::Result<()> {
        self.health()?;
        self.before_clerk()?;
        let clerk = Clerk::serve(clerk, secret).context("the port of Clerk")?;
        clerk.set_keys(&[SigningKey::first().jwk()]);
        for user in ["ann", "bob", "cat", "dora", "eve", "fay"] {
            clerk.set_session(&session(user), &id(user), "active");
        }
        std::thread::sleep(RETRY);

        self.valid()?;
        self.offered()?;
        let asked = Instant::now();
        self.resumed()?;
        self.spoiled()?;
        self.sessions(&clerk)?;
        self.without_socket()?;
        self.outage(&clerk)?;
        std::thread::sleep(ASK_AGAIN.saturating_sub(asked.elapsed()));
        self.emptied(&clerk)?;
        std::thread::sleep(ASK_AGAIN);
        self.rotation(&clerk)?;
        self.silence(log)
    }

    fn health(&self) -> anyhow::Result<()> {
        let (status, body) = get(self.port, "/api/health")?;
        let health: Value = serde_json::from_str(&body).with_context(|| body.clone())?;
        let good = status == 200 && health["ok"] == true && health["auth"] == "clerk";
        ensure!(good && health["warning"].is_null(), "health: {body}");
        Ok(())
    }

    /// There is no Clerk and there are no keys: nobody gets in, and everybody may try again.
    fn before_clerk(&mut self) -> anyhow::Result<()> {
        let token = good("ann")?;
        self.turned_away(&token, IDENTITY_UNAVAILABLE, "identity_keys_unavailable")
    }

    fn valid(&mut self) -> anyhow::Result<()> {
        let token = good("ann")?;
        self.welcome("ann", &format!("token={token}"))?;
        // What a visitor says besides is of no weight.
        self.welcome("ann", &format!("playerId=user_bob&token={token}"))?;
        let visit = Visit {
            query: format!("token={token}"),
            binary: true,
            ..Visit::default()
        };
        let outcome = self.visit(&visit)?;
        ensure!(matches!(outcome, Outcome::Binary), "binary: {outcome:?}");
        Ok(())
    }

    /// Tokens that are offered count like those in the address, and more than they.
    fn offered(&mut self) -> anyhow::Result<()> {
        let (ann, bob) = (good("ann")?, good("bob")?);
        let token = format!("bitfort.token.{ann}");
        let visits = [
            visit("", std::slice::from_ref(&token)),
            visit(&format!("token={bob}"), std::slice::from_ref(&token)),
        ];
        for visit in visits {
            let outcome = self.visit(&visit)?;
            let Outcome::Welcome(welcome) = &outcome else {
                bail!("a token that is offered: {outcome:?}");
            };
            ensure!(welcome["userId"] == id("ann"), "{welcome}");
            let resume = welcome["resumeToken"].as_str().context("no resume token")?;
            let resume = format!("bitfort.resume.{resume}");
            let outcome = self.visit(&self::visit("", &[token.clone(), resume]))?;
            let Outcome::Welcome(welcome) = &outcome else {
                bail!("both tokens offered: {outcome:?}");
            };
            ensure!(welcome["resumed"] == true, "{welcome}");
        }
        let now = seconds()?;
        let expired = Forge::new(&id("ann"), &session("ann"), now).claim("exp", now - 60);
        let expired = format!("bitfort.token.{}", expired.sign(SigningKey::first()));
        let outcome = self.visit(&self::visit(&format!("token={ann}"), &[expired]))?;
        expect(outcome, UNAUTHORIZED, "token_expired")
    }

    /// A resume token is good for the user that it was given to, and only together with a session token.
    fn resumed(&mut self) -> anyhow::Result<()> {
        let (ann, bob) = (good("ann")?, good("bob")?);
        let welcome = self.welcome("ann", &format!("token={ann}"))?;
        let resume = welcome["resumeToken"]
            .as_str()
            .context("no resume token")?
            .to_owned();
        self.tokens.push(resume.clone());
        self.turned_away_with(
            &format!("resumeToken={resume}"),
            UNAUTHORIZED,
            "token_missing",
        )?;
        self.turned_away_with(
            &format!("token={bob}&resumeToken={resume}"),
            BAD_RESUME_TOKEN,
            "bad_resume_token",
        )?;
        let again = self.welcome("ann", &format!("token={ann}&resumeToken={resume}"))?;
        ensure!(again["resumed"] == true, "not resumed: {again}");
        Ok(())
    }

    /// Tokens that are wrong by themselves.
    fn spoiled(&mut self) -> anyhow::Result<()> {
        let now = seconds()?;
        let first = SigningKey::first();
        let forge = || Forge::new(&id("ann"), &session("ann"), now);
        let none = forge().header("alg", "none");
        let hs256 = forge().header("alg", "HS256");
        let hmac_key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, first.jwk().as_bytes());
        let hmac = |message: &[u8]| ring::hmac::sign(&hmac_key, message).as_ref().to_vec();
        let other = |message: &[u8]| SigningKey::second().sign(message);
        for (code, token) in [
            ("token_expired", forge().claim("exp", now - 60).sign(first)),
            (
                "token_not_yet_valid",
                forge().claim("nbf", now + 60).sign(first),
            ),
            (
                "token_party",
                forge()
                    .claim("azp", "https://elsewhere.example")
                    .sign(first),
            ),
            (
                "token_issuer",
                forge()
                    .claim("iss", "https://clerk.elsewhere.example")
                    .sign(first),
            ),
            ("token_claim_missing", forge().without("sub").sign(first)),
            ("token_claim_missing", forge().without("sid").sign(first)),
            (
                "token_claim_unfit",
                forge().claim("sid", "../users").sign(first),
            ),
            (
                "token_algorithm",
                none.sign_with(first.id(), |_| Vec::new()),
            ),
            ("token_algorithm", hs256.sign_with(first.id(), hmac)),
            ("token_signature", forge().sign_with(first.id(), hmac)),
            ("token_signature", forge().sign_with(first.id(), other)),
            (
                "session_pending",
                forge().claim("sts", "pending").sign(first),
            ),
            ("token_malformed", "not.a.token".to_owned()),
            ("token_missing", String::new()),
        ] {
            self.turned_away(&token, UNAUTHORIZED, code)?;
        }
        let forged = Visit {
            forged_header: Some(("Bitfort-User", id("ann"))),
            ..Visit::default()
        };
        let outcome = self.visit(&forged)?;
        expect(outcome, UNAUTHORIZED, "token_missing")?;
        let binary = Visit {
            query: format!("token={}", forge().claim("exp", 1).sign(first)),
            binary: true,
            ..Visit::default()
        };
        let outcome = self.visit(&binary)?;
        expect(outcome, UNAUTHORIZED, "token_expired")?;
        let long = Visit {
            query: format!("token={}", "x".repeat(5_000)),
            ..Visit::default()
        };
        let outcome = self.visit(&long)?;
        ensure!(
            matches!(outcome, Outcome::Refused(400)),
            "too long: {outcome:?}"
        );
        Ok(())
    }

    /// Nobody gets in while the settings contradict each other, neither with a token nor by name.
    pub(crate) fn misconfigured(&mut self) -> anyhow::Result<()> {
        let token = good("ann")?;
        self.turned_away(&token, IDENTITY_UNAVAILABLE, "identity_misconfigured")?;
        let by_name = "playerId=ann";
        self.turned_away_with(by_name, IDENTITY_UNAVAILABLE, "identity_misconfigured")
    }

    /// Good tokens of sessions that are not.
    fn sessions(&mut self, clerk: &Clerk) -> anyhow::Result<()> {
        for (status, code) in [
            ("revoked", "session_over"),
            ("ended", "session_over"),
            ("pending", "session_pending"),
        ] {
            clerk.set_session(&session(status), &id(status), status);
            let token = good(status)?;
            self.turned_away(&token, UNAUTHORIZED, code)?;
        }
        let token = good("unheard_of")?;
        self.turned_away(&token, UNAUTHORIZED, "session_over")?;
        clerk.set_session(&session("dan"), &id("ann"), "active");
        let token = good("dan")?;
        self.turned_away(&token, UNAUTHORIZED, "session_of_another")
    }

    /// A player's token opens no operators' route, where there is none.
    fn without_socket(&mut self) -> anyhow::Result<()> {
        let (status, body) = get(self.port, STATS)?;
        ensure!(
            status == 404 && body.contains("not_found"),
            "{STATS}: {status} {body}"
        );
        let token = good("ann")?;
        let (status, _) = get(self.port, &format!("{STATS}?token={token}"))?;
        ensure!(status == 404, "{STATS} with a token: {status}");
        self.tokens.push(token);
        self.count += 2;
        Ok(())
    }

    /// What the worker has logged holds none of what was sent to it.
    fn silence(&self, log: &Path) -> anyhow::Result<()> {
        let log = std::fs::read_to_string(log).with_context(|| log.display().to_string())?;
        ensure!(
            log.contains("identity:"),
            "the worker logged nothing:\n{log}"
        );
        for token in &self.tokens {
            for part in token.split('.').filter(|part| part.len() >= 20) {
                ensure!(!log.contains(part), "a part of a token was logged:\n{log}");
            }
        }
        Ok(())
    }

    fn visit(&mut self, visit: &Visit) -> anyhow::Result<Outcome> {
        self.count += 1;
        self.tokens.extend(
            visit
                .query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(_, value)| value.to_owned()),
        );
        let offered = visit.offers.iter().filter_map(|offer| {
            let (_, token) = offer.strip_prefix("bitfort.")?.split_once('.')?;
            Some(token.to_owned())
        });
        self.tokens.extend(offered);
        knock(self.port, visit)
    }

    fn welcome(&mut self, user: &str, query: &str) -> anyhow::Result<Value> {
        let visit = Visit {
            query: query.to_owned(),
            ..Visit::default()
        };
        let outcome = self.visit(&visit)?;
        if let Outcome::Welcome(welcome) = &outcome
            && welcome["userId"] == id(user)
        {
            return Ok(welcome.clone());
        }
        bail!("{user} must be welcome, and was not: {outcome:?}")
    }

    fn turned_away(&mut self, token: &str, close: u16, reason: &str) -> anyhow::Result<()> {
        self.turned_away_with(&format!("token={token}"), close, reason)
    }

    fn turned_away_with(&mut self, query: &str, close: u16, reason: &str) -> anyhow::Result<()> {
        let visit = Visit {
            query: query.to_owned(),
            ..Visit::default()
        };
        let outcome = self.visit(&visit)?;
        if let Outcome::TurnedAway {
            error: Some(error), ..
        } = &outcome
        {
            let told = error["fatal"] == true && error["message"].is_string();
            ensure!(told, "{reason} is not told to the player: {error}");
        }
        expect(outcome, close, reason)
    }
}

fn visit(query: &str, offers: &[String]) -> Visit {
    Visit {
        query: query.to_owned(),
        offers: offers.to_vec(),
        ..Visit::default()
    }
}

fn expect(outcome: Outcome, expected: u16, why: &str) -> anyhow::Result<()> {
    if let Outcome::TurnedAway { close, reason, .. } = &outcome
        && (*close, reason.as_str()) == (expected, why)
    {
        return Ok(());
    }
    bail!("expected {expected} {why}, got {outcome:?}")
}

fn good(user: &str) -> anyhow::Result<String> {
    let forge = Forge::new(&id(user), &session(user), seconds()?);
    Ok(forge.sign(SigningKey::first()))
}

fn id(user: &str) -> String {
    format!("user_{user}")
}

fn session(user: &str) -> String {
    format!("sess_{user}")
}

fn seconds() -> anyhow::Result<u64> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(now.as_secs())
}
