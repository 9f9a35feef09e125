//! What happened to a player, in sentences and as JSON.

use std::path::PathBuf;

use clap::Args;
use netcode::Cause;
use serde::Serialize;
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{Buttons, PlayerId, Step};

use analysis::{Corrected, Moment, Origin, What};

use super::{Why, why};
use crate::exit::{Exit, Failure};
use crate::loss::{Loss, LossShape};
use crate::output;
use crate::rules_args::RulesArgs;
use crate::source::{self, Source};

/// How far around `--at` it is told, in steps.
const AROUND_STEPS: u64 = 3 * STEPS_PER_SECOND as u64;

/// What is asked.
#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// The recording.
    file: PathBuf,
    /// Whom it happened to; `info` lists the players.
    #[arg(long)]
    player: u16,
    /// Only what happened within 3 s of this: a step, or minutes and seconds from the beginning.
    #[arg(long, value_name = "STEP|M:SS")]
    at: Option<String>,
    /// End with one line of JSON: ok, player, moments, lost.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    rules: RulesArgs,
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
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

/// # Errors
/// If the file cannot be read, or the question makes no sense.
pub(crate) fn run(args: &WhyArgs) -> Result<Exit, Failure> {
    let rules = args.rules.read()?;
    let at = args.at.as_deref().map(At::read).transpose()?;
    let Source { bytes, unread } = source::recording(&args.file)?;
    let mut told = why(&bytes, PlayerId(args.player), &rules)?;
    Loss::add_unread(&mut told.lost, unread);
    let exit = Exit::of_intact(told.lost.as_ref());
    if let Some(at) = at {
        let at = at.step(told.first_step);
        told.told
            .moments
            .retain(|moment| moment.step.0.abs_diff(at.0) <= AROUND_STEPS);
    }
    if args.json {
        let moments = told.told.moments.iter().map(|moment| row(moment, &told));
        output::json(&Answer {
            ok: exit == Exit::Holds,
            player: args.player,
            moments: moments.collect(),
            lost: told.lost.as_ref().map(Into::into),
        });
        return Ok(exit);
    }
    for moment in &told.told.moments {
        let (at, step) = (time(moment.step, told.first_step), moment.step);
        say!("{at} (step {step}) {}", sentence(&moment.what));
    }
    if told.told.moments.is_empty() {
        say!(
            "nothing: no correction, no step without input, no refused action, no hit and no shot"
        );
    }
    summary(&told);
    if let Some(lost) = &told.lost {
        lost.tell();
    }
    Ok(exit)
}

/// A moment of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Step(u64),
    Millis(u64),
}

impl At {
    fn read(text: &str) -> Result<Self, Failure> {
        let no = || {
            Failure::Usage(format!(
                "--at {text} is neither a step, such as 11052, nor a time, such as 3:04.2"
            ))
        };
        let Some((minutes, seconds)) = text.split_once(':') else {
            return text.parse().map(Self::Step).map_err(|_| no());
        };
        let minutes: u32 = minutes.parse().map_err(|_| no())?;
        let seconds: f64 = seconds.parse().map_err(|_| no())?;
        if !(0.0..60.0).contains(&seconds) {
            return Err(no());
        }
        Ok(Self::Millis(
            u64::from(minutes) * 60_000 + (seconds * 1_000.0) as u64,
        ))
    }

    fn step(self, first: Step) -> Step {
        match self {
            Self::Step(step) => Step(step),
            Self::Millis(millis) => first.after(millis * u64::from(STEPS_PER_SECOND) / 1_000),
        }
    }
}

fn millis(step: Step, first: Step) -> u64 {
    step.0.saturating_sub(first.0) * 1_000 / u64::from(STEPS_PER_SECOND)
}

