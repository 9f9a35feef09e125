//! Limits of a socket: each is gone over by a peer who gets the documented answer, and others do not notice.

mod ends;

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use harness::Behaviour;
use local_worker::{Ask, Server};
use serde_json::Value;

use crate::attack::Line;
use crate::bot::Room;
use crate::crowd::Crowd;
use crate::raw::{Closed, Opened, Raw};
use crate::stage::Stage;

/// Pages that may play, where a list is set.
const ORIGINS: &str = "https://play.example.com,http://localhost:5173";
/// A consumer that acknowledges nothing gets a snapshot every 100 ms for a second, one a second until 64 are out, none for
/// 30 s, and is closed; and a moment.
const SLOW_CLOSED_AFTER: Duration = Duration::from_secs(1 + 54 + 30 + 10);

pub(crate) fn scene(stage: &Stage, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("limits")?;
    let serve = stage.serve(&[])?;
    let room = |code: &str| -> anyhow::Result<Room> {
        Ok(Room {
            port: serve.port.context("a port was chosen")?,
            code: code.into(),
        })
    };
    let server = serve.start()?;
    let crowded = room("crowded")?;
    // Who keeps the room awake, and must not notice anything.
    let mut crowd = Crowd::new(&crowded, 2, &[Behaviour::Walker], seed);
    crowd.enter()?;
    let crowd = crowd.aside();
    let began = Instant::now();
    let slow = Raw::welcomed(&crowded, "slow")?.0;

    addresses(&server)?;
    long_messages(&room("long")?).context("long messages")?;
    what_is_no_message(&room("noise")?).context("what is no message")?;
    versions(&room("versions")?).context("versions")?;
    compression(&room("deflated")?).context("compression")?;
    rates(&room("rates")?).context("rates")?;
    one_connection_a_player(&room("twice")?).context("one connection a player")?;
    ends::ends(&crowded).context("ends")?;
    resume_tokens(&room("tokens")?).context("resume tokens")?;
    seats(&room("full")?).context("seats")?;

    std::thread::sleep(SLOW_CLOSED_AFTER.saturating_sub(began.elapsed()));
    let bytes = slow_consumer(slow).context("a slow consumer")?;
    let crowd = crowd.back()?;
    for bot in &crowd.bots {
        ensure!(
            bot.welcomes.len() == 1 && bot.wrong().next().is_none(),
            "{} noticed: {} welcomes, {:?}",
            bot.name,
            bot.welcomes.len(),
            bot.wrong().collect::<Vec<_>>()
        );
    }
    crowd.leave();
    own_origin(&room("own")?).context("without a list of origins")?;
    let health = server.ask(&Ask::get("/api/health"))?.text();
    ensure!(health.contains("ALLOWED_ORIGINS is not set"), "{health}");
    drop(server);

    let listed = stage.serve(&[("ALLOWED_ORIGINS", ORIGINS)])?;
    let server = listed.start()?;
    let health = server.ask(&Ask::get("/api/health"))?.text();
    ensure!(!health.contains("ALLOWED_ORIGINS"), "{health}");
    origins(&Room {
        port: server.port(),
        code: "origins".into(),
    })
    .context("origins")?;
    drop(server);

    let programs = stage.serve(&[("ALLOWED_ORIGINS", "http://localhost:5173,none")])?;
    let server = programs.start()?;
    let room = Room {
        port: server.port(),
        code: "programs".into(),
    };
    come(&room, None).context("a program that the list lets in")?;
    are_turned_away(&room, &[Some("https://play.example.com"), Some("none")])?;
    Ok(format!(
        "addresses, long messages, noise, versions, no compression, rates, second connections, ends, tokens, seats, origins; a consumer that took \
         nothing was sent {bytes} messages and then closed"
    ))
}

fn addresses(server: &Server) -> anyhow::Result<()> {
    for (path, status) in [
        ("/api/rooms/NOT-A-CODE/ws", 400),
        ("/api/rooms/den/ws?playerId=plain-http", 426),
        ("/api/rooms/never-was/recordings", 401),
        ("/api/nothing", 404),
    ] {
        let answer = server.ask(&Ask::get(path))?;
        let text = answer.text();
        ensure!(answer.status == status, "{path}: {} {text}", answer.status);
        ensure!(text.contains("message"), "{path} says nothing: {text}");
    }
    Ok(())
}

