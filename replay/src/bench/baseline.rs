//! Costs of another day, or of another machine, to compare with: each as a multiple of the yardstick of its own run.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Benched;
use super::cost::StepCost;
use crate::exit::Failure;
use crate::source;

/// What such a file says that it is.
const FORMAT: &str = "replay bench 1";

/// Costs by the names of the recordings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    format: String,
    files: BTreeMap<String, Kept>,
}

/// What is kept of a recording: step and hash, in yardsticks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    steps: usize,
    p50: f64,
    p99: f64,
}

/// How costs have changed: 1.1 is a tenth more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Comparison {
    /// Whether neither has grown by more than it may.
    #[serde(rename = "ok")]
    pub(super) holds: bool,
    pub(super) p50: f64,
    pub(super) p99: f64,
}

impl Baseline {
    /// Of these recordings.
    pub(super) fn of(all: &[Benched], yardstick_ns: u64) -> Self {
        let kept = |one: &Benched| (one.name.clone(), Kept::of(one, yardstick_ns));
        Self {
            format: FORMAT.to_owned(),
            files: all.iter().map(kept).collect(),
        }
    }

    /// As a file holds it.
    pub(super) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("the shapes here have string keys only") + "\n"
    }

    /// Reads what `--save` wrote.
    ///
    /// # Errors
    /// If the file holds anything else.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = source::file(path, source::TEXT_BYTES_MAX)?;
        let no = |why: String| {
            let name = path.display();
            Failure::Usage(format!(
                "{name} is not what `replay bench --save` writes: {why}. Write it anew"
            ))
        };
        let read: Self = serde_json::from_slice(&bytes).map_err(|error| no(error.to_string()))?;
        if read.format != FORMAT {
            return Err(no(format!(
                "its format is {:?}, not {FORMAT:?}",
                read.format
            )));
        }
        let is_cost = |cost: f64| cost.is_finite() && cost > 0.0;
        match read
            .files
            .iter()
            .find(|(_, kept)| !is_cost(kept.p50) || !is_cost(kept.p99))
        {
            Some((name, _)) => Err(no(format!("{name} costs nothing in it"))),
            None => Ok(read),
        }
    }

    /// How the costs of a recording have changed; none if it is not in the file with as many steps.
    pub(super) fn compare(
        &self,
        one: &Benched,
        yardstick_ns: u64,
        slower_max: u32,
    ) -> Option<Comparison> {
        let now = Kept::of(one, yardstick_ns);
        let before = self.files.get(&one.name)?;
        if before.steps != now.steps {
            return None;
        }
        let (p50, p99) = (now.p50 / before.p50, now.p99 / before.p99);
        let most = 1.0 + f64::from(slower_max) / 100.0;
        Some(Comparison {
            p50,
            p99,
            holds: p50 <= most && p99 <= most,
        })
    }
}

impl Kept {
    fn of(one: &Benched, yardstick_ns: u64) -> Self {
        let both = one.costs.percentiles(StepCost::both_ns);
        let yardsticks = |nanos: u64| nanos as f64 / yardstick_ns as f64;
        Self {
            steps: one.costs.steps().len(),
            p50: yardsticks(both.p50),
            p99: yardsticks(both.p99),
        }
    }
}
