//! What happened to one player, or to all of one recording or of many, in sentences and as JSON.

use std::path::{Path, PathBuf};

use analysis::{Analysis, Corrected, Moment, Told, name, sentence};
use clap::Args;
use netcode::Cause;
use serde::Serialize;
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{PlayerId, Step};

use super::at::{At, millis, time};
use super::{Explained, explain};
use crate::exit::{Exit, Failure};
use crate::loss::{Loss, LossShape};
use crate::many;
use crate::output;
use crate::rerun::Rules;
use crate::rules_args::RulesArgs;
use crate::source::{self, Source};

/// How far around `--at` it is told, in steps.
const AROUND_STEPS: u64 = 3 * STEPS_PER_SECOND as u64;

/// What is asked.
#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// Recordings, and folders whose recordings are taken. Of one recording everything is told, of several the number of corrections.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only what happened to this player; `info` lists the players.
    #[arg(long)]
    player: Option<u16>,
    /// Only what happened within 3 s of this: a step, or minutes and seconds from the beginning.
    #[arg(long, value_name = "STEP|M:SS")]
    at: Option<String>,
    /// A line of JSON for each player: file, player, moments, lost; then one with ok, recordings, players, corrections. With one
    /// recording and --player there is one line: ok, player, moments, lost.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    rules: RulesArgs,
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    player: u16,
    moments: Vec<Row>,
    lost: Option<LossShape>,
}

#[derive(Serialize)]
struct Row {
    step: u64,
    ms: u64,
    what: &'static str,
    cause: Option<&'static str>,
    origin: Option<&'static str>,
    cells: Option<f64>,
    says: String,
}

#[derive(Serialize)]
struct Sum {
    ok: bool,
    recordings: usize,
    players: usize,
    corrections: usize,
}

/// # Errors
/// If the file cannot be read, or the question makes no sense.
pub(crate) fn run(args: &WhyArgs) -> Result<Exit, Failure> {
    let rules = args.rules.read()?;
    let at = args.at.as_deref().map(At::read).transpose()?;
    let player = args.player.map(PlayerId);
    match &args.files[..] {
        [file] if !file.is_dir() => {
            let mut found = ask(file, player, &rules)?;
            if let Some(at) = at {
                retain_around(&mut found.analysis, at);
            }
            Ok(tell_one(&found, player, args.json))
        }
        _ if at.is_some() => Err(Failure::Usage(
            "--at is a moment of one recording; name one".to_owned(),
        )),
        files => {
            let files = many::recordings(files)?;
            let found = many::each(&files, |file| ask(file, player, &rules));
            Ok(tell_many(&files, &found, args.json))
        }
    }
}

fn ask(file: &Path, player: Option<PlayerId>, rules: &Rules) -> Result<Explained, Failure> {
    let Source { bytes, unread } = source::recording(file)?;
    let named = |failure: Failure| failure.about(&file.display().to_string());
    let mut found = explain(&bytes, player, rules).map_err(named)?;
    Loss::add_unread(&mut found.lost, unread);
    Ok(found)
}

fn retain_around(analysis: &mut Analysis, at: At) {
    let at = at.step(analysis.first_step);
    let is_near = |moment: &Moment| moment.step.0.abs_diff(at.0) <= AROUND_STEPS;
    for told in analysis.players.values_mut() {
        told.moments.retain(is_near);
    }
}