/// Minutes and seconds from the beginning.
fn time(step: Step, first: Step) -> String {
    let tenths = millis(step, first) / 100;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

fn row(moment: &Moment, told: &Why) -> Row {
    let corrected = moment.corrected();
    Row {
        step: moment.step.0,
        ms: millis(moment.step, told.first_step),
        what: name(&moment.what),
        cause: corrected.map(|found| found.cause.name()),
        origin: corrected.map(|found| found.origin.name()),
        cells: corrected.map(|found| (found.cells() * 1e4).round() / 1e4),
        says: sentence(&moment.what),
    }
}

const fn name(what: &What) -> &'static str {
    match what {
        What::Entered => "entered",
        What::Left => "left",
        What::Corrected(_) => "corrected",
        What::Starved { .. } => "starved",
        What::Dropped { .. } => "dropped",
        What::Refused(_) => "refused",
        What::Hit { .. } => "hit",
        What::Died { .. } => "died",
        What::Respawned => "respawned",
        What::Hits { .. } => "hits",
        What::Missed { .. } => "missed",
        What::Marked => "marked",
        What::RoomStalled { .. } => "roomStalled",
    }
}

fn sentence(what: &What) -> String {
    match what {
        What::Entered => "The player entered the room.".to_owned(),
        What::Left => "The player left the room.".to_owned(),
        What::Corrected(found) => corrected(found),
        What::Starved { steps, late } => {
            let late = late.map_or_else(String::new, |late| {
                format!(
                    " In the second around it the latest input came {} too late.",
                    ms(late)
                )
            });
            format!(
                "{} found no input, and the room repeated the last one.{late}",
                count(*steps, "step")
            )
        }
        What::Dropped { inputs } => format!(
            "{} found the room's buffer full and were lost: more came at once than it keeps.",
            count(*inputs, "input")
        ),
        What::Marked => "The player marked this moment.".to_owned(),
        What::RoomStalled { late_ms } => {
            format!("The room itself was late: it ran a tick {late_ms} ms after it was due.")
        }
        What::Refused(reason) => format!("An action was refused: {reason}."),
        What::Hit { by, damage, health } => {
            format!("Player {by} hit the player: {damage} health lost, {health} left.")
        }
        What::Died { by } => format!("Player {by} shot the player down."),
        What::Respawned => "The player came back into play.".to_owned(),
        What::Hits { whom, health } => {
            format!("A shot of the player hit player {whom}, who has {health} health left.")
        }
        What::Missed {
            fired,
            nearest,
            destroyed,
        } => {
            let end = if *destroyed {
                "ended at a structure and destroyed it"
            } else {
                "ended without a hit"
            };
            let near = nearest.map_or_else(String::new, |(cells, whom)| {
                format!(" It came within {cells:.2} cells of player {whom}.")
            });
            format!("The shot of step {fired} {end}.{near}")
        }
    }
}

