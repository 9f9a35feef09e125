//! Answers, for people and as one line of JSON.

mod verdict;

use std::collections::BTreeMap;

use netcode::{Cause, Stats};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::info::Info;
use crate::inspect::Inspection;
use crate::loss::LossShape;
use crate::predictions::{Compared, Wrong};
use crate::print;
use crate::rerun::Home;

pub(crate) use verdict::{failed, verdict, verdicts};

/// Prints one line of JSON.
pub(crate) fn json(value: &impl Serialize) {
    let line = serde_json::to_string(value).expect("the shapes here have string keys only");
    print::json(&line);
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FailureShape<'a> {
    ok: bool,
    exit: u8,
    error: &'a str,
}

pub(crate) fn failure(failure: &Failure) {
    json(&FailureShape {
        ok: false,
        exit: failure.exit().code(),
        error: &failure.to_string(),
    });
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComparedShape {
    ok: bool,
    compared: u64,
    not_consumed: u64,
    wrong: Vec<WrongShape>,
    lost: Option<LossShape>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrongShape {
    step: u64,
    seq: u32,
    predicted: String,
    actual: String,
    distance: f64,
}

impl From<&Wrong> for WrongShape {
    fn from(of: &Wrong) -> Self {
        Self {
            step: of.step.0,
            seq: of.seq,
            predicted: format!("{:08x}", of.predicted),
            actual: format!("{:08x}", of.actual),
            distance: of.distance,
        }
    }
}

pub(crate) fn predictions(found: &Compared, as_json: bool) {
    if as_json {
        return json(&ComparedShape {
            ok: found.exit() == Exit::Holds,
            compared: found.compared,
            not_consumed: found.not_consumed,
            wrong: found.wrong.iter().map(Into::into).collect(),
            lost: found.lost.as_ref().map(Into::into),
        });
    }
    say!(
        "{} predictions compared; {} inputs are not known to have been consumed",
        found.compared,
        found.not_consumed
    );
    for wrong in &found.wrong {
        say!(
            "step {}: input {} was predicted as {:08x} and came out as {:08x}, {:.4} cells away",
            wrong.step,
            wrong.seq,
            wrong.predicted,
            wrong.actual,
            wrong.distance
        );
    }
    if let Some(lost) = &found.lost {
        lost.tell();
    }
    if found.wrong.is_empty() {
        say!("holds: every prediction is what came out");
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InfoShape<'a> {
    ok: bool,
    room: &'a str,
    build_id: &'a str,
    sim_version: u32,
    rules_hash: String,
    kernel: Option<&'static str>,
    started_at_ms: u64,
    seed: String,
    hash_detail: &'static str,
    bytes: u64,
    first_step: u64,
    last_step: u64,
    steps: u64,
    slept: u64,
    millis: u64,
    players: Vec<u16>,
    inputs: u64,
    entries: u64,
    bytes_per_input: f64,
    blocks: BTreeMap<&'a str, BlocksShape>,
    lost: Option<LossShape>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlocksShape {
    count: u64,
    bytes: u64,
}

pub(crate) fn info(info: &Info, as_json: bool) {
    let bytes_per_input = info.bytes as f64 / info.inputs.max(1) as f64;
    let header = &info.header;
    if as_json {
        let blocks = info.blocks.iter();
        return json(&InfoShape {
            ok: info.exit() == Exit::Holds,
            room: &header.room,
            build_id: &header.build_id,
            sim_version: header.sim_version,
            rules_hash: format!("{:016x}", header.rules_hash),
            kernel: info.home.name(),
            started_at_ms: header.started_at_ms,
            seed: header.seed.to_string(),
            hash_detail: info.hash_detail(),
            bytes: info.bytes,
            first_step: info.first_step.0,
            last_step: info.last_step.0,
            steps: info.steps,
            slept: info.slept,
            millis: info.millis(),
            players: info.players.iter().map(|player| player.0).collect(),
            inputs: info.inputs,
            entries: info.entries,
            bytes_per_input: (bytes_per_input * 1e4).round() / 1e4,
            blocks: blocks
                .map(|(kind, &(count, bytes))| (*kind, BlocksShape { count, bytes }))
                .collect(),
            lost: info.lost.as_ref().map(Into::into),
        });
    }
    say!("room          {}", header.room);
    say!("build         {}", header.build_id);
    say!(
        "rules         SIM_VERSION {}, hash {:016x}; {}",
        header.sim_version,
        header.rules_hash,
        match info.home {
            Home::Native => "this build has them",
            Home::Archive => "an archived kernel has them",
            Home::Nowhere =>
                "there is no kernel for them here, so that players and what they did are not known",
        }
    );
    say!("started       {} ms since 1970", header.started_at_ms);
    say!("seed          {}", header.seed);
    say!(
        "steps         {} to {}: {} played ({}.{:03} s), {} slept through",
        info.first_step,
        info.last_step,
        info.steps,
        info.millis() / 1_000,
        info.millis() % 1_000,
        info.slept
    );
    let players: Vec<String> = info.players.iter().map(ToString::to_string).collect();
    say!("players       {} ({})", players.len(), players.join(", "));
    say!(
        "bytes         {}, {bytes_per_input:.3} for each of {} inputs; {} entries changed something",
        info.bytes,
        info.inputs,
        info.entries
    );
    say!("hashes        {}", info.hash_detail());
    for (kind, (count, bytes)) in &info.blocks {
        say!("  {kind:<10}  {count:>6} blocks  {bytes:>9} bytes");
    }
    if let Some(lost) = &info.lost {
        lost.tell();
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InspectionShape<'a> {
    ok: bool,
    step: u64,
    hash: String,
    frame: Option<&'a sim_core::Frame>,
    events: Vec<String>,
    fields: BTreeMap<&'a str, &'a str>,
}

pub(crate) fn inspection(of: &Inspection, as_json: bool) {
    if as_json {
        let fields = of.fields.iter();
        return json(&InspectionShape {
            ok: true,
            step: of.step.0,
            hash: format!("{:016x}", of.hash),
            frame: of.frame.as_ref(),
            events: of.events.iter().map(|event| format!("{event:?}")).collect(),
            fields: fields
                .map(|(path, value)| (path.as_str(), value.as_str()))
                .collect(),
        });
    }
    say!("step {}, hash {:016x}", of.step, of.hash);
    match &of.frame {
        None => say!("no frame: the recording begins here, or the room sleeps"),
        Some(frame) if frame.is_empty() => say!("frame: nothing but time"),
        Some(frame) => {
            for player in &frame.leaves {
                say!("frame: player {player} leaves");
            }
            for join in &frame.joins {
                say!(
                    "frame: player {} joins with {:?}, {:?}",
                    join.player,
                    join.look,
                    join.saved
                );
            }
            for (player, buttons) in &frame.buttons {
                say!("frame: player {player} holds {:#06b}", buttons.to_bits());
            }
            for (index, (player, command)) in frame.commands.iter().enumerate() {
                say!("frame: command {index} of player {player}: {command:?}");
            }
        }
    }
    for event in &of.events {
        say!("event: {event:?}");
    }
    for (path, value) in &of.fields {
        say!("{path} = {value}");
    }
}

/// What a client was corrected for, and how often; none if it never was.
pub(crate) fn causes(stats: &Stats) -> Option<String> {
    let counts = Cause::ALL.into_iter().zip(stats.corrections_by_cause);
    let named: Vec<String> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(cause, count)| format!("{count} {cause:?}"))
        .collect();
    (!named.is_empty()).then(|| named.join(", "))
}