fn long_messages(room: &Room) -> anyhow::Result<()> {
    let (mut raw, _) = Raw::welcomed(room, "long")?;
    let padded = |length: usize| {
        let ping = r#"{"v":2,"kind":"ping","seq":1,"clientTime":0}"#;
        format!("{ping}{}", " ".repeat(length - ping.len()))
    };
    raw.say(padded(4_096))?;
    raw.hear("pong")?;
    raw.say(padded(4_097))?;
    let error = raw.hear("error")?;
    ensure!(
        error["code"] == "message_too_long" && error["fatal"] == false,
        "{error}"
    );
    // It is refused, and that is all.
    raw.ping(2)?;
    raw.hear("pong")?;
    // A megabyte does not hurt either.
    raw.say("x".repeat(1 << 20))?;
    let error = raw.hear("error")?;
    ensure!(error["code"] == "message_too_long", "{error}");
    Ok(())
}

fn what_is_no_message(room: &Room) -> anyhow::Result<()> {
    let (mut raw, _) = Raw::welcomed(room, "noise")?;
    for _ in 0..=60 {
        raw.say("{]")?;
    }
    let (errors, closed) = raw.until_closed()?;
    expect_close(&closed, 4000, "protocol_error")?;
    let malformed = errors.iter().filter(|code| *code == "malformed").count();
    ensure!(malformed >= 60, "{errors:?}");
    Ok(())
}

