//! `wasm-bindgen`: makes the script that loads a module, and the module without what only the script needs.
//!
//! * The work is done by `wasm-bindgen-cli-support`, at the version of the `wasm-bindgen` that is linked. The published command
//!   brings a test server and an HTTP client with it, and no lock file that resolves: compiled from source it is ten times as
//!   much, and not pinned.
//! * The options have the published command's names and meanings. `worker-build` calls it, too.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use wasm_bindgen_cli_support::Bindgen;

/// What loads the module.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Target {
    /// A page, without a bundler.
    Web,
    /// A bundler that leaves the module's loading to the platform.
    Module,
}

/// Makes the script that loads a module of WebAssembly.
#[derive(Debug, Parser)]
#[command(name = "wasm-bindgen", version)]
struct Args {
    /// The module as the compiler made it.
    input: PathBuf,
    /// What loads the module.
    #[arg(long, value_enum)]
    target: Target,
    /// Where the script and the module go.
    #[arg(long, value_name = "DIR")]
    out_dir: PathBuf,
    /// What they are called, without an extension.
    #[arg(long, value_name = "NAME")]
    out_name: String,
    /// Write no `.d.ts` file.
    #[arg(long, conflicts_with = "typescript")]
    no_typescript: bool,
    /// Write a `.d.ts` file, as without this option.
    #[arg(long)]
    typescript: bool,
    /// Remove the section of names.
    #[arg(long)]
    remove_name_section: bool,
    /// Make a function that begins the module anew.
    #[arg(long = "experimental-reset-state-function")]
    reset_state_function: bool,
    /// Notice an abort although panics do not unwind.
    #[arg(long)]
    force_enable_abort_handler: bool,
}

impl Args {
    fn generate(&self) -> anyhow::Result<()> {
        let mut bindgen = Bindgen::new();
        match self.target {
            Target::Web => bindgen.web(true)?,
            Target::Module => bindgen.module(true)?,
        };
        bindgen
            .input_path(&self.input)
            .out_name(&self.out_name)
            .typescript(!self.no_typescript)
            .remove_name_section(self.remove_name_section)
            .reset_state_function(self.reset_state_function)
            .force_enable_abort_handler(self.force_enable_abort_handler)
            .generate(&self.out_dir)
    }
}

fn main() -> ExitCode {
    match Args::parse().generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
