//! Recordings that time or a bad disk changed: an error that says so, or the intact part with what is lost.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod session;

use input_log::HashDetail;
use replay::{Exit, Failure, Options, Verdict, info, inspect, verify};
use session::recorded;
use sim_core::Step;

const STEPS: u64 = 75;

fn run(bytes: &[u8]) -> Result<Verdict, Failure> {
    verify(bytes, Options::default(), &mut |_| {})
}

/// What must be true of every damaged recording.
fn check(bytes: &[u8], what: &str) -> bool {
    // They share the reader, but go other ways through it.
    let _ = (info(bytes), inspect(bytes, Step(70), "", false));
    match run(bytes) {
        Err(failure) => {
            assert_eq!(failure.exit(), Exit::Unreadable, "{what}: {failure}");
            false
        }
        Ok(verdict) => {
            assert_eq!(verdict.exit(), Exit::Holds, "{what}: {verdict:?}");
            let lost = verdict
                .lost
                .unwrap_or_else(|| panic!("{what}: nothing said to be lost"));
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
    use input_log::{Header, Writer};
    let mut header = Header::of_this_build("v0".into(), "den".into(), 0, 1, HashDetail::Check);
    header.sim_version += 1;
    let mut bytes = header.encode();
    let mut writer = Writer::new(&header);
    writer.push_keyframe(&sim_core::World::new(1));
    bytes.extend(writer.finish());
    let failure = run(&bytes).unwrap_err();
    assert_eq!(failure.exit(), Exit::Unreadable);
    assert!(
        failure.to_string().contains("check out build v0"),
        "{failure}"
    );
    let forced = verify(&bytes, Options { force: true }, &mut |_| {}).unwrap();
    assert_eq!((forced.steps, forced.exit()), (0, Exit::Holds));
}
