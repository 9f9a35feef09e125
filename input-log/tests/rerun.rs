//! A rerun goes through everything that is recorded, and stops where it is something else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use input_log::{Diverged, HashDetail, Header, Recording, Rerun, Verified, Writer};
use sim_core::{Buttons, Frame, Join, Look, PlayerId, Step, World};

const ME: PlayerId = PlayerId(1);

fn frame(step: u64) -> Frame {
    let mut frame = Frame::default();
    match step {
        1 => frame.joins.push(Join {
            player: ME,
            look: Look::default(),
            saved: None,
        }),
        5 => frame.buttons.push((ME, Buttons::RIGHT)),
        20 => frame.buttons.push((ME, Buttons::NONE)),
        _ => {}
    }
    frame
}

/// 200 steps with a keyframe after each 50, a sleep of 100 steps, and 10 steps more. `bend` changes a hash or a keyframe.
fn recorded(bend: impl Fn(&mut World, &mut u64)) -> Vec<u8> {
    let header = Header::of_this_build("room".into(), "test".into(), 0, 7, HashDetail::EveryStep);
    let mut bytes = header.encode();
    let mut writer = Writer::new(&header);
    let mut world = World::new(7);
    writer.push_keyframe(&world);
    let mut play = |world: &mut World, writer: &mut Writer, steps: u64| {
        for _ in 0..steps {
            let frame = frame(world.step_number().0 + 1);
            world.step(&frame);
            let (mut kept, mut hash) = (world.clone(), world.hash());
            bend(&mut kept, &mut hash);
            writer.push_step(world.step_number(), &frame, hash);
            if world.step_number().0.is_multiple_of(50) {
                writer.push_keyframe(&kept);
            }
            if world.step_number().0.is_multiple_of(30) {
                bytes.extend(writer.flush());
            }
        }
    };
    play(&mut world, &mut writer, 200);
    writer.push_gap(world.step_number().after(1), 100);
    world.fast_forward(100);
    play(&mut world, &mut writer, 10);
    bytes.extend(writer.finish());
    bytes
}

fn as_played() -> Vec<u8> {
    recorded(|_, _| {})
}

fn diverges(bytes: &[u8]) -> Diverged {
    Rerun::of(&Recording::open(bytes).unwrap())
        .finish()
        .unwrap_err()
}

#[test]
fn what_was_recorded_is_gone_through_once() {
    let bytes = as_played();
    let recording = Recording::open(&bytes).unwrap();
    let mut rerun = Rerun::of(&recording);
    let (mut steps, mut slept, mut keyframes, mut covered) = (0, 0, 0, 0);
    while let Some(verified) = rerun.next() {
        match verified.unwrap() {
            Verified::Step { step, hash, frame } => {
                steps += 1;
                assert_eq!(*frame, self::frame(step.0));
                assert_eq!(hash, rerun.world().unwrap().hash());
            }
            Verified::Slept { steps, .. } => slept += steps,
            Verified::Keyframe(_) => keyframes += 1,
            Verified::Digest { steps, .. } => covered += steps,
            Verified::Began | Verified::Evidence(_) | Verified::End => {}
        }
    }
    assert_eq!((steps, slept, keyframes, covered), (210, 100, 4, 210));
    assert_eq!(rerun.world().unwrap().step_number(), Step(310));
}

#[test]
fn every_step_is_reached_from_the_keyframe_before_it() {
    let bytes = as_played();
    let recording = Recording::open(&bytes).unwrap();
    let mut world = World::new(7);
    for number in 1..=310 {
        let step = Step(number);
        let is_slept = (201..=300).contains(&number);
        if is_slept {
            world.fast_forward(1);
        } else {
            world.step(&frame(number));
        }
        for rerun in [
            Rerun::towards(&recording, step),
            Rerun::towards(&recording, step).unchecked(),
        ] {
            let mut rerun = rerun;
            let played = rerun.reach(step).unwrap().expect("it is recorded");
            assert_eq!(rerun.world(), Some(&world), "{step}");
            let is_keyframe = number.is_multiple_of(50) && !is_slept;
            let expected = (!is_slept && !is_keyframe).then(|| frame(number));
            assert_eq!(played, expected, "{step}");
        }
    }
    let mut rerun = Rerun::of(&recording);
    assert_eq!(rerun.reach(Step(311)), Ok(None));
}

#[test]
fn another_hash_is_a_divergence_and_the_end() {
    let bytes = recorded(|world, hash| *hash ^= u64::from(world.step_number() == Step(77)) << 63);
    let recording = Recording::open(&bytes).unwrap();
    let mut rerun = Rerun::of(&recording);
    let mut steps = 0;
    let diverged = loop {
        match rerun.next().unwrap() {
            Ok(verified) => steps += u32::from(matches!(verified, Verified::Step { .. })),
            Err(diverged) => break diverged,
        }
    };
    let Diverged::Step {
        step,
        check,
        actual,
    } = diverged
    else {
        panic!("{diverged}")
    };
    assert_eq!((steps, step), (76, Step(77)));
    assert_eq!(check.whole(), Some(actual ^ 1 << 63));
    assert!(rerun.next().is_none(), "it goes no further");
    // Whoever compares nothing comes to the end.
    let end = Rerun::of(&recording).unchecked().finish().unwrap();
    assert_eq!(end.unwrap().step_number(), Step(310));
}

#[test]
fn another_keyframe_is_a_divergence_that_names_the_field() {
    let bytes = recorded(|world, _| {
        if world.step_number() == Step(100) {
            let mut other = World::new(8);
            (0..100).for_each(|step| other.step(&frame(step + 1)));
            *world = other;
        }
    });
    let Diverged::Keyframe { step, difference } = diverges(&bytes) else {
        panic!("no keyframe differs")
    };
    assert_eq!((step, difference.path.as_str()), (Step(100), "rng"));
}
