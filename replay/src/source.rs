//! Files that are read.
//!
//! * What is no recording is known by its first bytes, and nothing behind them is read. Of a damaged recording nothing
//!   behind the damage is read either: it cannot be used.
//! * Everything else has a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use input_log::Framing;
use input_log::limits::{HEADER_BYTES_MAX, PAYLOAD_BYTES_MAX};

use crate::exit::Failure;

/// Bytes of a recording that are taken at most. The longest that `record` makes, a day of a full room with every hash whole,
/// has about 100 MiB; a room begins another every hour.
const RECORDING_BYTES_MAX: u64 = 1 << 28;

/// Bytes of a list of predictions or of a script that are taken at most. Half an hour of predictions has less than 10 MB.
pub(crate) const TEXT_BYTES_MAX: u64 = 1 << 26;

/// Bytes that are read before it is looked at whether more can be used; more than a block has.
const PIECE_BYTES: u64 = 2 * PAYLOAD_BYTES_MAX as u64;

/// A recording as far as it is worth reading.
pub(crate) struct Source {
    pub(crate) bytes: Vec<u8>,
    /// Bytes behind, which are lost to damage that comes before them.
    pub(crate) unread: u64,
}

/// A recording's file, up to the first block with a damaged frame.
///
/// # Errors
/// If it cannot be read, or its first bytes are no recording's.
pub(crate) fn recording(file: &Path) -> Result<Source, Failure> {
    let name = file.display().to_string();
    let failed = |error| unreadable(&name, &error);
    let mut from = File::open(file).map_err(failed)?;
    let length = from.metadata().map_or(0, |file| file.len());
    let (mut bytes, mut framing) = begin(&mut from, &name, &failed)?;
    while framing.goes_on(&bytes) {
        let read = more(&mut from, PIECE_BYTES, &mut bytes).map_err(failed)?;
        if read == 0 {
            break;
        }
        check_length(&bytes, &name)?;
    }
    let unread = length.saturating_sub(bytes.len() as u64);
    Ok(Source { bytes, unread })
}

/// A recording from wherever it comes, with whatever is behind it. `failed` says why it does not come.
///
/// # Errors
/// If it does not come, or its first bytes are no recording's.
pub(crate) fn whole(
    from: &mut dyn Read,
    name: &str,
    failed: &dyn Fn(io::Error) -> Failure,
) -> Result<Vec<u8>, Failure> {
    let (mut bytes, _) = begin(from, name, failed)?;
    more(from, RECORDING_BYTES_MAX, &mut bytes).map_err(failed)?;
    check_length(&bytes, name)?;
    Ok(bytes)
}

fn begin(
    from: &mut dyn Read,
    name: &str,
    failed: &dyn Fn(io::Error) -> Failure,
) -> Result<(Vec<u8>, Framing), Failure> {
    let mut bytes = Vec::new();
    more(from, HEADER_BYTES_MAX as u64, &mut bytes).map_err(failed)?;
    let framing = Framing::of(&bytes);
    let framing = framing.map_err(|error| Failure::no_recording(&error).about(name))?;
    Ok((bytes, framing))
}

fn more(from: &mut dyn Read, bytes_max: u64, bytes: &mut Vec<u8>) -> io::Result<usize> {
    from.take(bytes_max).read_to_end(bytes)
}

fn check_length(bytes: &[u8], name: &str) -> Result<(), Failure> {
    if bytes.len() as u64 > RECORDING_BYTES_MAX {
        return Err(Failure::Unreadable(too_long(name, RECORDING_BYTES_MAX)));
    }
    Ok(())
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

fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::Usage(format!("{name} cannot be read: {error}"))
}

fn too_long(name: &str, bytes_max: u64) -> String {
    format!(
        "{name} has more than {} MiB, which is longer than any that is read here",
        bytes_max >> 20
    )
}
