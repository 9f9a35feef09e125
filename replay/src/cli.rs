//! The command line: what can be asked for, and how an answer ends the process.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Parser, Subcommand};
use input_log::Recording;
use sim_core::{PlayerId, Step};

use crate::exit::{Exit, Failure};
use crate::record::RecordArgs;
use crate::simulate::SimulateArgs;
use crate::verify::Options;
use crate::{corpus, fetch, info, inspect, output, predictions, record, simulate, verify};

/// Reruns recordings of Bitfort sessions bit for bit.
///
/// A recording holds everything that happened to a room's world and the hash of the world after every step. `verify`
/// runs it again and compares; where it differs, it names the first step, the field and both values.
#[derive(Debug, Parser)]
#[command(name = "replay", version, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done; what was checked holds
  1  the rerun diverges from the recording, or a simulated session does not hold
  2  the command line makes no sense, or what it names is not there
  3  the bytes are no recording that this build can rerun

With --json, the last line of the output is one JSON object.

Examples:
  replay record --players 8 --seconds 600 --seed 7 --out a.rec
  replay verify a.rec
  replay inspect a.rec --step 1200 --field players[3]
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
    },
    /// Rerun a recording and compare every hash in it.
    ///
    /// Where the rerun differs, the first such step is reported with the field, its recorded and its rerun value, and,
    /// if a single change explains it, which entry of the step's frame was altered. A damaged recording is rerun as far
    /// as it is intact, and what is lost is said.
    Verify {
        /// The recording.
        file: PathBuf,
        /// End with one line of JSON: ok, steps, hashesCompared, digest, realTimeMultiple, divergence,
        /// lost.
        #[arg(long)]
        json: bool,
        /// Rerun it even if it was recorded with other rules, to see where they part.
        #[arg(long)]
        force: bool,
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
        /// Rerun it even if it was recorded with other rules.
        #[arg(long)]
        force: bool,
    },
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

/// Does what the command line asks for, and says how the process ends.
#[must_use]
pub fn run(cli: Cli) -> Exit {
    let (json, done) = match cli.command {
        Command::Info { file, json } => (json, show_info(&file, json)),
        Command::Verify { file, json, force } => {
            (json, show_verdict(&file, json, Options { force }))
        }
        Command::Inspect {
            file,
            step,
            field,
            json,
            force,
        } => (json, show_step(&file, Step(step), &field, json, force)),
        Command::Predictions {
            file,
            predictions,
            player,
            json,
        } => {
            let player = PlayerId(player);
            (json, show_predictions(&file, &predictions, player, json))
        }
        Command::Record(args) => (args.json, record::run(&args)),
        Command::Simulate(args) => (args.json, simulate::run(&args)),
        Command::Corpus { files, out } => (false, make_corpus(&files, &out)),
        Command::Fetch { url, out, json } => (json, fetch::run(&url, &out, json)),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("replay: {failure}");
        if json {
            output::failure(&failure);
        }
        failure.exit()
    })
}

fn read(file: &PathBuf) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", file.display())))
}

fn make_corpus(files: &[PathBuf], out: &Path) -> Result<Exit, Failure> {
    let seeds = corpus::seeds(files)?;
    let written = corpus::write(&seeds, out)?;
    say!("{written} inputs in {}", out.display());
    Ok(Exit::Holds)
}

fn show_info(file: &PathBuf, json: bool) -> Result<Exit, Failure> {
    let bytes = read(file)?;
    let info = info::info(&bytes)?;
    output::info(&info, json);
    Ok(Exit::Holds)
}

fn show_verdict(file: &PathBuf, json: bool, options: Options) -> Result<Exit, Failure> {
    let bytes = read(file)?;
    let mut progress = Progress::of(&bytes);
    let started = Instant::now();
    let verdict = verify::verify(&bytes, options, &mut |step| progress.reached(step))?;
    let took = started.elapsed();
    progress.clear();
    output::verdict(&verdict, took, json);
    Ok(verdict.exit())
}

fn show_predictions(
    file: &PathBuf,
    list: &PathBuf,
    player: PlayerId,
    json: bool,
) -> Result<Exit, Failure> {
    let bytes = read(file)?;
    let text = String::from_utf8_lossy(&read(list)?).into_owned();
    let compared = predictions::compare(&bytes, player, &predictions::read(&text)?)?;
    output::predictions(&compared, json);
    Ok(compared.exit())
}

fn show_step(
    file: &PathBuf,
    step: Step,
    field: &str,
    json: bool,
    force: bool,
) -> Result<Exit, Failure> {
    let bytes = read(file)?;
    let inspection = inspect::inspect(&bytes, step, field, force)?;
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
        let last = || Recording::open(bytes).ok()?.last_step();
        Self {
            last: watched.then(last).flatten(),
            shown: false,
        }
    }

    fn reached(&mut self, step: Step) {
        if let Some(last) = self.last {
            eprint!("\rstep {step} of {last}");
            self.flush();
            self.shown = true;
        }
    }

    fn clear(&mut self) {
        if self.shown {
            eprint!("\r\x1b[K");
            self.flush();
        }
    }

    fn flush(&self) {
        // Progress that cannot be shown is no reason to stop.
        let _ = std::io::stderr().flush();
    }
}
