//! The command line: what can be asked for, and how an answer ends the process.

use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use input_log::Recording;
use sim_core::{PlayerId, Step};

use crate::archive::KernelsArgs;
use crate::bench::BenchArgs;
use crate::exit::{Exit, Failure};
use crate::journey::JourneyArgs;
use crate::loss::Loss;
use crate::record_args::RecordArgs;
use crate::report::DivergenceArgs;
use crate::rules_args::RulesArgs;
use crate::simulate::SimulateArgs;
use crate::source::Source;
use crate::unread::Unread;
use crate::why::WhyArgs;
use crate::{
    archive, bench, corpus, fetch, info, inspect, journey, manual, many, output, predictions,
    print, record, report, simulate, source, verify, why,
};

/// Reruns recordings of Bitfort sessions bit for bit.
///
/// A recording holds everything that happened to a room's world and the hash of the world after every step. `verify`
/// runs it again and compares; where it differs, it names the first step, the field and both values.
#[derive(Debug, Parser)]
#[command(name = "replay", version, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done; what was checked holds
  1  the rerun diverges from the recording, a simulated session does not hold, or a step has become too slow
  2  the command line makes no sense, or what it names is not there
  3  the bytes are no recording, there is no kernel for it, or it holds nothing to compare
  4  what is intact holds, but something is lost to damage; a recording that was not ended, as after a crash, is 0

With --json, the last line of the output is one JSON object, whatever the exit code; ok is true only with 0.

A file is written beside the one that it replaces and takes its place when it is whole. Characters of a file or of a server
that a terminal would act on are spelled out, such as \u{1b}.

Examples:
  replay record --players 8 --seconds 600 --seed 7 --out a.rec
  replay verify a.rec
  replay verify recordings/
  replay inspect a.rec --step 1200 --field players[3]
  replay why a.rec --player 3 --at 3:04
  replay journey a.rec --player 3 --seq 1364
  replay divergence recordings/
  replay divergence a.rec --html a.html
  replay bench a.rec --svg a.svg
  replay record --live ws://127.0.0.1:8787/api/rooms/den/ws --bots 8 --seconds 60 --out den.rec";

