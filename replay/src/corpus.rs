//! Recordings and scripts as inputs for the fuzzer, so that it begins where people have been.

use std::path::{Path, PathBuf};

use fuzz_checks::seeds::{self, Seed};
use harness::Script;
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::output;
use crate::save::{self, Target};
use crate::source::{self, Source, TEXT_BYTES_MAX};

#[derive(Serialize)]
struct CorpusShape {
    ok: bool,
    inputs: usize,
}

pub(crate) fn run(files: &[PathBuf], out: &Path, json: bool) -> Result<Exit, Failure> {
    save::folder(out)?;
    let inputs = write(&seeds(files)?, out)?;
    say!("{inputs} inputs in {}", out.display());
    if json {
        output::json(&CorpusShape { ok: true, inputs });
    }
    Ok(Exit::Holds)
}

/// Makes the inputs of these files, and those of messages and sessions that no recording holds. A file whose name ends in `.json` is a
/// script, any other a recording.
///
/// # Errors
/// If a file cannot be read, or is neither.
fn seeds(files: &[PathBuf]) -> Result<Vec<Seed>, Failure> {
    let mut all = seeds::of_messages();
    all.extend(seeds::of_random_scripts());
    for file in files {
        let unreadable = |why: String| Failure::Unreadable(format!("{}: {why}", file.display()));
        let name = name(file);
        if file
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let bytes = source::file(file, TEXT_BYTES_MAX)?;
            let text = String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?;
            let script = Script::from_json(&text).map_err(|error| unreadable(error.to_string()))?;
            all.push(seeds::of_script(&name, &script));
        } else {
            let Source { bytes, .. } = source::recording(file)?;
            all.extend(
                seeds::of_recording(&name, &bytes)
                    .map_err(|error| unreadable(error.to_string()))?,
            );
        }
    }
    Ok(all)
}

/// Writes each into the folder of its target; how many.
///
/// # Errors
/// If a file cannot be written.
fn write(seeds: &[Seed], out: &Path) -> Result<usize, Failure> {
    for seed in seeds {
        let folder = out.join(seed.target);
        save::folder(&folder)?;
        Target::at(&folder.join(&seed.name))?.write(&seed.bytes)?;
    }
    Ok(seeds.len())
}

/// The name of its inputs, in characters that every shell and file system takes as they are.
fn name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    stem.chars()
        .map(|char| if plain(char) { char } else { '_' })
        .collect()
}
