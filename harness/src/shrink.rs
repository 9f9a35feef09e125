//! From a script that fails to a smaller one that fails the same way.

use crate::caught::run_caught;
use crate::profile::LinkProfile;
use crate::script::{PlayerScript, Script};

/// What shrinking came to.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest script found.
    pub script: Script,
    /// Sessions played to find it.
    pub sessions: u32,
}

/// Makes the script smaller for as long as its first violation is found by the same oracle, and for so many sessions at
/// most. A script that does not fail stays as it is.
#[must_use]
pub fn shrink(script: &Script, sessions_max: u32) -> Shrunk {
    let mut shrunk = Shrunk {
        script: script.clone(),
        sessions: 1,
    };
    let Some(oracle) = fails(script) else {
        return shrunk;
    };
    loop {
        let before = shrunk.script.clone();
        for candidate in candidates(&before) {
            if shrunk.sessions >= sessions_max {
                return shrunk;
            }
            shrunk.sessions += 1;
            if fails(&candidate) == Some(oracle) {
                shrunk.script = candidate;
                break;
            }
        }
        if shrunk.script == before {
            return shrunk;
        }
    }
}

fn fails(script: &Script) -> Option<&'static str> {
    let outcome = run_caught(script);
    outcome.violations.first().map(crate::Violation::oracle)
}

/// Smaller scripts, the boldest first.
fn candidates(script: &Script) -> Vec<Script> {
    let mut smaller = Vec::new();
    let mut with = |change: &dyn Fn(&mut Script)| {
        let mut candidate = script.clone();
        change(&mut candidate);
        if candidate != *script && candidate.check().is_ok() {
            smaller.push(candidate);
        }
    };
    // Faults, in halves, quarters, ... and one by one.
    let faults = script.faults.len();
    let mut chunk = faults;
    while chunk > 0 {
        for from in (0..faults).step_by(chunk) {
            with(&|script| {
                script.faults.drain(from..(from + chunk).min(faults));
            });
        }
        chunk /= 2;
    }
    for seat in 0..script.seats.len() {
        with(&|script| remove_seat(script, seat));
    }
    let loud = script.seconds - script.quiet_seconds;
    for seconds in [loud / 2, loud.saturating_sub(5), loud.saturating_sub(1)] {
        with(&|script| {
            script.seconds = seconds.max(1) + script.quiet_seconds;
            let end = script.quiet_from_ms();
            script.faults.retain(|timed| timed.at_ms < end);
        });
    }
    with(&|script| {
        script.seconds -= script.quiet_seconds;
        script.quiet_seconds = 0;
    });
    for seat in 0..script.seats.len() {
        with(&|script| script.seats[seat].link = LinkProfile::CLEAN);
        with(&|script| script.seats[seat].link.loss = None);
        with(&|script| script.seats[seat].link.stalls = None);
        with(&|script| script.seats[seat].link.break_after_ms = None);
        with(&|script| script.seats[seat].link.jitter_ms /= 2);
        with(&|script| script.seats[seat].drift_ppm = 0);
        with(&|script| script.seats[seat].frame_ms = 0);
        with(&|script| script.seats[seat].leaves_ms = None);
        with(&|script| script.seats[seat].enters_ms = 0);
        with(&|script| {
            if let PlayerScript::Bot(behaviour) = &mut script.seats[seat].player {
                *behaviour = crate::Behaviour::Walker;
            }
        });
    }
    smaller
}

fn remove_seat(script: &mut Script, gone: usize) {
    script.seats.remove(gone);
    script
        .faults
        .retain(|timed| timed.fault.seat() != Some(gone));
    for timed in &mut script.faults {
        timed.fault = timed.fault.without_seat(gone);
    }
}
