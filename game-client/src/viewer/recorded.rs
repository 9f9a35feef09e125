//! A recording that can be shown: opened, and what it says of itself.
//!
//! * Whatever can be read is played; what cannot is said in a sentence. A file that is cut plays up to the cut.
//! * Who was shot down is not recorded: it follows from a rerun. [`Recorded::survey`] does that a piece at a time, and
//!   compares every hash on the way.

use input_log::{Header, Kernel, LostReason, Native, Recording};
use kernel::Translate;
use serde::Serialize;
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{Event, PlayerId, SIM_VERSION, Step, rules_hash};

use crate::viewer::checked::{Checked, Tally};
use crate::viewer::kept::Kept;
use crate::viewer::log::{Log, Part};
use crate::viewer::rerun::{Done, Rerun};

/// Players who were shot down that are listed at most.
const SHOOTINGS_MAX: usize = 1 << 16;

/// Why there is nothing to show, in a sentence for whoever opened the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There are no bytes.
    #[error("The file is empty. Fetch the recording again.")]
    Empty,
    /// The bytes begin like no recording.
    #[error("This is not a recording. Recordings of rooms are files that end in .rec.")]
    NotARecording,
    /// The bytes end before the first block.
    #[error(
        "Only the first bytes of this recording are left, and none of its steps. Fetch it again."
    )]
    CutOff,
    /// What it says of itself is damaged.
    #[error(
        "The beginning of this recording is damaged, so nothing of it can be read. Fetch it again."
    )]
    Damaged,
    /// Written in a format that this build does not know.
    #[error(
        "This recording is written in format {0}, which this page does not know. A newer page can show it."
    )]
    Format(u16),
    /// Played with other rules.
    #[error(
        "This recording was played with rules of version {recorded}, and there is no kernel of them here. A newer page may \
         have it. {}", made_by(.build)
    )]
    OtherVersion {
        /// `SIM_VERSION` of the session.
        recorded: u32,
        /// Which build ran it.
        build: String,
    },
    /// Played with other constants under the same version.
    #[error(
        "This recording was played with other constants of the game than this page has, though both call their rules \
         by the same version, and there is no kernel of them here. {}", made_by(.build)
    )]
    OtherConstants {
        /// Which build ran it.
        build: String,
    },
    /// The kernel of its rules has stopped.
    #[error("The kernel of the rules that this recording was played with has stopped: {0}.")]
    Kernel(String),
    /// There is no world to begin from.
    #[error("No keyframe of this recording can be read, so there is nothing to begin from: {0}.")]
    NoKeyframe(LostReason),
}

fn made_by(build: &str) -> String {
    if build.is_empty() {
        "It does not say which build played it.".to_owned()
    } else {
        format!("Build {build} played it.")
    }
}

/// A player's time in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Guest {
    /// The player's number. Who comes back later has it again, in an entry of its own.
    pub id: PlayerId,
    /// Of the colours to choose from, when it came.
    pub colour: u8,
    /// Of the bodies to choose from, when it came.
    pub body: u8,
    /// The step that it came in; the first of the recording, if it was there already.
    pub joined_at: Step,
    /// The step that it left in; none if it was there to the end.
    pub left_at: Option<Step>,
}

/// Somebody was shot down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shooting {
    /// In this step.
    pub step: Step,
    /// Who shot.
    pub by: PlayerId,
    /// Who was shot down.
    pub whom: PlayerId,
}

/// Steps that the room slept through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The first of them.
    pub first: Step,
    /// Number of steps.
    pub steps: u64,
}

/// What is known of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// The room's code.
    pub room: String,
    /// `SIM_VERSION` of the session.
    pub sim_version: u32,
    /// Which build ran it; may be empty.
    pub build: String,
    /// When it began, in milliseconds since 1970, if that is known.
    pub start_time: Option<u64>,
    /// The step of the world that it begins with.
    pub first_step: Step,
    /// The last step that can be shown.
    pub last_step: Step,
    /// Steps in a second.
    pub steps_per_second: u32,
    /// Who was in, in the order in which they came.
    pub players: Vec<Guest>,
    /// Steps of the whole worlds in it.
    pub keyframes: Vec<Step>,
    /// What is missing of it, in sentences.
    pub damage: Vec<String>,
    /// Who was shot down, as far as the survey has come.
    pub shootings: Vec<Shooting>,
    /// The step that the survey has come to.
    pub surveyed_to: Step,
    /// Whether the survey has come to the end.
    pub surveyed: bool,
    /// When the room slept.
    pub gaps: Vec<Gap>,
}

