//! Who may come: what the settings say, held against who comes.
//!
//! * The gate is made once an isolate: its settings change with a deploy only, and what Clerk said is shared by all.
//! * What is half configured lets nobody in: a forgotten secret must not open the room to everybody.
//! * What operators must know of the settings, the health route tells, and the log once.

use std::cell::OnceCell;
use std::rc::Rc;

use identity::Config;
use wasm_bindgen::JsValue;
use worker::{Env, console_error, console_log, console_warn};

use crate::claim::Claim;
use crate::clerk::Clerk;
use crate::host::host_of;
use crate::origins::{Origins, Pages};
use crate::refusal::Refusal;
use crate::secret::{ADMIN_SECRET, Secret};

/// The settings, as `wrangler.toml` and `config.capnp` name them. The first is a secret.
const SECRET_KEY: &str = "CLERK_SECRET_KEY";
const ISSUER: &str = "CLERK_ISSUER";
const PARTIES: &str = "CLERK_AUTHORIZED_PARTIES";
const API_URL: &str = "CLERK_API_URL";

/// What a page needs to let people sign in. No secret: every page shows it.
const PUBLISHABLE_KEY: &str = "CLERK_PUBLISHABLE_KEY";

/// The pages that may open a socket.
const ORIGINS: &str = "ALLOWED_ORIGINS";

/// Who is let in.
pub(crate) struct Gate {
    identity: Identity,
    pages: Pages,
    publishable_key: Option<String>,
    /// The host that the publishable key names.
    clerk_host: Option<String>,
    secret: Secret,
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

/// Every setting that is a text. One that is bound as something else would look as if it were not set.
const SETTINGS: [&str; 7] = [
    SECRET_KEY,
    ISSUER,
    PARTIES,
    API_URL,
    PUBLISHABLE_KEY,
    ORIGINS,
    ADMIN_SECRET,
];

thread_local! {
    static GATE: OnceCell<Rc<Gate>> = const { OnceCell::new() };
}

impl Gate {
    /// The gate of this isolate.
    pub(crate) fn of(env: &Env) -> Rc<Self> {
        GATE.with(|gate| {
            Rc::clone(gate.get_or_init(|| {
                let mut gate = Self::new(|name| setting(env, name));
                if let Some(name) = SETTINGS.into_iter().find(|name| !is_text(env, name)) {
                    gate.shut(format!("{name} is set to something that is no text"));
                }
                gate.announce();
                Rc::new(gate)
            }))
        })
    }

    fn new(setting: impl Fn(&str) -> Option<String>) -> Self {
        let publishable_key = setting(PUBLISHABLE_KEY);
        let mut gate = Self {
            clerk_host: publishable_key.as_deref().and_then(host_of),
            publishable_key,
            secret: Secret::new(setting(ADMIN_SECRET)),
            pages: Pages::Own,
            identity: Identity::Permissive,
        };
        match setting(ORIGINS).map(|list| Origins::parse(&list)) {
            Some(Err(error)) => {
                gate.shut(format!("{ORIGINS}: {error}"));
                return gate;
            }
            Some(Ok(origins)) => gate.pages = Pages::Listed(origins),
            None => {}
        }
        gate.identity = Identity::new(setting);
        if gate.publishable_key.is_some() && gate.clerk_host.is_none() {
            gate.shut(format!("{PUBLISHABLE_KEY} names no host"));
        }
        gate
    }

    /// Lets nobody in, and tells whoever comes from wherever.
    fn shut(&mut self, why: String) {
        self.identity = Identity::Shut(why);
        self.pages = Pages::All;
    }

    /// Where Clerk's script comes from.
    pub(crate) fn clerk_host(&self) -> Option<&str> {
        self.clerk_host.as_deref()
    }

    /// What makes somebody an operator.
    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// What a page needs to let people sign in.
    pub(crate) fn publishable_key(&self) -> Option<&str> {
        self.publishable_key.as_deref()
    }

