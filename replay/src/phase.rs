//! Where in a step two kernels part: the phase and the field.

use input_log::{Native, Rerun};
use kernel::{Phases, Translate};
use sim_core::Step;

use crate::exit::Failure;
use crate::rerun::{Home, Job, header, open, with_archived, world_after};

/// The first phase of a step after which two kernels differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseDiff {
    /// The phase's name.
    pub phase: String,
    /// The first field that differs after it.
    pub field: String,
    /// Its value by the rules that the recording names.
    pub expected: String,
    /// Its value by the rules of this build.
    pub actual: String,
}

/// Where in a step the rules of this build part from the archived kernel that the recording names. None if they do not, if
/// that kernel does not reproduce the recorded hash either, or if it cannot be run here.
pub(crate) fn phase(bytes: &[u8], step: Step) -> Option<PhaseDiff> {
    let header = header(bytes).ok()?;
    let kept = kernels::find(header.sim_version, header.rules_hash);
    let kept = kept.filter(|_| Home::of(&header) == Home::Native)?;
    with_archived(&kept, Part { bytes, step }).ok().flatten()
}

struct Part<'a> {
    bytes: &'a [u8],
    step: Step,
}

impl Job for Part<'_> {
    type Answer = Option<PhaseDiff>;

    fn run<K: Translate>(self, kernel: K) -> Result<Option<PhaseDiff>, Failure> {
        let recording = open(kernel.clone(), self.bytes)?;
        let mut rerun = Rerun::towards(&recording, self.step);
        // A rerun that does not reproduce the step explains nothing.
        if rerun.reach(self.step).is_err() {
            return Ok(None);
        }
        parted(&kernel, &Native, self.bytes, self.step)
    }
}

/// The first phase of a step after which two kernels differ that read the same recording.
pub(crate) fn parted<A: Translate, B: Translate>(
    one: &A,
    other: &B,
    bytes: &[u8],
    step: Step,
) -> Result<Option<PhaseDiff>, Failure> {
    let both = |phase| -> Result<_, Failure> {
        let expected = in_phases(one, bytes, step, phase)?;
        Ok(expected.zip(in_phases(other, bytes, step, phase)?))
    };
    let Some((expected, actual)) = both(0)? else {
        return Ok(None);
    };
    let mut hashes = expected.hashes.iter().zip(&actual.hashes);
    let Some(nth) = hashes.position(|(expected, actual)| expected != actual) else {
        return Ok(None);
    };
    let Some((expected, actual)) = both(nth)? else {
        return Ok(None);
    };
    let phase = expected.hashes[nth].0.clone();
    let difference = first_difference(&expected.fields, &actual.fields);
    Ok(difference.map(|(field, expected, actual)| PhaseDiff {
        phase,
        field,
        expected,
        actual,
    }))
}

fn in_phases<K: Translate>(
    kernel: &K,
    bytes: &[u8],
    step: Step,
    phase: usize,
) -> Result<Option<Phases>, Failure> {
    let recording = open(kernel.clone(), bytes)?;
    let before = world_after(kernel, &recording, Step(step.0.saturating_sub(1)))?;
    let frame = world_after(kernel, &recording, step)?.and_then(|(_, frame)| frame);
    let frame = frame.and_then(|frame| kernel.frame_of(&frame).ok());
    Ok(before
        .zip(frame)
        .map(|((mut world, _), frame)| kernel.step_in_phases(&mut world, &frame, phase)))
}

/// The first field, in the order of the first list, that the other has otherwise or not at all; then the first that only the
/// other has.
fn first_difference(
    expected: &[(String, String)],
    actual: &[(String, String)],
) -> Option<(String, String, String)> {
    let of = |list: &[(String, String)], path: &str| {
        let found = list.iter().find(|(of, _)| of == path);
        found.map_or_else(|| "absent".to_owned(), |(_, value)| value.clone())
    };
    let differs = |path: &String| {
        let (expected, actual) = (of(expected, path), of(actual, path));
        (expected != actual).then(|| (path.clone(), expected, actual))
    };
    let mut paths = expected.iter().chain(actual).map(|(path, _)| path);
    paths.find_map(differs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use input_log::{HashDetail, Kernel as _, Writer};
    use other_rules::{Other, OtherRules};
    use sim_core::{Buttons, Frame, Join, Look, PlayerId, World};

    use super::*;

    #[test]
    fn where_two_kernels_part_is_a_phase_and_a_field() {
        let rules = OtherRules::default();
        let mistaken = OtherRules { walks_left: true };
        let header = input_log::Header {
            sim_version: other_rules::SIM_VERSION,
            ..input_log::Header::of_this_build("b".into(), "r".into(), 0, 0, HashDetail::EveryStep)
        };
        let mut writer = Writer::with(rules, &header);
        let mut world = Other {
            lefts: 0,
            world: World::new(7),
        };
        writer.push_keyframe(&world);
        let player = PlayerId(3);
        let join = Join {
            player,
            look: Look::default(),
            saved: None,
        };
        for held in [Buttons::NONE, Buttons::UP, Buttons::LEFT, Buttons::DOWN] {
            let step = rules.step_number(&world).after(1);
            let frame = Frame {
                joins: if step == Step(1) { vec![join] } else { vec![] },
                buttons: vec![(player, held)],
                ..Frame::default()
            };
            rules.step(&mut world, &frame);
            writer.push_step(step, &frame, rules.hash(&world));
        }
        let mut bytes = header.encode();
        bytes.extend(writer.finish());
        assert_eq!(parted(&rules, &rules, &bytes, Step(3)).unwrap(), None);
        assert_eq!(parted(&rules, &mistaken, &bytes, Step(2)).unwrap(), None);
        let found = parted(&rules, &mistaken, &bytes, Step(3)).unwrap().unwrap();
        let PhaseDiff {
            phase,
            field,
            expected,
            actual,
        } = &found;
        assert_eq!(
            (phase.as_str(), field.as_str()),
            ("hold", "players[3].buttons")
        );
        assert_ne!(expected, actual);
    }
}
