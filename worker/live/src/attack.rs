//! An attack: one client does the worst it can, and three honest players in the same room must hardly notice.
//!
//! * The attacker runs on a thread of its own, on the same machine, and tells how much of its attack got through.
//! * First everybody plays without it. What the machine itself holds up is known from there, and from how late the
//!   measuring thread was: neither is the room's fault.

mod attackers;
mod barrage;
mod bombs;
mod gaps;
mod liar;
mod line;

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use harness::Behaviour;
use local_worker::Server;

use crate::bot::Room;
use crate::crowd::Crowd;
use crate::stage::{Stage, stats};
use crate::usage;

use attackers::Attack;
pub(crate) use attackers::Kind;
use gaps::{Gaps, Watch};
pub(crate) use line::{Line, masked};

/// Who plays honestly. Nobody shoots, so nobody's gap is another's doing.
const HONEST: [Behaviour; 3] = [Behaviour::Walker, Behaviour::Builder, Behaviour::Wanderer];
/// From one snapshot of an honest player to the next, in 99 of 100 cases. They are due every 100 ms.
const GAP_P99_MAX: Duration = Duration::from_millis(300);
/// What the process may grow by while it is attacked.
const GROWTH_KIB_MAX: u64 = 20 * 1_024;
/// How long everybody plays in peace first.
const PEACE: Duration = Duration::from_secs(8);
/// The start is no measurement.
const WARM_UP: Duration = Duration::from_secs(4);

pub(crate) fn scene(
    stage: &Stage,
    kind: Kind,
    length: Duration,
    seed: u64,
) -> anyhow::Result<String> {
    let stage = stage.scene(&format!("attack-{}", kind.name()))?;
    let server = stage.serve(&[])?.start()?;
    let room = Room {
        port: server.port(),
        code: "attacked".into(),
    };
    let mut crowd = Crowd::new(&room, HONEST.len(), &HONEST, seed);
    crowd.enter()?;
    crowd.play_for(WARM_UP);
    let peace = play(&mut crowd, &server, PEACE)?;
    let before = stats(&server, &room)?;
    let attack = Attack::begin(kind, &room)?;
    let attacked = play(&mut crowd, &server, length)?;
    let account = attack.end()?;
    let after = stats(&server, &room)?;
    let told = |name: &str| -> anyhow::Result<u64> {
        let number = |stats: &serde_json::Value| stats[name].as_u64();
        let (before, after) = number(&before).zip(number(&after)).context("no number")?;
        Ok(after - before)
    };
    let said = format!(
        "{account}\n\
         in peace: {peace}\n\
         attacked: {attacked}\n\
         the room counted {} messages of everybody, ran {} steps and dropped {} ms meanwhile",
        told("messagesIn")?,
        told("stepsRun")?,
        told("droppedMs")?,
    );
    crowd.stayed().context(said.clone())?;
    let allowed = GAP_P99_MAX + peace.gaps.p99().saturating_sub(gaps::EXPECTED);
    ensure!(
        attacked.gaps.p99() <= allowed,
        "the gap between snapshots is longer than {allowed:?} in more than one case of a hundred\n{said}"
    );
    let grown = attacked.kibibytes_max.saturating_sub(peace.kibibytes_last);
    ensure!(
        grown <= GROWTH_KIB_MAX,
        "the process grew by {grown} KiB\n{said}"
    );
    let steps = stage.verify(&server, &room)?;
    crowd.leave();
    Ok(format!(
        "{said}\nnobody was closed, the process grew by {grown} KiB, and {steps} steps were rerun, all hashes equal"
    ))
}

/// How it went for a while.
struct Went {
    gaps: Gaps,
    kibibytes_max: u64,
    kibibytes_last: u64,
    processor: Duration,
    length: Duration,
}

impl std::fmt::Display for Went {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{}; {:.0} MiB, at most {:.0}; {:.0} % of a core, in {:.0} s",
            self.gaps,
            self.kibibytes_last as f64 / 1_024.0,
            self.kibibytes_max as f64 / 1_024.0,
            100.0 * self.processor.as_secs_f64() / self.length.as_secs_f64(),
            self.length.as_secs_f64()
        )
    }
}

fn play(crowd: &mut Crowd, server: &Server, length: Duration) -> anyhow::Result<Went> {
    let begin = usage::of(server.process_id())?;
    let began = Instant::now();
    let mut watch = Watch::of(&crowd.bots);
    let mut kibibytes_max = begin.kibibytes;
    let mut next_look = began;
    while began.elapsed() < length {
        crowd.turn();
        watch.look(&crowd.bots);
        if Instant::now() >= next_look {
            next_look += Duration::from_millis(250);
            kibibytes_max = kibibytes_max.max(usage::of(server.process_id())?.kibibytes);
        }
    }
    let end = usage::of(server.process_id())?;
    Ok(Went {
        gaps: watch.end(),
        kibibytes_max: kibibytes_max.max(end.kibibytes),
        kibibytes_last: end.kibibytes,
        processor: end.processor.saturating_sub(begin.processor),
        length: began.elapsed(),
    })
}
