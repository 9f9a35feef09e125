//! The world after one step of a recording, in words.

use sim_core::{Event, Frame, Step, fields};

use crate::exit::Failure;
use crate::loss::Loss;
use crate::rerun::{open, world_after};

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
/// If the bytes are no recording that this build can rerun, or it does not hold the step or any such field.
pub fn inspect(bytes: &[u8], step: Step, prefix: &str, force: bool) -> Result<Inspection, Failure> {
    let recording = open(bytes, force)?;
    let found = world_after(&recording, step)?;
    let Some((world, frame)) = found else {
        let first = recording.blocks().first().map(|block| block.first_step);
        return Err(Failure::Usage(match (first, recording.last_step()) {
            (Some(first), Some(last)) => {
                let mut text =
                    format!("step {step} is not in the recording: it holds {first} to {last}");
                if let Some(lost) = Loss::of(&recording, bytes.len()).filter(|lost| lost.is_damage)
                {
                    text += &format!(", and the rest is lost to damage: {}", lost.reason);
                }
                text
            }
            _ => "the recording holds no step".to_owned(),
        }));
    };
    let all = fields(&world);
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
        hash: world.hash(),
        events: world.events().to_vec(),
        frame,
        fields: wanted,
    })
}
