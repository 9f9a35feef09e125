//! The page: what a browser gets from `cargo xtask play`, beside the worker and through the same door.

use anyhow::{Context as _, ensure};
use local_worker::{Ask, Server};

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
    let index = std::fs::read(stage.root.join("worker/public/index.html"))?;
    let pages = ["/", "/index.html", "/room/den", "/replay", "/?from=a-link"];
    for path in pages {
        let answer = server.ask(&Ask::get(path))?;
        ensure!(
            answer.status == 200 && answer.content_type == HTML && answer.body == index,
            "{path}: {} {}",
            answer.status,
            answer.content_type
        );
    }
    for path in [
        "/room/",
        "/room/NOT-A-CODE",
        "/room/den/more",
        "/nothing.js",
        "/_headers",
        "/../config.capnp",
        "/%2e%2e/config.capnp",
    ] {
        status(&server, &Ask::get(path), 404)?;
    }
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
    Ok(format!(
        "{} addresses lead to the page, what is not there is 404, and the room behind it answers",
        pages.len()
    ))
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
