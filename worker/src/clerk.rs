//! The Clerk instance that is asked: the identity crate with the platform's fetch, WebCrypto and clock.
//!
//! * The secret goes to Clerk's API and nowhere else; redirects are not followed.
//! * Neither secret nor token is ever logged.

use std::cell::RefCell;

use futures_util::StreamExt as _;
use identity::limits::ANSWER_BYTES_MAX;
use identity::{Answer, Config, Millis, Need, Verifier};
use worker::{
    AbortSignal, Fetch, Headers, Request, RequestInit, RequestRedirect, Result, console_error,
};

use crate::driver::now;
use crate::rsa::check;

/// How long an answer from Clerk may take. The player waits for two of them at most.
const FETCH_MILLIS_MAX: u32 = 4_000;

/// The instance that is asked.
pub(crate) struct Clerk {
    /// Never borrowed across an `.await`.
    verifier: RefCell<Verifier>,
    authorization: String,
}

impl Clerk {
    pub(crate) fn new(config: Config, secret: &str) -> Self {
        Self {
            verifier: RefCell::new(Verifier::new(config)),
            authorization: format!("Bearer {secret}"),
        }
    }

    /// Whether tokens are held against a list of pages.
    pub(crate) fn checks_parties(&self) -> bool {
        self.verifier.borrow().config().checks_parties()
    }

    /// The user whom a token proves.
    pub(crate) async fn user(&self, token: &str) -> std::result::Result<String, identity::Refusal> {
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
