//! Recordings that somebody changed: `verify` must say where, and what.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod session;

use input_log::{Entry, HashDetail, Recording, forge::doctor};
use replay::{Basis, Divergence, Exit, Rules, Verdict, verify};
use session::recorded;
use sim_core::{Action, Aim, Buttons, Command, Frame, Look, PlayerId, Step, World, diff};

fn verdict(bytes: &[u8]) -> Verdict {
    verify(bytes, &Rules::Named, &mut |_| {}).unwrap()
}

/// The first step from `from` on whose frame fits.
fn find(bytes: &[u8], from: u64, fits: impl Fn(&Frame) -> bool) -> Step {
    let recording = Recording::open(bytes).unwrap();
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        if let Entry::Step { step, frame, .. } = entry
            && step.0 >= from
            && fits(frame)
        {
            return step;
        }
    }
    panic!("no step fits");
}

/// What the recording and the doctored one have after the step, compared without `verify`.
fn true_difference(bytes: &[u8], doctored: &[u8], step: Step) -> (String, String, String) {
    let world = |bytes: &[u8]| {
        let recording = Recording::open(bytes).unwrap();
        let mut entries = recording.entries();
        let mut world: Option<World> = None;
        while let Some(entry) = entries.next() {
            match entry {
                Entry::Keyframe(keyframe) if world.is_none() => {
                    world = Some(keyframe.world().unwrap());
                }
                Entry::Step { frame, .. } => world.as_mut().unwrap().step(frame),
                Entry::Keyframe(_)
                | Entry::Digest { .. }
                | Entry::Gap { .. }
                | Entry::Evidence(_)
                | Entry::End => {}
            }
            if world
                .as_ref()
                .is_some_and(|world| world.step_number() == step)
            {
                break;
            }
        }
        world.unwrap()
    };
    let found = diff(&world(bytes), &world(doctored)).unwrap();
    (found.path, found.expected, found.actual)
}

/// Doctors one step and checks that exactly this is found.
fn check(
    detail: HashDetail,
    pick: impl Fn(&Frame) -> bool,
    alter: impl Fn(&mut Frame),
) -> Divergence {
    let bytes = recorded(240, 120, detail);
    let at = find(&bytes, 70, pick);
    let doctored = doctor(&bytes, |step, frame| {
        if step == at {
            alter(frame);
        }
    })
    .unwrap();
    let verdict = verdict(&doctored);
    assert_eq!(verdict.exit(), Exit::Diverges);
    let found = verdict.divergence.unwrap();
    assert_eq!(found.step, at);
    assert_eq!(found.basis, Basis::Repair, "{found:?}");
    let field = (
        found.field.clone(),
        found.expected.clone(),
        found.actual.clone(),
    );
    assert_eq!(field, true_difference(&bytes, &doctored, at));
    found
}

#[test]
fn an_untouched_recording_holds() {
    for detail in [HashDetail::Check, HashDetail::EveryStep] {
        let verdict = verdict(&recorded(240, 120, detail));
        assert_eq!(verdict.exit(), Exit::Holds);
        assert_eq!((verdict.steps, verdict.hashes_compared), (240, 240));
        assert_eq!(verdict.lost, None);
    }
}

#[test]
fn other_buttons_are_found_and_named() {
    for detail in [HashDetail::Check, HashDetail::EveryStep] {
        let found = check(
            detail,
            |frame| !frame.buttons.is_empty(),
            |frame| {
                let (_, held) = &mut frame.buttons[0];
                *held = Buttons::from_bits_truncate(held.to_bits() ^ 8);
            },
        );
        assert!(found.repair.unwrap().contains("buttons of player"));
    }
}

#[test]
fn a_change_of_buttons_that_was_put_in_is_found() {
    let found = check(HashDetail::Check, Frame::is_empty, |frame| {
        frame.buttons.push((PlayerId(2), Buttons::ALL))
    });
    assert!(found.field.starts_with("players[2]"), "{found:?}");
    assert!(found.repair.unwrap().contains("fit no change"));
}

#[test]
fn a_command_that_was_put_in_is_found() {
    let look = Look { body: 1, colour: 0 };
    let found = check(HashDetail::Check, Frame::is_empty, |frame| {
        frame.commands.push((PlayerId(3), Command::SetLook(look)));
    });
    assert_eq!(found.field, "players[3].look.body");
    assert_eq!((found.expected.as_str(), found.actual.as_str()), ("0", "1"));
    assert!(found.repair.unwrap().ends_with("the hashes fit none"));
}

