//! A script as a file: JSON with a version, to be read, edited and kept.
//!
//! The names in it are its own; types may be renamed as long as the names stay. Whoever changes what a name means raises
//! [`VERSION`] and keeps reading the versions before: a bug report must still say what it said.

use protocol::Encoding;
use serde_json::Value;

use crate::fault::Fault;
use crate::script::{PlayerScript, Script, SeatScript};

/// The version that is written.
pub(crate) const VERSION: u64 = 1;

/// Longest session of a file: ten hours.
pub(crate) const SECONDS_MAX: u32 = 36_000;
/// Most faults of a file.
pub(crate) const FAULTS_MAX: usize = 10_000;
/// Longest time that a link or a fault may hold something up: ten minutes.
pub(crate) const WAIT_MS_MAX: u32 = 600_000;
/// Longest rest: half an hour.
pub(crate) const REST_MS_MAX: u32 = 1_800_000;
/// Most that a clock may be off: a tenth.
pub(crate) const DRIFT_PPM_MAX: i32 = 100_000;

/// Why a file is no script.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// It is no JSON, or other JSON.
    #[error("it is no script: {0}")]
    Json(#[from] serde_json::Error),
    /// It does not say its version.
    #[error("it is no script: it has no number \"version\"")]
    NoVersion,
    /// It is of another version.
    #[error("it is of version {0}; this build reads version {VERSION}")]
    Version(u64),
    /// Bots have clients of this build.
    #[error("seats[{0}] is a bot, and speaks what only older clients speak")]
    OldBot(usize),
    /// It asks for something that cannot be.
    #[error("{what} is {is}; it must be {must}")]
    OutOfRange {
        /// Which value.
        what: String,
        /// What it is.
        is: i64,
        /// What it may be.
        must: String,
    },
}

impl Script {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is none, or asks for something that cannot be.
    pub fn from_json(text: &str) -> Result<Self, ScriptError> {
        let mut value: Value = serde_json::from_str(text)?;
        let version = value
            .as_object_mut()
            .and_then(|object| object.remove("version"));
        let version = version.and_then(|version| version.as_u64());
        match version.ok_or(ScriptError::NoVersion)? {
            VERSION => {}
            other => return Err(ScriptError::Version(other)),
        }
        let script: Self = serde_json::from_value(value)?;
        script.check()?;
        Ok(script)
    }

    /// Writes a file.
    ///
    /// # Panics
    /// Never: a script has nothing that JSON lacks.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut value = serde_json::to_value(self).expect("names and numbers only");
        value["version"] = VERSION.into();
        let mut text = serde_json::to_string_pretty(&value).expect("names and numbers only");
        text.push('\n');
        text
    }

    /// Whether the session can be played.
    ///
    /// # Errors
    /// What cannot be, and what it may be.
    pub fn check(&self) -> Result<(), ScriptError> {
        within("seconds", self.seconds, 1, SECONDS_MAX)?;
        within("quietSeconds", self.quiet_seconds, 0, self.seconds)?;
        within(
            "the number of seats",
            self.seats.len() as u32,
            1,
            Self::SEATS_MAX as u32,
        )?;
        within(
            "the number of faults",
            self.faults.len() as u32,
            0,
            FAULTS_MAX as u32,
        )?;
        for (number, seat) in self.seats.iter().enumerate() {
            if seat.encoding == Encoding::Binary1 && matches!(seat.player, PlayerScript::Bot(_)) {
                return Err(ScriptError::OldBot(number));
            }
            check_seat(number, seat)?;
        }
        for (number, timed) in self.faults.iter().enumerate() {
            self.check_fault(number, &timed.fault)?;
        }
        Ok(())
    }

    fn check_fault(&self, number: usize, fault: &Fault) -> Result<(), ScriptError> {
        if let Some(seat) = fault.seat() {
            let last = self.seats.len() as u32 - 1;
            let seat = u32::try_from(seat).unwrap_or(u32::MAX);
            within(&format!("the seat of faults[{number}]"), seat, 0, last)?;
        }
        match *fault {
            Fault::Stall { ms, .. }
            | Fault::Throttle { ms, .. }
            | Fault::Hide { ms, .. }
            | Fault::Freeze { ms, .. }
            | Fault::HostStall { ms }
            | Fault::Starve { ms } => {
                within(&format!("ms of faults[{number}]"), ms, 0, WAIT_MS_MAX)
            }
            Fault::Rest { ms } => within(&format!("ms of faults[{number}]"), ms, 0, REST_MS_MAX),
            Fault::Break { .. }
            | Fault::HalfOpen { .. }
            | Fault::Reload { .. }
            | Fault::Crash { .. }
            | Fault::Evict
            | Fault::Ages => Ok(()),
        }
    }
}

fn check_seat(number: usize, seat: &SeatScript) -> Result<(), ScriptError> {
    let link = &seat.link;
    let stalls = link.stalls.unwrap_or(crate::profile::Stalls {
        every_ms: 1_000,
        longest_ms: 0,
    });
    let waits = [
        ("link.oneWayMs", link.one_way_ms, 0, WAIT_MS_MAX),
        ("link.jitterMs", link.jitter_ms, 0, WAIT_MS_MAX),
        ("link.stalls.everyMs", stalls.every_ms, 100, WAIT_MS_MAX),
        ("link.stalls.longestMs", stalls.longest_ms, 0, WAIT_MS_MAX),
        (
            "link.breakAfterMs",
            link.break_after_ms.unwrap_or(WAIT_MS_MAX),
            100,
            WAIT_MS_MAX,
        ),
        ("frameMs", seat.frame_ms, 0, 1_000),
    ];
    for (what, is, least, most) in waits {
        within(&format!("seats[{number}].{what}"), is, least, most)?;
    }
    if let Some(loss) = link.loss {
        for (what, is) in [
            ("worsensPermille", loss.worsens_permille),
            ("recoversPermille", loss.recovers_permille),
            ("lostPermille", loss.lost_permille),
        ] {
            within(&format!("seats[{number}].link.loss.{what}"), is, 0, 1_000)?;
        }
    }
    if seat.drift_ppm.abs() > DRIFT_PPM_MAX {
        return Err(ScriptError::OutOfRange {
            what: format!("seats[{number}].driftPpm"),
            is: seat.drift_ppm.into(),
            must: format!("from -{DRIFT_PPM_MAX} to {DRIFT_PPM_MAX}"),
        });
    }
    Ok(())
}

fn within(what: &str, is: u32, least: u32, most: u32) -> Result<(), ScriptError> {
    if (least..=most).contains(&is) {
        return Ok(());
    }
    Err(ScriptError::OutOfRange {
        what: what.to_owned(),
        is: is.into(),
        must: format!("from {least} to {most}"),
    })
}
