//! Worlds that were passed, so that going back does not begin at a keyframe.

use std::collections::BTreeMap;

use kernel::Translate;
use sim_core::Step;

/// Steps from one kept world to the next, to begin with.
const KEPT_EVERY_STEPS: u64 = 300;
/// Worlds that are kept. They are encoded, and the rules allow none of more than about 14 KB.
const KEPT_MAX: usize = 256;

/// Encoded worlds by their step. When there is no place, every other one goes.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    worlds: BTreeMap<Step, Vec<u8>>,
    every: u64,
}

impl Kept {
    pub(super) fn new() -> Self {
        Self {
            worlds: BTreeMap::new(),
            every: KEPT_EVERY_STEPS,
        }
    }

    /// Keeps the world if it is time to.
    pub(super) fn pass<K: Translate>(&mut self, kernel: &K, world: &K::World) {
        let step = kernel.step_number(world);
        if !step.0.is_multiple_of(self.every) || self.worlds.contains_key(&step) {
            return;
        }
        while self.worlds.len() >= KEPT_MAX {
            self.every = self.every.saturating_mul(2);
            let every = self.every;
            self.worlds.retain(|step, _| step.0.is_multiple_of(every));
        }
        if step.0.is_multiple_of(self.every) {
            self.worlds.insert(step, kernel.encode(world));
        }
    }

    /// The last world that is not behind this step.
    pub(super) fn before<K: Translate>(&self, kernel: &K, step: Step) -> Option<K::World> {
        let (_, encoded) = self.worlds.range(..=step).next_back()?;
        kernel.restore(encoded).ok()
    }

    /// Its step.
    pub(super) fn step_before(&self, step: Step) -> Option<Step> {
        self.worlds
            .range(..=step)
            .next_back()
            .map(|(step, _)| *step)
    }
}

#[cfg(test)]
mod tests {
    use input_log::Native;
    use sim_core::World;

    use super::*;

    #[test]
    fn a_day_of_worlds_stays_within_its_bound_and_is_spread_evenly() {
        let mut kept = Kept::new();
        let mut world = World::new(1);
        for _ in 0..24 * 3600 {
            world.fast_forward(60);
            kept.pass(&Native, &world);
        }
        assert!((KEPT_MAX / 2..=KEPT_MAX).contains(&kept.worlds.len()));
        for step in (0..24 * 216_000).step_by(7_777) {
            let step = Step(step + kept.every);
            let before = kept
                .before(&Native, step)
                .expect("there is one")
                .step_number();
            assert_eq!(kept.step_before(step), Some(before));
            assert!(step.since(before) < kept.every);
        }
    }

    #[test]
    fn multiples_of_any_spacing_do_not_fill_it_for_ever() {
        let mut kept = Kept::new();
        let mut world = World::new(1);
        for _ in 0..600 {
            world.fast_forward(KEPT_EVERY_STEPS << 40);
            kept.pass(&Native, &world);
        }
        assert!(kept.worlds.len() <= KEPT_MAX);
    }
}
