//! Who attacks, and the thread that they do it on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::ValueEnum;
use protocol::Encoding;

use super::barrage::Barrage;
use super::liar::Liar;
use crate::bot::Room;

/// From one turn of an attacker to the next.
const TURN: Duration = Duration::from_millis(1);

/// What is done to the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// 40,000 messages a second, also after the room has closed the connection.
    Flood,
    /// 20 messages a second that inflate to a thousand times their size.
    Bombs,
    /// Acknowledges in JSON what it does not read.
    LiesJson,
    /// The same in layout 1 of the binary encoding, which has no proofs.
    LiesOld,
    /// The same in layout 2, with guessed proofs.
    LiesGuessed,
}

impl Kind {
    /// As it is written on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Flood => "flood",
            Self::Bombs => "bombs",
            Self::LiesJson => "lies-json",
            Self::LiesOld => "lies-old",
            Self::LiesGuessed => "lies-guessed",
        }
    }

    fn attacker(self, room: &Room) -> anyhow::Result<Box<dyn Attacker>> {
        Ok(match self {
            Self::Flood => Box::new(Barrage::of_messages(room)?),
            Self::Bombs => Box::new(Barrage::of_bombs(room)?),
            Self::LiesJson => Box::new(Liar::begin(room, Encoding::Json)?),
            Self::LiesOld => Box::new(Liar::begin(room, Encoding::Binary1)?),
            Self::LiesGuessed => Box::new(Liar::begin(room, Encoding::Binary)?),
        })
    }
}

/// Somebody who attacks over a connection of their own.
pub(super) trait Attacker: Send {
    /// Does what is due after so much time, without waiting for the room.
    fn turn(&mut self, elapsed: Duration) -> anyhow::Result<()>;

    /// What was done in all this time, and whether the room bore it as it must.
    fn account(&mut self, elapsed: Duration) -> anyhow::Result<String>;
}

/// An attack that goes on.
pub(super) struct Attack {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<String>>,
}

impl Attack {
    pub(super) fn begin(kind: Kind, room: &Room) -> anyhow::Result<Self> {
        let mut attacker = kind.attacker(room)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stops = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let began = Instant::now();
            while !stops.load(Ordering::Relaxed) {
                attacker.turn(began.elapsed())?;
                thread::sleep(TURN);
            }
            attacker.account(began.elapsed())
        });
        Ok(Self { stop, thread })
    }

    /// Ends it. Returns what was done.
    pub(super) fn end(self) -> anyhow::Result<String> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.join();
        ended.map_err(|_| anyhow!("the attacker panicked"))?
    }
}
