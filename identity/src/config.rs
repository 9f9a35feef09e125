//! Which Clerk instance is believed, and for which pages.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// Where Clerk's backend API is.
pub const CLERK_API_URL: &str = "https://api.clerk.com";

/// Where plain HTTP does no harm: nothing leaves the machine. For tests.
const LOOPBACK: [&str; 3] = ["http://127.0.0.1", "http://localhost", "http://[::1]"];

/// Which Clerk instance is believed, and for which pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    issuer: String,
    parties: Vec<String>,
    api: String,
}

/// Why a configuration is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The issuer is no URL of a Frontend API.
    #[error("the issuer must be the https:// URL of the instance's Frontend API, without a path")]
    Issuer,
    /// The secret would be sent in the clear.
    #[error("the API's URL must begin with https://, or be on loopback, and have no path")]
    Api,
    /// Something in the list can never be equal to an origin.
    #[error("each authorized party must be an origin such as https://play.example.com")]
    Party,
}

impl Config {
    /// `issuer` is the instance's Frontend API URL, as its tokens have it in `iss`. `parties` are the origins that a
    /// token may have been made for, separated by commas; none means that any is taken. `api` is where the backend API
    /// is, [`CLERK_API_URL`] unless told.
    pub fn new(issuer: &str, parties: &str, api: Option<&str>) -> Result<Self, ConfigError> {
        let issuer = origin(issuer).ok_or(ConfigError::Issuer)?;
        let api = origin(api.unwrap_or(CLERK_API_URL)).ok_or(ConfigError::Api)?;
        if !api.starts_with("https://") && !is_loopback(api) {
            return Err(ConfigError::Api);
        }
        let listed = parties.split(',').map(str::trim);
        let parties = listed
            .filter(|party| !party.is_empty())
            .map(|party| origin(party).map(ToOwned::to_owned))
            .collect::<Option<_>>()
            .ok_or(ConfigError::Party)?;
        Ok(Self {
            issuer: issuer.to_owned(),
            parties,
            api: api.to_owned(),
        })
    }

    /// Whether tokens are held against a list of origins.
    #[must_use]
    pub fn checks_parties(&self) -> bool {
        !self.parties.is_empty()
    }

    pub(crate) fn is_issuer(&self, issuer: &str) -> bool {
        self.issuer == issuer
    }

    pub(crate) fn may_be_for(&self, party: Option<&str>) -> bool {
        let allowed = |party| self.parties.iter().any(|known| known == party);
        !self.checks_parties() || party.is_some_and(allowed)
    }

    pub(crate) fn keys_url(&self) -> String {
        alloc::format!("{}/v1/jwks", self.api)
    }

    /// The id must have been checked: it goes into the path as it is.
    pub(crate) fn session_url(&self, session: &str) -> String {
        alloc::format!("{}/v1/sessions/{session}", self.api)
    }
}

/// Scheme, host and port, without a slash at the end. None when there is more or less.
fn origin(url: &str) -> Option<&str> {
    let url = url.trim();
    let url = url.strip_suffix('/').unwrap_or(url);
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain)).then_some(url)
}

fn is_loopback(url: &str) -> bool {
    LOOPBACK.iter().any(|loopback| {
        url.strip_prefix(loopback)
            .is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    const ISSUER: &str = "https://clerk.example.com";

    #[test]
    fn the_urls_are_those_of_the_backend_api() {
        let config = Config::new(ISSUER, "", None).unwrap();
        assert_eq!(config.keys_url(), "https://api.clerk.com/v1/jwks");
        assert_eq!(
            config.session_url("sess_1"),
            "https://api.clerk.com/v1/sessions/sess_1"
        );
    }

    #[test]
    fn a_slash_at_the_end_makes_no_difference() {
        let with = Config::new(
            "https://clerk.example.com/",
            "https://a.example/ , http://localhost:5173,",
            Some("http://127.0.0.1:9/"),
        );
        let without = Config::new(
            ISSUER,
            "https://a.example,http://localhost:5173",
            Some("http://127.0.0.1:9"),
        );
        assert_eq!(with, without);
        assert!(without.is_ok());
    }

    #[test]
    fn the_secret_is_never_sent_in_the_clear() {
        for api in [
            "http://api.clerk.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "https://",
            "",
            "https://api.clerk.com?x",
            concat!("https://", "user@api.clerk.com"),
            "https://api.clerk.com/v1",
        ] {
            assert_eq!(
                Config::new(ISSUER, "", Some(api)),
                Err(ConfigError::Api),
                "{api}"
            );
        }
        for api in [
            "https://api.clerk.com",
            "http://127.0.0.1:80",
            "http://[::1]:80",
            "http://localhost",
        ] {
            assert!(Config::new(ISSUER, "", Some(api)).is_ok(), "{api}");
        }
    }

    #[test]
    fn what_can_never_match_is_refused() {
        for issuer in ["", "clerk.example.com", "https://clerk.example.com/path"] {
            assert_eq!(Config::new(issuer, "", None), Err(ConfigError::Issuer));
        }
        for parties in [
            "play.example.com",
            "https://a.example;https://b.example",
            "*",
        ] {
            assert_eq!(Config::new(ISSUER, parties, None), Err(ConfigError::Party));
        }
    }

    #[test]
    fn a_party_is_required_once_there_is_a_list() {
        let open = Config::new(ISSUER, "", None).unwrap();
        assert!(open.may_be_for(None) && open.may_be_for(Some("https://b.example")));
        let listed = Config::new(ISSUER, "https://a.example", None).unwrap();
        assert!(listed.may_be_for(Some("https://a.example")));
        for other in [
            None,
            Some("https://b.example"),
            Some("https://a.example.evil.example"),
            Some("https://a.example/"),
        ] {
            assert!(!listed.may_be_for(other), "{other:?}");
        }
    }
}
