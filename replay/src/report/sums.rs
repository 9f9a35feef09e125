//! What happened to players, added up.

use analysis::{Moment, Told, What};
use netcode::Cause;

use crate::bench::Percentiles;

/// What happened to one player, or to many.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sum {
    /// Inputs that steps consumed.
    pub(super) inputs: u64,
    /// Corrections, in the order of [`Cause::ALL`].
    pub(super) corrections: [u64; Cause::ALL.len()],
    /// The largest correction, in cells.
    pub(super) largest_cells: f64,
    /// Steps that found no input.
    pub(super) starved_steps: u64,
    /// Inputs that found the buffer full.
    pub(super) lost_inputs: u64,
    /// Moments that the player marked.
    pub(super) marks: u64,
    /// In steps; none without an acknowledged snapshot, and of several players.
    pub(super) round_trip: Option<Percentiles>,
    /// None if no input was seen to come, and of several players.
    pub(super) slack: Option<SlackSum>,
}

/// How many steps before their own step inputs came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SlackSum {
    /// The latest input.
    pub(super) least: i16,
    /// On the average.
    pub(super) mean: f64,
}

impl Sum {
    pub(super) fn of(told: &Told) -> Self {
        let mut sum = Self {
            inputs: told.seen.inputs(),
            marks: told.seen.marks.len() as u64,
            slack: slack(told),
            ..Self::default()
        };
        let trips: Vec<u64> = told.seen.round_trips().map(|(_, steps)| steps).collect();
        sum.round_trip = (!trips.is_empty()).then(|| Percentiles::of(trips));
        for moment in &told.moments {
            sum.take(moment);
        }
        sum
    }

    fn take(&mut self, moment: &Moment) {
        if let What::Corrected(found) = &moment.what {
            let causes = Cause::ALL.iter().zip(&mut self.corrections);
            for (_, count) in causes.filter(|(cause, _)| **cause == found.cause) {
                *count += 1;
            }
            self.largest_cells = self.largest_cells.max(found.cells());
        } else if let What::Starved { steps, .. } = moment.what {
            self.starved_steps += u64::from(steps);
        } else if let What::Dropped { inputs } = moment.what {
            self.lost_inputs += u64::from(inputs);
        }
    }

    /// Counts the same of another player.
    pub(super) fn add(&mut self, other: &Self) {
        self.inputs += other.inputs;
        for (all, more) in self.corrections.iter_mut().zip(other.corrections) {
            *all += more;
        }
        self.largest_cells = self.largest_cells.max(other.largest_cells);
        self.starved_steps += other.starved_steps;
        self.lost_inputs += other.lost_inputs;
        self.marks += other.marks;
    }

    /// Corrections of every cause.
    pub(super) fn corrected(&self) -> u64 {
        self.corrections.iter().sum()
    }

    /// Causes that there were, with how often.
    pub(super) fn causes(&self) -> impl Iterator<Item = (Cause, u64)> {
        let all = Cause::ALL.into_iter().zip(self.corrections);
        all.filter(|(_, count)| *count > 0)
    }
}

fn slack(told: &Told) -> Option<SlackSum> {
    let windows = told.seen.windows.iter().filter_map(|window| window.slack);
    let (mut least, mut sum, mut inputs) = (None, 0, 0);
    for slack in windows.filter(|slack| slack.inputs > 0) {
        least = Some(least.map_or(slack.least, |least: i16| least.min(slack.least)));
        sum += i64::from(slack.sum);
        inputs += i64::from(slack.inputs);
    }
    let mean = sum as f64 / inputs as f64;
    least.map(|least| SlackSum { least, mean })
}

#[cfg(test)]
mod tests {
    use sim_core::Step;

    use super::*;

    #[test]
    fn what_happened_to_two_players_adds_up() {
        let starved = |steps| Moment {
            step: Step(1),
            what: What::Starved { steps, late: None },
        };
        let told = |moments| Told {
            moments,
            ..Told::default()
        };
        let mut sum = Sum::of(&told(vec![starved(3), starved(4)]));
        assert_eq!((sum.starved_steps, sum.corrected()), (7, 0));
        assert_eq!((sum.round_trip, sum.slack), (None, None));
        sum.add(&Sum::of(&told(vec![starved(5)])));
        assert_eq!(sum.starved_steps, 12);
    }
}