fn tell_one(found: &Explained, player: Option<PlayerId>, json: bool) -> Exit {
    let Explained { analysis, lost } = found;
    let exit = Exit::of_intact(lost.as_ref());
    let first = analysis.first_step;
    if json {
        for (id, told) in &analysis.players {
            output::json(&answer(None, *id, told, found));
        }
        if player.is_none() {
            output::json(&sum(exit, std::slice::from_ref(found)));
        }
        return exit;
    }
    let all = analysis.players.iter();
    let mut moments: Vec<(PlayerId, &Moment)> = all
        .flat_map(|(id, told)| told.moments.iter().map(|moment| (*id, moment)))
        .collect();
    moments.sort_by_key(|(_, moment)| moment.step);
    for (id, moment) in &moments {
        let (at, step) = (time(moment.step, first), moment.step);
        let says = sentence(&moment.what);
        match player {
            Some(_) => say!("{at} (step {step}) {says}"),
            None => say!("{at} (step {step}) player {id}: {says}"),
        }
    }
    if moments.is_empty() {
        say!(
            "nothing: no correction, no step without input, no refused action, no hit and no shot"
        );
    }
    for (id, told) in &analysis.players {
        match player {
            Some(_) => say!("{}", summary(told)),
            None => say!("player {id}: {}", summary(told)),
        }
    }
    if let Some(lost) = lost {
        lost.tell();
    }
    exit
}

fn tell_many(files: &[PathBuf], all: &[Result<Explained, Failure>], json: bool) -> Exit {
    let mut exits = Vec::new();
    for (file, found) in files.iter().zip(all) {
        let file = file.display().to_string();
        match found {
            Err(failure) => {
                exits.push(failure.exit());
                if json {
                    output::failed(&file, failure);
                } else {
                    say!("{failure}");
                }
            }
            Ok(found) => {
                exits.push(Exit::of_intact(found.lost.as_ref()));
                for (id, told) in &found.analysis.players {
                    if json {
                        output::json(&answer(Some(file.clone()), *id, told, found));
                    } else {
                        say!("{file}: player {id}: {}", summary(told));
                    }
                }
                if let (false, Some(lost)) = (json, &found.lost) {
                    lost.tell();
                }
            }
        }
    }
    let exit = many::worst(exits);
    let intact: Vec<Explained> = all.iter().flatten().cloned().collect();
    let sum = sum(exit, &intact);
    if json {
        output::json(&sum);
    } else {
        say!(
            "{} of {} recordings: {} players, {} corrections",
            sum.recordings,
            files.len(),
            sum.players,
            sum.corrections
        );
    }
    exit
}

fn sum(exit: Exit, found: &[Explained]) -> Sum {
    let players = || {
        found
            .iter()
            .flat_map(|found| found.analysis.players.values())
    };
    Sum {
        ok: exit == Exit::Holds,
        recordings: found.len(),
        players: players().count(),
        corrections: players().map(|told| corrections(told).count()).sum(),
    }
}

fn answer(file: Option<String>, player: PlayerId, told: &Told, found: &Explained) -> Answer {
    let first = found.analysis.first_step;
    Answer {
        ok: Exit::of_intact(found.lost.as_ref()) == Exit::Holds,
        file,
        player: player.0,
        moments: told
            .moments
            .iter()
            .map(|moment| row(moment, first))
            .collect(),
        lost: found.lost.as_ref().map(Into::into),
    }
}

fn row(moment: &Moment, first: Step) -> Row {
    let corrected = moment.corrected();
    Row {
        step: moment.step.0,
        ms: millis(moment.step, first),
        what: name(&moment.what),
        cause: corrected.map(|found| found.cause.name()),
        origin: corrected.map(|found| found.origin.name()),
        cells: corrected.map(|found| (found.cells() * 1e4).round() / 1e4),
        says: sentence(&moment.what),
    }
}

fn corrections(told: &Told) -> impl Iterator<Item = &Corrected> {
    told.moments.iter().filter_map(Moment::corrected)
}

/// How often the client was moved, by cause.
fn summary(told: &Told) -> String {
    let of_cause = |cause| corrections(told).filter(move |found| found.cause == cause);
    let by_cause: Vec<String> = Cause::ALL
        .into_iter()
        .map(|cause| (of_cause(cause).count(), cause.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let largest = corrections(told).map(Corrected::cells);
    match largest.reduce(f64::max) {
        None => "0 corrections".to_owned(),
        Some(largest) => format!(
            "{} corrections ({}), by {largest:.2} cells at most",
            corrections(told).count(),
            by_cause.join(", ")
        ),
    }
}
