//! Recordings and scripts as inputs for the fuzzer, so that it begins where people have been.

use std::path::{Path, PathBuf};

use fuzz_checks::seeds::{self, Seed};
use harness::Script;

use crate::exit::Failure;

/// Makes the inputs of these files, and those of messages and sessions that no recording holds. A file whose name ends in `.json` is a
/// script, any other a recording.
///
/// # Errors
/// If a file cannot be read, or is neither.
pub(crate) fn seeds(files: &[PathBuf]) -> Result<Vec<Seed>, Failure> {
    let mut all = seeds::of_messages();
    all.extend(seeds::of_random_scripts());
    for file in files {
        let unreadable = |why: String| Failure::Unreadable(format!("{}: {why}", file.display()));
        let bytes = std::fs::read(file).map_err(|error| {
            Failure::Usage(format!("{} cannot be read: {error}", file.display()))
        })?;
        let name = name(file);
        if file
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let text = String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?;
            let script = Script::from_json(&text).map_err(|error| unreadable(error.to_string()))?;
            all.push(seeds::of_script(&name, &script));
        } else {
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
pub(crate) fn write(seeds: &[Seed], out: &Path) -> Result<usize, Failure> {
    let failed = |path: &Path, error| {
        Failure::Usage(format!("{} cannot be written: {error}", path.display()))
    };
    for seed in seeds {
        let folder = out.join(seed.target);
        std::fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
        let path = folder.join(&seed.name);
        std::fs::write(&path, &seed.bytes).map_err(|error| failed(&path, error))?;
    }
    Ok(seeds.len())
}

fn name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}
