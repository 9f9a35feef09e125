//! A panic: one room fails in the middle of its work, says where, and it and its neighbours go on.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use local_worker::Ask;

use crate::bot::Room;
use crate::crowd::{Crowd, plays};
use crate::stage::{ADMIN_SECRET, PATIENCE, Stage};
use crate::usage;

const BOTS: usize = 2;
/// From the panic to everybody in both rooms playing, as long as a processor is free for rooms and players.
const BACK_MAX: Duration = Duration::from_secs(10);

pub(crate) fn scene(stage: &Stage, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("panics")?;
    let serve = stage.serve(&[("BITFORT_CHAOS", "1")])?;
    let room = |code: &str| -> anyhow::Result<Room> {
        Ok(Room {
            port: serve.port.context("a port was chosen")?,
            code: code.into(),
        })
    };
    let (failing, neighbour) = (room("failing")?, room("neighbour")?);
    let server = serve.start()?;
    let kinds = [Behaviour::Walker, Behaviour::Builder];
    let mut crowd = Crowd::new(&failing, BOTS, &kinds, seed);
    crowd
        .bots
        .extend(Crowd::new(&neighbour, BOTS, &kinds, seed + 1).bots);
    crowd.enter()?;
    let mut slowest = Duration::ZERO;
    const TIMES: usize = 3;
    for time in 1..=TIMES {
        crowd.play_for(Duration::from_secs(2));
        let before = newest(&crowd);
        let players: Vec<_> = crowd
            .bots
            .iter()
            .map(|bot| bot.client.player_id())
            .collect();
        let ask = Ask::post("/api/rooms/failing/panic", String::new()).bearing(ADMIN_SECRET);
        let kept_waiting =
            || usage::kept_waiting(std::process::id()) + usage::kept_waiting(server.process_id());
        let waited = kept_waiting();
        // What it answers is not the point; that it does is.
        let answered = server.ask(&ask).is_ok();
        ensure!(
            answered,
            "the request hangs, or the worker is gone:\n{}",
            server.log()
        );
        let took = crowd
            .play_until("both rooms go on", PATIENCE, |bots| {
                let newer = |(bot, before): (&crate::bot::Bot, &u64)| {
                    plays(bot) && bot.client.stats().step.0 >= before + 30
                };
                bots.iter().zip(&before).all(newer)
            })
            .with_context(|| format!("panic {time}; workerd said:\n{}", server.log()))?;
        let waited = kept_waiting().saturating_sub(waited);
        ensure!(
            took.saturating_sub(waited) <= BACK_MAX,
            "panic {time}: it took {took:?} until both rooms went on, of which the machine kept them waiting for {waited:?}"
        );
        for (bot, player) in crowd.bots.iter().zip(&players) {
            ensure!(
                bot.client.player_id() == *player,
                "{} has another player after panic {time}",
                bot.name
            );
        }
        slowest = slowest.max(took);
    }
    let log = server.log();
    let told = log
        .lines()
        .filter(|line| line.contains("panic") && line.contains("failing") && line.contains("step"))
        .count();
    ensure!(
        told >= TIMES,
        "the log does not say which room and step:\n{log}"
    );
    let health = server.get("/api/health")?;
    ensure!(!health.is_empty(), "health says nothing");
    let steps = stage.verify(&server, &failing)? + stage.verify(&server, &neighbour)?;
    crowd.leave();
    Ok(format!(
        "{TIMES} panics: room and step are in the log, both rooms' players keep their seats and have half a second of new \
         steps after at most {} ms; {steps} steps rerun, all hashes equal",
        slowest.as_millis()
    ))
}

fn newest(crowd: &Crowd) -> Vec<u64> {
    crowd
        .bots
        .iter()
        .map(|bot| bot.client.stats().step.0)
        .collect()
}