#[derive(Debug, Subcommand)]
enum Command {
    /// Say where a recording comes from and what it holds, without rerunning it.
    Info {
        /// The recording.
        file: PathBuf,
        /// Answer with one line of JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Rerun a recording and compare every hash in it.
    ///
    /// It is rerun by the rules that it was recorded with: those of this build where they are the same, or an archived kernel.
    ///
    /// Where the rerun differs, the first such step is reported with the field, its recorded and its rerun value, and,
    /// if a single change explains it, which entry of the step's frame was altered. A damaged recording is rerun as far
    /// as it is intact, and what is lost is said.
    Verify {
        /// Recordings, and folders whose recordings are taken.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// End with one line of JSON: ok, steps, hashesCompared, digest, realTimeMultiple, divergence,
        /// lost. Of several recordings, one line each with its file, and one with ok, recordings, held and steps.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Show the world after a step, what happened in it, and what followed.
    Inspect {
        /// The recording.
        file: PathBuf,
        /// After which step.
        #[arg(long)]
        step: u64,
        /// Only fields that begin with this.
        #[arg(
            long,
            value_name = "PREFIX",
            default_value = "",
            help = "Only fields that begin with this, such as players[3] or structures[12].hp"
        )]
        field: String,
        /// Answer with one line of JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Say what happened to a player and why: corrections, steps without input, lost inputs, refused actions, hits and missed shots.
    ///
    /// Corrections are rebuilt from the snapshots that the client acknowledged and the inputs that the room consumed.
    Why(WhyArgs),
    /// Follow one input from the client's prediction over its message and the room's buffer to the screens of the others.
    Journey(JourneyArgs),
    /// Tell of every player of recordings how often its client was corrected and why, and how its line and the room were.
    ///
    /// A table with a row for each player; with --html a page with a timeline that needs no network. A recording is held against
    /// its rerun first, and ends with 1 if it diverges.
    Divergence(DivergenceArgs),
    /// Hold what a client predicted against a rerun, input by input.
    ///
    /// Ends with 1 if one prediction is not what came out.
    Predictions {
        /// The recording.
        file: PathBuf,
        /// What the client wrote down: in the browser's console, JSON.stringify of the game's predictions().
        predictions: PathBuf,
        /// Whose predictions they are.
        #[arg(long)]
        player: u16,
        /// Answer with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Measure what the steps of recordings cost: p50, p90, p99, maximum, and the most expensive steps with what there was in them.
    ///
    /// A step is what a room does for it, hash included. Of each step the cheapest of several reruns counts. With
    /// --against it ends with 1 if a cost has grown too much; costs are compared as multiples of a yardstick that each run
    /// measures itself, so that the file may be from another machine.
    Bench(BenchArgs),
    /// List the archived kernels, or say what a module is.
    ///
    /// A kernel is one version of the rules as a wasm module; a recording names the one that it needs, as `info` says.
    Kernels(KernelsArgs),
    /// Make a recording: bots on virtual links and in virtual time, or live bots in a real room.
    Record(RecordArgs),
    /// Play sessions with every fault there is, and check what must hold in each.
    ///
    /// Every session follows from its seed: room, clients, links, disk, crashes and hostile players. The first that does
    /// not hold is told with its seed and the command that plays it again, made smaller, and kept with --out.
    Simulate(SimulateArgs),
    /// Turn recordings and script files into inputs for the fuzz targets.
    Corpus {
        /// Recordings, and scripts whose names end in .json.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Where the inputs are written, into one folder a target.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// End with one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print what a shell needs to complete commands and options, for its own folder of completions.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write pages for `man` into a folder.
    Man {
        /// The folder.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Fetch the recording of a room over HTTP.
    ///
    /// A room that still runs has not ended its recording; the copy is ended here, so that it verifies as a whole.
    Fetch {
        /// Where it is, such as http://127.0.0.1:8787/api/rooms/den/recordings/current.
        url: String,
        /// The file to write.
        #[arg(long)]
        out: PathBuf,
        /// Answer with one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Does what the command line asks for, and says how the process ends. The first of `args` is the name of the tool.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return refuse(&error, &args),
        Err(help) => return show(&help),
    };
    let (json, done) = match cli.command {
        Command::Info { file, json, rules } => (json, show_info(&file, &rules, json)),
        Command::Verify { files, json, rules } => (json, show_verdicts(&files, &rules, json)),
        Command::Inspect {
            file,
            step,
            field,
            json,
            rules,
        } => (json, show_step(&file, Step(step), &field, &rules, json)),
        Command::Predictions {
            file,
            predictions,
            player,
            json,
        } => {
            let player = PlayerId(player);
            (json, show_predictions(&file, &predictions, player, json))
        }
        Command::Why(args) => (args.json, why::run(&args)),
        Command::Journey(args) => (args.json, journey::run(&args)),
        Command::Divergence(args) => (args.json, report::run(&args)),
        Command::Kernels(args) => (args.json, archive::run(&args)),
        Command::Bench(args) => (args.json, bench::run(&args)),
        Command::Record(args) => (args.json, record::run(&args)),
        Command::Simulate(args) => (args.json, simulate::run(&args)),
        Command::Corpus { files, out, json } => (json, corpus::run(&files, &out, json)),
        Command::Completions { shell } => (false, Ok(manual::completions(shell, Cli::command()))),
        Command::Man { out } => (false, manual::pages(&out, Cli::command())),
        Command::Fetch { url, out, json } => (json, fetch::run(&url, &out, json)),
    };
    done.unwrap_or_else(|failure| fail(&failure, json))
}

fn fail(failure: &Failure, json: bool) -> Exit {
    complain!("replay: {failure}");
    if json {
        output::failure(failure);
    }
    failure.exit()
}

/// Ends a command line that is none. Whether an answer in JSON was asked for is not parsed either, so it is looked for.
fn refuse(error: &clap::Error, args: &[OsString]) -> Exit {
    let text = error.render().to_string();
    let text = text.trim_end();
    for line in text.lines() {
        complain!("{line}");
    }
    let mut options = args.iter().take_while(|arg| *arg != "--");
    if options.any(|arg| arg == "--json") {
        let text = text.strip_prefix("error: ").unwrap_or(text);
        output::failure(&Failure::Usage(text.to_owned()));
    }
    Exit::Usage
}

/// Help, and the version: text of our own, in colours if somebody looks at it.
fn show(help: &clap::Error) -> Exit {
    match help.print() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => print::unwritable(&error),
        Ok(()) | Err(_) => Exit::Holds,
    }
}

fn show_info(file: &Path, rules: &RulesArgs, json: bool) -> Result<Exit, Failure> {
    let rules = rules.read()?;
    let Source { bytes, unread } = source::recording(file)?;
    let mut info = info::info(&bytes, &rules)?;
    info.bytes = info.bytes.saturating_add(unread);
    Loss::add_unread(&mut info.lost, unread);
    output::info(&info, json);
    Ok(info.exit())
}

fn show_verdicts(files: &[PathBuf], rules: &RulesArgs, json: bool) -> Result<Exit, Failure> {
    match files {
        [file] if !file.is_dir() => show_verdict(file, rules, json),
        _ => {
            let rules = rules.read()?;
            let files = many::recordings(files)?;
            let verdicts = many::each(&files, |file| {
                let Source { bytes, unread } = source::recording(file)?;
                let verdict = verify::verify(&bytes, &rules, &mut |_| {});
                let named = |failure: Failure| failure.about(&file.display().to_string());
                let mut verdict = verdict.map_err(named)?;
                Loss::add_unread(&mut verdict.lost, unread);
                Ok(verdict)
            });
            Ok(output::verdicts(&files, &verdicts, json))
        }
    }
}

fn show_verdict(file: &Path, rules: &RulesArgs, json: bool) -> Result<Exit, Failure> {
    let rules = rules.read()?;
    let Source { bytes, unread } = source::recording(file)?;
    let mut progress = Progress::of(&bytes);
    let started = Instant::now();
    let mut verdict = verify::verify(&bytes, &rules, &mut |step| progress.reached(step))?;
    let took = started.elapsed();
    progress.clear();
    Loss::add_unread(&mut verdict.lost, unread);
    output::verdict(&verdict, took, json);
    Ok(verdict.exit())
}

fn show_predictions(
    file: &Path,
    list: &Path,
    player: PlayerId,
    json: bool,
) -> Result<Exit, Failure> {
    let Source { bytes, unread } = source::recording(file)?;
    let text = source::file(list, source::TEXT_BYTES_MAX)?;
    let text = String::from_utf8_lossy(&text);
    let mut compared = predictions::compare(&bytes, player, &predictions::read(&text)?)?;
    Loss::add_unread(&mut compared.lost, unread);
    output::predictions(&compared, json);
    Ok(compared.exit())
}

fn show_step(
    file: &Path,
    step: Step,
    field: &str,
    rules: &RulesArgs,
    json: bool,
) -> Result<Exit, Failure> {
    let rules = rules.read()?;
    let Source { bytes, .. } = source::recording(file)?;
    let inspection = inspect::inspect(&bytes, step, field, &rules)?;
    output::inspection(&inspection, json);
    Ok(Exit::Holds)
}

/// How far a long rerun is, for people who watch it.
struct Progress {
    last: Option<Step>,
    shown: bool,
}

impl Progress {
    fn of(bytes: &[u8]) -> Self {
        let watched = std::io::stderr().is_terminal();
        let last = || Recording::open_with(Unread, bytes).ok()?.last_step();
        Self {
            last: watched.then(last).flatten(),
            shown: false,
        }
    }

    fn reached(&mut self, step: Step) {
        if let Some(last) = self.last {
            print::status(&format!("\rstep {step} of {last}"));
            self.shown = true;
        }
    }

    fn clear(&mut self) {
        if self.shown {
            print::status("\r\x1b[K");
        }
    }
}
