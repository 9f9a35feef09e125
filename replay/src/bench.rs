//! What the steps of a recording cost: a rerun whose kernel looks at the clock.
//!
//! * A step is what a room does for it: `World::step`, and the hash that its recording keeps. Reading the recording does not
//!   count.
//! * Each recording is rerun several times, and of each step the cheapest rerun counts: whatever else the machine does only
//!   makes one dearer.
//! * Machines differ, so that what is saved and compared are multiples of a yardstick, which the same run measures.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use input_log::{Recording, Rerun, Verified};
use kernel::Translate;

use crate::exit::{Exit, Failure};
use crate::loss::Loss;
use crate::many;
use crate::print;
use crate::rerun::{Job, with_kernel};
use crate::rules_args::RulesArgs;
use crate::save::Target;
use crate::source::{self, Source};

mod baseline;
mod cost;
mod picture;
mod stopwatch;
mod tell;

use baseline::{Baseline, Comparison};
use cost::{Costs, Things};

pub(crate) use cost::Percentiles;
pub(crate) use stopwatch::Stopwatch;

/// `replay bench`.
#[derive(Args, Clone, Debug)]
pub(crate) struct BenchArgs {
    /// Recordings, and folders whose recordings are taken. They are measured one after the other, so that none disturbs another.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How often each is rerun.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    reruns: u32,
    /// How many of the most expensive steps are named.
    #[arg(long, default_value_t = 5, value_name = "STEPS")]
    worst: usize,
    /// Write what it cost to this file, for --against.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Compare with what --save wrote, and end with 1 if p50 or p99 of a recording has grown too much.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// By how much a cost may have grown, in percent.
    #[arg(
        long,
        default_value_t = 25,
        value_name = "PERCENT",
        requires = "against"
    )]
    slower_max: u32,
    /// Draw the cost of every step of the one recording into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Answer with a table in Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    #[command(flatten)]
    rules: RulesArgs,
    /// End with one line of JSON: ok, clockNs, yardstickNs, files.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What one recording cost.
#[derive(Debug)]
struct Benched {
    /// The recording's name, without its folder.
    name: String,
    costs: Costs,
    comparison: Option<Comparison>,
    /// What the recording no longer holds.
    lost: Option<Loss>,
}

/// Does what the arguments ask for.
///
/// # Errors
/// If a file cannot be read or written, or a recording does not rerun to what it holds.
pub(crate) fn run(args: &BenchArgs) -> Result<Exit, Failure> {
    let files = many::recordings(&args.files)?;
    if args.svg.is_some() && files.len() != 1 {
        return Err(Failure::Usage(
            "--svg draws one recording; name one, or leave it out".to_owned(),
        ));
    }
    // Whatever cannot be written is said before the work.
    let save = args.save.as_deref().map(Target::at).transpose()?;
    let svg = args.svg.as_deref().map(Target::at).transpose()?;
    let against = args.against.as_deref().map(Baseline::read).transpose()?;
    let rules = args.rules.read()?;
    let mut all = Vec::new();
    let mut yardstick = u64::MAX;
    for (nth, file) in files.iter().enumerate() {
        if files.len() > 1 && std::io::stderr().is_terminal() {
            print::status(&format!("\r{nth} of {} recordings", files.len()));
        }
        let name = file.file_name().unwrap_or(file.as_os_str());
        let name = name.to_string_lossy().into_owned();
        let Source { bytes, unread } = source::recording(file)?;
        let measure = Measure {
            bytes: &bytes,
            reruns: args.reruns,
            yardstick: &mut yardstick,
        };
        let measured = with_kernel(&bytes, &rules, measure);
        let (costs, mut lost) = measured.map_err(|failure| failure.about(&name))?;
        Loss::add_unread(&mut lost, unread);
        all.push(Benched {
            name,
            costs,
            comparison: None,
            lost,
        });
    }
    if files.len() > 1 && std::io::stderr().is_terminal() {
        print::status("\r\x1b[K");
    }
    if let Some(against) = &against {
        let mut compared = 0;
        for one in &mut all {
            one.comparison = against.compare(one, yardstick, args.slower_max);
            compared += usize::from(one.comparison.is_some());
        }
        if compared == 0 {
            return Err(Failure::Usage(
                "none of these recordings is in the file of --against, with as many steps. Write one for them with --save"
                    .to_owned(),
            ));
        }
    }
    if let (Some(svg), [one]) = (svg, &all[..]) {
        svg.write(picture::svg(one).as_bytes())?;
    }
    if let Some(save) = save {
        save.write(Baseline::of(&all, yardstick).text().as_bytes())?;
    }
    let holds = all
        .iter()
        .all(|one| one.comparison.is_none_or(|compared| compared.holds));
    let intact = all.iter().map(|one| Exit::of_intact(one.lost.as_ref()));
    let damaged = intact.into_iter().find(|exit| *exit != Exit::Holds);
    let exit = if holds {
        damaged.unwrap_or(Exit::Holds)
    } else {
        Exit::Diverges
    };
    tell::answer(&all, yardstick, exit == Exit::Holds, args);
    Ok(exit)
}

/// Reruns a recording so often, and takes the times of its steps. The yardstick is measured beside each rerun, because a machine
/// is not as fast at every moment; as of a step, the quickest counts.
struct Measure<'a> {
    bytes: &'a [u8],
    reruns: u32,
    yardstick: &'a mut u64,
}

impl Job for Measure<'_> {
    type Answer = (Costs, Option<Loss>);

    fn run<K: Translate>(self, kernel: K) -> Result<Self::Answer, Failure> {
        let mut costs = Costs::default();
        let stopwatch = Stopwatch::of(kernel.clone());
        let recording = Recording::open_with(stopwatch.clone(), self.bytes);
        let recording = recording.map_err(|error| Failure::no_recording(&error))?;
        for nth in 0..self.reruns {
            *self.yardstick = stopwatch::yardstick_ns().min(*self.yardstick);
            let mut rerun = Rerun::of(&recording);
            let mut things = Vec::new();
            while let Some(verified) = rerun.next() {
                let verified = verified.map_err(|diverged| {
                    Failure::Diverges(format!("{diverged}. `replay verify` says more"))
                })?;
                let Verified::Step { step, frame, .. } = verified else {
                    continue;
                };
                if nth == 0 {
                    let frame = Things::in_frame(step, &kernel.frame(frame));
                    let seen = |world| frame.in_moment(&kernel.moment(world));
                    things.push(rerun.world().map_or(frame, seen));
                }
            }
            costs.take(things, stopwatch.take());
        }
        if costs.is_empty() {
            return Err(Failure::Unreadable(
                "no step is in the recording, so that nothing can be measured".to_owned(),
            ));
        }
        Ok((costs, Loss::of(&recording, self.bytes.len())))
    }
}