fn corrected(found: &Corrected) -> String {
    let moved = if found.distance == 0 {
        "The client was corrected without being moved".to_owned()
    } else if found.cells() < 0.005 {
        "The client was moved by less than 0.01 cells".to_owned()
    } else {
        format!("The client was moved by {:.2} cells", found.cells())
    };
    let lost = || {
        let were = if found.lost == 1 { "was" } else { "were" };
        format!(
            "{} before input {} {were} lost",
            count(found.lost, "input"),
            found.seq
        )
    };
    let starved = || {
        let held = found
            .repeated
            .map_or_else(String::new, |held| format!(" and repeated {}", names(held)));
        format!(
            "the room had no input for {}{held}",
            count(found.starved, "step")
        )
    };
    let what = match found.cause {
        Cause::Starved | Cause::ClockSlip if found.starved == 0 => {
            "The inputs of before were still on their way".to_owned()
        }
        Cause::Starved | Cause::ClockSlip => capital(&starved()),
        Cause::Dropped if found.lost == 0 => {
            "Late inputs came in one go, and more than the room keeps".to_owned()
        }
        Cause::Dropped => capital(&lost()),
        Cause::UnseenStructure => {
            "A structure had changed that the client had not been shown".to_owned()
        }
        Cause::Hit => "The player was shot down".to_owned(),
        Cause::Respawn => "The room decides when and where a player comes back".to_owned(),
        Cause::Unknown => "Nothing of what the room saw explains it".to_owned(),
    };
    let origin = match (found.cause, found.origin) {
        (Cause::Dropped, Origin::Line) => "the player's line: the room's buffer was full",
        (Cause::Starved, Origin::Line) => "the player's line: inputs came too late",
        (_, Origin::Room) => "the room, which was late itself",
        (_, Origin::Client) => "the client, which stood still and skipped time",
        (_, Origin::Unknown) => "unknown; other rules or an altered client",
        (_, origin) => origin.name(),
    };
    let why = format!("{what}. Cause: {origin}");
    format!("{moved}. {why}.")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn count(number: u32, of: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {of}{plural}")
}

fn ms(steps: u32) -> String {
    format!(
        "{} ms",
        u64::from(steps) * 1_000 / u64::from(STEPS_PER_SECOND)
    )
}

/// What was held, by name.
fn names(held: Buttons) -> String {
    let all = [
        (Buttons::UP, "up"),
        (Buttons::DOWN, "down"),
        (Buttons::LEFT, "left"),
        (Buttons::RIGHT, "right"),
    ];
    let held: Vec<&str> = all
        .into_iter()
        .filter(|(button, _)| held.holds(*button))
        .map(|(_, name)| name)
        .collect();
    if held.is_empty() {
        "no button".to_owned()
    } else {
        format!("'{}'", held.join(" and "))
    }
}

/// How often the client was moved, by cause, and by what was behind it.
fn summary(told: &Why) {
    let corrections: Vec<&Corrected> = told
        .told
        .moments
        .iter()
        .filter_map(Moment::corrected)
        .collect();
    let by_cause: Vec<String> = Cause::ALL
        .into_iter()
        .map(|cause| {
            let of = corrections.iter().filter(|found| found.cause == cause);
            (of.count(), cause.name())
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let largest = corrections.iter().map(|found| found.cells());
    match largest.reduce(f64::max) {
        None => say!("0 corrections"),
        Some(largest) => say!(
            "{} corrections ({}), by {largest:.2} cells at most",
            corrections.len(),
            by_cause.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_has_a_subject_and_its_proof() {
        let found = |cause, starved, lost| Corrected {
            step: Step(11_052),
            seq: 268,
            distance: 20_316,
            cause,
            origin: if cause == Cause::Unknown {
                Origin::Unknown
            } else {
                Origin::Line
            },
            starved,
            lost,
            repeated: Some(Buttons::RIGHT),
        };
        for (found, told) in [
            (
                found(Cause::Starved, 4, 0),
                "The client was moved by 0.31 cells. The room had no input for 4 steps and repeated 'right'. Cause: the player's line: inputs came too late.",
            ),
            (
                found(Cause::Dropped, 0, 1),
                "The client was moved by 0.31 cells. 1 input before input 268 was lost. Cause: the player's line: the room's buffer was full.",
            ),
            (
                found(Cause::Unknown, 0, 0),
                "The client was moved by 0.31 cells. Nothing of what the room saw explains it. Cause: unknown; other rules or an altered client.",
            ),
        ] {
            assert_eq!(corrected(&found), told);
        }
        let died = What::Died { by: PlayerId(2) };
        assert_eq!(sentence(&died), "Player 2 shot the player down.");
    }

    #[test]
    fn a_moment_is_a_step_or_a_time() {
        let at = |text| At::read(text).map(|at| at.step(Step(100)));
        assert_eq!(at("11052"), Ok(Step(11_052)));
        assert_eq!(at("0:00"), Ok(Step(100)));
        assert_eq!(at("3:04.5"), Ok(Step(100 + 184 * 60 + 30)));
        for wrong in ["", "x", "1:", "1:60", "-1", "1:-2", "1:2:3", "1:nan"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
        assert_eq!(time(Step(100 + 184 * 60 + 12), Step(100)), "3:04.2");
    }
}
