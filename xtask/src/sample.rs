//! `cargo xtask sample`: how good a pure crate's own tests are, measured with a sample of small changes to its code.
//!
//! * cargo-mutants says which changes there are and makes them, in a copy of the repository that is kept, so that builds
//!   are incremental; the repository itself is never touched.
//! * Each change is tried on the tests of its own crate alone.
//! * The same seed draws the same sample, whatever the order of the list and wherever the lines have moved.

mod draw;
mod equivalent;
mod outcomes;

use std::process::Command;

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::mutants::copy::Copy;
use crate::run::{root, run_for_output, target_dir};
use crate::tools::{CARGO_MUTANTS, ensure_cargo_tool};
use draw::{Listed, Mutant, draw};
use outcomes::{Outcome, Verdict};

/// The pure crates, whose tests are to notice a change.
const CRATES: &[&str] = &[
    "sim-core",
    "protocol",
    "input-log",
    "authority",
    "netcode",
    "identity",
];
/// Changes that may go unnoticed, those not counted that change nothing.
const MISSED_MAX: usize = 2;
/// How long the tests of a crate may take with a change, after they were built.
const TIMEOUT_SECONDS: &str = "120";

/// What `cargo xtask sample` is asked for.
#[derive(Args, Debug)]
pub(crate) struct SampleArgs {
    /// Which sample is drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many changes are tried.
    #[arg(long, default_value_t = 60)]
    count: usize,
    /// Only of this crate; may be given again.
    #[arg(long = "crate", value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(CRATES))]
    crates: Vec<String>,
    /// Only say which are drawn.
    #[arg(long)]
    list: bool,
}

/// Runs the command.
pub(crate) fn sample(args: &SampleArgs) -> anyhow::Result<()> {
    let bin = ensure_cargo_tool(&CARGO_MUTANTS)?;
    let folder = target_dir().join("sample");
    let copy = Copy::of(&root(), &folder)?;
    let crates = CRATES
        .iter()
        .copied()
        .filter(|name| args.crates.is_empty() || args.crates.iter().any(|only| only == name));
    let tool = || {
        let mut command = Command::new(&bin);
        command
            .args(["mutants", "--no-config", "--colors=never", "--dir"])
            .arg(copy.tree())
            .current_dir(copy.tree())
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        command
    };

    let mut all: Vec<Listed> = Vec::new();
    for name in crates {
        let mut list = tool();
        list.args(["--list", "--json", "--package", name]);
        let (json, succeeded) = run_for_output(&mut list, false)?;
        ensure!(succeeded, "cargo-mutants cannot list the mutants of {name}");
        let of_crate: Vec<Mutant> =
            serde_json::from_str(&json).context("the list of cargo-mutants")?;
        let count = of_crate.len();
        let numbered = of_crate.into_iter().enumerate();
        all.extend(numbered.map(|(index, mutant)| Listed {
            mutant,
            shard: format!("{index}/{count}"),
        }));
    }
    let mut drawn = draw(&all, args.seed, args.count);
    println!(
        "{} of {} mutants, seed {}",
        drawn.len(),
        all.len(),
        args.seed
    );
    if args.list {
        for one in &drawn {
            println!("{}", one.mutant.name);
        }
        return Ok(());
    }

    // Those of one crate one after the other: the tests of the others stay built.
    drawn.sort_by_key(|one| &one.mutant.package);
    let results = folder.join("results");
    std::fs::create_dir_all(&results)?;
    let written = results.join("mutants.out/outcomes.json");
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut before = "";
    for one in drawn {
        if written.exists() {
            std::fs::remove_file(&written)?;
        }
        let Mutant { name, package, .. } = &one.mutant;
        // Its filter by name lets others through, so the mutant is chosen by its place in the list.
        let mut try_one = tool();
        try_one
            .args(["--in-place", "--no-shuffle", "--cargo-arg=--locked"])
            .args(["--package", package, "--sharding", "slice"])
            .args(["--shard", &one.shard])
            .arg("--output")
            .arg(&results);
        if before == package {
            try_one.args(["--baseline", "skip", "--timeout", TIMEOUT_SECONDS]);
        } else {
            // One that was interrupted left its change behind.
            copy.refresh(&[])?;
        }
        before = package;
        // It fails when one is missed; what it wrote says more.
        run_for_output(&mut try_one, true)?;
        let json = std::fs::read_to_string(&written)
            .with_context(|| format!("cargo-mutants did not come to {name}"))?;
        let of_one = outcomes::read(&json)?;
        ensure!(
            matches!(&of_one[..], [tried] if tried.mutant == one.mutant),
            "{name} was not tried; the tests of {package} must pass without a mutant"
        );
        outcomes.extend(of_one);
    }
    copy.refresh(&[])?;
    println!("\n{}", outcomes::table(&outcomes));
    let mut missed = 0;
    for one in outcomes.iter().filter(|one| one.verdict == Verdict::Missed) {
        let text = std::fs::read_to_string(copy.tree().join(&one.mutant.file))?;
        match equivalent::reason(&one.mutant, &text)? {
            Some(why) => println!("changes nothing: {}: {why}", one.mutant.name),
            None => missed += 1,
        }
    }
    ensure!(
        missed <= MISSED_MAX,
        "{missed} are missed, and {MISSED_MAX} may be"
    );
    Ok(())
}
