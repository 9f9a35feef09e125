//! Getting a room's recording over HTTP.

use std::path::PathBuf;

use input_log::{LostReason, Recording};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::{output, record};

/// The environment variable that holds the operators' secret of the server.
const ADMIN_SECRET: &str = "BITFORT_ADMIN_SECRET";

/// Bytes that are taken at most: some days of a busy room.
const RECORDING_BYTES_MAX: u64 = 1 << 30;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FetchedShape {
    ok: bool,
    bytes: usize,
    running: bool,
}

/// A recording as a room gave it.
pub(crate) struct Fetched {
    pub(crate) bytes: Vec<u8>,
    /// Whether the room's session still goes on. The copy has an end all the same.
    pub(crate) running: bool,
}

pub(crate) fn run(url: &str, out: &PathBuf, json: bool) -> Result<Exit, Failure> {
    let fetched = fetch(url)?;
    record::write(out, &fetched.bytes)?;
    say!("{} bytes written to {}", fetched.bytes.len(), out.display());
    if fetched.running {
        say!("the session still goes on; the copy ends here");
    }
    if json {
        output::json(&FetchedShape {
            ok: true,
            bytes: fetched.bytes.len(),
            running: fetched.running,
        });
    }
    Ok(Exit::Holds)
}

pub(crate) fn fetch(url: &str) -> Result<Fetched, Failure> {
    if !url.starts_with("http://") {
        return Err(Failure::Usage(format!(
            "{url} is no http:// address; a deployed room is fetched through whatever ends TLS in front of it"
        )));
    }
    let failed = |error: ureq::Error| {
        let status = if let ureq::Error::StatusCode(status) = error {
            Some(status)
        } else {
            None
        };
        Failure::Usage(match status {
            Some(404) => format!(
                "{url} has no recording: nothing was played there, the server has no ADMIN_SECRET, or the path is not \
                 /api/rooms/CODE/recordings/current"
            ),
            Some(401) => {
                format!(
                    "{url} is for operators: {ADMIN_SECRET} must hold the server's ADMIN_SECRET"
                )
            }
            Some(_) | None => format!("{url} could not be fetched: {error}"),
        })
    };
    let mut request = ureq::get(url);
    if let Ok(secret) = std::env::var(ADMIN_SECRET) {
        request = request.header("Authorization", format!("Bearer {secret}"));
    }
    let mut response = request.call().map_err(failed)?;
    let body = response.body_mut().with_config();
    let bytes = body
        .limit(RECORDING_BYTES_MAX)
        .read_to_vec()
        .map_err(failed)?;
    end(bytes)
}

/// Ends the copy of a running session. The transfer was complete, or it would have failed, so nothing is lost.
fn end(mut bytes: Vec<u8>) -> Result<Fetched, Failure> {
    let recording = Recording::open(&bytes).map_err(|error| {
        Failure::Unreadable(format!("what the room gave is no recording: {error}"))
    })?;
    let running = recording
        .lost()
        .is_some_and(|lost| lost.reason == LostReason::NoEnd);
    let ending = match recording.resume() {
        Some(writer) if running => writer.finish(),
        Some(_) | None => Vec::new(),
    };
    bytes.extend(ending);
    Ok(Fetched { bytes, running })
}