/// A recording that can be shown.
#[derive(Clone, Debug)]
pub struct Recorded<K: Translate = Native> {
    pub(super) kernel: K,
    pub(super) log: Log,
    pub(super) checked: Checked,
    pub(super) kept: Kept,
    info: Info,
    surveyor: Rerun<K>,
}

/// The rules that a recording was played with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Played {
    /// `SIM_VERSION`.
    pub sim_version: u32,
    /// Hash over the constants.
    #[serde(serialize_with = "digits")]
    pub rules_hash: u64,
    /// Whether they are those of this build.
    pub native: bool,
}

fn digits<S: serde::Serializer>(hash: &u64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format!("{hash:016x}"))
}

impl Played {
    /// What a recording says of its rules.
    ///
    /// # Errors
    /// If the bytes begin like no recording.
    pub fn of(bytes: &[u8]) -> Result<Self, OpenError> {
        if bytes.is_empty() {
            return Err(OpenError::Empty);
        }
        let (header, _) = Header::decode(bytes).map_err(|why| unreadable(why, bytes))?;
        Ok(Self {
            sim_version: header.sim_version,
            rules_hash: header.rules_hash,
            native: header.sim_version == SIM_VERSION && header.rules_hash == rules_hash(),
        })
    }
}

fn unreadable(why: input_log::OpenError, bytes: &[u8]) -> OpenError {
    match why {
        // A file of a few bytes is only called a recording if they are those of one.
        input_log::OpenError::Truncated if bytes.starts_with(b"BFRT") => OpenError::CutOff,
        input_log::OpenError::Truncated | input_log::OpenError::Magic => OpenError::NotARecording,
        input_log::OpenError::Version(version) => OpenError::Format(version),
        input_log::OpenError::Checksum { .. } | input_log::OpenError::Field(_) => {
            OpenError::Damaged
        }
    }
}

impl Recorded {
    /// Reads a recording of the rules of this build, as far as it is intact.
    ///
    /// # Errors
    /// If nothing of it can be shown by this build.
    pub fn open(bytes: Vec<u8>) -> Result<Self, OpenError> {
        Self::open_with(Native, bytes)
    }
}

impl<K: Translate> Recorded<K> {
    /// Reads a recording of a kernel's rules, as far as it is intact.
    ///
    /// # Errors
    /// If nothing of it can be shown by this kernel.
    pub fn open_with(kernel: K, bytes: Vec<u8>) -> Result<Self, OpenError> {
        if bytes.is_empty() {
            return Err(OpenError::Empty);
        }
        let recording = Recording::open_with(kernel.clone(), &bytes);
        let recording = recording.map_err(|why| unreadable(why, &bytes))?;
        let header = recording.header();
        let build = header.build_id.clone();
        if header.sim_version != kernel.sim_version() {
            let recorded = header.sim_version;
            return Err(OpenError::OtherVersion { recorded, build });
        }
        if header.rules_hash != kernel.rules_hash() {
            return Err(OpenError::OtherConstants { build });
        }
        let why = recording
            .lost()
            .map_or(LostReason::NoEnd, |lost| lost.reason);
        let log = Log::read(&kernel, &recording);
        if let Some(why) = kernel.failure() {
            return Err(OpenError::Kernel(why));
        }
        let log = log.ok_or(OpenError::NoKeyframe(why))?;
        let blocks = log.parts().iter().filter(|part| part.has_digest()).count();
        Ok(Self {
            info: info(&recording, &log, bytes.len()),
            checked: Checked::new(log.played(), log.parts().len(), blocks),
            kept: Kept::new(),
            surveyor: Rerun::from(kernel.clone(), log.key_before(log.first_step())),
            kernel,
            log,
        })
    }

