//! Who comes: the identity crate with the platform's fetch, WebCrypto and clock, or the word of whoever comes.
//!
//! * The gate is made once an isolate: its settings change with a deploy only, and what Clerk said is shared by all.
//! * What is half configured lets nobody in: a forgotten secret must not open the room to everybody.
//! * The secret goes to Clerk's API and nowhere else; redirects are not followed.
//! * Neither secret nor token is ever logged.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use futures_util::StreamExt as _;
use identity::limits::ANSWER_BYTES_MAX;
use identity::{Answer, Config, Millis, Need, Verifier};
use wasm_bindgen::JsValue;
use worker::{
    AbortSignal, Env, Fetch, Headers, Request, RequestInit, RequestRedirect, Result, console_error,
    console_log, console_warn,
};

use crate::driver::now;
use crate::origins::Origins;
use crate::refusal::Refusal;
use crate::routes::Claim;
use crate::rsa::check;

/// The settings, as `wrangler.toml` and `config.capnp` name them. The first is a secret.
const SECRET_KEY: &str = "CLERK_SECRET_KEY";
const ISSUER: &str = "CLERK_ISSUER";
const PARTIES: &str = "CLERK_AUTHORIZED_PARTIES";
const API_URL: &str = "CLERK_API_URL";

/// What a page needs to let people sign in. No secret: every page shows it.
const PUBLISHABLE_KEY: &str = "CLERK_PUBLISHABLE_KEY";

/// How long an answer from Clerk may take. The player waits for two of them at most.
const FETCH_MILLIS_MAX: u32 = 4_000;

/// The pages that may open a socket.
const ORIGINS: &str = "ALLOWED_ORIGINS";

/// Who is let in.
pub(crate) struct Gate {
    identity: Identity,
    /// None where a page of any origin may come.
    origins: Option<Origins>,
    publishable_key: Option<String>,
}

/// How somebody's identity is established.
enum Identity {
    /// Whoever comes is believed.
    Permissive,
    /// By a session token.
    Clerk(Box<Clerk>),
    /// It is not known how: the settings contradict each other.
    Shut(String),
}

/// The instance that is asked.
struct Clerk {
    /// Never borrowed across an `.await`.
    verifier: RefCell<Verifier>,
    authorization: String,
    checks_parties: bool,
}

thread_local! {
    static GATE: OnceCell<Rc<Gate>> = const { OnceCell::new() };
}

impl Gate {
    /// The gate of this isolate.
    pub(crate) fn of(env: &Env) -> Rc<Self> {
        GATE.with(|gate| {
            Rc::clone(gate.get_or_init(|| {
                let gate = Self::new(|name| setting(env, name));
                gate.announce();
                Rc::new(gate)
            }))
        })
    }

    fn new(setting: impl Fn(&str) -> Option<String>) -> Self {
        let list = setting(ORIGINS).map(|list| Origins::parse(&list));
        let publishable_key = setting(PUBLISHABLE_KEY);
        match list.transpose() {
            Ok(origins) => Self {
                identity: Identity::new(setting),
                origins,
                publishable_key,
            },
            Err(error) => Self {
                identity: Identity::Shut(format!("{ORIGINS}: {error}")),
                origins: None,
                publishable_key,
            },
        }
    }

    /// What a page needs to let people sign in.
    pub(crate) fn publishable_key(&self) -> Option<&str> {
        self.publishable_key.as_deref()
    }

