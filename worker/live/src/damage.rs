//! Damage: rooms whose databases hold far too much, lack a table, have a damaged page or rows that no room can have open
//! within a second, are played in, and keep what is told to be stored.

mod cases;
mod database;
mod full;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use harness::Behaviour;
use local_worker::{Ask, Serve, Server};
use sim_core::StructureId;

use crate::bot::{Bot, Room};
use crate::crowd::Crowd;
use crate::raw::{Opened, Raw};
use crate::stage::{PATIENCE, Stage, run_sql};

use cases::{BEYOND, Case, Expected, TABLES, cases};

/// From the knock to the welcome.
const OPENS_WITHIN: Duration = Duration::from_secs(1);
/// The room that the others are made of.
const WHOLE: &str = "whole";
const FULL: &str = "full";
/// Rooms that are played in at once, a bot in each.
const AT_ONCE: usize = 10;
/// Time for some flushes.
const PLAYED_FOR: Duration = Duration::from_secs(4);

/// What the log says of a room that is not as it was left.
const COMPLAINTS: [&str; 5] = [
    "is damaged",
    "has lost",
    "cannot be opened",
    "thrown away",
    "written anew",
];

pub(crate) fn scene(stage: &Stage, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("damage")?;
    let serve = stage.serve(&[])?;
    let port = serve.port.context("a port was chosen")?;
    leave_a_room(&serve, port, seed)?;
    let cases = cases(&stage)?;
    make(&stage, &cases)?;

    let server = serve.start()?;
    let slowest = open_all(&server, &cases)?;
    let mut stored = Vec::new();
    let open: Vec<&Case> = cases
        .iter()
        .filter(|case| case.expected != Expected::Shut)
        .collect();
    for (number, some) in open.chunks(AT_ONCE).enumerate() {
        stored.extend(play(&server, some, seed + number as u64)?);
    }
    let log = server.log();
    ensure!(!log.contains("thrown away"), "a room failed:\n{log}");
    ensure!(
        log.contains("written anew"),
        "the page that lists the free ones was not damaged:\n{log}"
    );
    for case in &cases {
        let named = log.lines().any(|line| line.contains(&case.room));
        ensure!(
            named || case.expected == Expected::Opens,
            "the log does not name {}:\n{log}",
            case.room
        );
    }
    drop(server);

    let kept = kept(&stage, &open, &stored)?;
    let server = serve.start()?;
    let again = open_all(&server, &cases)?;
    let log = server.log();
    let repeated = log
        .lines()
        .find(|line| COMPLAINTS.iter().any(|complaint| line.contains(complaint)));
    ensure!(repeated.is_none(), "it is not mended: {repeated:?}");
    let shut = cases.len() - open.len();
    Ok(format!(
        "{} rooms open, one with {} rows in each table, {} each without a table, {} each with a damaged page, {} each with \
         a row that no room can have: the slowest after {} ms, and {} ms when it is mended; all are played in, and keep {} \
         structures; {kept}; {shut} with a damaged page of the platform's own answer that they cannot be opened",
        open.len(),
        full::ROWS,
        TABLES.len(),
        open.len() - 1 - TABLES.len() - BEYOND.len(),
        BEYOND.len(),
        slowest.as_millis(),
        again.as_millis(),
        stored.iter().map(|(_, ids)| ids.len()).sum::<usize>(),
    ))
}

/// Plays in a room until something of everything is stored.
fn leave_a_room(serve: &Serve, port: u16, seed: u64) -> anyhow::Result<()> {
    let room = Room {
        port,
        code: WHOLE.into(),
    };
    let server = serve.start()?;
    let mut crowd = Crowd::new(&room, 4, &[Behaviour::Builder, Behaviour::Walker], seed);
    crowd.enter()?;
    crowd.play_for(Duration::from_secs(6));
    crowd.play_until("something is built and stored", PATIENCE, |bots| {
        bots.iter().any(|bot| !bot.stored.is_empty())
    })?;
    crowd.rest(&server, &room)?;
    crowd.leave();
    Ok(())
}

fn make(stage: &Stage, cases: &[Case]) -> anyhow::Result<()> {
    let storage = stage.storage();
    let mut files = Vec::new();
    {
        let server = storage.start()?;
        for case in cases {
            run_sql(server.port(), &case.room, &["SELECT 1"])?;
            files.push(database_file(stage, &server, &case.room)?);
        }
    }
    for (case, file) in cases.iter().zip(&files) {
        case.copy.write(file)?;
    }
    let server = storage.start()?;
    for case in cases.iter().filter(|case| !case.made.is_empty()) {
        let statements: Vec<&str> = case.made.iter().map(String::as_str).collect();
        run_sql(server.port(), &case.room, &statements).with_context(|| case.room.clone())?;
    }
    let counted = full::counted(server.port(), FULL)?;
    ensure!(
        counted.iter().all(|(_, rows)| *rows >= full::ROWS),
        "not every table is full: {counted:?}"
    );
    Ok(())
}

