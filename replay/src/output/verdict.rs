//! What a rerun came to.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use sim_core::rules::STEPS_PER_SECOND;

use super::json;
use crate::divergence::Divergence;
use crate::exit::{Exit, Failure};
use crate::loss::LossShape;
use crate::many::worst;
use crate::phase::PhaseDiff;
use crate::verify::Verdict;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerdictShape<'a> {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    steps: u64,
    slept: u64,
    hashes_compared: u64,
    digests_compared: u64,
    keyframes_compared: u64,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    real_time_multiple: Option<f64>,
    divergence: Option<DivergenceShape<'a>>,
    lost: Option<LossShape>,
}

#[derive(Serialize)]
struct FailedShape<'a> {
    ok: bool,
    file: &'a str,
    exit: u8,
    error: &'a str,
}

#[derive(Serialize)]
struct SummaryShape {
    ok: bool,
    recordings: u64,
    held: u64,
    steps: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DivergenceShape<'a> {
    step: u64,
    field: &'a str,
    expected: &'a str,
    actual: &'a str,
    compared_at: u64,
    basis: &'static str,
    repair: Option<&'a str>,
    hash_expected: Option<&'a str>,
    hash_actual: Option<&'a str>,
    phase: Option<PhaseShape<'a>>,
}

#[derive(Serialize)]
struct PhaseShape<'a> {
    phase: &'a str,
    field: &'a str,
    expected: &'a str,
    actual: &'a str,
}

impl<'a> From<&'a Divergence> for DivergenceShape<'a> {
    fn from(of: &'a Divergence) -> Self {
        let hash = of.hash.as_ref();
        Self {
            step: of.step.0,
            field: &of.field,
            expected: &of.expected,
            actual: &of.actual,
            compared_at: of.compared_at.0,
            basis: of.basis.name(),
            repair: of.repair.as_deref(),
            hash_expected: hash.map(|(expected, _)| expected.as_str()),
            hash_actual: hash.map(|(_, actual)| actual.as_str()),
            phase: of.phase.as_ref().map(|of| PhaseShape {
                phase: &of.phase,
                field: &of.field,
                expected: &of.expected,
                actual: &of.actual,
            }),
        }
    }
}

/// How many times faster than it was played.
fn real_time_multiple(steps: u64, took: Duration) -> f64 {
    let played = steps as f64 / f64::from(STEPS_PER_SECOND);
    let multiple = played / took.as_secs_f64().max(1e-9);
    (multiple * 10.0).round() / 10.0
}

fn shape(verdict: &Verdict, file: Option<String>, multiple: Option<f64>) -> VerdictShape<'_> {
    VerdictShape {
        ok: verdict.exit() == Exit::Holds,
        file,
        steps: verdict.steps,
        slept: verdict.slept,
        hashes_compared: verdict.hashes_compared,
        digests_compared: verdict.digests_compared,
        keyframes_compared: verdict.keyframes_compared,
        digest: format!("{:016x}", verdict.digest),
        real_time_multiple: multiple,
        divergence: verdict.divergence.as_ref().map(Into::into),
        lost: verdict.lost.as_ref().map(Into::into),
    }
}

/// Says of one of many recordings why it has no result, as a line of JSON.
pub(crate) fn failed(file: &str, failure: &Failure) {
    json(&FailedShape {
        ok: false,
        file,
        exit: failure.exit().code(),
        error: &failure.to_string(),
    });
}

/// What the reruns of many recordings came to; how the run ends.
pub(crate) fn verdicts(
    files: &[PathBuf],
    verdicts: &[Result<Verdict, Failure>],
    as_json: bool,
) -> Exit {
    let (mut held, mut steps) = (0, 0);
    for (file, verdict) in files.iter().zip(verdicts) {
        let name = file.display().to_string();
        match verdict {
            Ok(verdict) => {
                held += u64::from(verdict.exit() == Exit::Holds);
                steps += verdict.steps;
                if as_json {
                    json(&shape(verdict, Some(name), None));
                    continue;
                }
                say!("{name}: {} steps, {:016x}", verdict.steps, verdict.digest);
                if let Some(lost) = &verdict.lost {
                    lost.tell();
                }
                if let Some(found) = &verdict.divergence {
                    divergence(found);
                }
            }
            Err(failure) if as_json => failed(&name, failure),
            Err(failure) => say!("{failure}"),
        }
    }
    let exits = verdicts.iter().map(|verdict| match verdict {
        Ok(verdict) => verdict.exit(),
        Err(failure) => failure.exit(),
    });
    let exit = worst(exits);
    let recordings = files.len() as u64;
    if as_json {
        json(&SummaryShape {
            ok: exit == Exit::Holds,
            recordings,
            held,
            steps,
        });
    } else {
        say!("{held} of {recordings} recordings hold; {steps} steps rerun");
    }
    exit
}

pub(crate) fn verdict(verdict: &Verdict, took: Duration, as_json: bool) {
    let multiple = real_time_multiple(verdict.steps, took);
    if as_json {
        return json(&shape(verdict, None, Some(multiple)));
    }
    say!(
        "{} steps rerun at {multiple:.0} times real time ({:.3} s), {} slept through",
        verdict.steps,
        took.as_secs_f64(),
        verdict.slept
    );
    say!(
        "{} hashes compared, and {} digests of blocks and {} keyframes",
        verdict.hashes_compared,
        verdict.digests_compared,
        verdict.keyframes_compared
    );
    say!(
        "{:016x} is the digest over the hash after every step",
        verdict.digest
    );
    if let Some(lost) = &verdict.lost {
        lost.tell();
    }
    match &verdict.divergence {
        None => {
            let what = match (verdict.hashes_compared, &verdict.lost) {
                (0, _) => "no step has a hash; every keyframe is equal",
                (_, Some(lost)) if lost.is_damage => "every hash before the damage is equal",
                (_, Some(_) | None) => "every hash is equal",
            };
            say!("holds: {what}");
        }
        Some(found) => divergence(found),
    }
}

fn divergence(found: &Divergence) {
    say!("diverges at step {}", found.step);
    say!("  field     {}", found.field);
    say!("  expected  {}", found.expected);
    say!("  actual    {}", found.actual);
    if found.compared_at != found.step {
        say!(
            "  compared at step {}, the next keyframe",
            found.compared_at
        );
    }
    if let Some(repair) = &found.repair {
        say!("  altered   {repair}");
    }
    if let Some((expected, actual)) = &found.hash {
        say!("  hash      {expected} recorded, {actual} rerun");
    }
    if let Some(PhaseDiff {
        phase,
        field,
        expected,
        actual,
    }) = &found.phase
    {
        say!(
            "  phase     {phase}: the kernel that the recording names has {field} {expected}, this build {actual}"
        );
    }
    say!("look at it with: replay inspect FILE --step {}", found.step);
}
