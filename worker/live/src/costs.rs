//! Costs: what one client can make the operator pay for, and that a room whose timer died, or in which nobody is any
//! more, is seen to by its alarm.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use harness::Behaviour;
use local_worker::{Ask, Server};

use crate::bot::Room;
use crate::crowd::Crowd;
use crate::operators::{opened, written};
use crate::raw::{Opened, Raw};
use crate::stage::{ADMIN_SECRET, Stage, stats};

/// How long each attack takes.
const ATTACK: Duration = Duration::from_secs(5);
/// What a user's connections write at most: twenty at once, each with a token, the user's row and the recording's, and then
/// one in five seconds.
const ROWS_AT_ONCE_MAX: u64 = 20 * 3;
const ROWS_LATER_MAX: u64 = 2 * 3;
/// Rows of the recording while two play who build nothing: one a second, and one now and then.
const ROWS_IN_PEACE_PER_SECOND: u64 = 2;
/// New rooms that a user may make at once.
const ROOMS_AT_ONCE: usize = 8;
/// How long an empty room is kept here.
const KEPT: &str = "3s";
/// Until a room that everybody left is gone: 30 s in which players might come back, 2 s until it sleeps, 3 s that it is
/// kept, and a moment.
const GONE_AFTER: Duration = Duration::from_secs(30 + 2 + 3 + 15);
/// The watchdog looks every half a minute.
const WATCHED_WITHIN: Duration = Duration::from_secs(35);

pub(crate) fn scene(stage: &Stage, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("costs")?;
    let serve = stage.serve(&[("BITFORT_CHAOS", "1"), ("EMPTY_ROOMS_KEPT", KEPT)])?;
    let server = serve.start()?;
    let room = |code: &str| Room {
        port: server.port(),
        code: code.into(),
    };
    let costly = room("costly");
    let stalled = room("stalled");
    let (mute, died_at) = left_without_timer(&server, &stalled)?;
    let died = Instant::now();

    let kinds = [Behaviour::Walker, Behaviour::Wanderer];
    let mut crowd = Crowd::new(&costly, kinds.len(), &kinds, seed);
    crowd.enter()?;
    crowd.play_for(Duration::from_secs(2));
    let (peace, _) = attacked(&mut crowd, &server, &costly, || Ok(()))?;
    let (at_once, first) = attacked(&mut crowd, &server, &costly, || reconnects(&costly))?;
    let (later, second) = attacked(&mut crowd, &server, &costly, || reconnects(&costly))?;
    let (characters, changes) =
        attacked(&mut crowd, &server, &costly, || changes_nothing(&costly))?;
    let before = opened(&stage.state)?;
    let (_, (made, refused)) = attacked(&mut crowd, &server, &costly, || new_rooms(&room))?;
    // A room that was there before may be stored anew meanwhile.
    let mut stored = written(&stage.state)?;
    stored.retain(|room| !before.contains(room));
    let in_peace = ROWS_IN_PEACE_PER_SECOND * ATTACK.as_secs();
    let said = format!(
        "in {} s: {peace} rows in peace; {at_once} rows for {} connections of {} asked for, then {later} for {} of {}; \
         {characters} rows for {changes} changes that change nothing; {made} new rooms of {} asked for, {} of them stored",
        ATTACK.as_secs(),
        first.0,
        first.0 + first.1,
        second.0,
        second.0 + second.1,
        made + refused,
        stored.len()
    );
    ensure!(peace <= in_peace, "{said}");
    ensure!(at_once <= in_peace + ROWS_AT_ONCE_MAX, "{said}");
    ensure!(later <= in_peace + ROWS_LATER_MAX, "{said}");
    ensure!(
        first.1 > 0 && second.1 > first.0,
        "nobody was refused: {said}"
    );
    ensure!(characters <= in_peace + 4, "{said}");
    ensure!(made == ROOMS_AT_ONCE && refused > 0, "{said}");
    ensure!(
        stored.is_empty(),
        "a room that nobody played in is stored: {said}"
    );
    crowd.stayed().context(said.clone())?;
    let complaints = crowd.complaints();
    ensure!(complaints.is_empty(), "players noticed: {complaints:?}");

    let revived = goes_on(&server, &stalled, died, died_at)?;
    drop(crowd_is_sent_away(crowd, &server, &costly)?);
    // Held until here: a room with somebody in it is not empty.
    drop(mute);
    let gone = is_deleted(&server, &stalled)?;
    Ok(format!(
        "{said}; a room whose timer died went on {} s after that, an operator deleted a room with its players in it, and an \
         empty one was gone after {} s",
        revived.as_secs(),
        gone.as_secs()
    ))
}

/// What is written while the honest ones play and something else happens.
fn attacked<T: Send>(
    crowd: &mut Crowd,
    server: &Server,
    room: &Room,
    attack: impl FnOnce() -> anyhow::Result<T> + Send,
) -> anyhow::Result<(u64, T)> {
    let rows = || -> anyhow::Result<u64> {
        let told = stats(server, room)?;
        told["rowsWritten"].as_u64().context("no rows are told")
    };
    let before = rows()?;
    let outcome = std::thread::scope(|scope| {
        let attacker = scope.spawn(attack);
        crowd.play_for(ATTACK);
        attacker.join().expect("an attacker does not panic")
    })?;
    crowd.play_for(Duration::from_secs(1));
    Ok((rows()? - before, outcome))
}