    /// Whether a page of this origin may open a socket. With settings that contradict each other any may: it is told
    /// of that instead.
    pub(crate) fn admit(&self, origin: Option<&str>) -> std::result::Result<(), Refusal> {
        match &self.origins {
            Some(origins) if !origins.allow(origin) => {
                let told: String = origin.unwrap_or_default().chars().take(100).collect();
                console_log!("a page of another origin is turned away: {told:?}");
                Err(Refusal::origin_not_allowed())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Its name in the health route.
    pub(crate) fn mode(&self) -> &'static str {
        match self.identity {
            Identity::Permissive => "permissive",
            Identity::Clerk(_) => "clerk",
            Identity::Shut(_) => "misconfigured",
        }
    }

    /// What an operator must know of it.
    pub(crate) fn warning(&self) -> Option<String> {
        match &self.identity {
            Identity::Permissive => Some(format!(
                "anybody may play as anybody: {SECRET_KEY} is not set; for local work only"
            )),
            Identity::Clerk(clerk) if clerk.checks_parties => None,
            Identity::Clerk(_) => Some(format!(
                "{PARTIES} is not set: a token that was made for any page is taken"
            )),
            Identity::Shut(why) => Some(format!("nobody gets in: {why}")),
        }
    }

    /// True when somebody can get in.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.identity, Identity::Shut(_))
    }

    fn announce(&self) {
        match self.warning() {
            Some(warning) if self.is_open() => console_warn!("identity: {warning}"),
            Some(warning) => console_error!("identity: {warning}"),
            None => console_log!("identity: session tokens of Clerk"),
        }
    }

    /// The user who comes, if it is one.
    pub(crate) async fn user(&self, claim: Claim) -> std::result::Result<String, Refusal> {
        match &self.identity {
            Identity::Permissive => claim.permissive_user(),
            Identity::Clerk(clerk) => {
                let token = claim.token.unwrap_or_default();
                clerk.user(&token).await.map_err(|refusal| {
                    if refusal.is_retryable() {
                        console_error!("identity: {refusal}");
                    } else {
                        console_log!("identity: {refusal}");
                    }
                    refusal.into()
                })
            }
            Identity::Shut(_) => Err(Refusal::misconfigured()),
        }
    }
}

impl Identity {
    fn new(setting: impl Fn(&str) -> Option<String>) -> Self {
        let Some(secret) = setting(SECRET_KEY) else {
            let forgotten = [ISSUER, PARTIES, API_URL]
                .into_iter()
                .find(|name| setting(name).is_some());
            return match forgotten {
                Some(name) => Self::Shut(format!("{name} is set and {SECRET_KEY} is not")),
                None => Self::Permissive,
            };
        };
        let Some(issuer) = setting(ISSUER) else {
            return Self::Shut(format!("{SECRET_KEY} is set and {ISSUER} is not"));
        };
        let parties = setting(PARTIES).unwrap_or_default();
        match Config::new(&issuer, &parties, setting(API_URL).as_deref()) {
            Ok(config) => Self::Clerk(Box::new(Clerk {
                checks_parties: config.checks_parties(),
                verifier: RefCell::new(Verifier::new(config)),
                authorization: format!("Bearer {secret}"),
            })),
            Err(error) => Self::Shut(error.to_string()),
        }
    }
}

impl Clerk {
    async fn user(&self, token: &str) -> std::result::Result<String, identity::Refusal> {
        let mut need = self.verifier.borrow_mut().begin(token, millis());
        loop {
            need = match need {
                Need::Keys(asked) => {
                    let answer = self.ask(asked.url()).await;
                    let mut verifier = self.verifier.borrow_mut();
                    verifier.keys_arrived(asked, answer.as_ref(), millis())
                }
                Need::Signature(asked) => {
                    let verdict = check(&asked).await;
                    let mut verifier = self.verifier.borrow_mut();
                    verifier.signature_checked(asked, verdict, millis())
                }
                Need::Session(asked) => {
                    let answer = self.ask(asked.url()).await;
                    let mut verifier = self.verifier.borrow_mut();
                    verifier.session_arrived(asked, answer.as_ref(), millis())
                }
                Need::Done(outcome) => return outcome.map(identity::UserId::into_string),
            };
        }
    }

    async fn ask(&self, url: &str) -> Option<Answer> {
        let answer = self.fetch(url).await;
        // The error names the host at most; the URL has no token in it.
        answer
            .inspect_err(|error| console_error!("identity: {url}: {error}"))
            .ok()
    }

    async fn fetch(&self, url: &str) -> Result<Answer> {
        let headers = Headers::new();
        headers.set("Authorization", &self.authorization)?;
        headers.set("Accept", "application/json")?;
        let mut init = RequestInit::new();
        init.with_headers(headers)
            .with_redirect(RequestRedirect::Manual);
        let request = Request::new_with_init(url, &init)?;
        let patience = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(FETCH_MILLIS_MAX));
        let mut response = Fetch::Request(request).send_with_signal(&patience).await?;
        let mut body = Vec::new();
        let mut pieces = response.stream()?;
        while body.len() <= ANSWER_BYTES_MAX
            && let Some(piece) = pieces.next().await
        {
            body.extend(piece?);
        }
        Ok(Answer {
            status: response.status_code(),
            body: body.into(),
        })
    }
}

fn millis() -> Millis {
    Millis(now().0)
}

/// A setting; none when it is not there, or empty.
pub(crate) fn setting(env: &Env, name: &str) -> Option<String> {
    let value = js_sys::Reflect::get(env, &JsValue::from_str(name)).ok()?;
    value.as_string().filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(settings: &[(&str, &str)]) -> Gate {
        Gate::new(|name| {
            let found = settings.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    const FULL: [(&str, &str); 3] = [
        (SECRET_KEY, "sk_test_1"),
        (ISSUER, "https://clerk.example.com"),
        (PARTIES, "https://play.example.com"),
    ];

    #[test]
    fn without_any_setting_everybody_is_believed_and_that_is_said() {
        let gate = gate(&[]);
        assert_eq!(gate.mode(), "permissive");
        assert!(gate.warning().is_some_and(|text| text.contains("anybody")));
    }

    #[test]
    fn fully_configured_there_is_nothing_to_warn_of() {
        let gate = gate(&FULL);
        assert_eq!((gate.mode(), gate.warning()), ("clerk", None));
    }

    #[test]
    fn a_list_of_pages_that_is_missing_is_said() {
        let gate = gate(&FULL[..2]);
        assert_eq!(gate.mode(), "clerk");
        assert!(gate.warning().is_some_and(|text| text.contains(PARTIES)));
    }

    #[test]
    fn what_is_half_configured_lets_nobody_in() {
        for settings in [
            &FULL[1..],
            &FULL[..1],
            &[FULL[0], (ISSUER, "clerk.example.com")],
            &[FULL[0], FULL[1], (PARTIES, "*")],
            &[FULL[0], FULL[1], (API_URL, "http://api.clerk.com")],
            &[(API_URL, "http://127.0.0.1:1")],
            &[FULL[0], FULL[1], (ORIGINS, "play.example.com")],
            &[(ORIGINS, ",")],
        ] {
            let gate = gate(settings);
            assert_eq!((gate.mode(), gate.is_open()), ("misconfigured", false));
            let told = gate.warning().unwrap_or_default();
            assert!(
                told.contains("nobody") && !told.contains("sk_test_1"),
                "{told}"
            );
        }
    }
}
