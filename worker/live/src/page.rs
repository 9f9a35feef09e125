//! The page: what a browser gets from `cargo xtask play`, beside the worker and through the same door.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use local_worker::{Answer, Ask, Server};

use crate::bot::Room;
use crate::raw::Raw;
use crate::stage::Stage;

const HTML: &str = "text/html; charset=utf-8";

pub(crate) fn scene(stage: &Stage) -> anyhow::Result<String> {
    let stage = stage.scene("page")?;
    let mut serve = stage.serve(&[])?;
    serve.config = "play.capnp".into();
    serve.files = Some(stage.root.join("worker/public"));
    let server = serve.start()?;
    let scripts = policy(&server, "script-src")?;
    ensure!(
        scripts == ["'self'", "'wasm-unsafe-eval'"],
        "scripts come from {scripts:?}"
    );
    let index = std::fs::read(stage.root.join("worker/public/index.html"))?;
    let pages = [
        "/",
        "/index.html",
        "/room/den",
        "/room/den/",
        "/replay",
        "/replay/",
        "/?from=a-link",
    ];
    for path in pages {
        let answer = server.ask(&Ask::get(path))?;
        ensure!(
            answer.status == 200 && answer.content_type == HTML && answer.body == index,
            "{path}: {} {}",
            answer.status,
            answer.content_type
        );
        headers(&answer).with_context(|| format!("{path}: {:?}", answer.headers))?;
    }
    for path in [
        "/room/",
        "/room/NOT-A-CODE",
        "/room/den/more",
        "/nothing.js",
        "/_headers",
        "/room/den//",
        "/nowhere",
        "/../config.capnp",
        "/%2e%2e/config.capnp",
    ] {
        status(&server, &Ask::get(path), 404)?;
    }
    for path in ["/room/NOT-A-CODE", "/room/den/more", "/nowhere"] {
        let mut ask = Ask::get(path);
        ask.headers.push("Accept: text/html".into());
        let answer = server.ask(&ask)?;
        ensure!(
            answer.status == 404 && answer.content_type == HTML && answer.body == index,
            "{path} leads nobody on: {} {}",
            answer.status,
            answer.content_type
        );
        headers(&answer).with_context(|| format!("{path}: {:?}", answer.headers))?;
    }
    let saved = kept_and_compressed(&server, stage.root.join("worker/public"))?;
    status(&server, &Ask::post("/", String::new()), 405)?;
    let health = server.ask(&Ask::get("/api/health"))?;
    ensure!(
        health.status == 200 && health.text().contains("simVersion"),
        "the worker is not behind it: {}",
        health.text()
    );
    let room = Room {
        port: server.port(),
        code: "page".into(),
    };
    let (mut raw, _) = Raw::welcomed(&room, "visitor").context("a socket through the door")?;
    raw.ping(1)?;
    raw.hear("pong")?;
    drop(server);
    // Clerk's script may come from the host that the publishable key names.
    let key = "pk_test_Y2xlcmsuYml0Zm9ydC50ZXN0JA";
    serve
        .settings
        .push(("CLERK_PUBLISHABLE_KEY", key.to_owned()));
    let server = serve.start()?;
    let scripts = policy(&server, "script-src")?;
    ensure!(
        scripts.contains(&"https://clerk.bitfort.test".to_owned())
            && scripts.iter().all(|source| source != "https:"),
        "scripts come from {scripts:?}"
    );
    Ok(format!(
        "{} addresses lead to the page, what is not there is 404, {saved}, and the room behind it answers",
        pages.len()
    ))
}

/// What a browser has is answered without a body, and what it has not comes compressed to whoever takes that.
fn kept_and_compressed(server: &Server, public: PathBuf) -> anyhow::Result<String> {
    let mut saved = Vec::new();
    for name in ["client_bg.wasm", "main.js", "index.html"] {
        let path = format!("/{name}");
        let ask = |headers: &[String]| {
            let mut ask = Ask::get(&path);
            ask.headers.extend(headers.iter().cloned());
            server.ask(&ask)
        };
        let file = std::fs::read(public.join(name))?;
        let plain = ask(&[])?;
        ensure!(
            plain.body == file && plain.header("content-encoding").is_none(),
            "{path} is not what was built"
        );
        let packed = ask(&["Accept-Encoding: br, gzip".into()])?;
        ensure!(
            packed.header("content-encoding") == Some("gzip")
                && packed.body.starts_with(&[0x1f, 0x8b])
                && packed.body.len() < file.len() * 2 / 3,
            "{path} of {} bytes came in {}: {:?}",
            file.len(),
            packed.body.len(),
            packed.headers
        );
        let refused = ask(&["Accept-Encoding: gzip;q=0".into()])?;
        ensure!(refused.body == file, "{path} came as it was not taken");
        let tag = packed.header("etag").context("no validator")?;
        let known = ask(&[
            "Accept-Encoding: gzip".into(),
            format!("If-None-Match: \"other\", {tag}"),
        ])?;
        ensure!(
            known.status == 304 && known.body.is_empty(),
            "{path}: {} {} bytes",
            known.status,
            known.body.len()
        );
        let other = ask(&["If-None-Match: \"other\"".into()])?;
        ensure!(other.status == 200 && other.body == file, "{path}: another");
        saved.push(format!(
            "{name} {} of {} bytes",
            packed.body.len(),
            file.len()
        ));
    }
    Ok(saved.join(", "))
}

/// What every page comes with. It is not served by an encrypted way here, and so asks nobody to come by one.
fn headers(answer: &Answer) -> anyhow::Result<()> {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin-allow-popups"),
        ("x-frame-options", "DENY"),
    ] {
        ensure!(answer.header(name) == Some(value), "{name}");
    }
    let permissions = answer.header("permissions-policy").unwrap_or_default();
    ensure!(permissions.contains("camera=()"), "permissions-policy");
    ensure!(
        answer.header("strict-transport-security").is_none(),
        "strict-transport-security in the clear"
    );
    Ok(())
}

/// Where the page may load something from.
fn policy(server: &Server, what: &str) -> anyhow::Result<Vec<String>> {
    let answer = server.ask(&Ask::get("/"))?;
    let policy = answer
        .header("content-security-policy")
        .context("no policy")?;
    let part = policy
        .split(';')
        .find_map(|part| part.trim().strip_prefix(what))
        .with_context(|| format!("{policy} has no {what}"))?;
    Ok(part.split_whitespace().map(str::to_owned).collect())
}

fn status(server: &Server, ask: &Ask, expected: u16) -> anyhow::Result<()> {
    let answer = server.ask(ask)?;
    ensure!(
        answer.status == expected,
        "{ask:?}: {} {}",
        answer.status,
        answer.text()
    );
    Ok(())
}