/// Comes back as fast as it goes. Returns how often that worked, and how often not.
fn reconnects(room: &Room) -> anyhow::Result<(usize, usize)> {
    let (mut opened, mut refused) = (0, 0);
    let began = Instant::now();
    while began.elapsed() < ATTACK {
        match Raw::open(room, "attacker", None, None)? {
            Opened::Open(_) => opened += 1,
            Opened::Refused(429) => refused += 1,
            Opened::Refused(status) => bail!("refused with {status}"),
        }
    }
    Ok((opened, refused))
}

/// Selects the character that is played and saves what is there, as fast as messages may come.
fn changes_nothing(room: &Room) -> anyhow::Result<usize> {
    let (mut raw, _) = Raw::welcomed(room, "selector")?;
    raw.say(change(1, "save_character", SAVED))?;
    raw.hear("ack")?;
    let began = Instant::now();
    let mut seq: u32 = 1;
    while began.elapsed() < ATTACK {
        seq += 1;
        let (action, payload) = if seq.is_multiple_of(2) {
            ("select_character", r#"{"characterId":"default"}"#)
        } else {
            ("save_character", SAVED)
        };
        raw.say(change(seq, action, payload))?;
        raw.hear("ack")?;
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(seq as usize - 1)
}

const SAVED: &str = r#"{"characterId":"knight","name":"Ann","look":{"body":1,"colour":2}}"#;

fn change(seq: u32, action: &str, payload: &str) -> String {
    format!(
        r#"{{"v":2,"kind":"command","seq":{seq},"feature":"presence","action":"{action}","clientTime":0,"payload":{payload}}}"#
    )
}

/// Opens one room after the other. Returns how many were made, and how many not.
fn new_rooms(room: &(impl Fn(&str) -> Room + Sync)) -> anyhow::Result<(usize, usize)> {
    let (mut made, mut refused) = (0, 0);
    for number in 0..100 {
        match Raw::open(&room(&format!("new-{number}")), "maker", None, None)? {
            Opened::Open(mut raw) => {
                raw.hear("welcome")?;
                made += 1;
            }
            Opened::Refused(429) => refused += 1,
            Opened::Refused(status) => bail!("refused with {status}"),
        }
        // Slowly enough for connections: it is rooms that count here.
        if number > 30 {
            break;
        }
    }
    Ok((made, refused))
}

/// A room in which somebody has played and now only listens, and whose timer dies at the step that is told.
fn left_without_timer(server: &Server, room: &Room) -> anyhow::Result<(Raw, u64)> {
    let (mut raw, _) = Raw::welcomed(room, "mute")?;
    raw.say(
        r#"{"v":2,"kind":"command","seq":1,"feature":"movement","action":"input_batch","clientTime":0,
            "payload":{"inputs":[{"seq":1,"up":true,"down":false,"left":false,"right":false}]}}"#,
    )?;
    std::thread::sleep(Duration::from_secs(2));
    let ask = Ask::post("/api/rooms/stalled/stall", String::new()).bearing(ADMIN_SECRET);
    let answer = server.ask(&ask)?;
    ensure!(answer.status == 202, "{}: {}", answer.status, answer.text());
    std::thread::sleep(Duration::from_millis(100));
    let first = step(server, room)?;
    std::thread::sleep(Duration::from_secs(1));
    let second = step(server, room)?;
    ensure!(first == second, "its timer lives: {first}, {second}");
    Ok((raw, second))
}

fn goes_on(server: &Server, room: &Room, died: Instant, at: u64) -> anyhow::Result<Duration> {
    // Without its timer the platform may take it out of memory; then the alarm brings it back in.
    let told = ["timer is dead", "the room goes on after step"];
    while !told.iter().any(|told| server.log().contains(told)) {
        ensure!(
            died.elapsed() < WATCHED_WITHIN,
            "nobody looked after the room:\n{}",
            server.log()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    let took = died.elapsed();
    // Nobody does anything in it, so it soon sleeps.
    std::thread::sleep(Duration::from_secs(2));
    let now = step(server, room)?;
    ensure!(now >= at + 30, "it was at {at} and is at {now}");
    Ok(took)
}

/// An operator deletes the room, and whoever comes then finds a new one.
fn crowd_is_sent_away(mut crowd: Crowd, server: &Server, room: &Room) -> anyhow::Result<Raw> {
    let path = format!("/api/rooms/{}", room.code);
    let mut delete = Ask::get(&path).bearing(ADMIN_SECRET);
    delete.method = "DELETE";
    let answer = server.ask(&delete)?;
    ensure!(answer.status == 204, "{}: {}", answer.status, answer.text());
    // The error comes before the close frame, and ends the client already.
    let told = protocol::ErrorCode::RoomClosed.as_str();
    crowd.play_until("everybody is sent away", Duration::from_secs(5), |bots| {
        bots.iter()
            .all(|bot| bot.wrong().any(|wrong| wrong.starts_with(told)))
    })?;
    let again = server.ask(&delete)?;
    ensure!(again.status == 404, "{}: {}", again.status, again.text());
    let (raw, welcome) = Raw::welcomed(room, "selector")?;
    let characters = welcome["characters"].as_array().map(Vec::len);
    ensure!(characters == Some(1), "something is left: {welcome}");
    ensure!(step(server, room)? < 600, "the world is the old one");
    Ok(raw)
}

fn is_deleted(server: &Server, room: &Room) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let ask = Ask::get(&format!("/api/rooms/{}/stats", room.code)).bearing(ADMIN_SECRET);
    while server.ask(&ask)?.status != 404 {
        ensure!(
            began.elapsed() < GONE_AFTER,
            "the empty room is still there:\n{}",
            server.log()
        );
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(began.elapsed())
}

fn step(server: &Server, room: &Room) -> anyhow::Result<u64> {
    stats(server, room)?["step"].as_u64().context("no step")
}
