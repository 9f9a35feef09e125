//! The driver of these tests: it answers for Clerk, and checks signatures for real.

use clerk_stand_in::{Forge, ISSUER, PARTY, SigningKey};
use identity::{Answer, Config, Key, Millis, Need, Refusal, SignatureNeeded, Verdict, Verifier};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

/// When these tests play, in seconds since the epoch.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) const USER: &str = "user_2b";
pub(crate) const SESSION: &str = "sess_9c";

pub(crate) const API: &str = "http://127.0.0.1:4010";

/// What the verifier asked for, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Keys,
    Signature,
    Session(String),
}

/// A verifier and the Clerk behind it.
pub(crate) struct Door {
    pub(crate) verifier: Verifier,
    pub(crate) keys: Option<Answer>,
    pub(crate) session: Option<Answer>,
    pub(crate) crypto: bool,
    pub(crate) asked: Vec<Asked>,
    pub(crate) now: Millis,
}

impl Door {
    /// One where everything is well.
    pub(crate) fn new() -> Self {
        let config = Config::new(ISSUER, PARTY, Some(API)).unwrap();
        Self {
            verifier: Verifier::new(config),
            keys: ok(&key_set(&[SigningKey::first().jwk()])),
            session: status("active"),
            crypto: true,
            asked: Vec::new(),
            now: Millis(NOW * 1_000),
        }
    }

    /// One that has already heard the keys.
    pub(crate) fn warm() -> Self {
        let mut door = Self::new();
        assert!(door.knock(&good(NOW)).is_ok());
        door.asked.clear();
        door
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        self.now.0 += millis;
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.now.0 / 1_000
    }

    /// Brings a token to its end.
    pub(crate) fn knock(&mut self, token: &str) -> Result<String, Refusal> {
        let mut need = self.verifier.begin(token, self.now);
        loop {
            need = match need {
                Need::Keys(asked) => {
                    assert_eq!(asked.url(), format!("{API}/v1/jwks"));
                    self.asked.push(Asked::Keys);
                    self.verifier
                        .keys_arrived(asked, self.keys.as_ref(), self.now)
                }
                Need::Signature(asked) => {
                    self.asked.push(Asked::Signature);
                    let verdict = if self.crypto {
                        verify(&asked)
                    } else {
                        Verdict::Unknown
                    };
                    self.verifier.signature_checked(asked, verdict, self.now)
                }
                Need::Session(asked) => {
                    let id = asked.url().strip_prefix(&format!("{API}/v1/sessions/"));
                    self.asked.push(Asked::Session(id.unwrap().to_owned()));
                    self.verifier
                        .session_arrived(asked, self.session.as_ref(), self.now)
                }
                Need::Done(outcome) => {
                    return outcome.map(identity::UserId::into_string);
                }
            }
        }
    }

    /// Refuses this without asking anybody for anything.
    #[track_caller]
    pub(crate) fn refuses_at_once(&mut self, token: &str, refusal: Refusal) {
        assert_eq!(self.knock(token), Err(refusal));
        assert_eq!(self.asked, []);
    }
}

/// A good token.
pub(crate) fn good(seconds: u64) -> String {
    forge(seconds).sign(SigningKey::first())
}

pub(crate) fn forge(seconds: u64) -> Forge {
    Forge::new(USER, SESSION, seconds)
}

/// A good token, signed by a key of that name that the instance does not have.
pub(crate) fn by_unknown_key(seconds: u64) -> String {
    forge(seconds)
        .header("kid", "ins_nobody")
        .sign(SigningKey::second())
}

pub(crate) fn key_set(keys: &[String]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

pub(crate) fn ok(body: &str) -> Option<Answer> {
    answer(200, body)
}

pub(crate) fn answer(status: u16, body: &str) -> Option<Answer> {
    Some(Answer {
        status,
        body: body.as_bytes().into(),
    })
}

/// What Clerk says of the session of these tests.
pub(crate) fn status(status: &str) -> Option<Answer> {
    ok(&session(SESSION, USER, status))
}

pub(crate) fn session(id: &str, user: &str, status: &str) -> String {
    format!(
        r#"{{"object":"session","id":"{id}","user_id":"{user}","client_id":"client_1","status":"{status}","last_active_at":1,"actor":null}}"#
    )
}

/// What the worker's WebCrypto does.
pub(crate) fn verify(asked: &SignatureNeeded) -> Verdict {
    let key = asked.key();
    let public = RsaPublicKeyComponents {
        n: bytes(key.n()),
        e: bytes(key.e()),
    };
    let checked = public.verify(
        &RSA_PKCS1_2048_8192_SHA256,
        asked.message(),
        asked.signature(),
    );
    let genuine = checked.is_ok();
    assert!(!genuine || is_known(key), "only known keys are given out");
    if genuine {
        Verdict::Genuine
    } else {
        Verdict::Forged
    }
}

fn is_known(key: &Key) -> bool {
    [SigningKey::first(), SigningKey::second()]
        .iter()
        .any(|known| known.n() == key.n())
}

fn bytes(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .unwrap()
}
