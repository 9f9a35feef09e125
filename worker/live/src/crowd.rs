//! Bots in one room, driven by one thread in real time.

use std::time::{Duration, Instant};

use anyhow::ensure;
use harness::Behaviour;
use sim_core::Step;

use crate::bot::{Bot, Room};

/// From one turn of everybody to the next.
const TURN: Duration = Duration::from_millis(1);

/// Everybody in a room.
pub(crate) struct Crowd {
    pub(crate) bots: Vec<Bot>,
}

impl Crowd {
    /// So many bots of these kinds, in turn.
    pub(crate) fn new(room: &Room, count: usize, kinds: &[Behaviour], seed: u64) -> Self {
        let kinds = kinds.iter().cycle().take(count);
        let bots = kinds
            .enumerate()
            .map(|(number, kind)| Bot::new(room, number, *kind, seed))
            .collect();
        Self { bots }
    }

    pub(crate) fn play_for(&mut self, length: Duration) {
        let end = Instant::now() + length;
        while Instant::now() < end {
            self.turn();
        }
    }

    /// Plays until this holds.
    pub(crate) fn play_until(
        &mut self,
        what: &str,
        longest: Duration,
        mut holds: impl FnMut(&[Bot]) -> bool,
    ) -> anyhow::Result<Duration> {
        let start = Instant::now();
        while !holds(&self.bots) {
            ensure!(
                start.elapsed() < longest,
                "after {longest:?} it is still not so that {what}; complaints: {:?}",
                self.complaints()
            );
            self.turn();
        }
        Ok(start.elapsed())
    }

    /// One turn of everybody, and a moment of rest.
    pub(crate) fn turn(&mut self) {
        for bot in &mut self.bots {
            bot.turn();
        }
        std::thread::sleep(TURN);
    }

    /// Plays until everybody is in and has seen the room.
    pub(crate) fn enter(&mut self) -> anyhow::Result<()> {
        self.play_until("everybody plays", Duration::from_secs(20), |bots| {
            bots.iter().all(plays)
        })?;
        Ok(())
    }

    /// The newest step that anybody has seen.
    pub(crate) fn newest_step(&self) -> Step {
        let steps = self.bots.iter().map(|bot| bot.client.stats().step);
        steps.max().unwrap_or(Step(0))
    }

    /// Whether everybody is still on the first connection.
    pub(crate) fn stayed(&self) -> anyhow::Result<()> {
        for bot in &self.bots {
            ensure!(
                bot.welcomes.len() == 1,
                "{} had to come back: {:?}",
                bot.name,
                bot.complaints
            );
        }
        Ok(())
    }

    pub(crate) fn complaints(&self) -> Vec<String> {
        let all = self.bots.iter().flat_map(|bot| {
            let name = &bot.name;
            bot.complaints
                .iter()
                .map(move |one| format!("{name}: {one}"))
        });
        all.collect()
    }

    pub(crate) fn leave(self) {
        for bot in self.bots {
            bot.leave();
        }
    }
}

/// Whether a bot is in and predicts.
pub(crate) fn plays(bot: &Bot) -> bool {
    bot.client.is_playing() && bot.client.predicted().is_some()
}
