//! Making recordings: in virtual time, or in a live room.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use harness::{Behaviour, LinkProfile, Script};
use input_log::HashDetail;
use netcode::{Cause, Stats};
use protocol::Encoding;
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::save::Target;
use crate::{live, output};

/// `replay record`.
#[derive(Clone, Debug, Args)]
pub struct RecordArgs {
    /// Bots that play.
    #[arg(long, visible_alias = "bots", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=32))]
    pub players: u16,
    /// How long they play.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub seconds: u32,
    /// Seed of world, links and bots. The same seed records the same bytes. Live bots decide from it, too.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The file to write. Live, the room's own recording is fetched into it at the end.
    #[arg(long, required_unless_present = "live")]
    pub out: Option<PathBuf>,
    /// What the clients speak.
    #[arg(long, value_enum, default_value_t = EncodingArg::Binary)]
    pub encoding: EncodingArg,
    /// How the virtual links behave.
    #[arg(long, default_value = "clean", value_parser = clap::builder::PossibleValuesParser::new(LinkProfile::NAMES))]
    pub profile: String,
    /// How the bots play, given out in turn. All of them by default.
    #[arg(long, value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(Behaviour::ALL.map(Behaviour::name)))]
    pub behaviours: Vec<String>,
    /// How much of each step's hash is kept: four bits and a digest a block, or all of it.
    #[arg(long, value_enum, default_value_t = DetailArg::Check)]
    pub hash_detail: DetailArg,
    /// Play in a live room over WebSockets instead, such as ws://127.0.0.1:8787/api/rooms/den/ws.
    #[arg(long, value_name = "URL", conflicts_with_all = ["profile", "hash_detail"])]
    pub live: Option<String>,
    /// End with one line of JSON.
    #[arg(long)]
    pub json: bool,
}

/// What clients speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EncodingArg {
    /// The compact encoding.
    Binary,
    /// The readable one.
    Json,
    /// Every second client the other one.
    Mixed,
}

/// How much of each step's hash is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DetailArg {
    /// Four bits, and a digest over the whole hashes of each block.
    Check,
    /// All of it.
    EveryStep,
}

impl RecordArgs {
    /// How the bots play, in their order.
    pub(crate) fn players(&self) -> Vec<Behaviour> {
        let named = |name: &String| Behaviour::ALL.into_iter().find(|one| one.name() == name);
        let chosen: Vec<Behaviour> = self.behaviours.iter().filter_map(named).collect();
        let chosen = if chosen.is_empty() {
            Behaviour::ALL.to_vec()
        } else {
            chosen
        };
        let endless = chosen.into_iter().cycle();
        endless.take(usize::from(self.players)).collect()
    }
}

/// The session that the arguments describe.
///
/// # Errors
/// If there is no such link profile.
pub fn script_of(args: &RecordArgs) -> Result<Script, Failure> {
    let link = LinkProfile::named(&args.profile).ok_or_else(|| {
        Failure::Usage(format!(
            "no link profile {:?}; there are {}",
            args.profile,
            LinkProfile::NAMES.join(", ")
        ))
    })?;
    let encoding = match args.encoding {
        EncodingArg::Binary | EncodingArg::Mixed => Encoding::Binary,
        EncodingArg::Json => Encoding::Json,
    };
    let mut script = Script::new(args.seed, args.seconds, &args.players(), link, encoding);
    if args.encoding == EncodingArg::Mixed {
        script = script.mixed();
    }
    script.hash_detail = match args.hash_detail {
        DetailArg::Check => HashDetail::Check,
        DetailArg::EveryStep => HashDetail::EveryStep,
    };
    Ok(script)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordedShape<'a> {
    ok: bool,
    bytes: usize,
    views_compared: u64,
    corrections: usize,
    rows_written: u64,
    violations: &'a [String],
}

pub(crate) fn run(args: &RecordArgs) -> Result<Exit, Failure> {
    let out = args.out.as_deref().map(Target::at).transpose()?;
    if let Some(url) = &args.live {
        return live::run(url, args, out);
    }
    let outcome = harness::run(&script_of(args)?);
    let recording = outcome.recording();
    if let Some(out) = out {
        let path = out.write(recording)?;
        say!("{} bytes written to {}", recording.len(), path.display());
    }
    for (number, (seat, behaviour)) in outcome.seats.iter().zip(args.players()).enumerate() {
        say!(
            "bot {number} ({}): {} steps predicted, {} corrections, {} starved, {} B up, {} B down",
            behaviour.name(),
            seat.stats.steps,
            seat.corrections.len(),
            seat.stats.starved,
            seat.bytes_up,
            seat.bytes_down
        );
        if let Some(causes) = causes(&seat.stats) {
            say!("  corrected for {causes}");
        }
    }
    say!(
        "{} merged views compared with the room's, {} rows written",
        outcome.views_compared,
        outcome.rows_written
    );
    let violations: Vec<String> = outcome.violations.iter().map(ToString::to_string).collect();
    for violation in &violations {
        say!("violated: {violation}");
    }
    if args.json {
        output::json(&RecordedShape {
            ok: violations.is_empty(),
            bytes: recording.len(),
            views_compared: outcome.views_compared,
            corrections: outcome.corrections(),
            rows_written: outcome.rows_written,
            violations: &violations,
        });
    }
    Ok(if violations.is_empty() {
        Exit::Holds
    } else {
        Exit::Diverges
    })
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
