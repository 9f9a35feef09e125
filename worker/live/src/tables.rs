//! Tables: a room whose recording is of no use, as after a deploy with other rules, comes back from what else it stored.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use sim_core::Player;
use sim_core::rules::STEPS_PER_SECOND;

use crate::bot::{Bot, Room};
use crate::crowd::{Crowd, plays};
use crate::stage::{PATIENCE, Stage, run_sql};

const BOTS: usize = 4;
/// What stands at the front of a header that no build reads.
const BREAK: &str = "UPDATE log_sessions SET header = CAST(x'00' || header AS BLOB)";
const MEND: &str =
    "UPDATE log_sessions SET header = substr(header, 2) WHERE substr(header, 1, 1) = x'00'";

pub(crate) fn scene(stage: &Stage, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("tables")?;
    let serve = stage.serve(&[])?;
    let room = Room {
        port: serve.port.context("a port was chosen")?,
        code: "tables".into(),
    };
    let server = serve.start()?;
    let mut crowd = Crowd::new(&room, BOTS, &[Behaviour::Builder, Behaviour::Walker], seed);
    crowd.enter()?;
    crowd.play_for(Duration::from_secs(6));
    crowd.play_until("something is built and stored", PATIENCE, |bots| {
        bots.iter().any(|bot| !bot.stored.is_empty())
    })?;
    crowd.rest(&server, &room)?;
    let before: Vec<Player> = bodies(&crowd)?;
    let last = crowd.newest_step();
    let stood = crowd.bots[0].client.view().context("a view")?.clone();
    ensure!(!stood.structures.is_empty(), "nothing was built");
    drop(server);

    let storage = stage.storage();
    let opened = storage.start()?;
    let answers = run_sql(
        opened.port(),
        &room.code,
        &[
            BREAK,
            "SELECT count(*) AS n FROM log_blocks WHERE checkpoint IS NOT NULL",
        ],
    )?;
    ensure!(
        answers[1][0]["n"].as_u64().is_some_and(|rows| rows > 0),
        "no checkpoint stands beside the recording: {answers}"
    );
    drop(opened);

    let server = serve.start()?;
    back(&mut crowd, 2)?;
    let log = server.log();
    ensure!(
        log.contains("its recording cannot be used"),
        "the recording was used:\n{log}"
    );
    let step = crowd.newest_step();
    ensure!(
        last.0.saturating_sub(step.0) <= u64::from(STEPS_PER_SECOND),
        "the room was at {last} and goes on at {step}"
    );
    for (bot, (before, after)) in crowd.bots.iter().zip(before.iter().zip(bodies(&crowd)?)) {
        let welcome = bot.welcomes.last().context("it was welcomed")?;
        ensure!(
            welcome.player == before.id,
            "{} has another player: {welcome:?}",
            bot.name
        );
        let kept = |player: &Player| {
            let Player {
                pos,
                health,
                score,
                deaths,
                ..
            } = *player;
            (pos, health, score, deaths)
        };
        ensure!(
            kept(before) == kept(&after),
            "{} was {before:?} and is {after:?}",
            bot.name
        );
        let view = bot.client.view().context("a view")?;
        ensure!(
            view.structures == stood.structures,
            "other structures stand than before"
        );
    }
    // From then on there is a recording again.
    crowd.play_for(Duration::from_secs(2));
    drop(server);
    let server = serve.start()?;
    back(&mut crowd, 3)?;
    let log = server.log();
    ensure!(
        log.contains("the room goes on after step"),
        "the new recording was not used:\n{log}"
    );
    crowd.play_for(Duration::from_secs(2));
    let complaints = crowd.complaints();
    ensure!(complaints.is_empty(), "players noticed: {complaints:?}");
    crowd.leave();
    drop(server);

    let opened = storage.start()?;
    run_sql(opened.port(), &room.code, &[MEND])?;
    drop(opened);
    let server = serve.start()?;
    let steps = stage.verify(&server, &room)?;
    Ok(format!(
        "{BOTS} players and {} structures come back from the tables bit for bit where the recording cannot be used; both \
         recordings rerun, {steps} steps, all hashes equal",
        stood.structures.len()
    ))
}

fn back(crowd: &mut Crowd, times: usize) -> anyhow::Result<()> {
    crowd.play_until("everybody is back", PATIENCE, |bots| {
        bots.iter()
            .all(|bot: &Bot| bot.welcomes.len() >= times && plays(bot))
    })?;
    Ok(())
}

fn bodies(crowd: &Crowd) -> anyhow::Result<Vec<Player>> {
    let body = |bot: &Bot| {
        let confirmed = bot.client.confirmed().copied();
        confirmed.with_context(|| format!("{} has no player", bot.name))
    };
    crowd.bots.iter().map(body).collect()
}
