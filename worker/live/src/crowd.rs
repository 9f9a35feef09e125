//! Bots in one room, driven by one thread in real time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use local_worker::Server;
use serde_json::Value;
use sim_core::Step;

use crate::bot::{Bot, Room};
use crate::stage::{PATIENCE, stats_when};

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
                "after {longest:?} it is still not so that {what}; {}",
                self.state()
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
        self.play_until("everybody plays", PATIENCE, |bots| bots.iter().all(plays))?;
        Ok(())
    }

    /// Plays, letting go of everything, until the room sleeps: nothing moves in it then, everybody has heard so, and all of
    /// it is stored. Returns what the room counts.
    pub(crate) fn rest(&mut self, server: &Server, room: &Room) -> anyhow::Result<Value> {
        for bot in &mut self.bots {
            bot.rest();
        }
        let sleeps = |told: &Value| told["asleep"] == true;
        let play = |length| self.play_for(length);
        stats_when(server, room, "the room sleeps", sleeps, play)
    }

    /// Plays on a thread of its own, for as long as something else is waited for.
    pub(crate) fn aside(mut self) -> Aside {
        let enough = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&enough);
        let thread = std::thread::spawn(move || {
            while !told.load(Ordering::Relaxed) {
                self.turn();
            }
            self
        });
        Aside { enough, thread }
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

    /// How everybody is, for whoever looks for what went wrong.
    fn state(&self) -> String {
        let of = |bot: &Bot| {
            let Bot {
                name,
                client,
                welcomes,
                closed,
                complaints,
                ..
            } = bot;
            let stats = client.stats();
            format!(
                "{name}: playing {}, step {}, {} connections, {} welcomes, closed by {closed:?}, complaints {complaints:?}",
                client.is_playing(),
                stats.step,
                stats.connects,
                welcomes.len(),
            )
        };
        self.bots.iter().map(of).collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn complaints(&self) -> Vec<String> {
        let all = self.bots.iter().flat_map(|bot| {
            let name = &bot.name;
            bot.wrong().map(move |one| format!("{name}: {one}"))
        });
        all.collect()
    }

    pub(crate) fn leave(self) {
        for bot in self.bots {
            bot.leave();
        }
    }
}

/// A crowd that plays on a thread of its own until it is called back.
pub(crate) struct Aside {
    enough: Arc<AtomicBool>,
    thread: JoinHandle<Crowd>,
}

impl Aside {
    pub(crate) fn back(self) -> anyhow::Result<Crowd> {
        self.enough.store(true, Ordering::Relaxed);
        let crowd = self.thread.join();
        crowd.ok().context("the players' thread has panicked")
    }
}

/// Whether a bot is in and predicts.
pub(crate) fn plays(bot: &Bot) -> bool {
    bot.client.is_playing() && bot.client.predicted().is_some()
}
