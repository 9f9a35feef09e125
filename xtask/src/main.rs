//! The repository's own commands: `cargo xtask play`, `cargo xtask test` and their parts.

mod cases;
mod chromium;
mod client;
mod deny;
mod extending;
mod fuzz;
mod identity;
mod kernel;
mod live;
mod matrix;
mod module;
mod mutants;
mod play;
mod report;
mod run;
mod sample;
mod save;
mod scan;
mod shares;
mod test;
mod tidy;
mod tools;
mod wasm;
mod worker;

use std::process::ExitCode;

use clap::Parser;

/// Commands of the Bitfort repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Xtask {
    /// Builds everything and serves it on this machine, with its health route open, until it is interrupted.
    Play(play::PlayArgs),
    /// Runs every check; ends with a table and the counts.
    Test,
    /// Lists every test, scene and number of cases that the check runs, or compares them with a commit's.
    Cases(cases::CasesArgs),
    /// Checks crate edges, dead files, paths in documents, file sizes and the promises of the pure crates.
    Tidy,
    /// Runs the fuzz targets, takes what they learned into the committed corpora, and reports.
    Fuzz(fuzz::FuzzArgs),
    /// Brings bugs that others had into a copy of the repository, and says what finds them.
    Mutants(mutants::MutantsArgs),
    /// Compiles the example of the extension guide in a copy of the repository, and says how much is edited for it.
    Extending,
    /// Changes the pure crates in small ways, a sample of them, and says which changes their own tests miss.
    Sample(sample::SampleArgs),
    /// Plays one scene on a real workerd: `cargo xtask live help` lists them.
    Live(live::LiveArgs),
    /// What a full room costs on this machine, beside a Durable Object that does nothing.
    Load(live::LoadArgs),
    /// Builds the client's page into worker/public.
    Client(client::ClientArgs),
    /// Builds the worker as it is shipped.
    Worker(worker::WorkerArgs),
    /// Builds the worker and comes to it with every kind of session token.
    Identity,
    /// Builds the pure crates as wasm, looks for floats and compares hashes with native code.
    Wasm,
    /// Builds the rules of this checkout as a wasm module, keeps it in the archive, or builds an archived one again.
    Kernel(kernel::KernelArgs),
    /// Reruns recordings on every target that this machine can run, other processors emulated, and compares.
    Matrix(matrix::MatrixArgs),
    /// Checks licences, sources and advisories of all dependencies; installs cargo-deny when it is missing.
    Deny,
}

fn main() -> ExitCode {
    let result = match Xtask::parse() {
        Xtask::Play(args) => play::play(&args),
        Xtask::Test if test::test() => Ok(()),
        Xtask::Test => return ExitCode::FAILURE,
        Xtask::Cases(args) => cases::cases(&args),
        Xtask::Tidy => tidy::tidy().map(|note| println!("tidy: {note}")),
        Xtask::Fuzz(args) => fuzz::fuzz(&args),
        Xtask::Mutants(args) => mutants::mutants(&args),
        Xtask::Extending => extending::extending().map(|note| println!("{note}")),
        Xtask::Sample(args) => sample::sample(&args),
        Xtask::Live(args) => live::live(&args),
        Xtask::Load(args) => live::load(&args),
        Xtask::Client(args) => client::build(args.build()),
        Xtask::Worker(args) => worker::worker(&args),
        Xtask::Matrix(args) => matrix::matrix(&args),
        Xtask::Kernel(args) => kernel::kernel(&args),
        Xtask::Identity => worker::build()
            .and_then(|tools| identity::live(&tools))
            .map(|note| println!("identity: {note}")),
        Xtask::Wasm => wasm(),
        Xtask::Deny => deny::deny(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn wasm() -> anyhow::Result<()> {
    for step in [wasm::build, wasm::no_floats, wasm::same_hash] {
        println!("{}", step()?);
    }
    Ok(())
}
