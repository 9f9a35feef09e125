//! Which kernel reruns a recording, and coming to the world of any of its steps.

use std::collections::BTreeSet;

use input_log::{Diverged, Header, Kernel, Native, Recording, Rerun};
use kernel::Translate;
use kernels::Kept;
use sim_core::{Frame, SIM_VERSION, Step, rules_hash};

use crate::engine;
use crate::exit::Failure;

/// Which kernel reruns a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// The one that the recording names: the rules of this build where they are the same, and an archived kernel otherwise.
    #[default]
    Named,
    /// The archived kernel that the recording names, even where this build has the same rules.
    Archived,
    /// This module.
    Module(Vec<u8>),
}

/// Something that is done with a recording by whichever kernel it takes.
pub(crate) trait Job {
    /// What it comes to.
    type Answer;

    /// Does it.
    ///
    /// # Errors
    /// Whatever stands in its way.
    fn run<K: Translate>(self, kernel: K) -> Result<Self::Answer, Failure>;
}

/// Where the kernel is that a recording names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// It is this build's own.
    Native,
    /// It is in the archive.
    Archive,
    /// Nowhere in this tool.
    Nowhere,
}

impl Home {
    /// Where the kernel of this header is.
    pub(crate) fn of(header: &Header) -> Self {
        if header.sim_version == SIM_VERSION && header.rules_hash == rules_hash() {
            Self::Native
        } else if kernels::find(header.sim_version, header.rules_hash).is_some() {
            Self::Archive
        } else {
            Self::Nowhere
        }
    }

    /// Its name in machine-readable output.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Native => Some("native"),
            Self::Archive => Some("archive"),
            Self::Nowhere => None,
        }
    }
}

/// What the recording says of itself.
///
/// # Errors
/// If the bytes are no recording.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, Failure> {
    let decoded = Header::decode(bytes).map_err(|error| Failure::no_recording(&error));
    decoded.map(|(header, _)| header)
}

/// Does the job with the kernel that these rules are.
///
/// # Errors
/// If the bytes are no recording, there is no kernel for it, the kernel stops, or the job has an error.
pub(crate) fn with_kernel<J: Job>(
    bytes: &[u8],
    rules: &Rules,
    job: J,
) -> Result<J::Answer, Failure> {
    let header = header(bytes)?;
    match rules {
        Rules::Named if Home::of(&header) == Home::Native => job.run(Native),
        Rules::Named | Rules::Archived => {
            let kept = kernels::find(header.sim_version, header.rules_hash);
            with_archived(&kept.ok_or_else(|| no_kernel(&header))?, job)
        }
        Rules::Module(module) => {
            let kernel = engine::start(module)?;
            check_rules(&kernel, &header)?;
            finish(kernel, job)
        }
    }
}

/// Does the job with an archived kernel.
///
/// # Errors
/// If the kernel cannot be started or stops, or the job has an error.
pub(crate) fn with_archived<J: Job>(kept: &Kept, job: J) -> Result<J::Answer, Failure> {
    let module = kept.module();
    let module = module.map_err(|altered| Failure::Unreadable(altered.to_string()))?;
    finish(engine::start(&module)?, job)
}

fn finish<J: Job, K: Translate>(kernel: K, job: J) -> Result<J::Answer, Failure> {
    let answer = job.run(kernel.clone());
    match kernel.failure() {
        // What a kernel says that has stopped is worth nothing.
        Some(why) => Err(Failure::Unreadable(format!(
            "the kernel stopped: {why}. This is a fault of the kernel and not of the recording"
        ))),
        None => answer,
    }
}

/// Refuses a module that is of other rules than the recording.
fn check_rules<K: Translate>(kernel: &K, header: &Header) -> Result<(), Failure> {
    let (has, needs) = (
        (kernel.sim_version(), kernel.rules_hash()),
        (header.sim_version, header.rules_hash),
    );
    if has == needs {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "the module given with --kernel has SIM_VERSION {} with constants {:016x}, and the recording needs {} with {:016x}",
        has.0, has.1, needs.0, needs.1
    )))
}

fn no_kernel(header: &Header) -> Failure {
    let here: BTreeSet<u32> = kernels::all()
        .iter()
        .map(|kept| kept.provenance.sim_version)
        .chain([SIM_VERSION])
        .collect();
    let here: Vec<String> = here.iter().map(u32::to_string).collect();
    let by = match header.build_id.as_str() {
        "" => String::new(),
        build => format!(" by build {build}"),
    };
    Failure::Unreadable(format!(
        "recorded{by} with SIM_VERSION {} and constants {:016x}, and this tool has no kernel for them; it has SIM_VERSION {}. \
         Use a newer replay, or give the module with --kernel FILE",
        header.sim_version,
        header.rules_hash,
        here.join(", ")
    ))
}

/// The recording, read by this kernel.
///
/// # Errors
/// If the bytes are no recording.
pub(crate) fn open<K: Translate>(kernel: K, bytes: &[u8]) -> Result<Recording<'_, K>, Failure> {
    Recording::open_with(kernel, bytes).map_err(|error| Failure::no_recording(&error))
}

/// Why a rerun cannot go through the recording to its end.
pub(crate) fn stopped(diverged: &Diverged) -> Failure {
    Failure::Unreadable(diverged.to_string())
}

/// A world, and what happened in the step that led to it.
pub(crate) type After<K> = (<K as Kernel>::World, Option<Frame>);

/// The world after `step`, and what happened in that step if it was one (and not a keyframe or slept through). Compares
/// nothing.
pub(crate) fn world_after<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    step: Step,
) -> Result<Option<After<K>>, Failure> {
    let mut rerun = Rerun::towards(recording, step).unchecked();
    let reached = rerun.reach(step).map_err(|diverged| stopped(&diverged))?;
    let world = |frame: Option<K::Frame>| {
        let frame = frame.map(|frame| kernel.frame(&frame));
        Some((rerun.world()?.clone(), frame))
    };
    Ok(reached.and_then(world))
}
