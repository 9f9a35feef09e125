//! A session: bots play for a while, and what workerd's wasm did is rerun natively and compared bit for bit.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use netcode::Cause;
use sim_core::rules::STEPS_PER_SECOND;

use crate::bot::{Bot, Room};
use crate::crowd::Crowd;
use crate::stage::{Stage, asleep, operator, steps_dropped};

pub(crate) fn scene(
    stage: &Stage,
    bots: usize,
    length: Duration,
    seed: u64,
) -> anyhow::Result<String> {
    let stage = stage.scene("session")?;
    let serve = stage.serve(&[])?;
    let room = Room {
        port: serve.port.context("a port was chosen")?,
        code: "session".into(),
    };
    let server = serve.start()?;
    let mut crowd = Crowd::new(&room, bots, &Behaviour::ALL, seed);
    crowd.enter()?;
    crowd.play_for(length);
    crowd.stayed()?;
    for bot in &crowd.bots {
        ensure!(
            bot.client.stats().messages_bad == 0,
            "{} could not use {} messages",
            bot.name,
            bot.client.stats().messages_bad
        );
    }
    let said = summary(&crowd.bots, length);
    crowd.leave();
    let told = asleep(&server, &room)?;
    let steps = stage.verify(&server, &room)?;
    let (due, dropped) = (
        length.as_secs() * u64::from(STEPS_PER_SECOND),
        steps_dropped(&told)?,
    );
    ensure!(
        steps + dropped >= due,
        "{steps} steps of {length:?} are recorded, and {dropped} were dropped: {told}"
    );
    ensure!(
        dropped < due / 4,
        "nothing can be measured here: the machine let {dropped} of {due} steps be dropped"
    );
    let current = format!("/api/rooms/{}/recordings/1", room.code);
    let before = operator(&server, &current)?.body;
    drop(server);
    let server = serve.start()?;
    let after = operator(&server, &current)?.body;
    ensure!(
        before == after,
        "{} bytes were recorded; after a kill the room gives {}",
        before.len(),
        after.len()
    );
    Ok(format!(
        "{bots} bots for {} s: {steps} steps of workerd rerun natively, all hashes equal, {dropped} dropped; {} bytes, the same after a \
         kill; {said}",
        length.as_secs(),
        after.len()
    ))
}

fn summary(bots: &[Bot], length: Duration) -> String {
    let sum = |what: fn(&Bot) -> u64| bots.iter().map(what).sum::<u64>();
    let steps = sum(|bot| bot.client.stats().steps);
    let starved = sum(|bot| u64::from(bot.client.stats().starved));
    let dropped = sum(|bot| u64::from(bot.client.stats().dropped));
    let causes: Vec<String> = Cause::ALL
        .into_iter()
        .map(|cause| {
            let of = |bot: &Bot| bot.client.stats().corrections_by(cause);
            (cause, bots.iter().map(of).sum::<u64>())
        })
        .filter(|(_, count)| *count > 0)
        .map(|(cause, count)| format!("{count} {cause:?}"))
        .collect();
    let each = length.as_secs() * bots.len() as u64;
    format!(
        "{steps} predicted steps, {starved} starved, {dropped} dropped, corrected for {}; {} B/s up and {} B/s down a client",
        if causes.is_empty() {
            "nothing".to_owned()
        } else {
            causes.join(", ")
        },
        sum(|bot| bot.bytes_up) / each,
        sum(|bot| bot.bytes_down) / each,
    )
}
