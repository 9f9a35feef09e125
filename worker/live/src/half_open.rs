//! Dead lines: a socket that the room has closed stays closed, also if the peer never answers and the room leaves memory.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use netcode::Input;
use serde_json::Value;
use sim_core::Buttons;

use crate::bot::Room;
use crate::crowd::Crowd;
use crate::raw::Raw;
use crate::stage::{Stage, stats};

/// The platform takes an object out of memory that has had nothing to do for 10 s, or somewhat later.
const EVICTED_AFTER: Duration = Duration::from_secs(40);
/// Nothing says how the platform orders what it lists, so more than one player has a dead line.
const BOTS: usize = 4;

pub(crate) fn scene(stage: &Stage, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("half-open")?;
    let serve = stage.serve(&[])?;
    let room = Room {
        port: serve.port.context("a port was chosen")?,
        code: "half-open".into(),
    };
    let server = serve.start()?;
    // From now on nobody reads what comes over these lines, so no close is answered.
    let mut dead = Vec::new();
    for number in 0..BOTS {
        dead.push(Raw::welcomed(&room, &format!("bot-{number}"))?.0);
    }
    let mut flood = Raw::welcomed(&room, "flood")?.0;
    let mut crowd = Crowd::new(&room, BOTS, &[Behaviour::Walker], seed);
    crowd.enter()?;
    for seq in 1..=400 {
        if flood.ping(seq).is_err() {
            break;
        }
    }
    crowd.play_for(Duration::from_secs(4));
    crowd.bots.iter_mut().for_each(crate::bot::Bot::rest);
    // The player of the flood waits for its grace period, and only then the room rests.
    crowd.play_for(Duration::from_secs(40));
    let before = stats(&server, &room)?;
    ensure!(before["asleep"] == true, "the room is awake: {before}");
    let place = place(&crowd);
    crowd.play_for(EVICTED_AFTER);
    crowd.bots[0].input(Input::Buttons(Buttons::new(false, false, true, false)));
    let left = crowd.play_until("the first player moves", Duration::from_secs(5), |bots| {
        let moved = bots[0].client.confirmed().map(|player| player.pos);
        moved.is_some() && moved != place
    })?;
    let log = server.log();
    let revived = log.matches("the room goes on after step").count();
    ensure!(revived >= 1, "the object stayed in memory:\n{log}");
    crowd.play_for(Duration::from_secs(2));
    crowd.stayed()?;
    let after = stats(&server, &room)?;
    let players = after["players"].as_array().context("no players")?;
    let connected = |player: &&Value| player["connected"] == true;
    ensure!(
        players.len() == BOTS && players.iter().filter(connected).count() == BOTS,
        "the flood is back, or somebody is gone: {after}"
    );
    let newest = crowd.newest_step().0;
    for raw in dead {
        ends_with(raw, 4003, newest)?;
    }
    ends_with(flood, 4005, newest)?;
    crowd.leave();
    Ok(format!(
        "{BOTS} players had left a dead line each behind, and a flood was closed; the object left memory {revived} times, a key \
         moved the first player {} ms later, everybody still on the first connection, and nothing came over what was closed",
        left.as_millis()
    ))
}

/// What came over the line ends with this close, long before the room left memory.
fn ends_with(mut raw: Raw, code: u16, newest: u64) -> anyhow::Result<()> {
    let mut last = 0;
    let closed = loop {
        match raw.next()? {
            Ok(message) => last = message["step"].as_u64().unwrap_or(last),
            Err(closed) => break closed,
        }
    };
    ensure!(closed.code == code, "{closed:?} instead of {code}");
    ensure!(
        last + EVICTED_AFTER.as_secs() * 60 < newest,
        "step {last} of {newest} came over a closed line"
    );
    Ok(())
}

fn place(crowd: &Crowd) -> Option<sim_core::Point> {
    crowd.bots[0].client.confirmed().map(|player| player.pos)
}
