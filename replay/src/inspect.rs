//! The world after one step of a recording, in words.

use input_log::Recording;
use kernel::Translate;
use sim_core::{Event, Frame, Step};

use crate::exit::Failure;
use crate::loss::Loss;
use crate::rerun::{Job, Rules, open, with_kernel, world_after};

/// The world after one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The step.
    pub step: Step,
    /// The world's hash.
    pub hash: u64,
    /// What happened in the step; nothing if the recording begins or the room sleeps there.
    pub frame: Option<Frame>,
    /// What followed from it.
    pub events: Vec<Event>,
    /// Fields with the wanted prefix, in the order of the world's encoding.
    pub fields: Vec<(String, String)>,
}

/// Reruns a recording to a step and describes the world there: the fields whose path begins with `prefix`.
///
/// # Errors
/// If the bytes are no recording, there is no kernel for it, or it does not hold the step or any such field.
pub fn inspect(
    bytes: &[u8],
    step: Step,
    prefix: &str,
    rules: &Rules,
) -> Result<Inspection, Failure> {
    let job = Inspect {
        bytes,
        step,
        prefix,
    };
    with_kernel(bytes, rules, job)
}

struct Inspect<'a> {
    bytes: &'a [u8],
    step: Step,
    prefix: &'a str,
}

impl Job for Inspect<'_> {
    type Answer = Inspection;

    fn run<K: Translate>(self, kernel: K) -> Result<Inspection, Failure> {
        let Self {
            bytes,
            step,
            prefix,
        } = self;
        let recording = open(kernel.clone(), bytes)?;
        let found = world_after(&kernel, &recording, step)?;
        let Some((world, frame)) = found else {
            return Err(not_held(&recording, step, bytes.len()));
        };
        let all = kernel.fields(&world);
        let wanted: Vec<(String, String)> = all
            .iter()
            .filter(|(path, _)| path.starts_with(prefix))
            .cloned()
            .collect();
        if wanted.is_empty() {
            let names: Vec<&str> = all.iter().map(|(path, _)| path.as_str()).take(6).collect();
            return Err(Failure::Usage(format!(
                "no field of step {step} begins with {prefix:?}; fields are like {}",
                names.join(", ")
            )));
        }
        Ok(Inspection {
            step,
            hash: kernel.hash(&world),
            events: kernel.events(&world),
            frame,
            fields: wanted,
        })
    }
}

fn not_held<K: Translate>(recording: &Recording<'_, K>, step: Step, bytes: usize) -> Failure {
    let first = recording.blocks().first().map(|block| block.first_step);
    Failure::Usage(match (first, recording.last_step()) {
        (Some(first), Some(last)) => {
            let mut text =
                format!("step {step} is not in the recording: it holds {first} to {last}");
            if let Some(lost) = Loss::of(recording, bytes).filter(|lost| lost.is_damage) {
                text += &format!(", and the rest is lost to damage: {}", lost.reason);
            }
            text
        }
        _ => "the recording holds no step".to_owned(),
    })
}
