//! Recordings that time or a bad disk changed: an error that says so, or the intact part with what is lost.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod session;

use input_log::{HashDetail, Header, Kind, Recording, Writer};
use replay::{Exit, Failure, Home, Rules, Verdict, info, inspect, verify};
use session::recorded;
use sim_core::{Step, World};

const STEPS: u64 = 75;

fn run(bytes: &[u8]) -> Result<Verdict, Failure> {
    verify(bytes, &Rules::Named, &mut |_| {})
}

/// What must be true of every damaged recording.
fn check(bytes: &[u8], what: &str) -> bool {
    // They share the reader, but go other ways through it.
    let _ = (
        info(bytes, &Rules::Named),
        inspect(bytes, Step(70), "", &Rules::Named),
    );
    match run(bytes) {
        Err(failure) => {
            assert_eq!(failure.exit(), Exit::Unreadable, "{what}: {failure}");
            false
        }
        Ok(verdict) => {
            let lost = verdict.lost.as_ref();
            let lost = lost.unwrap_or_else(|| panic!("{what}: nothing said to be lost"));
            let exit = if lost.is_damage {
                Exit::Damaged
            } else {
                Exit::Holds
            };
            assert_eq!(verdict.exit(), exit, "{what}: {verdict:?}");
            assert_eq!(lost.from_step, Step(verdict.steps + 1), "{what}");
            assert!(verdict.steps <= STEPS, "{what}");
            assert!(!lost.reason.is_empty());
            true
        }
    }
}

#[test]
fn a_recording_cut_at_any_byte_is_verified_as_far_as_it_goes() {
    let bytes = recorded(STEPS, 60, HashDetail::Check);
    let verified = (0..bytes.len()).filter(|&end| check(&bytes[..end], &format!("cut at {end}")));
    let verified = verified.count();
    // Most of the bytes lie behind the first block of frames.
    assert!(verified * 2 > bytes.len(), "{verified} of {}", bytes.len());
}

#[test]
fn a_recording_with_any_bit_flipped_is_verified_as_far_as_it_goes() {
    let mut bytes = recorded(STEPS, 60, HashDetail::Check);
    let mut verified = 0;
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        verified += usize::from(check(&bytes, &format!("bit {bit}")));
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(
        verified * 2 > bytes.len() * 8,
        "{verified} of {} bits",
        bytes.len() * 8
    );
}

#[test]
fn bytes_behind_the_end_are_said_to_be_lost() {
    let mut bytes = recorded(STEPS, 60, HashDetail::EveryStep);
    bytes.push(0);
    let verdict = run(&bytes).unwrap();
    assert_eq!(verdict.steps, STEPS);
    assert!(verdict.lost.is_some_and(|lost| lost.bytes == 1));
}

#[test]
fn a_recording_of_other_rules_is_refused_with_advice() {
    let mut header = Header::of_this_build("v0".into(), "den".into(), 0, 1, HashDetail::Check);
    header.sim_version += 1;
    let mut bytes = header.encode();
    let mut writer = Writer::new(&header);
    writer.push_keyframe(&World::new(1));
    bytes.extend(writer.finish());
    let failure = run(&bytes).unwrap_err();
    assert_eq!(failure.exit(), Exit::Unreadable);
    let told = failure.to_string();
    assert!(told.contains("by build v0 with SIM_VERSION"), "{told}");
    assert!(told.contains("Use a newer replay"), "{told}");
    let known = info(&bytes, &Rules::Named).unwrap();
    assert_eq!((known.home, known.home.name()), (Home::Nowhere, None));
    assert_eq!(known.blocks["keyframe"].0, 1);
}

#[test]
fn a_recording_that_was_only_not_ended_holds() {
    let bytes = recorded(STEPS, 60, HashDetail::Check);
    let last = *Recording::open(&bytes).unwrap().blocks().last().unwrap();
    assert_eq!(last.kind, Kind::End);
    let cut = |at: usize| {
        let verdict = run(&bytes[..at]).unwrap();
        let lost = verdict.lost.clone().unwrap();
        (verdict.steps, verdict.exit(), lost.is_damage)
    };
    assert_eq!(cut(last.at_byte), (STEPS, Exit::Holds, false));
    assert_eq!(cut(last.at_byte + 1), (STEPS, Exit::Damaged, true));
}

#[test]
fn what_is_lost_to_damage_ends_with_a_code_of_its_own() {
    let mut bytes = recorded(STEPS, 60, HashDetail::Check);
    let blocks = Recording::open(&bytes).unwrap().blocks().to_vec();
    let second = blocks.iter().filter(|block| block.kind == Kind::Frames);
    let second = second.map(|block| block.at_byte).nth(1).unwrap();
    bytes[second..].fill(0);
    let verdict = run(&bytes).unwrap();
    assert_eq!((verdict.exit(), verdict.exit().code()), (Exit::Damaged, 4));
    assert!(verdict.steps < STEPS && verdict.divergence.is_none());
    assert_eq!(info(&bytes, &Rules::Named).unwrap().exit(), Exit::Damaged);
    let beyond = inspect(&bytes, Step(STEPS), "", &Rules::Named).unwrap_err();
    assert!(beyond.to_string().contains("lost to damage"), "{beyond}");
}

#[test]
fn a_recording_without_a_hash_to_compare_does_not_hold() {
    let header = Header::of_this_build("v0".into(), "den".into(), 0, 1, HashDetail::Check);
    let world = World::new(1);
    let written = |write: &dyn Fn(&mut Writer)| {
        let mut bytes = header.encode();
        let mut writer = Writer::new(&header);
        writer.push_keyframe(&world);
        write(&mut writer);
        bytes.extend(writer.finish());
        run(&bytes)
    };
    // The second keyframe of one step is the recording held against itself.
    for write in [&(|_: &mut Writer| {}) as &dyn Fn(&mut Writer), &|writer| {
        writer.push_keyframe(&world)
    }] {
        let failure = written(write).unwrap_err();
        assert_eq!(failure.exit(), Exit::Unreadable);
        assert!(failure.to_string().contains("nothing can be compared"));
    }
    let slept = written(&|writer| {
        let mut world = world.clone();
        writer.push_gap(world.step_number().after(1), 600);
        world.fast_forward(600);
        writer.push_keyframe(&world);
    })
    .unwrap();
    assert_eq!((slept.hashes_compared, slept.keyframes_compared), (0, 1));
    assert_eq!(slept.exit(), Exit::Holds);
}