#[test]
fn a_shot_in_another_direction_is_found() {
    let is_shot =
        |command: &(PlayerId, Command)| matches!(command.1, Command::Act(Action::Fire { .. }));
    let found = check(
        HashDetail::Check,
        |frame| frame.commands.len() == 1 && is_shot(&frame.commands[0]),
        |frame| frame.commands[0].1 = Command::Act(Action::Fire { aim: Aim(7) }),
    );
    assert!(found.field.ends_with(".aim"), "{found:?}");
    assert_eq!(found.actual, "7");
}

#[test]
fn a_shot_and_a_wall_that_were_taken_out_are_found() {
    let shots =
        |frame: &Frame| matches!(frame.commands[..], [(_, Command::Act(Action::Fire { .. }))]);
    let found = check(HashDetail::EveryStep, shots, |frame| frame.commands.clear());
    assert_eq!(found.field, "next_projectile");
    let walls = |frame: &Frame| {
        matches!(
            frame.commands[..],
            [(_, Command::Act(Action::Place { .. }))]
        )
    };
    let bytes = recorded(240, 120, HashDetail::EveryStep);
    let recording = Recording::open(&bytes).unwrap();
    let mut entries = recording.entries();
    let mut placed = None;
    let mut world: Option<World> = None;
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Keyframe(keyframe) if world.is_none() => world = Some(keyframe.world().unwrap()),
            Entry::Step { step, frame, .. } => {
                let world = world.as_mut().unwrap();
                let before = world.structures().len();
                world.step(frame);
                if walls(frame) && world.structures().len() > before {
                    placed.get_or_insert(step);
                }
            }
            Entry::Keyframe(_)
            | Entry::Digest { .. }
            | Entry::Gap { .. }
            | Entry::Evidence(_)
            | Entry::End => {}
        }
    }
    let at = placed.unwrap();
    let doctored = doctor(&bytes, |step, frame| {
        if step == at {
            frame.commands.clear();
        }
    })
    .unwrap();
    let found = verdict(&doctored).divergence.unwrap();
    assert_eq!((found.step, found.field.as_str()), (at, "next_structure"));
    assert_eq!(found.basis, Basis::Repair);
}

#[test]
fn a_player_taken_out_is_found() {
    let bytes = recorded(240, 120, HashDetail::EveryStep);
    let doctored = doctor(&bytes, |_, frame| {
        frame.joins.retain(|join| join.player != PlayerId(4));
    })
    .unwrap();
    let found = verdict(&doctored).divergence.unwrap();
    assert_eq!((found.step, found.field.as_str()), (Step(1), "rng"));
    assert_eq!(found.basis, Basis::Repair);
    assert!(found.repair.unwrap().contains("no join of player 4"));
}

#[test]
fn what_no_single_change_explains_is_compared_at_the_next_keyframe() {
    let bytes = recorded(240, 120, HashDetail::EveryStep);
    let at = find(&bytes, 70, Frame::is_empty);
    let doctored = doctor(&bytes, |step, frame| {
        if step == at {
            frame.buttons = vec![(PlayerId(1), Buttons::UP), (PlayerId(2), Buttons::DOWN)];
        }
    })
    .unwrap();
    let found = verdict(&doctored).divergence.unwrap();
    assert_eq!((found.step, found.basis), (at, Basis::Keyframe));
    assert_eq!(found.compared_at, Step(120));
    let field = (found.field, found.expected, found.actual);
    assert_eq!(field, true_difference(&bytes, &doctored, Step(120)));
    let (expected, actual) = found.hash.unwrap();
    assert!(expected != actual && expected.len() == 16);
}

#[test]
fn without_a_keyframe_behind_it_the_hashes_are_what_is_known() {
    let bytes = recorded(110, 120, HashDetail::EveryStep);
    let at = find(&bytes, 70, Frame::is_empty);
    let doctored = doctor(&bytes, |step, frame| {
        if step == at {
            frame.buttons = vec![(PlayerId(1), Buttons::UP), (PlayerId(2), Buttons::DOWN)];
        }
    })
    .unwrap();
    let found = verdict(&doctored).divergence.unwrap();
    assert_eq!((found.step, found.basis), (at, Basis::Hash));
    assert_eq!(found.field, "hash");
    assert_ne!(found.expected, found.actual);
}
