//! `replay journey`: the way of one input, from the client's prediction to the screens of the others.

use std::path::PathBuf;

use analysis::{Analysis, Fate, Journey, names};
use clap::Args;
use kernel::Translate;
use serde::Serialize;
use sim_core::{Event, PlayerId, Step};

use crate::exit::{Exit, Failure};
use crate::loss::{Loss, LossShape};
use crate::output;
use crate::rerun::{Job, open, stopped, with_kernel};
use crate::rules_args::RulesArgs;
use crate::source::{self, Source};
use crate::why::{millis, millis_of};

/// What is asked.
#[derive(Debug, Args)]
pub(crate) struct JourneyArgs {
    /// The recording.
    file: PathBuf,
    /// Whose input; `info` lists the players.
    #[arg(long)]
    player: u16,
    /// The input's number.
    #[arg(long, required_unless_present = "step")]
    seq: Option<u32>,
    /// The input that this step consumed.
    #[arg(long, conflicts_with = "seq")]
    step: Option<u64>,
    /// Answer with one line of JSON. Times are milliseconds from the beginning.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    rules: RulesArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    ok: bool,
    player: u16,
    seq: u32,
    held: Vec<&'static str>,
    basis_step: Option<u64>,
    round_trip_ms: Option<u64>,
    arrived_ms: Option<(u64, u64)>,
    waited_steps: Option<u64>,
    consumed_step: Option<u64>,
    dropped: bool,
    did: Vec<String>,
    shown: Vec<ShownRow>,
    lost: Option<LossShape>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownRow {
    player: u16,
    snapshot_step: u64,
    ms: u64,
    applied_by_ms: Option<u64>,
}

/// An input's way, and when the recording began.
struct Found {
    seq: u32,
    journey: Journey,
    first: Step,
    lost: Option<Loss>,
}

struct Ask<'a> {
    bytes: &'a [u8],
    player: PlayerId,
    seq: Option<u32>,
    step: Option<Step>,
}

impl Job for Ask<'_> {
    type Answer = Found;

    fn run<K: Translate>(self, kernel: K) -> Result<Found, Failure> {
        let recording = open(kernel.clone(), self.bytes)?;
        let player = self.player;
        let seq = match (self.seq, self.step) {
            (Some(seq), _) => seq,
            (None, Some(step)) => analysis::consumed(&kernel, &recording, player, step)
                .ok_or_else(|| {
                    Failure::Usage(format!(
                        "step {step} consumed no input of player {player}, as far as the recording says"
                    ))
                })?,
            (None, None) => return Err(Failure::Usage("name an input with --seq".to_owned())),
        };
        let found = analysis::journey(&kernel, &recording, player, seq);
        let journey = found.map_err(|at| stopped(&at))?.ok_or_else(|| {
            Failure::Usage(format!(
                "the recording does not say that input {seq} of player {player} came. `replay info` lists its players"
            ))
        })?;
        Ok(Found {
            seq,
            journey,
            first: Analysis::first_step(&recording),
            lost: Loss::of(&recording, self.bytes.len()),
        })
    }
}

/// # Errors
/// If the file cannot be read, or the input is not in it.
pub(crate) fn run(args: &JourneyArgs) -> Result<Exit, Failure> {
    let rules = args.rules.read()?;
    let Source { bytes, unread } = source::recording(&args.file)?;
    let ask = Ask {
        bytes: &bytes,
        player: PlayerId(args.player),
        seq: args.seq,
        step: args.step.map(Step),
    };
    let named = |failure: Failure| failure.about(&args.file.display().to_string());
    let mut found = with_kernel(&bytes, &rules, ask).map_err(named)?;
    Loss::add_unread(&mut found.lost, unread);
    let exit = Exit::of_intact(found.lost.as_ref());
    if args.json {
        output::json(&answer(args.player, &found, exit));
    } else {
        tell(args.player, &found);
    }
    Ok(exit)
}

