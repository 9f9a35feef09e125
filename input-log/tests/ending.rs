//! A copy of a running session gets its end from the last flush alone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod session;

use input_log::{Evidence, HashDetail, Recording, Writer, ending};
use session::{Play, header, watch};
use sim_core::{Rng, World};

/// A session's header, and its flushes; the last one is that of the end.
fn pieces() -> (Vec<u8>, Vec<Vec<u8>>) {
    let header = header(HashDetail::Check);
    let mut writer = Writer::new(&header);
    let mut world = World::new(7);
    let mut rng = Rng::new(11);
    let mut play = Play {
        players: 3,
        rng: Rng::new(5),
        steps_per_command: 50,
    };
    let mut flushes = Vec::new();
    writer.push_keyframe(&world);
    writer.push_gap(world.step_number().after(1), 500);
    world.fast_forward(500);
    flushes.push(writer.flush());
    writer.push_keyframe(&world);
    flushes.push(writer.flush());
    for flush in 0..40 {
        for _ in 0..30 {
            let frame = play.frame(&world);
            world.step(&frame);
            writer.push_step(world.step_number(), &frame, world.hash());
            let mut evidence = Evidence::default();
            watch(&mut evidence, &mut rng, 3, world.step_number());
            writer.push_evidence(evidence);
        }
        if flush == 20 {
            writer.push_keyframe(&world);
        }
        flushes.push(writer.flush());
    }
    flushes.push(writer.finish());
    (header.encode(), flushes)
}

#[test]
fn the_end_behind_a_flush_is_that_of_the_whole_recording() {
    let (mut bytes, mut flushes) = pieces();
    let last = flushes.pop().unwrap();
    let mut ends = 0;
    for flush in flushes {
        bytes.extend(&flush);
        let recording = Recording::open(&bytes).unwrap();
        let expected = recording.resume().unwrap().finish();
        assert_eq!(ending(&flush), Some(expected.clone()));
        let whole = [bytes.clone(), expected].concat();
        assert_eq!(Recording::open(&whole).unwrap().lost(), None);
        ends += 1;
    }
    assert_eq!(ends, 42);
    bytes.extend(&last);
    assert_eq!(Recording::open(&bytes).unwrap().lost(), None);
    assert_eq!(ending(&last), None, "it has ended");
}

#[test]
fn what_is_empty_or_damaged_gets_no_end() {
    let (_, flushes) = pieces();
    assert_eq!(ending(&[]), None);
    // A keyframe and nothing else; behind one of several blocks an end would be right.
    let good = &flushes[1];
    assert!(ending(good).is_some());
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(ending(&bad), None, "byte {at}");
        if at > 0 {
            assert_eq!(ending(&good[..at]), None, "cut at byte {at}");
        }
    }
}
