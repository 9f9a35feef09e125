//! Which pages may open a socket: those of the listed origins, and where there is no list the server's own.
//!
//! * A browser says the page's origin and a page cannot change it; whatever is no browser can say anything. So this keeps
//!   foreign pages from playing with the visitor's credentials, and nothing else.

/// Who says no origin, in a list: programs that are no browsers.
const PROGRAMS: &str = "none";

/// Which pages may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    /// Those of the host that the request names, and whatever is no page. That is weaker than a list: a name that somebody
    /// else owns can be made to lead here, and then its pages are the server's own.
    Own,
    /// Those of a list.
    Listed(Origins),
    /// All: what they are told does not depend on it.
    All,
}

impl Pages {
    /// Whether a page with this `Origin` may come to a server that the request calls by this host and port.
    pub(crate) fn allow(&self, origin: Option<&str>, authority: Option<&str>) -> bool {
        match self {
            Self::Own => origin.is_none_or(|origin| is_of(origin, authority)),
            Self::Listed(origins) => origins.allow(origin),
            Self::All => true,
        }
    }
}

/// Whether an origin is that of a host. Its scheme may be another one: who ends the encryption is often somebody before us.
fn is_of(origin: &str, authority: Option<&str>) -> bool {
    let page = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    page.is_some_and(|page| authority.is_some_and(|ours| page.eq_ignore_ascii_case(ours)))
}

/// The list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origins {
    listed: Vec<String>,
    /// Whether who says no origin may come.
    programs: bool,
}

/// Why a list is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OriginsError {
    /// It has no entry.
    Empty,
    /// The entry can never be what a browser sends.
    Entry(String),
}

impl std::fmt::Display for OriginsError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => write!(out, "the list of origins has no entry"),
            Self::Entry(entry) => write!(
                out,
                "{entry:?} is neither an origin nor `{PROGRAMS}`: https://play.example.com or http://localhost:5173, in lower case, without a \
                 slash at the end, without the port that is the scheme's own"
            ),
        }
    }
}

impl Origins {
    /// Reads a list with commas between the origins.
    pub(crate) fn parse(list: &str) -> Result<Self, OriginsError> {
        let entries = list.split(',').map(str::trim);
        let entries: Vec<&str> = entries.filter(|entry| !entry.is_empty()).collect();
        if entries.is_empty() {
            return Err(OriginsError::Empty);
        }
        let of_pages = entries.iter().filter(|entry| **entry != PROGRAMS);
        let listed: Vec<String> = of_pages.map(|entry| (*entry).to_owned()).collect();
        match listed.iter().find(|entry| !is_origin(entry)) {
            Some(entry) => Err(OriginsError::Entry(entry.clone())),
            None => Ok(Self {
                programs: entries.contains(&PROGRAMS),
                listed,
            }),
        }
    }

    /// Whether a page with this `Origin` may come. Who sends none may where the list says so.
    fn allow(&self, origin: Option<&str>) -> bool {
        match origin {
            Some(origin) => self.listed.iter().any(|listed| listed == origin),
            None => self.programs,
        }
    }
}

/// Whether a browser may send this. What it never sends would be a line that lets nobody in and looks as if it did.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte)
        });
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an address of version 6 stand in brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    };
    let of_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let is_host = match host.strip_prefix('[') {
        Some(address) => address
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok()),
        None => !host.is_empty() && host.bytes().all(of_name),
    };
    let is_port = port.is_none_or(|port| {
        let is_own = matches!((scheme, port), ("http", "80") | ("https", "443"));
        let number = port.parse::<u16>();
        !is_own && number.is_ok_and(|number| number > 0 && number.to_string() == port)
    });
    is_scheme && is_host && is_port
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn only_what_is_listed_may_come() {
        let origins = Origins::parse(
            " https://play.example.com, http://localhost:5173 ,,http://[::1]:8080,capacitor://localhost",
        );
        let origins = origins.unwrap();
        for origin in [
            "https://play.example.com",
            "http://localhost:5173",
            "http://[::1]:8080",
            "capacitor://localhost",
        ] {
            assert!(origins.allow(Some(origin)), "{origin}");
        }
        for origin in [
            None,
            Some(""),
            Some("null"),
            Some("http://play.example.com"),
            Some("https://play.example.com:8443"),
            Some("https://play.example.com/"),
            Some("https://play.example.com.evil.example"),
            Some("https://evil.example/https://play.example.com"),
            Some("https://Play.example.com"),
            Some("http://localhost"),
            Some("https://play.example.com, http://localhost:5173"),
        ] {
            assert!(!origins.allow(origin), "{origin:?}");
        }
    }

    #[test]
    fn programs_may_come_where_the_list_says_so() {
        let origins = Origins::parse("https://play.example.com, none").unwrap();
        assert!(origins.allow(None) && origins.allow(Some("https://play.example.com")));
        for origin in ["none", "", "null", "https://evil.example"] {
            assert!(!origins.allow(Some(origin)), "{origin}");
        }
        let programs = Origins::parse("none").unwrap();
        assert!(programs.allow(None) && !programs.allow(Some("https://play.example.com")));
    }

    #[test]
    fn without_a_list_the_servers_own_pages_and_programs_may_come() {
        let own = |origin, authority| Pages::Own.allow(origin, authority);
        for (origin, authority) in [
            (None, Some("play.example.com")),
            (Some("https://play.example.com"), Some("play.example.com")),
            (Some("http://127.0.0.1:8787"), Some("127.0.0.1:8787")),
            (Some("http://[::1]:8787"), Some("[::1]:8787")),
            (Some("https://play.example.com"), Some("Play.example.com")),
        ] {
            assert!(own(origin, authority), "{origin:?} {authority:?}");
        }
        for (origin, authority) in [
            (Some("https://evil.example"), Some("play.example.com")),
            (
                Some("https://play.example.com.evil.example"),
                Some("play.example.com"),
            ),
            (
                Some("https://play.example.com:8443"),
                Some("play.example.com"),
            ),
            (Some("http://localhost:8787"), Some("127.0.0.1:8787")),
            (Some("null"), Some("play.example.com")),
            (Some(""), Some("")),
            (Some("play.example.com"), Some("play.example.com")),
            (Some("ftp://play.example.com"), Some("play.example.com")),
            (Some("https://play.example.com"), None),
        ] {
            assert!(!own(origin, authority), "{origin:?} {authority:?}");
        }
    }

    #[test]
    fn what_no_browser_sends_is_no_entry() {
        for entry in [
            "*",
            "null",
            "play.example.com",
            "https://",
            "https://*.example.com",
            "https://play.example.com/",
            "https://play.example.com/room",
            "https://play.example.com:443",
            "http://play.example.com:80",
            "https://play.example.com:",
            "https://play.example.com:080",
            "https://play.example.com:65536",
            "https://Play.example.com",
            "HTTPS://play.example.com",
            concat!("https://", "user@play.example.com"),
            "http://::1",
            "http://[::1",
            "https://a.example https://b.example",
        ] {
            assert_eq!(
                Origins::parse(&format!("https://a.example,{entry}")),
                Err(OriginsError::Entry(entry.to_owned())),
                "{entry}"
            );
        }
        for list in ["", " ", ",", " , ,"] {
            assert_eq!(Origins::parse(list), Err(OriginsError::Empty));
        }
    }
}
