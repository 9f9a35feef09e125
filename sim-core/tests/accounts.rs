//! What a step changes is what its events say.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sessions;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sessions::session;
use sim_core::{Event, PlayerId, ProjectileId, StructureId, World};

/// What a step may have changed, counted from its events alone.
#[derive(Default)]
struct Account {
    hurt: BTreeMap<PlayerId, u32>,
    kills: BTreeMap<PlayerId, u16>,
    died: BTreeSet<PlayerId>,
    came: BTreeSet<PlayerId>,
    built: BTreeSet<StructureId>,
    gone: BTreeSet<StructureId>,
    fired: BTreeSet<ProjectileId>,
}

impl Account {
    fn of(events: &[Event]) -> Self {
        let mut account = Self::default();
        for event in events {
            match *event {
                Event::Joined { player } | Event::Respawned { player } => {
                    account.came.insert(player);
                }
                Event::Hit { player, damage, .. } => {
                    *account.hurt.entry(player).or_default() += u32::from(damage);
                }
                Event::Died { player, by } => {
                    account.died.insert(player);
                    *account.kills.entry(by).or_default() += 1;
                }
                Event::Placed { id, .. } => {
                    account.built.insert(id);
                }
                Event::Removed { id, .. } | Event::Destroyed { id, .. } => {
                    account.gone.insert(id);
                }
                Event::Fired { id, .. } => {
                    account.fired.insert(id);
                }
                Event::Left { .. } | Event::Rejected { .. } => {}
            }
        }
        account
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn events_account_for_every_change_of_score_health_structures_and_shots(seed: u64, frames in session()) {
        let mut world = World::new(seed);
        for frame in &frames {
            let before = world.clone();
            world.step(frame);
            let account = Account::of(world.events());
            for player in world.players() {
                let Some(was) = before.player(player.id).filter(|was| !account.came.contains(&was.id)) else {
                    continue;
                };
                let has_died = account.died.contains(&player.id);
                prop_assert_eq!(player.deaths, was.deaths + u16::from(has_died));
                prop_assert_eq!(player.score, was.score + account.kills.get(&player.id).copied().unwrap_or(0));
                let hurt = account.hurt.get(&player.id).copied().unwrap_or(0);
                prop_assert_eq!(u32::from(player.health), u32::from(was.health).saturating_sub(hurt));
                prop_assert_eq!(has_died, was.health > 0 && player.health == 0);
            }
            let ids = |world: &World| world.structures().iter().map(|one| one.id).collect::<BTreeSet<_>>();
            let mut expected: BTreeSet<_> = ids(&before).union(&account.built).copied().collect();
            expected.retain(|id| !account.gone.contains(id));
            prop_assert_eq!(ids(&world), expected);
            let shots = |world: &World| world.projectiles().iter().map(|one| one.id).collect::<BTreeSet<_>>();
            let possible = shots(&before).union(&account.fired).copied().collect::<BTreeSet<_>>();
            prop_assert!(shots(&world).is_subset(&possible));
            let fired = account.fired.len() as u32;
            prop_assert_eq!(world.next_projectile().0, before.next_projectile().0 + fired);
            let built = account.built.len() as u32;
            prop_assert_eq!(world.next_structure().0, before.next_structure().0 + built);
        }
    }
}
