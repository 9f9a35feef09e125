//! Damaged recordings: everything before the damage comes back, the rest is said to be lost, nothing panics.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod session;

use input_log::{
    BlockInfo, Entry, Evidence, Framing, HashDetail, Kind, Lost, LostReason, OpenError, Recording,
    Writer, forge,
};
use proptest::prelude::*;
use session::{Play, header, listing, watch};
use sim_core::{Buttons, Frame, PlayerId, Rng, Step, World};

const PLAYERS: u16 = 3;

/// Every kind of block, in about a kilobyte: play, rest, sleep, wake.
fn small() -> Vec<u8> {
    let header = header(HashDetail::Check);
    let mut bytes = header.encode();
    let mut writer = Writer::new(&header);
    let mut world = World::new(header.seed);
    let mut play = Play {
        players: PLAYERS,
        rng: Rng::new(3),
        steps_per_command: 40,
    };
    let mut evidence = Evidence::default();
    let mut luck = Rng::new(4);
    writer.push_keyframe(&world);
    for _ in 0..100 {
        let frame = play.frame(&world);
        world.step(&frame);
        writer.push_step(world.step_number(), &frame, world.hash());
        watch(&mut evidence, &mut luck, PLAYERS, world.step_number());
    }
    bytes.extend(writer.flush());
    let mut frame = Frame::default();
    let none = |id| (PlayerId(id), Buttons::NONE);
    let held = |&(id, _): &(PlayerId, Buttons)| !world.player(id).unwrap().buttons.is_empty();
    frame.buttons = (0..PLAYERS).map(none).filter(held).collect();
    while !world.is_quiet() {
        world.step(&frame);
        writer.push_step(world.step_number(), &frame, world.hash());
        frame.clear();
    }
    writer.push_evidence(evidence);
    bytes.extend(writer.flush());
    writer.push_gap(world.step_number().after(1), 5000);
    world.fast_forward(5000);
    writer.push_keyframe(&world);
    for _ in 0..30 {
        let frame = play.frame(&world);
        world.step(&frame);
        writer.push_step(world.step_number(), &frame, world.hash());
    }
    bytes.extend(writer.finish());
    bytes
}

/// What must hold of damaged bytes; says how many entries were saved.
fn check_damaged(whole: &[String], damaged: &[u8], what: &str) -> Option<usize> {
    let recording = match Recording::open(damaged) {
        Ok(recording) => recording,
        Err(_) => return None,
    };
    let lost = recording.lost().expect(what);
    let saved = listing(&recording);
    assert!(whole.starts_with(&saved), "{what}: not a prefix");
    assert_eq!(lost.at_byte, recording.intact_bytes(), "{what}");
    let first_missing = recording.last_step().map_or(Step(0), |last| last.after(1));
    assert_eq!(lost.first_missing_step, first_missing, "{what}");
    assert!(!lost.reason.to_string().is_empty());
    Some(saved.len())
}

#[test]
fn the_small_recording_has_every_kind_of_block() {
    let bytes = small();
    let recording = Recording::open(&bytes).unwrap();
    assert_eq!(recording.lost(), None);
    assert_eq!(recording.header(), &header(HashDetail::Check));
    for kind in Kind::ALL {
        let is_of = |block: &&BlockInfo| block.kind == kind;
        assert!(
            recording.blocks().iter().any(|block| is_of(&block)),
            "{}",
            kind.name()
        );
    }
    assert!(bytes.len() < 2500, "{} bytes are not small", bytes.len());
}

