//! `cargo xtask sample`: how good a pure crate's own tests are, measured with a sample of small changes to its code.
//!
//! * cargo-mutants says which changes there are and makes them, in a copy of the repository that is kept, so that builds
//!   are incremental; the repository itself is never touched.
//! * Each change is tried on the tests of its own crate alone.
//! * The same seed draws the same sample, whatever the order of the list and wherever the lines have moved.

mod draw;
mod outcomes;

use std::process::Command;

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::mutants::copy::Copy;
use crate::run::{root, run_for_output, target_dir};
use crate::tools::{CARGO_MUTANTS, ensure_cargo_tool};
use draw::{Mutant, draw};
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
/// Changes that may go unnoticed: some change nothing that anybody could observe.
const MISSED_MAX: usize = 2;

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
    let crates: Vec<&str> = CRATES
        .iter()
        .copied()
        .filter(|name| args.crates.is_empty() || args.crates.iter().any(|only| only == name))
        .collect();
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

    let mut list = tool();
    list.args(["--list", "--json"]);
    for name in &crates {
        list.args(["--package", name]);
    }
    let (json, succeeded) = run_for_output(&mut list, false)?;
    ensure!(succeeded, "cargo-mutants cannot list the mutants");
    let all: Vec<Mutant> = serde_json::from_str(&json).context("the list of cargo-mutants")?;
    let drawn = draw(&all, args.seed, args.count);
    println!(
        "{} of {} mutants, seed {}",
        drawn.len(),
        all.len(),
        args.seed
    );
    if args.list {
        for mutant in &drawn {
            println!("{}", mutant.name);
        }
        return Ok(());
    }

    let mut outcomes: Vec<Outcome> = Vec::new();
    for name in crates {
        let own: Vec<&Mutant> = drawn
            .iter()
            .copied()
            .filter(|mutant| mutant.package == name)
            .collect();
        if own.is_empty() {
            continue;
        }
        // One that was interrupted left its change behind.
        copy.refresh(&[])?;
        let results = folder.join("results").join(name);
        std::fs::create_dir_all(&results)?;
        let written = results.join("mutants.out/outcomes.json");
        if written.exists() {
            std::fs::remove_file(&written)?;
        }
        let mut try_all = tool();
        try_all
            .args(["--in-place", "--no-shuffle", "--cargo-arg=--locked"])
            .args(["--package", name, "--output"])
            .arg(&results);
        for mutant in &own {
            try_all.args(["--re", &draw::exactly(&mutant.name)]);
        }
        // It fails when one is missed; what it wrote says more.
        run_for_output(&mut try_all, true)?;
        let json = std::fs::read_to_string(&written)
            .with_context(|| format!("cargo-mutants did not come to the mutants of {name}"))?;
        let of_crate = outcomes::read(&json)?;
        ensure!(
            of_crate.len() == own.len(),
            "of {} mutants of {name} {} were tried; its tests must pass without a mutant",
            own.len(),
            of_crate.len()
        );
        outcomes.extend(of_crate);
    }
    copy.refresh(&[])?;
    println!("\n{}", outcomes::table(&outcomes));
    let missed = outcomes
        .iter()
        .filter(|outcome| outcome.verdict == Verdict::Missed)
        .count();
    ensure!(
        missed <= MISSED_MAX,
        "{missed} are missed, and {MISSED_MAX} may be"
    );
    Ok(())
}
