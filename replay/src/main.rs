//! `replay`: reruns recordings of sessions, makes them and fetches them. See `replay --help`.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    ExitCode::from(replay::run(replay::Cli::parse()).code())
}