#[test]
fn cut_at_every_byte() {
    let bytes = small();
    let recording = Recording::open(&bytes).unwrap();
    let whole = listing(&recording);
    let ends: Vec<usize> = recording
        .blocks()
        .iter()
        .map(|block| block.at_byte)
        .collect();
    for end in 0..bytes.len() {
        let saved = check_damaged(&whole, &bytes[..end], &format!("cut at {end}"));
        assert_eq!(
            saved.is_some(),
            end >= ends[0],
            "cut at {end}: only the header is needed"
        );
        let Ok(cut) = Recording::open(&bytes[..end]) else {
            continue;
        };
        let blocks = ends.iter().skip(1).filter(|&&at| at <= end).count();
        assert_eq!(
            cut.blocks(),
            &recording.blocks()[..blocks],
            "cut at {end}: every whole block"
        );
        let reason = if ends.contains(&end) {
            LostReason::NoEnd
        } else {
            LostReason::Truncated
        };
        assert_eq!(cut.lost().unwrap().reason, reason, "cut at {end}");
    }
}

#[test]
fn flip_every_bit() {
    let bytes = small();
    let recording = Recording::open(&bytes).unwrap();
    let whole = listing(&recording);
    let header_bytes = recording.blocks()[0].at_byte;
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let saved = check_damaged(&whole, &damaged, &format!("bit {bit} flipped"));
        assert_eq!(
            saved.is_none(),
            bit / 8 < header_bytes,
            "bit {bit}: only the header is needed"
        );
        let Ok(damaged) = Recording::open(&damaged) else {
            continue;
        };
        let hit = |block: &&BlockInfo| block.at_byte + block.bytes <= bit / 8;
        let before = recording.blocks().iter().filter(hit).count();
        assert_eq!(
            damaged.blocks(),
            &recording.blocks()[..before],
            "bit {bit}: every block before"
        );
    }
}

#[test]
fn a_header_says_what_is_wrong_with_it() {
    let bytes = header(HashDetail::Check).encode();
    assert_eq!(Recording::open(b"").unwrap_err(), OpenError::Truncated);
    assert_eq!(
        Recording::open(b"RIFFxxxxxxxx").unwrap_err(),
        OpenError::Magic
    );
    let mut newer = bytes.clone();
    newer[4] = 9;
    assert_eq!(Recording::open(&newer).unwrap_err(), OpenError::Version(9));
    let mut room = bytes.clone();
    *room.iter_mut().rev().nth(5).unwrap() ^= 1;
    let error = Recording::open(&room).unwrap_err();
    assert!(matches!(error, OpenError::Checksum { .. }), "{error}");
    let only_header = Recording::open(&bytes).unwrap();
    assert_eq!(only_header.lost().unwrap().reason, LostReason::NoEnd);
    assert_eq!(only_header.last_step(), None);
    assert!(only_header.resume().is_none());
}

#[test]
fn a_block_left_out_and_a_block_put_in_break_the_chain() {
    let bytes = small();
    let recording = Recording::open(&bytes).unwrap();
    let [_, second, third, ..] = *recording.blocks() else {
        panic!("three blocks")
    };
    let without = [&bytes[..second.at_byte], &bytes[third.at_byte..]].concat();
    let twice = [&bytes[..third.at_byte], &bytes[second.at_byte..]].concat();
    for (damaged, at_byte) in [(without, second.at_byte), (twice, third.at_byte)] {
        let lost = Recording::open(&damaged).unwrap().lost().unwrap();
        assert_eq!((lost.reason, lost.at_byte), (LostReason::Chain, at_byte));
    }
}

#[test]
fn bytes_behind_the_end_are_said_to_be_there() {
    let mut bytes = small();
    bytes.push(0);
    let recording = Recording::open(&bytes).unwrap();
    assert_eq!(recording.lost().unwrap().reason, LostReason::Trailing);
    assert!(recording.resume().is_none());
}

/// Written by the first version of the format. Never written anew: a reader must go on reading it.
const FIRST_FORMAT: &[u8] = include_bytes!("first-format.rec");

