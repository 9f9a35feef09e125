//! `cargo xtask mutants`: how good the simulated sessions are at finding bugs, measured with bugs that others had.
//!
//! * Each mutant is a small edit that brings one such bug into a copy of the repository; the repository itself is never
//!   touched.
//! * First the copy as it is must hold, or a mutant's violation would tell nothing.
//! * What no session finds is tried on the fuzzer's corpora, and said to be.
//! * What somebody forgets who adds a field or an action is for the tests of the crates that the mutant names.

pub(crate) mod copy;
mod hunt;
pub(crate) mod list;
mod table;

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use crate::run::{root, target_dir};
use copy::Copy;
use hunt::{Hunt, Verdict};
use list::Mutant;

/// How long a mutant may stay unfound.
const SECONDS_EACH: u64 = 600;

/// What `cargo xtask mutants` is asked for.
#[derive(Args, Debug)]
pub(crate) struct MutantsArgs {
    /// Only this one; may be given again.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// How long to look for each one, in seconds; 0 only builds it.
    #[arg(long, value_name = "SECONDS", default_value_t = SECONDS_EACH)]
    seconds_each: u64,
    /// How long the copy without a mutant must hold, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    control_seconds: u64,
    /// Seed of the first session.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only say which there are.
    #[arg(long)]
    list: bool,
}

/// Runs the command.
pub(crate) fn mutants(args: &MutantsArgs) -> anyhow::Result<()> {
    let all = list::read(&root())?;
    let chosen = choose(&all, &args.only)?;
    if args.list {
        for mutant in &chosen {
            println!("{}: {} ({})", mutant.name, mutant.bug, mutant.source);
        }
        println!("{} mutants", chosen.len());
        return Ok(());
    }
    let copy = Copy::of(&root(), &target_dir().join("mutants"))?;
    let hunt = Hunt {
        copy: &copy,
        seed: args.seed,
    };
    if args.control_seconds > 0 && args.seconds_each > 0 {
        println!("== no mutant");
        copy.build()?;
        let control = hunt.sessions(Duration::from_secs(args.control_seconds))?;
        if let Some(oracle) = &control.oracle {
            bail!(
                "without any mutant `{oracle}` is violated: {}",
                control.said
            );
        }
        println!("holds: {}", control.said);
    }
    let mut verdicts = Vec::new();
    for mutant in chosen {
        println!("== {}", mutant.name);
        let verdict = examine(&hunt, mutant, Duration::from_secs(args.seconds_each))
            .with_context(|| mutant.name.clone())?;
        println!("{verdict}");
        verdicts.push((mutant, verdict));
    }
    copy.refresh(&[])?;
    if args.seconds_each == 0 {
        println!("{} mutants are built", verdicts.len());
        return Ok(());
    }
    println!("\n{}", table::table(&verdicts));
    let left: Vec<_> = verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Missed { .. } | Verdict::MissedByTests))
        .map(|(mutant, _)| mutant.name.as_str())
        .collect();
    ensure!(left.is_empty(), "not found: {}", left.join(", "));
    Ok(())
}

fn choose<'m>(all: &'m [Mutant], only: &[String]) -> anyhow::Result<Vec<&'m Mutant>> {
    if let Some(unknown) = only
        .iter()
        .find(|name| all.iter().all(|mutant| mutant.name != **name))
    {
        bail!("there is no mutant `{unknown}`; --list says which there are");
    }
    Ok(all
        .iter()
        .filter(|mutant| only.is_empty() || only.contains(&mutant.name))
        .collect())
}

fn examine(hunt: &Hunt<'_>, mutant: &Mutant, longest: Duration) -> anyhow::Result<Verdict> {
    hunt.copy.refresh(&mutant.edits)?;
    if !mutant.tests.is_empty() && !longest.is_zero() {
        let found = hunt.tests(&mutant.tests)?;
        return Ok(
            found.map_or(Verdict::MissedByTests, |test| Verdict::FoundByTests {
                test,
            }),
        );
    }
    hunt.copy.build().context("the mutant does not compile")?;
    if longest.is_zero() {
        return Ok(Verdict::Built);
    }
    let sessions = hunt.sessions(longest)?;
    if sessions.oracle.is_some() {
        return Ok(Verdict::Found(sessions));
    }
    Ok(match hunt.corpora()? {
        Some(test) => Verdict::FoundInCorpora { sessions, test },
        None => Verdict::Missed { sessions },
    })
}