    /// Whether a page of this origin may open a socket of a server that the request calls by this host and port.
    pub(crate) fn admit(
        &self,
        origin: Option<&str>,
        authority: Option<&str>,
    ) -> std::result::Result<(), Refusal> {
        match self.pages.allow(origin, authority) {
            true => Ok(()),
            false => Err(Refusal::origin_not_allowed()),
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
        let identity = match &self.identity {
            Identity::Permissive => Some(format!(
                "anybody may play as anybody: {SECRET_KEY} is not set; for local work only"
            )),
            Identity::Clerk(clerk) if clerk.checks_parties() => None,
            Identity::Clerk(_) => Some(format!(
                "{PARTIES} is not set: a token that was made for any page is taken"
            )),
            Identity::Shut(why) => Some(format!("nobody gets in: {why}")),
        };
        let pages = (self.pages == Pages::Own).then(|| {
            format!(
                "{ORIGINS} is not set: pages of whatever name leads here may open a socket, and whatever is no page"
            )
        });
        let warnings: Vec<String> = [identity, pages, self.secret.warning()]
            .into_iter()
            .flatten()
            .collect();
        (!warnings.is_empty()).then(|| warnings.join("; "))
    }

    /// True when somebody can get in.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.identity, Identity::Shut(_))
    }

    fn announce(&self) {
        match self.warning() {
            Some(warning) if self.is_open() => console_warn!("settings: {warning}"),
            Some(warning) => console_error!("settings: {warning}"),
            None => console_log!("settings: nothing is missing"),
        }
        if let Identity::Clerk(_) = self.identity {
            console_log!("identity: session tokens of Clerk");
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
            Ok(config) => Self::Clerk(Box::new(Clerk::new(config, &secret))),
            Err(error) => Self::Shut(error.to_string()),
        }
    }
}

/// Whether a setting is a text, or not there. What cannot be read is neither.
fn is_text(env: &Env, name: &str) -> bool {
    js_sys::Reflect::get(env, &JsValue::from_str(name))
        .is_ok_and(|value| value.is_string() || value.is_undefined() || value.is_null())
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

    const FULL: [(&str, &str); 4] = [
        (SECRET_KEY, "sk_test_1"),
        (ISSUER, "https://clerk.example.com"),
        (PARTIES, "https://play.example.com"),
        (ORIGINS, "https://play.example.com"),
    ];

    fn warned_of(settings: &[(&str, &str)], what: &str) -> bool {
        gate(settings)
            .warning()
            .is_some_and(|told| told.contains(what))
    }

    #[test]
    fn without_any_setting_everybody_is_believed_and_that_is_said() {
        let gate = gate(&[]);
        assert_eq!(gate.mode(), "permissive");
        assert!(warned_of(&[], "anybody"));
    }

    #[test]
    fn fully_configured_there_is_nothing_to_warn_of() {
        let gate = gate(&FULL);
        assert_eq!((gate.mode(), gate.warning()), ("clerk", None));
    }

    #[test]
    fn a_list_that_is_missing_is_said() {
        for missing in [PARTIES, ORIGINS] {
            let settings: Vec<_> = FULL
                .into_iter()
                .filter(|(name, _)| *name != missing)
                .collect();
            assert_eq!(gate(&settings).mode(), "clerk");
            assert!(warned_of(&settings, missing), "{missing}");
        }
        assert!(
            warned_of(&[], ORIGINS),
            "whoever is believed, pages are not"
        );
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_said() {
        let with = |secret| [&FULL[..], &[(ADMIN_SECRET, secret)]].concat();
        assert!(warned_of(&with("short"), ADMIN_SECRET));
        assert!(gate(&with("short")).is_open(), "players do not mind");
        assert_eq!(gate(&with("0123456789abcdef")).warning(), None);
    }

    #[test]
    fn without_a_list_no_foreign_page_opens_a_socket_in_any_mode() {
        let here = Some("play.example.com");
        for settings in [&FULL[..3], &[]] {
            let gate = gate(settings);
            assert!(gate.admit(None, here).is_ok(), "a program");
            assert!(gate.admit(Some("https://play.example.com"), here).is_ok());
            let refused = gate.admit(Some("https://evil.example"), here);
            assert_eq!(refused, Err(Refusal::origin_not_allowed()));
        }
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
            &[FULL[0], FULL[1], (PUBLISHABLE_KEY, "pk_test_")],
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
