//! Who somebody is: Clerk session tokens, verified by a state machine without I/O.
//!
//! * [`Verifier::begin`] says what is needed; the driver gets it and calls the method that belongs to it, until
//!   [`Need::Done`]. Fetching, RSA and the clock are the driver's business.
//! * The user's id comes from the token alone, and only after its signature and its session have been checked.
//! * A token stands in no `Debug`, no error and no URL. It does not outlive its check.
//! * What is not known is refused. While Clerk is out of reach, only what was heard from it recently is believed.
//! * Nobody can make this crate ask Clerk more often than [`limits`] allows without a token that Clerk has signed.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod config;
mod keys;
pub mod limits;
mod refusal;
mod sessions;
mod token;
mod verifier;

pub use config::{CLERK_API_URL, Config, ConfigError};
pub use keys::Key;
pub use refusal::{Claim, Part, Refusal};
pub use token::UserId;
pub use verifier::{Answer, KeysNeeded, Need, SessionNeeded, SignatureNeeded, Verdict, Verifier};

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

impl Millis {
    /// How long ago `earlier` was; nothing when the clock went back.
    pub(crate) fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
