//! What the first layout of evidence leaves out, as it usually was.

use input_log::{PlayerEvidence, STEPS_PER_SENT, Sent, Starved};
use sim_core::Step;

/// Whether the evidence is of the first layout: it says nothing of snapshots that were sent.
pub(super) fn is_of(of: &PlayerEvidence) -> bool {
    of.sent.is_empty() && of.acked.iter().all(|ack| ack.newest.is_none())
}

/// Fills in that snapshots are sent without a pause, that a player who starved in these steps did so in all that consumed nothing,
/// and that a message brings the inputs that are consumed as long after it as inputs waited on average.
pub(super) fn fill_in(of: &mut PlayerEvidence, first: Step, last: Step) {
    let begins = first.0.checked_next_multiple_of(STEPS_PER_SENT);
    if let Some(begins) = begins.map(Step)
        && begins <= last
    {
        of.sent.push(Sent {
            step: begins,
            snapshots: u32::try_from(last.since(begins) / STEPS_PER_SENT + 1).unwrap_or(u32::MAX),
        });
    }
    if of.starved > 0 {
        let mut next = first;
        for run in &of.consumed {
            push_starved(&mut of.starved_runs, next, run.step);
            next = run.step.after(u64::from(run.steps));
        }
        push_starved(&mut of.starved_runs, next, last.after(1));
    }
    let early = of.slack.map_or(0, |slack| {
        i64::from(slack.sum) / i64::from(slack.inputs.max(1))
    });
    let early = u64::try_from(early).unwrap_or(0);
    for ack in &mut of.acked {
        let until = ack.step.after(1 + early);
        let runs = of.consumed.iter().rev();
        let newest = runs.filter(|run| run.step <= until).map(|run| {
            run.seq
                .saturating_add(until.since(run.step).min(u64::from(run.steps)) as u32)
        });
        ack.newest = newest.into_iter().next();
    }
}

fn push_starved(runs: &mut Vec<Starved>, from: Step, until: Step) {
    if let Some(steps) = until.0.checked_sub(from.0)
        && let Ok(steps) = u32::try_from(steps)
        && steps > 0
    {
        runs.push(Starved { step: from, steps });
    }
}