fn versions(room: &Room) -> anyhow::Result<()> {
    let (mut raw, _) = Raw::welcomed(room, "versions")?;
    raw.say(r#"{"v":9,"kind":"ping","seq":1,"clientTime":0}"#)?;
    let (errors, closed) = raw.until_closed()?;
    expect_close(&closed, 4008, "unsupported_version")?;
    ensure!(errors == ["unsupported_version"], "{errors:?}");
    match Raw::open(room, "other", None, Some("bitfort.v9.json"))? {
        Opened::Refused(400) => Ok(()),
        Opened::Refused(status) => bail!("an unknown subprotocol is answered with {status}"),
        Opened::Open(_) => bail!("an unknown subprotocol is taken"),
    }
}

/// Browsers offer it with every socket. The answer does not take it up.
fn compression(room: &Room) -> anyhow::Result<()> {
    for offer in [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    ] {
        let line = Line::open(room, "deflated", Some(offer))?;
        let agreed = line.extensions();
        ensure!(agreed.is_none(), "{offer} is answered with {agreed:?}");
    }
    Ok(())
}

/// Sixty a second are fine for as long as one likes; a burst is forgiven once; who goes on is closed.
fn rates(room: &Room) -> anyhow::Result<()> {
    let (mut steady, _) = Raw::welcomed(room, "steady")?;
    for seq in 1..=180 {
        steady.ping(seq)?;
        // Whoever was kept waiting does not hurry.
        std::thread::sleep(Duration::from_secs(1) / 60);
    }
    for _ in 1..=180 {
        steady.hear("pong")?;
    }
    let (mut flood, _) = Raw::welcomed(room, "flood")?;
    for seq in 1..=400 {
        flood.ping(seq)?;
    }
    let mut errors = Vec::new();
    let mut seq = 400;
    let closed = loop {
        match flood.next()? {
            Ok(message) if message["kind"] == "error" => {
                errors.push(message["code"].as_str().unwrap_or("no code").to_owned());
            }
            Ok(_) => {}
            Err(closed) => break closed,
        }
        // On a slow machine the first burst took so long that some of it was within the rate.
        seq += 1;
        // A room that has closed takes nothing any more; its close is read next.
        let _ = flood.ping(seq);
    };
    expect_close(&closed, 4005, "rate_limited")?;
    ensure!(
        errors.iter().all(|code| code == "rate_limited"),
        "{errors:?}"
    );
    ensure!(
        errors.len() >= 60,
        "only {} warnings came first",
        errors.len()
    );
    Ok(())
}

fn one_connection_a_player(room: &Room) -> anyhow::Result<()> {
    let (mut older, first) = Raw::welcomed(room, "same")?;
    let (mut newer, second) = Raw::welcomed(room, "same")?;
    ensure!(first["playerId"] == second["playerId"], "{first} {second}");
    let (_, closed) = older.until_closed()?;
    expect_close(&closed, 4003, "replaced_by_newer_connection")?;
    newer.ping(1)?;
    newer.hear("pong")?;
    Ok(())
}

fn resume_tokens(room: &Room) -> anyhow::Result<()> {
    let (mut raw, first) = Raw::welcomed(room, "token")?;
    // Before its first step a player has nothing that could be taken up again.
    raw.hear("snapshot")?;
    let token = first["resumeToken"]
        .as_str()
        .context("no token")?
        .to_owned();
    drop(raw);
    let (mut raw, second) = Raw::welcomed(room, &format!("token&resumeToken={token}"))?;
    ensure!(second["resumed"] == true, "{second}");
    ensure!(second["playerId"] == first["playerId"], "{second}");
    raw.hear("snapshot")?;
    drop(raw);
    let second = offered_resume_token(room, &second)?;
    // It was rotated: the old one is of no use, and neither is somebody else's.
    let newer = second["resumeToken"].as_str().context("no token")?;
    for (who, token) in [("token", token.as_str()), ("other", newer)] {
        let query = format!("{who}&resumeToken={token}");
        let Opened::Open(mut raw) = Raw::open(room, &query, None, None)? else {
            bail!("{who} got no socket");
        };
        let (errors, closed) = raw.until_closed()?;
        expect_close(&closed, 4002, "bad_resume_token")?;
        ensure!(errors == ["bad_resume_token"], "{errors:?}");
    }
    Ok(())
}

/// A token that is offered is taken like one in the address, and the answer does not repeat it.
fn offered_resume_token(room: &Room, welcome: &Value) -> anyhow::Result<Value> {
    let token = welcome["resumeToken"].as_str().context("no token")?;
    let offers = format!("bitfort.v2.json, bitfort.resume.{token}");
    let Opened::Open(mut raw) = Raw::open(room, "token", None, Some(&offers))? else {
        bail!("a token that is offered gets no socket");
    };
    ensure!(
        raw.agreed == ["bitfort.v2.json"],
        "agreed on {:?}",
        raw.agreed
    );
    let resumed = raw.hear("welcome")?;
    ensure!(
        resumed["resumed"] == true && resumed["playerId"] == welcome["playerId"],
        "{resumed}"
    );
    match Raw::open(
        room,
        "token",
        None,
        Some(&format!("bitfort.resume.{token}")),
    )? {
        Opened::Refused(400) => Ok(resumed),
        Opened::Refused(status) => bail!("a token without an encoding is answered with {status}"),
        Opened::Open(_) => bail!("a token without an encoding is taken"),
    }
}

fn seats(room: &Room) -> anyhow::Result<()> {
    let mut seated = Vec::new();
    for number in 0..32 {
        seated.push(Raw::welcomed(room, &format!("seat-{number}"))?.0);
    }
    let Opened::Open(mut raw) = Raw::open(room, "one-too-many", None, None)? else {
        bail!("the last one got no socket");
    };
    let (_, closed) = raw.until_closed()?;
    expect_close(&closed, 4004, "room_full")
}

/// Reads what waited for a peer that took nothing and acknowledged nothing. Returns how many messages that were.
fn slow_consumer(mut raw: Raw) -> anyhow::Result<usize> {
    let mut messages = 0;
    let closed = loop {
        match raw.next()? {
            Ok(_) => messages += 1,
            Err(closed) => break closed,
        }
    };
    expect_close(&closed, 4006, "slow_consumer")?;
    Ok(messages)
}

/// Without a list the server's own pages may come, by whatever name it is called, and programs, which say no origin.
fn own_origin(room: &Room) -> anyhow::Result<()> {
    let own = format!("http://127.0.0.1:{}", room.port);
    come(room, None)?;
    come(room, Some(&own))?;
    let other_port = format!("http://127.0.0.1:{}", room.port ^ 1);
    are_turned_away(
        room,
        &[
            Some(&other_port),
            Some("http://127.0.0.1"),
            Some("https://evil.example"),
            Some("null"),
        ],
    )
}

fn origins(room: &Room) -> anyhow::Result<()> {
    for origin in ["https://play.example.com", "http://localhost:5173"] {
        come(room, Some(origin))?;
    }
    are_turned_away(
        room,
        &[
            None,
            Some("https://play.example.com.evil.example"),
            Some("https://evil.example"),
            Some("http://play.example.com"),
            Some("null"),
        ],
    )
}

fn come(room: &Room, origin: Option<&str>) -> anyhow::Result<()> {
    let Opened::Open(mut raw) = Raw::open(room, "page", origin, None)? else {
        bail!("{origin:?} got no socket");
    };
    raw.hear("welcome").with_context(|| format!("{origin:?}"))?;
    Ok(())
}

fn are_turned_away(room: &Room, origins: &[Option<&str>]) -> anyhow::Result<()> {
    for origin in origins {
        let Opened::Open(mut raw) = Raw::open(room, "page", *origin, None)? else {
            bail!("{origin:?} got no socket to be told why not");
        };
        let (errors, closed) = raw.until_closed()?;
        expect_close(&closed, 4010, "origin_not_allowed").with_context(|| format!("{origin:?}"))?;
        ensure!(errors == ["origin_not_allowed"], "{errors:?}");
    }
    Ok(())
}

fn expect_close(closed: &Closed, code: u16, reason: &str) -> anyhow::Result<()> {
    ensure!(
        closed.code == code && closed.reason.contains(reason),
        "closed by {closed:?} instead of {code} {reason}"
    );
    Ok(())
}