#[test]
fn the_first_format_stays_readable() {
    let recording = Recording::open(FIRST_FORMAT).unwrap();
    assert_eq!(recording.lost(), None);
    assert_eq!(recording.header().room, "meadow");
    let mut seen = FirstFormat::default();
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Keyframe(_) => seen.keyframes += 1,
            Entry::Step { frame, .. } => {
                seen.steps += 1;
                seen.joins += frame.joins.len();
                seen.presses += frame.buttons.len();
                seen.commands += frame.commands.len();
            }
            Entry::Digest { digest, .. } => seen.digests ^= digest,
            Entry::Gap { steps, .. } => assert_eq!(steps, 5000),
            Entry::Evidence(evidence) => {
                seen.acks += evidence
                    .players
                    .values()
                    .map(|of| of.acked.len())
                    .sum::<usize>();
            }
            Entry::End => {}
        }
    }
    let expected = FirstFormat {
        keyframes: 2,
        steps: 173,
        joins: 3,
        presses: 38,
        commands: 8,
        acks: 50,
        digests: 7_816_134_921_964_967_985,
    };
    assert_eq!(seen, expected);
    assert_eq!(
        forge::doctor(FIRST_FORMAT, |_, _| {}).unwrap(),
        FIRST_FORMAT
    );
}

#[derive(Debug, Default, PartialEq, Eq)]
struct FirstFormat {
    keyframes: usize,
    steps: usize,
    joins: usize,
    presses: usize,
    commands: usize,
    acks: usize,
    digests: u64,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn payloads_that_nobody_wrote_do_not_panic(
        kind in prop::sample::select(Kind::ALL.to_vec()),
        cut in 0.0..1.0_f64,
        noise in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 0..4),
        more in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        thread_local!(static SMALL: Vec<u8> = small());
        let forged = SMALL.with(|bytes| forge::alter_payloads(bytes, |of, payload| {
            if of != kind {
                return;
            }
            for &(at, byte) in &noise {
                let at = (at * payload.len() as f64) as usize;
                if let Some(place) = payload.get_mut(at) {
                    *place = byte;
                }
            }
            if cut > 0.5 {
                payload.truncate((cut * payload.len() as f64) as usize);
                payload.extend(&more);
            }
        })).unwrap();
        let recording = Recording::open(&forged).unwrap();
        // Whatever the bytes were, what was accepted reads to its end, step by step.
        let is_step = |entry: &&String| entry.starts_with("Step");
        let steps = listing(&recording).iter().filter(is_step).count() as u64;
        let is_frames = |block: &&BlockInfo| block.kind == Kind::Frames;
        let held: u64 = recording.blocks().iter().filter(is_frames).map(|block| block.steps).sum();
        prop_assert_eq!(steps, held);
        prop_assert_eq!(recording.lost().is_none(), recording.intact_bytes() == forged.len());
    }
}

/// What is lost of bytes that come in pieces, as far as their framing asks for more.
fn lost_of_what_is_worth_reading(bytes: &[u8]) -> Option<Result<Option<Lost>, OpenError>> {
    let mut framing = Framing::of(bytes).ok()?;
    let mut end = 0;
    while end < bytes.len() && framing.goes_on(&bytes[..end]) {
        end = bytes.len().min(end + 61);
    }
    Some(Recording::open(&bytes[..end]).map(|read| read.lost()))
}

#[test]
fn what_is_lost_is_known_without_the_bytes_behind_it() {
    let mut bytes = small();
    bytes.extend([7; 200]);
    let check = |bytes: &[u8], what: &str| {
        if let Some(lost) = lost_of_what_is_worth_reading(bytes) {
            let whole = Recording::open(bytes).map(|whole| whole.lost());
            assert_eq!(lost, whole, "{what}");
        }
    };
    for end in 0..bytes.len() {
        check(&bytes[..end], &format!("cut at {end}"));
    }
    for bit in (0..bytes.len() * 8).step_by(3) {
        bytes[bit / 8] ^= 1 << (bit % 8);
        check(&bytes, &format!("bit {bit}"));
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    let zeros = [&small()[..400], &[0; 100_000]].concat();
    check(&zeros, "zeros");
    let mut framing = Framing::of(&zeros).unwrap();
    assert!(!framing.goes_on(&zeros[..2_000]));
}
