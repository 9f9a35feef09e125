//! The page: a file like others, with headers that only the worker can know.
//!
//! * Scripts come from this server and from Clerk's host, which the publishable key names, and from nowhere else.
//! * Everything that is no page is served without the worker where the platform does so.

use worker::{Env, Headers, Method, Request, RequestInit, Response, ResponseBuilder, Result};

use crate::answer::refuse;
use crate::gate::Gate;
use crate::refusal::Refusal;

/// The binding of the files.
const ASSETS: &str = "ASSETS";
/// What whoever asks for a file has of it, and how it may be compressed: passed on to where the files are.
const KNOWN: &str = "If-None-Match";
const CODINGS: &str = "Accept-Encoding";

/// What is not used is refused, to this page and to whatever it might hold.
const PERMISSIONS: &str = "accelerometer=(), bluetooth=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

/// A year, for this host alone: what else its domain has is not ours to decide.
const TRANSPORT: &str = "max-age=31536000";

/// Serves the page.
pub(crate) async fn page(request: &Request, env: &Env) -> Result<Response> {
    serve(request, env, true).await
}

/// Serves the page at an address of its own, or as an answer that there is nothing: then it says so, and where to go.
async fn serve(request: &Request, env: &Env, is_there: bool) -> Result<Response> {
    let method = request.method();
    if !matches!(method, Method::Get | Method::Head) {
        let response = refuse(&Refusal::method_not_allowed(&Method::Get))?;
        response.headers().set("Allow", "GET, HEAD")?;
        return Ok(response);
    }
    let mut url = request.url()?;
    let is_secure = url.scheme() == "https";
    let authority = host_and_port(&url);
    url.set_path("/");
    url.set_query(None);
    // What stands where nothing is has no validator.
    let passed: &[&str] = if is_there {
        &[KNOWN, CODINGS]
    } else {
        &[CODINGS]
    };
    let served = fetch(env, url.as_str(), request, passed).await?;
    let headers = Headers::new();
    for (name, value) in served.headers().entries() {
        headers.set(&name, &value)?;
    }
    let policy = policy(Gate::of(env).clerk_host(), authority.as_deref());
    headers.set("Content-Security-Policy", &policy)?;
    headers.set("Cache-Control", "no-cache")?;
    headers.set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")?;
    headers.set("Permissions-Policy", PERMISSIONS)?;
    headers.set("Referrer-Policy", "no-referrer")?;
    headers.set("X-Content-Type-Options", "nosniff")?;
    headers.set("X-Frame-Options", "DENY")?;
    if is_secure {
        headers.set("Strict-Transport-Security", TRANSPORT)?;
    }
    let status = if is_there { served.status_code() } else { 404 };
    let (_, body) = served.into_parts();
    Ok(ResponseBuilder::new()
        .with_status(status)
        .with_headers(headers)
        .body(body))
}

/// Serves a file that is no page. The platform does that itself, and asks the worker only for what is not there. A person
/// who finds nothing is shown the page, which says so and leads on; a program is told in a line.
pub(crate) async fn file(request: &Request, env: &Env) -> Result<Response> {
    let url = request.url()?;
    let served = fetch(env, url.as_str(), request, &[KNOWN, CODINGS]).await?;
    let is_person = is_for_people(request.headers().get("Accept")?.as_deref());
    if served.status_code() == 404 && is_person {
        return serve(request, env, false).await;
    }
    Ok(served)
}

/// Whether whoever asks wants to see a page.
fn is_for_people(accepts: Option<&str>) -> bool {
    let kinds = accepts.into_iter().flat_map(|accepts| accepts.split(','));
    let mut kinds = kinds.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds.any(|kind| kind.eq_ignore_ascii_case("text/html"))
}

async fn fetch(env: &Env, url: &str, request: &Request, passed: &[&str]) -> Result<Response> {
    let Ok(files) = env.assets(ASSETS) else {
        return refuse(&Refusal::not_found("there are no files here"));
    };
    let headers = Headers::new();
    for name in passed {
        if let Some(value) = request.headers().get(name)? {
            headers.set(name, &value)?;
        }
    }
    let mut init = RequestInit::new();
    init.with_method(request.method()).with_headers(headers);
    files.fetch(url, Some(init)).await
}

