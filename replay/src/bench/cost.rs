//! The costs of a recording's steps, and what there was in each.

use std::cmp::Reverse;

use kernel::Moment;
use serde::Serialize;
use sim_core::{Frame, Step};

use super::stopwatch::Taken;

/// What every step cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Costs {
    steps: Vec<StepCost>,
    reruns: u32,
}

/// One step, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StepCost {
    pub(super) things: Things,
    pub(super) step_ns: u64,
    pub(super) hash_ns: u64,
}

/// What there was in a step: the reasons why it may be dear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Things {
    pub(super) step: Step,
    pub(super) players: usize,
    pub(super) projectiles: usize,
    pub(super) structures: usize,
    pub(super) pressed: usize,
    pub(super) commands: usize,
    pub(super) joins: usize,
    pub(super) leaves: usize,
}

/// Some of many values, such as costs in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Percentiles {
    pub(crate) p50: u64,
    pub(crate) p90: u64,
    pub(crate) p99: u64,
    pub(crate) max: u64,
}

impl Percentiles {
    /// Of at least one value.
    pub(crate) fn of(mut all: Vec<u64>) -> Self {
        all.sort_unstable();
        let at = |percent: usize| all[(all.len() * percent).div_ceil(100).max(1) - 1];
        Self {
            p50: at(50),
            p90: at(90),
            p99: at(99),
            max: at(100),
        }
    }
}

impl Things {
    /// What the frame of a step holds.
    pub(super) fn in_frame(step: Step, frame: &Frame) -> Self {
        Self {
            step,
            pressed: frame.buttons.len(),
            commands: frame.commands.len(),
            joins: frame.joins.len(),
            leaves: frame.leaves.len(),
            ..Self::default()
        }
    }

    /// The same with what the world holds after it.
    pub(super) fn in_moment(self, world: &Moment) -> Self {
        Self {
            players: world.players.len(),
            projectiles: world.projectiles.len(),
            structures: world.structures.len(),
            ..self
        }
    }
}

impl StepCost {
    /// Step and hash.
    pub(super) fn both_ns(&self) -> u64 {
        self.step_ns + self.hash_ns
    }
}

impl Costs {
    /// Takes the times of a rerun. The first one brings what there was in the steps.
    pub(super) fn take(&mut self, things: Vec<Things>, taken: Vec<Taken>) {
        let nanos = |taken: &Taken| (taken.step_ns(), taken.hash_ns());
        if self.reruns == 0 {
            let of = |(things, taken): (Things, &Taken)| {
                let (step_ns, hash_ns) = nanos(taken);
                StepCost {
                    things,
                    step_ns,
                    hash_ns,
                }
            };
            self.steps = things.into_iter().zip(&taken).map(of).collect();
        } else {
            for (cost, taken) in self.steps.iter_mut().zip(&taken) {
                let (step_ns, hash_ns) = nanos(taken);
                cost.step_ns = cost.step_ns.min(step_ns);
                cost.hash_ns = cost.hash_ns.min(hash_ns);
            }
        }
        self.reruns += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Every step, in their order.
    pub(super) fn steps(&self) -> &[StepCost] {
        &self.steps
    }

    /// How often each was run.
    pub(super) fn reruns(&self) -> u32 {
        self.reruns
    }

    /// Percentiles of what is asked for of each step. There is at least one.
    pub(super) fn percentiles(&self, of: impl Fn(&StepCost) -> u64) -> Percentiles {
        Percentiles::of(self.steps.iter().map(of).collect())
    }

    /// The most expensive steps, the dearest first.
    pub(super) fn worst(&self, count: usize) -> Vec<StepCost> {
        let mut all = self.steps.clone();
        all.sort_by_key(|cost| (Reverse(cost.both_ns()), cost.things.step));
        all.truncate(count);
        all
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn costs(reruns: &[&[u64]]) -> Costs {
        let mut costs = Costs::default();
        for nanos in reruns {
            let things = (0..nanos.len()).map(|nth| Things {
                step: Step(nth as u64),
                ..Things::default()
            });
            let taken = nanos.iter().map(|nanos| Taken {
                step: Duration::from_nanos(*nanos),
                hash: Duration::from_nanos(1),
            });
            costs.take(things.collect(), taken.collect());
        }
        costs
    }

    #[test]
    fn of_each_step_the_cheapest_rerun_counts() {
        let costs = costs(&[&[10, 500, 30], &[900, 20, 30], &[11, 21, 29]]);
        assert_eq!(costs.reruns(), 3);
        let both: Vec<u64> = costs.steps().iter().map(StepCost::both_ns).collect();
        assert_eq!(both, [11, 21, 30]);
        let worst = costs.worst(2);
        assert_eq!(
            [worst[0].things.step, worst[1].things.step],
            [Step(2), Step(1)]
        );
    }

    #[test]
    fn percentiles_are_costs_that_were() {
        let nanos: Vec<u64> = (1..=200).rev().collect();
        let found = costs(&[&nanos]).percentiles(|cost| cost.step_ns);
        let expected = Percentiles {
            p50: 100,
            p90: 180,
            p99: 198,
            max: 200,
        };
        assert_eq!(found, expected);
        let one = costs(&[&[7]]).percentiles(|cost| cost.step_ns);
        assert_eq!((one.p50, one.p99, one.max), (7, 7, 7));
    }
}