/// Where a room's database is.
fn database_file(stage: &Stage, server: &Server, room: &str) -> anyhow::Result<PathBuf> {
    let id = server.ask(&Ask::get(&format!("/{room}")))?.text();
    let folder = stage.state.join("objects/bitfort-RoomObject");
    Ok(folder.join(format!("{id}.sqlite")))
}

/// Knocks at every room, and returns how long the slowest took.
fn open_all(server: &Server, cases: &[Case]) -> anyhow::Result<Duration> {
    let room = |code: &str| Room {
        port: server.port(),
        code: code.to_owned(),
    };
    // What an isolate does once is not the rooms' doing.
    Raw::welcomed(&room("first"), "first")?;
    let mut slowest = Duration::ZERO;
    for case in cases {
        let took = knock(&room(&case.room)).with_context(|| case.room.clone())?;
        ensure!(
            took.is_none() == (case.expected == Expected::Shut),
            "{} should be {:?}:\n{}",
            case.room,
            case.expected,
            server.log()
        );
        slowest = slowest.max(took.unwrap_or_default());
        ensure!(
            slowest < OPENS_WITHIN,
            "{} opened after {slowest:?}:\n{}",
            case.room,
            server.log()
        );
    }
    Ok(slowest)
}

/// How long it takes until the room says welcome. None if it says that it cannot be opened.
fn knock(room: &Room) -> anyhow::Result<Option<Duration>> {
    let began = Instant::now();
    match Raw::open(room, "bot-0", None, None)? {
        Opened::Open(mut raw) => {
            raw.hear("welcome")?;
            Ok(Some(began.elapsed()))
        }
        Opened::Refused(503) => Ok(None),
        Opened::Refused(status) => bail!("refused with {status}"),
    }
}

/// Plays in some rooms, a bot each. Returns what is stored of each.
fn play(
    server: &Server,
    cases: &[&Case],
    seed: u64,
) -> anyhow::Result<Vec<(String, BTreeSet<StructureId>)>> {
    let bots = cases.iter().enumerate().map(|(number, case)| {
        let room = Room {
            port: server.port(),
            code: case.room.clone(),
        };
        Bot::new(&room, number, Behaviour::Builder, seed)
    });
    let mut crowd = Crowd {
        bots: bots.collect(),
    };
    let rooms: Vec<&str> = cases.iter().map(|case| case.room.as_str()).collect();
    let failed = || format!("playing in {rooms:?}:\n{}", server.log());
    crowd.enter().with_context(failed)?;
    crowd.play_for(PLAYED_FOR);
    crowd
        .play_until("everybody has built something", PATIENCE, |bots| {
            bots.iter().all(|bot| !bot.stored.is_empty())
        })
        .with_context(failed)?;
    crowd.stayed().with_context(failed)?;
    let complaints = crowd.complaints();
    ensure!(
        complaints.is_empty(),
        "players noticed: {complaints:?}, {}",
        failed()
    );
    let stored = crowd.bots.iter().map(|bot| bot.stored.clone());
    let stored = rooms.into_iter().map(str::to_owned).zip(stored).collect();
    crowd.leave();
    Ok(stored)
}

/// Whether the rows are there that were told to be stored, and the damaged tables beside them.
fn kept(
    stage: &Stage,
    cases: &[&Case],
    stored: &[(String, BTreeSet<StructureId>)],
) -> anyhow::Result<String> {
    let server = stage.storage().start()?;
    let port = server.port();
    for (case, (room, ids)) in cases.iter().zip(stored) {
        let answers = run_sql(
            port,
            room,
            &[
                "SELECT structure_id AS id FROM structures",
                "SELECT count(*) AS n FROM sqlite_master WHERE name GLOB 'damaged_*'",
            ],
        )?;
        let rows = answers[0].as_array().context("no rows")?;
        let there: BTreeSet<_> = rows.iter().filter_map(|row| row["id"].as_u64()).collect();
        let lost: Vec<_> = ids
            .iter()
            .filter(|id| !there.contains(&u64::from(id.0)))
            .collect();
        ensure!(lost.is_empty(), "{room} has lost {lost:?}");
        let aside = answers[1][0]["n"].as_u64();
        ensure!(
            case.expected != Expected::SetAside || aside > Some(0),
            "nothing of {room} is set aside"
        );
    }
    let counted = full::counted(port, FULL)?;
    let left: Vec<_> = counted
        .iter()
        .filter(|(_, rows)| *rows < full::ROWS)
        .collect();
    ensure!(!left.is_empty(), "nothing goes of {counted:?}");
    Ok(format!(
        "of the rows too many these are left by then: {left:?}"
    ))
}