/// Host and port, as a browser says them: without the port that is the scheme's own.
pub(crate) fn host_and_port(url: &worker::Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// What the page may load. Clerk's own page on content security policies lists what its script needs.
fn policy(clerk: Option<&str>, authority: Option<&str>) -> String {
    let mut script = "'self' 'wasm-unsafe-eval'".to_owned();
    let mut connect = "'self'".to_owned();
    let (mut image, mut frame, mut worker) = ("'self' data: blob:", "'none'", "'self'");
    // Not every browser takes a socket to the page's own host for its own.
    if let Some(authority) = authority {
        connect += &format!(" ws://{authority} wss://{authority}");
    }
    if let Some(clerk) = clerk {
        script += &format!(
            " https://{clerk} https://challenges.cloudflare.com https://*.protect.clerk.com"
        );
        connect += &format!(" https://{clerk} https://*.protect.clerk.com:*");
        image = "'self' data: blob: https://img.clerk.com";
        frame = "https://challenges.cloudflare.com https://*.protect.clerk.com";
        worker = "'self' blob:";
    }
    format!(
        "default-src 'self'; script-src {script}; connect-src {connect}; img-src {image}; style-src 'self' 'unsafe-inline'; \
         worker-src {worker}; frame-src {frame}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: &str = include_str!("../../game-client/web/public/_headers");

    fn sources<'p>(policy: &'p str, what: &str) -> Vec<&'p str> {
        let mut parts = policy.split(';').map(str::trim);
        let part = parts.find_map(|part| part.strip_prefix(what)?.strip_prefix(' '));
        part.map(|part| part.split(' ').collect())
            .unwrap_or_default()
    }

    #[test]
    fn scripts_come_from_here_and_from_clerks_host_alone() {
        let without = policy(None, Some("play.example.com"));
        assert_eq!(
            sources(&without, "script-src"),
            ["'self'", "'wasm-unsafe-eval'"]
        );
        let with = policy(Some("clerk.example.com"), Some("play.example.com"));
        assert!(sources(&with, "script-src").contains(&"https://clerk.example.com"));
        for policy in [&without, &with] {
            for what in ["script-src", "connect-src", "frame-src", "img-src"] {
                for source in sources(policy, what) {
                    let is_whole_scheme = ["https:", "http:", "ws:", "wss:", "*"].contains(&source);
                    assert!(!is_whole_scheme, "{what} {source}");
                }
            }
            assert_eq!(sources(policy, "frame-ancestors"), ["'none'"]);
        }
    }

    #[test]
    fn the_page_reaches_its_own_room() {
        let policy = policy(None, Some("127.0.0.1:8787"));
        let connect = sources(&policy, "connect-src");
        assert_eq!(
            connect,
            ["'self'", "ws://127.0.0.1:8787", "wss://127.0.0.1:8787"]
        );
    }

    #[test]
    fn a_file_that_is_served_without_the_worker_may_load_no_more() {
        let lines: Vec<&str> = HEADERS.lines().map(str::trim).collect();
        let policy = format!("Content-Security-Policy: {}", policy(None, None));
        for line in [
            &policy,
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Cross-Origin-Opener-Policy: same-origin-allow-popups",
            &format!("Permissions-Policy: {PERMISSIONS}"),
        ] {
            assert!(lines.contains(&line), "{line}");
        }
    }

    #[test]
    fn people_want_pages_and_programs_do_not() {
        for (accepts, wants) in [
            (
                Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
                true,
            ),
            (Some("application/json, text/html;q=0.1"), true),
            (Some("*/*"), false),
            (Some("image/avif,image/webp,*/*"), false),
            (None, false),
        ] {
            assert_eq!(is_for_people(accepts), wants, "{accepts:?}");
        }
    }

    #[test]
    fn the_port_of_the_scheme_is_not_said() {
        let said_of = |url: &str| {
            worker::Url::parse(url)
                .ok()
                .and_then(|url| host_and_port(&url))
        };
        for (url, said) in [
            ("https://play.example.com/room/den", "play.example.com"),
            ("https://play.example.com:443/", "play.example.com"),
            ("http://127.0.0.1:8787/", "127.0.0.1:8787"),
            ("http://[::1]:8787/", "[::1]:8787"),
        ] {
            assert_eq!(said_of(url).as_deref(), Some(said), "{url}");
        }
    }
}
