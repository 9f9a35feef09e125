//! Live bots: the same minds and clients as in virtual time, over real sockets and the real clock.

use std::thread;
use std::time::{Duration, Instant};

use protocol::Encoding;
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::fetch::fetch;
use crate::live_bot::{LiveBot, Played, Room};
use crate::output;
use crate::record_args::{EncodingArg, RecordArgs};
use crate::save::Target;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LiveShape {
    ok: bool,
    bots: Vec<BotShape>,
    recording_bytes: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BotShape {
    bot: usize,
    behaviour: &'static str,
    steps: u64,
    snapshots: u64,
    rtt_micros: Option<u64>,
    jitter_micros: u64,
    corrections: u64,
    starved: u32,
    dropped: u32,
    stalls: u64,
    resyncs: u64,
    connects: u64,
    bytes_up: u64,
    bytes_down: u64,
    messages_bad: u64,
    complaint: Option<String>,
}

pub(crate) fn run(url: &str, args: &RecordArgs, out: Option<Target>) -> Result<Exit, Failure> {
    let room = Room::parse(url)?;
    let length = Duration::from_secs(u64::from(args.seconds));
    let end = Instant::now() + length;
    let mut threads = Vec::new();
    for (number, behaviour) in args.players().into_iter().enumerate() {
        let encoding = match args.encoding {
            EncodingArg::Mixed if number % 2 == 1 => Encoding::Json,
            EncodingArg::Binary | EncodingArg::Mixed => Encoding::Binary,
            EncodingArg::Json => Encoding::Json,
        };
        let seed = args.seed.wrapping_mul(1 << 16).wrapping_add(number as u64);
        let bot = LiveBot::new(room.clone(), number, behaviour, encoding, seed);
        threads.push(thread::spawn(move || bot.play(end)));
    }
    let mut played = Vec::new();
    for thread in threads {
        let one = thread
            .join()
            .map_err(|_| Failure::Usage("a bot's thread has panicked".to_owned()))?;
        played.push(one);
    }
    for (number, of) in played.iter().enumerate() {
        print(number, of, args.seconds);
    }
    let absent = played.iter().filter(|of| of.stats.snapshots == 0).count();
    if absent > 0 {
        let why = played.iter().find_map(|of| of.complaint.clone());
        return Err(Failure::Usage(format!(
            "{absent} of {} bots never saw the room at {url}: {}. Is it served?",
            played.len(),
            why.unwrap_or_else(|| "it did not answer".to_owned())
        )));
    }
    let mut recording_bytes = None;
    let mut exit = Exit::Holds;
    if let Some(out) = out {
        let fetched = fetch(&room.recording_url())?;
        let path = out.write(&fetched.bytes)?;
        say!(
            "{} bytes of the room's recording written to {}",
            fetched.bytes.len(),
            path.display()
        );
        fetched.tell();
        exit = fetched.exit();
        recording_bytes = Some(fetched.bytes.len());
    }
    if args.json {
        output::json(&LiveShape {
            ok: exit == Exit::Holds,
            bots: played.iter().enumerate().map(shape).collect(),
            recording_bytes,
        });
    }
    Ok(exit)
}

fn print(number: usize, of: &Played, seconds: u32) {
    let stats = &of.stats;
    let rtt = stats.rtt.map_or_else(
        || "unknown".to_owned(),
        |rtt| format!("{}.{} ms", rtt.0 / 1_000, rtt.0 % 1_000 / 100),
    );
    say!(
        "bot {number} ({}): rtt {rtt}, {} steps, {} snapshots, {} corrections, {} starved, {} dropped, \
         {} B/s up, {} B/s down, {} connections",
        of.behaviour.name(),
        stats.steps,
        stats.snapshots,
        stats.corrections(),
        stats.starved,
        stats.dropped,
        of.bytes_up / u64::from(seconds),
        of.bytes_down / u64::from(seconds),
        stats.connects
    );
    if let Some(causes) = output::causes(stats) {
        say!("  corrected for {causes}");
    }
    if let Some(complaint) = &of.complaint {
        say!("  {complaint}");
    }
}

fn shape((bot, of): (usize, &Played)) -> BotShape {
    let stats = &of.stats;
    BotShape {
        bot,
        behaviour: of.behaviour.name(),
        steps: stats.steps,
        snapshots: stats.snapshots,
        rtt_micros: stats.rtt.map(|rtt| rtt.0),
        jitter_micros: stats.jitter.0,
        corrections: stats.corrections(),
        starved: stats.starved,
        dropped: stats.dropped,
        stalls: stats.stalls,
        resyncs: stats.resyncs,
        connects: stats.connects,
        bytes_up: of.bytes_up,
        bytes_down: of.bytes_down,
        messages_bad: stats.messages_bad,
        complaint: of.complaint.clone(),
    }
}
