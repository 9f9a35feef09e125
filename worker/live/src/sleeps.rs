//! Sleep: players who rest let the room's object leave memory with their sockets open, and the first key brings it back.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use netcode::Input;
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{Buttons, PlayerId};

use crate::bot::Room;
use crate::crowd::Crowd;
use crate::stage::{PATIENCE, Stage, stats_when};

/// The platform takes an object out of memory that has had nothing to do for 10 s, or somewhat later.
const EVICTED_AFTER: Duration = Duration::from_secs(40);
const BOTS: usize = 4;

pub(crate) fn scene(stage: &Stage, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("sleeps")?;
    let serve = stage.serve(&[])?;
    let room = Room {
        port: serve.port.context("a port was chosen")?,
        code: "sleeps".into(),
    };
    let server = serve.start()?;
    let mut crowd = Crowd::new(&room, BOTS, &[Behaviour::Builder, Behaviour::Walker], seed);
    crowd.enter()?;
    crowd.play_for(Duration::from_secs(4));
    let before = crowd.rest(&server, &room)?;
    let sent_before: u64 = crowd.bots.iter().map(|bot| bot.messages_up).sum();
    let places = places(&crowd);
    crowd.play_for(EVICTED_AFTER);
    let sent: u64 = crowd.bots.iter().map(|bot| bot.messages_up).sum();
    // Nothing of the driver may have been asked meanwhile, or it would not have left.
    let first = &mut crowd.bots[0];
    let pressed = Buttons::new(false, false, true, false);
    first.input(Input::Buttons(pressed));
    let left = crowd.play_until("the first player moves", PATIENCE, |bots| {
        let moved = bots[0].client.confirmed().map(|player| player.pos);
        moved.is_some() && moved != places[0].map(|(_, pos)| pos)
    })?;
    let log = server.log();
    let revived = log.matches("the room goes on after step").count();
    ensure!(
        revived >= 1,
        "the object stayed in memory for {EVICTED_AFTER:?} of rest; {} messages came in meanwhile\n{log}",
        sent - sent_before
    );
    for (number, (before, bot)) in places.iter().zip(&crowd.bots).enumerate() {
        ensure!(
            bot.welcomes.len() == 1,
            "bot {number} had to connect again: {:?}",
            bot.complaints
        );
        let now = bot.client.confirmed().map(|player| (player.id, player.pos));
        ensure!(
            number == 0 || now == *before,
            "bot {number} was at {before:?} and is at {now:?}"
        );
    }
    crowd.bots[0].input(Input::Buttons(Buttons::NONE));
    // The time slept through is made up for, step by step.
    let until = step(&before)? + EVICTED_AFTER.as_secs() * u64::from(STEPS_PER_SECOND);
    let made_up = |told: &serde_json::Value| told["step"].as_u64() >= Some(until);
    let play = |length| crowd.play_for(length);
    stats_when(&server, &room, "it has made up for its rest", made_up, play)?;
    let steps = stage.verify(&server, &room)?;
    crowd.leave();
    Ok(format!(
        "{BOTS} players rested for {} s with {} messages; the object left memory {revived} times with their sockets open, \
         and a key moved the first player {} ms later, everybody where they were; {steps} steps with the gap rerun, all \
         hashes equal",
        EVICTED_AFTER.as_secs(),
        sent - sent_before,
        left.as_millis()
    ))
}

fn places(crowd: &Crowd) -> Vec<Option<(PlayerId, sim_core::Point)>> {
    let place =
        |bot: &crate::bot::Bot| bot.client.confirmed().map(|player| (player.id, player.pos));
    crowd.bots.iter().map(place).collect()
}

fn step(stats: &serde_json::Value) -> anyhow::Result<u64> {
    stats["step"].as_u64().context("the stats have no step")
}
