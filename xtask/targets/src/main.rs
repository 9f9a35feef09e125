//! `targets digest FILE...`, `targets recorded SEED LINE...` and `targets phases FILE STEP`: a line each, to be compared.

use std::process::ExitCode;

use sim_core::Step;
use targets::{digest, phases, recorded};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["digest", files @ ..] if !files.is_empty() => {
            for file in files {
                let bytes = std::fs::read(file).map_err(|error| error.to_string());
                tell(bytes.and_then(|bytes| digest(&bytes)));
            }
        }
        ["recorded", seed, profiles @ ..] if !profiles.is_empty() => {
            let Ok(seed) = seed.parse() else {
                return usage();
            };
            for profile in profiles {
                tell(recorded(seed, profile));
            }
        }
        ["phases", file, step] => {
            let Ok(step) = step.parse().map(Step) else {
                return usage();
            };
            let bytes = std::fs::read(file).map_err(|error| error.to_string());
            match bytes.and_then(|bytes| phases(&bytes, step)) {
                Ok(lines) => lines.iter().for_each(|line| println!("{line}")),
                Err(why) => println!("{why}"),
            }
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn tell(result: Result<u64, String>) {
    match result {
        Ok(hash) => println!("{hash:016x}"),
        Err(why) => println!("{why}"),
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: targets digest FILE... | recorded SEED LINE... | phases FILE STEP");
    ExitCode::from(2)
}
