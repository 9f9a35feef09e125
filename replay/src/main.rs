//! `replay`: reruns recordings of sessions, makes them and fetches them. See `replay --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(replay::run(std::env::args_os()).code())
}
