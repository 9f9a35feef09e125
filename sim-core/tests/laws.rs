//! What holds in every session, whatever its players do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sessions;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sessions::{hostile_frame, session};
use sim_core::event::NOT_A_COMMAND;
use sim_core::movement::overlaps;
use sim_core::rules::ARENA_CELLS;
use sim_core::{
    Action, Buttons, Cell, Command, Effect, Event, Frame, Player, PlayerId, Structure, Structures,
    World, diff,
};

fn played(seed: u64, frames: &[Frame]) -> World {
    let mut world = World::new(seed);
    frames.iter().for_each(|frame| world.step(frame));
    world
}

fn overlapped(player: &Player) -> BTreeSet<Cell> {
    let near =
        |axis: i32| (axis - 1).max(0) as u8..=(axis + 1).min(i32::from(ARENA_CELLS) - 1) as u8;
    let (x, y) = (near(player.pos.x.cell()), near(player.pos.y.cell()));
    x.flat_map(|x| y.clone().map(move |y| Cell { x, y }))
        .filter(|&cell| overlaps(player.pos, cell))
        .collect()
}

#[test]
fn every_action_is_done_in_these_sessions() {
    let mut runner = TestRunner::deterministic();
    let made: BTreeSet<&str> = (0..40)
        .flat_map(|_| {
            let frames = session().new_tree(&mut runner).unwrap().current();
            frames.into_iter().flat_map(|frame| frame.commands)
        })
        .filter_map(|(_, command)| {
            if let Command::Act(action) = command {
                Some(action.name())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(made, Action::NAMES.iter().copied().collect());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_world_restored_at_any_step_goes_on_as_if_it_had_not_been(seed: u64, frames in session()) {
        let mut linear = World::new(seed);
        for frame in &frames {
            let bytes = linear.encode();
            let mut restored = World::decode(&bytes).unwrap();
            prop_assert_eq!(&restored, &linear);
            prop_assert_eq!(restored.encode(), bytes);
            linear.step(frame);
            restored.step(frame);
            prop_assert_eq!(restored.hash(), linear.hash());
            prop_assert_eq!(restored.events(), linear.events());
            prop_assert_eq!(diff(&linear, &restored), None);
        }
    }

    #[test]
    fn seeking_equals_playing_from_the_start(seed: u64, frames in session(), at: prop::sample::Index) {
        let (before, after) = frames.split_at(at.index(frames.len()));
        let mut linear = played(seed, before);
        let mut sought = World::decode(&linear.encode()).unwrap();
        for frame in after {
            linear.step(frame);
            sought.step(frame);
            prop_assert_eq!(sought.hash(), linear.hash());
        }
    }

    #[test]
    fn nobody_is_faster_than_the_terminal_speed_or_outside(seed: u64, frames in session()) {
        let mut world = World::new(seed);
        for frame in &frames {
            world.step(frame);
            for player in world.players() {
                prop_assert!(player.vel.is_walkable(), "{:?}", player);
                prop_assert!(player.pos.in_arena());
                prop_assert!(player.is_alive() || player.vel.is_zero());
            }
        }
    }

    #[test]
    fn nobody_enters_what_blocks_them(seed: u64, frames in session()) {
        let mut world = World::new(seed);
        for frame in &frames {
            let before = world.clone();
            world.step(frame);
            let came = |id: PlayerId| world.events().iter().any(|event| {
                matches!(event, Event::Joined { player } | Event::Respawned { player } if *player == id)
            });
            for player in world.players().iter().filter(|player| player.is_alive() && !came(player.id)) {
                let was_in = overlapped(before.player(player.id).unwrap());
                for cell in overlapped(player).difference(&was_in) {
                    for structures in [before.structures(), world.structures()] {
                        let solid = structures.at(*cell).is_some_and(|structure| structure.blocks(player.id));
                        prop_assert!(!solid, "{:?} entered {:?}", player, cell);
                    }
                }
            }
        }
    }

    #[test]
    fn the_digest_kept_equals_the_digest_made_anew(seed: u64, frames in session()) {
        let mut world = World::new(seed);
        for frame in &frames {
            world.step(frame);
            let mut anew = Structures::new();
            // Backwards, because the order must not matter.
            let all: Vec<_> = world.structures().iter().copied().collect();
            all.iter().rev().for_each(|structure| anew.insert(*structure).unwrap());
            prop_assert_eq!(anew.digest(), world.structures().digest());
            prop_assert!(all.windows(2).all(|pair| pair[0].id < pair[1].id));
            prop_assert!(all.iter().all(|structure| world.structures().at(structure.cell) == Some(structure)));
        }
    }

    #[test]
    fn every_command_has_its_result_in_its_place(seed: u64, frames in session()) {
        let mut world = World::new(seed);
        for frame in &frames {
            world.step(frame);
            prop_assert_eq!(world.results().len(), frame.commands.len());
            let mut told = Vec::new();
            for (index, ((player, _), result)) in frame.commands.iter().zip(world.results()).enumerate() {
                let player = *player;
                told.extend(match *result {
                    Ok(Effect::Fired(id)) => Some(Event::Fired { player, id }),
                    Ok(Effect::Placed(Structure { id, owner, cell, kind, .. })) => {
                        prop_assert_eq!(owner, player);
                        Some(Event::Placed { player, id, cell, kind })
                    }
                    Ok(Effect::Removed(id)) => Some(Event::Removed { player, id }),
                    Ok(Effect::Changed) => None,
                    Err(reason) => Some(Event::Rejected { player, command_index: index as u16, reason }),
                });
            }
            let is_told = |event: &&Event| match event {
                Event::Fired { .. } | Event::Placed { .. } | Event::Removed { .. } => true,
                Event::Rejected { command_index, .. } => *command_index != NOT_A_COMMAND,
                Event::Joined { .. }
                | Event::Left { .. }
                | Event::Destroyed { .. }
                | Event::Hit { .. }
                | Event::Died { .. }
                | Event::Respawned { .. } => false,
            };
            let events: Vec<Event> = world.events().iter().filter(is_told).copied().collect();
            prop_assert_eq!(events, told);
        }
    }

    #[test]
    fn what_is_rejected_changes_nothing(seed: u64, frames in session()) {
        let mut world = World::new(seed);
        for frame in &frames {
            let mut without = world.clone();
            world.step(frame);
            let mut rejected = BTreeSet::new();
            for event in world.events() {
                if let Event::Rejected { command_index, .. } = event {
                    rejected.insert(*command_index);
                }
            }
            let mut allowed = frame.clone();
            allowed.commands.clear();
            for (index, command) in frame.commands.iter().enumerate() {
                if !rejected.contains(&(index as u16)) {
                    allowed.commands.push(*command);
                }
            }
            without.step(&allowed);
            prop_assert_eq!(diff(&world, &without), None);
        }
    }

    #[test]
    fn no_frame_makes_a_step_panic_or_a_world_that_does_not_decode(
        seed: u64,
        start in session(),
        frames in prop::collection::vec(hostile_frame(), 1..40),
    ) {
        let mut world = played(seed, &start);
        for frame in &frames {
            world.step(frame);
            let decoded = World::decode(&world.encode());
            prop_assert_eq!(decoded.as_ref(), Ok(&world));
        }
    }

    #[test]
    fn fast_forward_equals_empty_steps(seed: u64, mut frames in session(), steps in 0_u64..300) {
        frames.push(Frame {
            buttons: (0..6).map(|id| (PlayerId(id), Buttons::NONE)).collect(),
            ..Frame::default()
        });
        let mut stepped = played(seed, &frames);
        let idle = Frame::default();
        let mut waited = 0;
        while !stepped.is_quiet() {
            stepped.step(&idle);
            waited += 1;
            prop_assert!(waited < 600, "without input every world comes to rest");
        }
        let mut forwarded = stepped.clone();
        forwarded.fast_forward(steps);
        (0..steps).for_each(|_| stepped.step(&idle));
        prop_assert_eq!(forwarded.hash(), stepped.hash());
        prop_assert_eq!(&forwarded, &stepped);
    }

    #[test]
    fn no_two_moments_of_a_session_have_the_same_hash(seed: u64, frames in session()) {
        let mut world = World::new(seed);
        let mut hashes = BTreeSet::new();
        for frame in &frames {
            world.step(frame);
            // The step number is part of the state, so no two moments are alike.
            prop_assert!(hashes.insert(world.hash()));
        }
    }
}

#[test]
fn random_sessions_reach_every_kind_of_event() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for seed in 0..100 {
        let frames = session().new_tree(&mut runner).unwrap().current();
        let mut world = World::new(seed);
        for frame in &frames {
            world.step(frame);
            seen.extend(world.events().iter().map(|event| match event {
                Event::Rejected { reason, .. } => format!("{reason:?}"),
                Event::Joined { .. } => "joined".into(),
                Event::Left { .. } => "left".into(),
                Event::Placed { .. } => "placed".into(),
                Event::Removed { .. } => "removed".into(),
                Event::Destroyed { .. } => "destroyed".into(),
                Event::Fired { .. } => "fired".into(),
                Event::Hit { .. } => "hit".into(),
                Event::Died { .. } => "died".into(),
                Event::Respawned { .. } => "respawned".into(),
            }));
        }
    }
    // Without these, the laws above would hold of nothing.
    for event in [
        "joined",
        "left",
        "placed",
        "removed",
        "destroyed",
        "fired",
        "hit",
        "died",
        "respawned",
    ] {
        assert!(seen.contains(event), "{event} is not in {seen:?}");
    }
    for reject in [
        "Dead",
        "FireCooldown",
        "BuildCooldown",
        "OutOfReach",
        "CellTaken",
        "CellOccupied",
        "NotOwner",
    ] {
        assert!(seen.contains(reject), "{reject} is not in {seen:?}");
    }
}

#[test]
#[should_panic(expected = "only a quiet world")]
fn a_world_that_is_not_quiet_is_not_fast_forwarded() {
    let mut world = World::new(1);
    let joins = vec![sim_core::Join {
        player: PlayerId(1),
        look: sim_core::Look::default(),
        saved: None,
    }];
    world.step(&Frame {
        joins,
        ..Frame::default()
    });
    world.fast_forward(1);
}
