//! Moments of a recording, as people say them.

use sim_core::Step;
use sim_core::rules::STEPS_PER_SECOND;

use crate::exit::Failure;

/// A moment of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Step(u64),
    Millis(u64),
}

impl At {
    /// # Errors
    /// If the text is neither a step nor a time.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let no = || {
            Failure::Usage(format!(
                "--at {text} is neither a step, such as 11052, nor a time, such as 3:04.2"
            ))
        };
        let Some((minutes, seconds)) = text.split_once(':') else {
            return text.parse().map(Self::Step).map_err(|_| no());
        };
        let minutes: u32 = minutes.parse().map_err(|_| no())?;
        let seconds: f64 = seconds.parse().map_err(|_| no())?;
        if !(0.0..60.0).contains(&seconds) {
            return Err(no());
        }
        Ok(Self::Millis(
            u64::from(minutes) * 60_000 + (seconds * 1_000.0) as u64,
        ))
    }

    /// The step, in a recording that begins with this one.
    pub(crate) fn step(self, first: Step) -> Step {
        match self {
            Self::Step(step) => Step(step),
            Self::Millis(millis) => first.after(millis * u64::from(STEPS_PER_SECOND) / 1_000),
        }
    }
}

/// Milliseconds from the beginning.
pub(crate) fn millis(step: Step, first: Step) -> u64 {
    millis_of(step.since(first))
}

/// Milliseconds that so many steps take.
pub(crate) fn millis_of(steps: u64) -> u64 {
    steps.saturating_mul(1_000) / u64::from(STEPS_PER_SECOND)
}

/// Minutes and seconds from the beginning.
pub(crate) fn time(step: Step, first: Step) -> String {
    let tenths = millis(step, first) / 100;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_step_or_a_time() {
        let at = |text| At::read(text).map(|at| at.step(Step(100)));
        assert_eq!(at("11052"), Ok(Step(11_052)));
        assert_eq!(at("0:00"), Ok(Step(100)));
        assert_eq!(at("3:04.5"), Ok(Step(100 + 184 * 60 + 30)));
        for wrong in ["", "x", "1:", "1:60", "-1", "1:-2", "1:2:3", "1:nan"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
        assert_eq!(time(Step(100 + 184 * 60 + 12), Step(100)), "3:04.2");
    }
}
