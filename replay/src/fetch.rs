//! Getting a room's recording over HTTP.

use std::path::Path;

use input_log::{Recording, ending};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::loss::{Loss, LossShape};
use crate::output;
use crate::save::Target;
use crate::source;
use crate::unread::Unread;

/// The environment variable that holds the operators' secret of the server.
const ADMIN_SECRET: &str = "BITFORT_ADMIN_SECRET";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FetchedShape {
    ok: bool,
    bytes: usize,
    running: bool,
    lost: Option<LossShape>,
}

/// A recording as a room gave it.
pub(crate) struct Fetched {
    pub(crate) bytes: Vec<u8>,
    /// Whether the room's session still goes on. The copy has an end all the same.
    running: bool,
    /// What the room itself has lost.
    lost: Option<Loss>,
}

impl Fetched {
    /// Says what is not as with a whole recording.
    pub(crate) fn tell(&self) {
        if self.running {
            say!("the session still goes on; the copy ends here");
        }
        if let Some(lost) = &self.lost {
            lost.tell();
        }
    }

    /// How the process ends.
    pub(crate) const fn exit(&self) -> Exit {
        Exit::of_intact(self.lost.as_ref())
    }
}

pub(crate) fn run(url: &str, out: &Path, json: bool) -> Result<Exit, Failure> {
    let out = Target::at(out)?;
    let fetched = fetch(url)?;
    let path = out.write(&fetched.bytes)?;
    say!(
        "{} bytes written to {}",
        fetched.bytes.len(),
        path.display()
    );
    fetched.tell();
    if json {
        output::json(&FetchedShape {
            ok: fetched.exit() == Exit::Holds,
            bytes: fetched.bytes.len(),
            running: fetched.running,
            lost: fetched.lost.as_ref().map(Into::into),
        });
    }
    Ok(fetched.exit())
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
    let mut body = response.body_mut().as_reader();
    let bytes = source::whole(&mut body, &format!("what {url} gave"), &|error| {
        Failure::Usage(format!("{url} could not be fetched whole: {error}"))
    })?;
    end(bytes)
}

/// Ends the copy of a running session. The transfer was complete, or it would have failed, so nothing is lost.
fn end(mut bytes: Vec<u8>) -> Result<Fetched, Failure> {
    let recording = Recording::open_with(Unread, &bytes);
    let recording = recording.map_err(|error| Failure::no_recording(&error))?;
    let lost = Loss::of(&recording, bytes.len());
    let running = lost.as_ref().is_some_and(|lost| !lost.is_damage);
    let last = recording.blocks().last();
    let ending = last
        .filter(|_| running)
        .and_then(|last| ending(&bytes[last.at_byte..]));
    bytes.extend(ending.unwrap_or_default());
    Ok(Fetched {
        bytes,
        running,
        lost: lost.filter(|lost| lost.is_damage),
    })
}
