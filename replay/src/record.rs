//! Making recordings: in virtual time, or in a live room.

use harness::{LinkProfile, Script};
use input_log::HashDetail;
use protocol::Encoding;
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::record_args::{DetailArg, EncodingArg, RecordArgs};
use crate::save::Target;
use crate::{live, output};

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
        if let Some(causes) = output::causes(&seat.stats) {
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
