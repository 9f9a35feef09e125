//! Plays Clerk to a real worker and comes to its door with every kind of token. `cargo xtask test` starts both.
//!
//! * It ends with an error at the first thing that is not as it must be.

mod knock;
mod visits;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::visits::Visits;

/// Plays Clerk to a worker, and visits it.
#[derive(Debug, Parser)]
struct Args {
    /// Port of loopback where the worker serves.
    #[arg(long)]
    server: u16,
    #[command(flatten)]
    clerk: Option<ClerkArgs>,
}

/// Without these, nobody may get in: the worker's settings contradict each other.
#[derive(Debug, clap::Args)]
struct ClerkArgs {
    /// Port of loopback where the worker looks for Clerk. Nobody may listen there yet.
    #[arg(long, required = false, requires_all = ["secret", "log"])]
    clerk: u16,
    /// The secret that the worker has.
    #[arg(long, required = false, requires_all = ["clerk", "log"])]
    secret: String,
    /// What the worker logs: no token may come to stand in it.
    #[arg(long, required = false, requires_all = ["clerk", "secret"])]
    log: PathBuf,
}

fn main() -> ExitCode {
    let Args { server, clerk } = Args::parse();
    let mut visits = Visits::new(server);
    let visited = match clerk {
        Some(ClerkArgs { clerk, secret, log }) => visits.all(clerk, &secret, &log),
        None => visits.misconfigured(),
    };
    match visited {
        Ok(()) => {
            println!(
                "{} visits, each with the answer that it must get",
                visits.count()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