    /// What is known of it.
    #[must_use]
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// How far the comparison with the recorded hashes has come.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.checked.tally()
    }

    /// Reruns the next `steps_max` steps that were never rerun, for the list of who was shot down. Returns whether it
    /// has come to the end.
    pub fn survey(&mut self, steps_max: u64) -> bool {
        for _ in 0..steps_max {
            if self.info.surveyed {
                break;
            }
            let last = self.info.last_step;
            match self.surveyor.next(&self.log, last, &mut self.checked) {
                Done::Stepped => self.note_shootings(),
                Done::Slept(_) | Done::Jumped => {}
                Done::Ended => self.info.surveyed = true,
            }
            self.kept.pass(&self.kernel, self.surveyor.world());
            self.info.surveyed_to = self.surveyor.step();
        }
        self.info.surveyed
    }

    fn note_shootings(&mut self) {
        let step = self.surveyor.step();
        let shootings = &mut self.info.shootings;
        for event in self.kernel.events(self.surveyor.world()) {
            if let Event::Died { player: whom, by } = event
                && shootings.len() < SHOOTINGS_MAX
            {
                shootings.push(Shooting { step, by, whom });
            }
        }
    }

    /// The latest world from which a rerun passes everything behind a step; the first, if that is too early.
    pub(super) fn start(&self, passing: Step) -> K::World {
        let (kernel, key) = (&self.kernel, self.log.key_before(passing));
        self.kept
            .before(kernel, passing)
            .filter(|kept| kernel.step_number(kept) > key.step)
            .unwrap_or_else(|| key.world(kernel))
    }

    /// Its step.
    pub(super) fn start_step(&self, passing: Step) -> Step {
        let key = self.log.key_before(passing).step;
        self.kept
            .step_before(passing)
            .map_or(key, |kept| kept.max(key))
    }
}

fn info<K: Kernel>(recording: &Recording<'_, K>, log: &Log, bytes: usize) -> Info {
    let header = recording.header();
    let first_step = log.first_step();
    let guests = log.stays().iter().map(|stay| Guest {
        id: stay.player,
        colour: stay.look.colour,
        body: stay.look.body,
        joined_at: stay.joined.unwrap_or(first_step),
        left_at: stay.left,
    });
    let gaps = log.parts().iter().filter_map(|part| match *part {
        Part::Played { .. } => None,
        Part::Slept { first, steps } => Some(Gap { first, steps }),
    });
    Info {
        room: header.room.clone(),
        sim_version: header.sim_version,
        build: header.build_id.clone(),
        start_time: Some(header.started_at_ms).filter(|&ms| ms > 0),
        first_step,
        last_step: log.last_step(),
        steps_per_second: STEPS_PER_SECOND,
        players: guests.collect(),
        keyframes: log.keys().iter().map(|key| key.step).collect(),
        damage: damage(recording, log, bytes),
        shootings: Vec::new(),
        surveyed_to: first_step,
        surveyed: false,
        gaps: gaps.collect(),
    }
}

fn damage<K: Kernel>(recording: &Recording<'_, K>, log: &Log, bytes: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let last = log.last_step();
    if let Some(lost) = recording.lost() {
        let unused = bytes.saturating_sub(lost.at_byte);
        notes.push(match lost.reason {
            LostReason::NoEnd => format!(
                "The recording has no end: the session was cut off, or was still running when this was fetched. It plays up \
                 to step {last}."
            ),
            LostReason::Truncated => format!(
                "The file is cut off: its last {unused} bytes are half a block, and it plays up to step {last}."
            ),
            LostReason::Checksum | LostReason::Chain | LostReason::Malformed(_) => format!(
                "The file is damaged at byte {}: {}. It plays up to step {last}, and {unused} bytes are not used.",
                lost.at_byte, lost.reason
            ),
            LostReason::Trailing => format!(
                "Behind the end of the recording are {unused} bytes that do not belong to it."
            ),
        });
    }
    if let Some(from) = log.left_out_from() {
        notes.push(format!(
            "The recording is too long to be held at once: everything from step {from} on is left out."
        ));
    }
    notes
}
