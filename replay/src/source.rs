//! Files that are read. What is no recording is known by its first bytes, and nothing behind them is read; everything else
//! has a limit.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use input_log::Header;
use input_log::limits::HEADER_BYTES_MAX;

use crate::exit::Failure;

/// Bytes of a recording that are taken at most: some days of a busy room.
const RECORDING_BYTES_MAX: u64 = 1 << 30;

/// Bytes of a list of predictions or of a script that are taken at most. Half an hour of predictions has less than 10 MB.
pub(crate) const TEXT_BYTES_MAX: u64 = 1 << 26;

/// A recording's file.
///
/// # Errors
/// If it cannot be read, or its first bytes are no recording's.
pub(crate) fn recording(file: &Path) -> Result<Vec<u8>, Failure> {
    let name = file.display().to_string();
    let mut from = File::open(file).map_err(|error| unreadable(&name, &error))?;
    let length = from.metadata().map_or(0, |file| file.len());
    if length > RECORDING_BYTES_MAX {
        return Err(Failure::Unreadable(too_long(&name, RECORDING_BYTES_MAX)));
    }
    recording_from(&mut from, &name, |error| unreadable(&name, &error))
}

/// A recording from wherever it comes. `failed` says why it does not come.
///
/// # Errors
/// If it does not come, or its first bytes are no recording's.
pub(crate) fn recording_from(
    from: &mut dyn Read,
    name: &str,
    failed: impl Fn(std::io::Error) -> Failure,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(HEADER_BYTES_MAX as u64)
        .read_to_end(&mut bytes)
        .map_err(&failed)?;
    Header::decode(&bytes).map_err(|error| Failure::no_recording(&error).about(name))?;
    let left = RECORDING_BYTES_MAX.saturating_sub(bytes.len() as u64);
    from.take(left.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(&failed)?;
    if bytes.len() as u64 > RECORDING_BYTES_MAX {
        return Err(Failure::Unreadable(too_long(name, RECORDING_BYTES_MAX)));
    }
    Ok(bytes)
}

/// Any other file.
///
/// # Errors
/// If it cannot be read or is longer than that.
pub(crate) fn file(file: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let name = file.display().to_string();
    let from = File::open(file).map_err(|error| unreadable(&name, &error))?;
    let mut bytes = Vec::new();
    from.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&name, &error))?;
    if bytes.len() as u64 > bytes_max {
        return Err(Failure::Usage(too_long(&name, bytes_max)));
    }
    Ok(bytes)
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{name} cannot be read: {error}"))
}

fn too_long(name: &str, bytes_max: u64) -> String {
    format!(
        "{name} has more than {} MiB, which is longer than any that is read here",
        bytes_max >> 20
    )
}
