//! Kills: workerd ends without a word at random moments, again and again, and nobody loses what was promised.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{PlayerId, Rng, Step, StructureId};

use crate::bot::{Bot, Room};
use crate::crowd::{Crowd, plays};
use crate::stage::{PATIENCE, Stage};
use crate::usage;

/// Who plays: builders have something to lose, and nobody shoots, so what stands stays.
const KINDS: [Behaviour; 4] = [
    Behaviour::Builder,
    Behaviour::Walker,
    Behaviour::Builder,
    Behaviour::Wanderer,
];
const BOTS: usize = 8;
/// From a kill to everybody playing again, as long as a processor is free for room and players.
const BACK_MAX: Duration = Duration::from_secs(3);
/// What a restart may rewind at most.
const REWOUND_MAX: u64 = STEPS_PER_SECOND as u64;

pub(crate) fn scene(stage: &Stage, times: u32, seed: u64) -> anyhow::Result<String> {
    let stage = stage.scene("kills")?;
    let serve = stage.serve(&[])?;
    let room = Room {
        port: serve.port.context("a port was chosen")?,
        code: "kills".into(),
    };
    let mut rng = Rng::new(seed);
    let mut server = serve.start()?;
    let mut crowd = Crowd::new(&room, BOTS, &KINDS, seed);
    crowd.enter()?;
    let players = players(&crowd.bots);
    let (mut slowest, mut furthest, mut kept) = (Duration::ZERO, 0, 0);
    for time in 0..times {
        let moment = Duration::from_millis(500 + u64::from(rng.below(2_000)));
        crowd.play_for(moment);
        let killed = Instant::now();
        let waited = usage::kept_waiting(std::process::id());
        drop(server);
        // What was sent before the kill is still on its way.
        crowd.play_for(Duration::from_millis(20));
        let last = crowd.newest_step();
        let told: Vec<BTreeSet<StructureId>> =
            crowd.bots.iter().map(|bot| bot.stored.clone()).collect();
        let welcomes: Vec<usize> = crowd.bots.iter().map(|bot| bot.welcomes.len()).collect();
        server = serve.start()?;
        crowd
            .play_until("everybody plays again", PATIENCE, |bots| {
                let back =
                    |(bot, before): (&Bot, &usize)| bot.welcomes.len() > *before && plays(bot);
                bots.iter().zip(&welcomes).all(back)
            })
            .with_context(|| format!("kill {time}; workerd said:\n{}", server.log()))?;
        let took = killed.elapsed();
        let waited = usage::kept_waiting(std::process::id()).saturating_sub(waited)
            + usage::kept_waiting(server.process_id());
        ensure!(
            took.saturating_sub(waited) <= BACK_MAX,
            "kill {time}: it took {took:?} until everybody played again, of which the machine kept them waiting for {waited:?}"
        );
        let resumed = restored_step(&server.log())
            .with_context(|| format!("kill {time}: where did the room go on?\n{}", server.log()))?;
        let rewound = last.0.saturating_sub(resumed.0);
        ensure!(
            rewound <= REWOUND_MAX,
            "kill {time}: step {last} was seen, and the room goes on after {resumed}"
        );
        for (bot, (player, told)) in crowd.bots.iter().zip(players.iter().zip(&told)) {
            kept += there_still(bot, *player, told).with_context(|| format!("kill {time}"))?;
        }
        slowest = slowest.max(took);
        furthest = furthest.max(rewound);
    }
    ensure!(
        kept > 0,
        "nothing was ever told to be stored, so nothing was checked"
    );
    crowd.play_for(Duration::from_millis(500));
    let complaints = crowd.complaints();
    let steps = stage.verify(&server, &room)?;
    crowd.leave();
    Ok(format!(
        "{times} kills, {BOTS} bots: all back with their players, at most {} ms after the kill; at most {furthest} of \
         {REWOUND_MAX} steps rewound; {kept} times a stored structure was looked for and found; {steps} steps rerun, \
         all hashes equal; {} complaints {complaints:?}",
        slowest.as_millis(),
        complaints.len(),
    ))
}

fn players(bots: &[Bot]) -> Vec<PlayerId> {
    let last = |bot: &Bot| bot.welcomes.last().map(|welcome| welcome.player);
    bots.iter().filter_map(last).collect()
}

/// What must hold of a bot that is back. Returns how many of its structures were looked for.
fn there_still(bot: &Bot, player: PlayerId, told: &BTreeSet<StructureId>) -> anyhow::Result<usize> {
    let name = &bot.name;
    let welcome = bot.welcomes.last().context("it was welcomed")?;
    ensure!(welcome.resumed, "{name} did not resume");
    ensure!(welcome.player == player, "{name} has another player");
    let view = bot.client.view().context("it has a view")?;
    // What it has asked to remove since is not expected any more.
    let expected: Vec<_> = told.intersection(&bot.stored).collect();
    for id in &expected {
        ensure!(
            view.structures.contains_key(id),
            "{name} was told that structure {} is stored, and it is not there",
            id.0
        );
    }
    Ok(expected.len())
}

/// The step that the room went on from, as its log says.
pub(crate) fn restored_step(log: &str) -> Option<Step> {
    let line = log
        .lines()
        .find_map(|line| line.split("the room goes on after step ").nth(1))?;
    let digits: String = line.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().map(Step)
}
