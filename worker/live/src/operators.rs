//! Operators: what the routes with the admin secret give, and what they keep from everybody else.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use local_worker::{Ask, Server};
use serde_json::Value;
use sim_core::rules::STEPS_PER_SECOND;

use crate::bot::Room;
use crate::crowd::Crowd;
use crate::stage::{ADMIN_SECRET, PATIENCE, Stage, operator, stats, steps_dropped};

const BOTS: usize = 4;
const PLAYED: Duration = Duration::from_secs(6);
/// Steps that are not flushed yet at most: a second of them, and what is caught up with in one go.
const FLUSHED_LATER_MAX: u64 = STEPS_PER_SECOND as u64 * 5 / 4;

/// The routes below a room.
const ROUTES: [&str; 4] = ["recordings", "recordings/1", "recordings/current", "stats"];

pub(crate) fn scene(stage: &Stage, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("operators")?;
    let mut serve = stage.serve(&[])?;
    let room = Room {
        port: serve.port.context("a port was chosen")?,
        code: "operated".into(),
    };
    let server = serve.start()?;
    refuses_strangers(&server, &room)?;
    for route in ROUTES {
        let ask = Ask::get(&format!("/api/rooms/never-was/{route}")).bearing(ADMIN_SECRET);
        let answer = server.ask(&ask)?;
        ensure!(
            answer.status == 404,
            "{route} of no room: {}",
            answer.text()
        );
    }
    let stored = written(&stage.state)?;
    ensure!(
        stored.is_empty(),
        "a look at a room that never was has stored something: {stored:?}"
    );

    let mut crowd = Crowd::new(&room, BOTS, &Behaviour::ALL, seed);
    crowd.enter()?;
    crowd.play_for(PLAYED);
    let told = stats(&server, &room)?;
    looks_right(&told).with_context(|| told.to_string())?;
    // They play on meanwhile.
    let aside = crowd.aside();
    let steps = stage.verify(&server, &room)?;
    let step = told["step"].as_u64().context("no step")?;
    ensure!(
        steps + FLUSHED_LATER_MAX >= step,
        "{steps} steps were recorded of {step}"
    );
    let current = format!("/api/rooms/{}/recordings/current", room.code);
    let current = operator(&server, &current)?.body.len() as u64;
    // Played on in the same object: the list tells of one recording, which grows.
    let start = Instant::now();
    loop {
        let list = operator(&server, &format!("/api/rooms/{}/recordings", room.code))?;
        let list: Value = serde_json::from_slice(&list.body)?;
        let all = list["recordings"].as_array().context("no recordings")?;
        let only = &list["recordings"][0];
        ensure!(all.len() == 1 && only["current"] == true, "{list}");
        if only["bytes"].as_u64().is_some_and(|bytes| bytes > current) {
            break;
        }
        ensure!(
            start.elapsed() < PATIENCE,
            "after {PATIENCE:?} still {current} bytes: {list}"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    let crowd = aside.back()?;
    let complaints = crowd.complaints();
    ensure!(complaints.is_empty(), "players noticed: {complaints:?}");
    crowd.leave();
    slows_guesses_down(&server, &room)?;
    drop(server);

    takes_no_short_secret(&stage, &room)?;
    serve.settings.retain(|(name, _)| *name != "ADMIN_SECRET");
    let server = serve.start()?;
    for route in ROUTES {
        let ask = Ask::get(&format!("/api/rooms/{}/{route}", room.code));
        for ask in [ask.clone(), ask.bearing(ADMIN_SECRET)] {
            let answer = server.ask(&ask)?;
            ensure!(
                answer.status == 404,
                "{route} without a secret set: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    Ok(format!(
        "{} routes tell strangers nothing and make no room; {steps} steps rerun, all hashes equal; stats: {}",
        ROUTES.len(),
        told
    ))
}

fn refuses_strangers(server: &Server, room: &Room) -> anyhow::Result<()> {
    for route in ROUTES {
        let path = format!("/api/rooms/{}/{route}", room.code);
        let plain = Ask::get(&path);
        let mut basic = Ask::get(&path);
        basic
            .headers
            .push(format!("Authorization: Basic {ADMIN_SECRET}"));
        for ask in [
            plain.clone(),
            plain.clone().bearing("something else"),
            plain.clone().bearing(""),
            plain.bearing(&ADMIN_SECRET[1..]),
            basic,
        ] {
            let answer = server.ask(&ask)?;
            ensure!(
                answer.status == 401,
                "{ask:?} is answered with {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    Ok(())
}

/// An address that has sent too many wrong secrets has to wait, also with the right one. Others do not.
fn slows_guesses_down(server: &Server, room: &Room) -> anyhow::Result<()> {
    let path = format!("/api/rooms/{}/stats", room.code);
    let from = |address: &str, secret: &str| {
        let mut ask = Ask::get(&path).bearing(secret);
        ask.headers.push(format!("CF-Connecting-IP: {address}"));
        server.ask(&ask)
    };
    let guesses = "2001:db8::1";
    for number in 0..10 {
        let status = from(guesses, &format!("guess number {number}"))?.status;
        ensure!(status == 401, "guess {number} is answered with {status}");
    }
    // The same customer's, from another of his addresses.
    for secret in ["one guess more", ADMIN_SECRET] {
        let answer = from("2001:db8::2", secret)?;
        let wait = answer
            .header("retry-after")
            .and_then(|wait| wait.parse().ok());
        ensure!(
            answer.status == 429 && wait.is_some_and(|wait: u64| (1..=6).contains(&wait)),
            "after ten guesses: {} {wait:?} {}",
            answer.status,
            answer.text()
        );
        ensure!(answer.text().contains("rate_limited"), "{}", answer.text());
    }
    let other = from("2001:db8:0:1::1", ADMIN_SECRET)?;
    ensure!(other.status == 200, "another address: {}", other.status);
    std::thread::sleep(Duration::from_millis(6_200));
    let again = from(guesses, ADMIN_SECRET)?;
    ensure!(again.status == 200, "after the wait: {}", again.status);
    let plain = server.ask(&Ask::get(&path))?;
    ensure!(plain.status == 401, "without a secret: {}", plain.status);
    Ok(())
}

/// A secret that can be guessed opens nothing, not even to who has it, and the health route says what to do.
fn takes_no_short_secret(stage: &Stage, room: &Room) -> anyhow::Result<()> {
    let short = "fifteen letters";
    let server = stage.serve(&[("ADMIN_SECRET", short)])?.start()?;
    for route in ROUTES {
        let ask = Ask::get(&format!("/api/rooms/{}/{route}", room.code));
        for ask in [ask.clone(), ask.bearing(short)] {
            let answer = server.ask(&ask)?;
            ensure!(
                answer.status == 503 && answer.text().contains("operators_misconfigured"),
                "{route} with a short secret: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    let health = server.ask(&Ask::get("/api/health"))?.text();
    ensure!(
        health.contains("ADMIN_SECRET has fewer than") && !health.contains(short),
        "{health}"
    );
    Ok(())
}

fn looks_right(stats: &Value) -> anyhow::Result<()> {
    let number = |name: &str| stats[name].as_f64().with_context(|| format!("no {name}"));
    let step = stats["step"].as_u64().context("no step")?;
    ensure!(
        step + steps_dropped(stats)? >= PLAYED.as_secs() * u64::from(STEPS_PER_SECOND),
        "too few steps"
    );
    for name in [
        "messagesIn",
        "bytesIn",
        "bytesOut",
        "rowsWritten",
        "estimatedCostPerHour",
    ] {
        ensure!(number(name)? > 0.0, "{name} is nothing");
    }
    ensure!(stats["asleep"] == false, "nobody sleeps");
    let players = stats["players"].as_array().context("no players")?;
    ensure!(players.len() == BOTS, "{} players", players.len());
    for player in players {
        for name in ["corrections", "starved", "dropped", "bufferDepth"] {
            ensure!(player[name].is_u64(), "no {name} in {player}");
        }
    }
    let buckets = stats["lateness"]["buckets"].as_array();
    let buckets = buckets.context("no histogram")?.iter();
    let ticks: u64 = buckets.filter_map(|one| one["ticks"].as_u64()).sum();
    ensure!(ticks > 0, "no tick is in the histogram");
    Ok(())
}

/// The rooms below a folder to whose database something was written. One that is only looked at is an empty page, and its
/// log holds nothing; `metadata` is the platform's own.
pub(crate) fn written(folder: &Path) -> anyhow::Result<Vec<String>> {
    files(folder, &|name, bytes| {
        Some(name.strip_suffix("-wal")?.to_owned()).filter(|_| bytes > 0)
    })
}

/// The databases of all rooms that were ever opened, also of those that nothing was written to.
pub(crate) fn opened(folder: &Path) -> anyhow::Result<Vec<String>> {
    files(folder, &|name, _| Some(name.to_owned()))
}

/// Names of rooms' databases, as `pick` makes them of a file's name and size.
fn files(
    folder: &Path,
    pick: &impl Fn(&str, u64) -> Option<String>,
) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path(), pick)?);
        } else if !name.starts_with("metadata") {
            let picked = pick(&name, entry.metadata()?.len());
            found.extend(picked.filter(|name| name.ends_with(".sqlite")));
        }
    }
    Ok(found)
}