fn answer(player: u16, found: &Found, exit: Exit) -> Answer {
    let Found {
        seq,
        journey,
        first,
        lost,
    } = found;
    let ms = |step: Step| millis(step, *first);
    let (consumed, buttons, dropped) = match journey.end {
        Fate::Consumed { step, buttons } => (Some(step), buttons, false),
        Fate::Dropped { buttons, .. } => (None, buttons, true),
    };
    Answer {
        ok: exit == Exit::Holds,
        player,
        seq: *seq,
        held: names(buttons),
        basis_step: journey.basis.map(|step| step.0),
        round_trip_ms: journey.round_trip.map(millis_of),
        arrived_ms: journey.arrival.map(|it| (ms(it.after), ms(it.until))),
        waited_steps: waited(journey),
        consumed_step: consumed.map(|step| step.0),
        dropped,
        did: did(journey),
        shown: journey
            .shown
            .iter()
            .map(|(player, showing)| ShownRow {
                player: player.0,
                snapshot_step: showing.sent.0,
                ms: ms(showing.sent),
                applied_by_ms: showing.heard.map(ms),
            })
            .collect(),
        lost: lost.as_ref().map(Into::into),
    }
}

/// Steps that the input waited in the room's buffer, at least.
fn waited(journey: &Journey) -> Option<u64> {
    let (Some(arrival), Fate::Consumed { step, .. }) = (journey.arrival, journey.end) else {
        return None;
    };
    Some(step.since(arrival.until).saturating_sub(1))
}

fn tell(player: u16, found: &Found) {
    let Found {
        seq,
        journey,
        first,
        lost,
    } = found;
    let at = |step: Step| format!("{} (step {step})", clock(step, *first));
    let (Fate::Consumed { buttons, .. } | Fate::Dropped { buttons, .. }) = journey.end;
    let held = names(buttons);
    let held = if held.is_empty() {
        "nothing held".to_owned()
    } else {
        format!("{} held", held.join(" and "))
    };
    say!("input {seq} of player {player}: {held}");
    match journey.basis {
        Some(step) => say!("  predicted  on the snapshot of {}", at(step)),
        None => say!("  predicted  on a snapshot that the recording does not name"),
    }
    if let Some(steps) = journey.round_trip {
        say!(
            "  round trip at least {} ms around then, of which the client's batch may be 33",
            millis_of(steps)
        );
    }
    match journey.arrival {
        Some(it) if it.after == it.until => say!("  arrived    behind {}", at(it.until)),
        Some(it) => say!("  arrived    between {} and {}", at(it.after), at(it.until)),
        None => say!("  arrived    at a time that the recording does not say"),
    }
    match journey.end {
        Fate::Consumed { step, .. } => {
            if let Some(steps) = waited(journey) {
                say!("  waited     {steps} steps in the room's buffer, or more");
            }
            say!("  consumed   at {}", at(step));
        }
        Fate::Dropped { .. } => say!("  lost       because the room's buffer was full"),
    }
    for did in did(journey) {
        say!("  did        {did}");
    }
    for (other, showing) in &journey.shown {
        let applied = showing.heard.map_or_else(
            || "not acknowledged before the recording ends".to_owned(),
            |heard| format!("applied by {}", clock(heard, *first)),
        );
        say!(
            "  shown      to player {other} by the snapshot of {}, {applied}",
            at(showing.sent)
        );
    }
    if let Some(lost) = lost {
        lost.tell();
    }
}

/// Minutes, seconds and milliseconds from the beginning.
fn clock(step: Step, first: Step) -> String {
    let ms = millis(step, first);
    format!("{}:{:02}.{:03}", ms / 60_000, ms / 1_000 % 60, ms % 1_000)
}

/// What was done on the input and what came of it, in words.
fn did(journey: &Journey) -> Vec<String> {
    let actions = journey.actions.iter();
    let actions = actions.map(|action| format!("asked to {}", action.name().to_lowercase()));
    let events = journey.events.iter().map(|event| match event {
        Event::Joined { .. } => "the player entered".to_owned(),
        Event::Left { .. } => "the player left".to_owned(),
        Event::Placed { id, .. } => format!("structure {id} was placed"),
        Event::Removed { id, .. } => format!("structure {id} was removed"),
        Event::Destroyed { id, .. } => format!("a shot of the player destroyed structure {id}"),
        Event::Fired { id, .. } => format!("shot {id} left"),
        Event::Hit { player, by, .. } => format!("player {by} hit player {player}"),
        Event::Died { player, by } => format!("player {by} shot player {player} down"),
        Event::Respawned { .. } => "the player came back into play".to_owned(),
        Event::Rejected { reason, .. } => format!("refused: {reason}"),
    });
    actions.chain(events).collect()
}
