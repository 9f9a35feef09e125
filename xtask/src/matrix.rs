//! `cargo xtask matrix`: recordings and sessions on every target that this machine can run, and what they come to compared.
//!
//! * The rows are the golden and the kept recordings, rerun, and one session on each line, recorded. The first column is what all
//!   others are held against.
//! * A target whose tools are missing is said not to have been run. That is no failure; a cell that differs is one.

mod compare;
mod target;

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::run::{root, say};
use compare::{Column, Row, difference, table};
use target::{Target, all};

/// The seed of the sessions that are recorded.
const SEED: &str = "7";

/// The lines of the harness.
const LINES: [&str; 7] = [
    "clean", "distant", "jitter", "lossy", "stalls", "breaks", "awful",
];

#[derive(Debug, Args)]
pub(crate) struct MatrixArgs {
    /// Fail also if a target was not run.
    #[arg(long)]
    strict: bool,
}

pub(crate) fn matrix(args: &MatrixArgs) -> anyhow::Result<()> {
    let recordings = recordings()?;
    let mut columns: Vec<(Target, Column)> = Vec::new();
    let mut missing = Vec::new();
    for target in all() {
        match target.ready() {
            Ok(()) => {}
            Err(why) => {
                say(&format!("{}: not run: {why:#}", target.name));
                missing.push(target.name);
                continue;
            }
        }
        let column = target.column(&recordings, SEED, &LINES);
        let column = column.with_context(|| target.name.to_owned())?;
        columns.push((target, column));
    }
    let rows: Vec<String> = recordings
        .iter()
        .map(|path| {
            path.file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        })
        .chain(LINES.iter().map(|line| format!("recorded, {line}")))
        .collect();
    let all: Vec<&Column> = columns.iter().map(|(_, column)| column).collect();
    println!("{}", table(&rows, &all).trim_end());
    for name in &missing {
        println!("{name}: not run");
    }
    let mut wrong = Vec::new();
    let (reference, others) = columns.split_first().context("no target could be run")?;
    for (target, column) in others {
        for found in difference(&reference.1, column) {
            let Row(at) = found;
            let mut line = format!("{}: {} differs", target.name, rows[at]);
            if let Some(recording) = recordings.get(at)
                && let Some(more) =
                    target::explain(&reference.0, target, recording, &column.cells[at])
            {
                line += &format!(": {more}");
            }
            wrong.push(line);
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(
        !args.strict || missing.is_empty(),
        "not run: {}",
        missing.join(", ")
    );
    println!("{} rows are equal on {} targets", rows.len(), columns.len());
    Ok(())
}

/// Golden and kept recordings.
fn recordings() -> anyhow::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for folder in ["recordings", "recordings/kept"] {
        let folder = root().join(folder);
        let listed = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for file in listed {
            let path = file?.path();
            if path.extension().is_some_and(|ending| ending == "rec") {
                all.push(path);
            }
        }
    }
    all.sort();
    Ok(all)
}
