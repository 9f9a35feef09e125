//! What is written is what is read.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod session;

use std::collections::BTreeSet;

use input_log::limits::{BLOCK_STEPS_MAX, PAYLOAD_BYTES_MAX, ROW_BYTES_MAX};
use input_log::{Check, Entry, HashDetail, Kind, LostReason, Recording, StepDigest, Writer, forge};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use session::{Play, header, record};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, Frame, Join, Look, PlayerId, Point, Pos, Preview, Rng,
    SavedPlayer, Step, StructureId, StructureKind, Vel, Velocity, World,
};

fn player() -> impl Strategy<Value = PlayerId> {
    prop_oneof![(0_u16..4), (0_u16..200), any::<u16>()].prop_map(PlayerId)
}

fn look() -> impl Strategy<Value = Look> {
    any::<(u8, u8)>().prop_map(|(body, colour)| Look { body, colour })
}

fn preview() -> impl Strategy<Value = Preview> {
    let kind = prop::sample::select(StructureKind::ALL.to_vec());
    (any::<(u8, u8)>(), kind).prop_map(|((x, y), kind)| Preview {
        cell: Cell { x, y },
        kind,
    })
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        any::<u16>().prop_map(|aim| Command::Act(Action::Fire { aim: Aim(aim) })),
        preview().prop_map(|Preview { cell, kind }| Command::Act(Action::Place { cell, kind })),
        any::<u32>().prop_map(|id| Command::Act(Action::Remove {
            id: StructureId(id)
        })),
        prop::option::of(preview()).prop_map(Command::Preview),
        look().prop_map(Command::SetLook),
    ]
}

#[test]
fn every_action_is_among_the_commands_of_these_tests() {
    let mut runner = TestRunner::deterministic();
    let made: BTreeSet<&str> = (0..400)
        .filter_map(|_| {
            let command = command().new_tree(&mut runner).expect("there is one");
            if let Command::Act(action) = command.current() {
                Some(action.name())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(made, Action::NAMES.iter().copied().collect());
}

fn saved() -> impl Strategy<Value = SavedPlayer> {
    (any::<[i32; 4]>(), any::<(u8, u16, u16)>()).prop_map(|(bits, (health, score, deaths))| {
        SavedPlayer {
            pos: Point {
                x: Pos::from_bits(bits[0]),
                y: Pos::from_bits(bits[1]),
            },
            vel: Velocity {
                x: Vel::from_bits(bits[2]),
                y: Vel::from_bits(bits[3]),
            },
            health,
            score,
            deaths,
        }
    })
}

fn join() -> impl Strategy<Value = Join> {
    (player(), look(), prop::option::of(saved())).prop_map(|(player, look, saved)| Join {
        player,
        look,
        saved,
    })
}

fn press() -> impl Strategy<Value = (PlayerId, Buttons)> {
    (player(), (0_u8..16).prop_map(Buttons::from_bits_truncate))
}

/// Every frame there is, also those that no authority makes.
fn frame() -> impl Strategy<Value = Frame> {
    let few = |often: u32| prop_oneof![often => Just(0_usize), 1 => 0_usize..4];
    (few(8), few(8), few(1), few(3))
        .prop_flat_map(|(joins, leaves, presses, commands)| {
            (
                prop::collection::vec(join(), joins),
                prop::collection::vec(player(), leaves),
                prop::collection::vec(press(), presses),
                prop::collection::vec((player(), command()), commands),
            )
        })
        .prop_map(|(joins, leaves, buttons, commands)| Frame {
            joins,
            leaves,
            buttons,
            commands,
        })
}

/// Writes the frames with made-up hashes, a flush, a keyframe or a sleep in between, and reads them back.
fn check_round_trip(frames: &[(Frame, u8)], detail: HashDetail) {
    let header = header(detail);
    let mut world = World::new(header.seed);
    let mut writer = Writer::new(&header);
    let mut bytes = header.encode();
    let mut expected = Vec::new();
    let mut luck = Rng::new(frames.len() as u64);
    writer.push_keyframe(&world);
    for (frame, then) in frames {
        // The writer takes the world's word for the step number only.
        world.fast_forward(1);
        let hash = luck.next_u64();
        writer.push_step(world.step_number(), frame, hash);
        expected.push((world.step_number(), frame.clone(), hash));
        match then {
            0 => bytes.extend(writer.flush()),
            1 => writer.push_keyframe(&world),
            2 => {
                writer.push_gap(world.step_number().after(1), 77);
                world.fast_forward(77);
            }
            _ => {}
        }
    }
    bytes.extend(writer.finish());
    let recording = Recording::open(&bytes).unwrap();
    assert_eq!(recording.lost(), None);
    assert_eq!(recording.last_step(), Some(world.step_number()));
    check_entries(&recording, &expected, detail);
    let same = forge::doctor(&bytes, |_, _| {}).unwrap();
    assert_eq!(
        same, bytes,
        "doctoring that changes nothing changes nothing"
    );
}

fn check_entries(recording: &Recording<'_>, expected: &[(Step, Frame, u64)], detail: HashDetail) {
    let mut expected = expected.iter();
    let mut digest = StepDigest::new();
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Step { step, frame, check } => {
                let (of, written, hash) = expected.next().unwrap();
                assert_eq!((step, frame), (*of, written));
                assert!(check.matches(*hash) && !check.matches(!*hash));
                let whole = (detail == HashDetail::EveryStep).then_some(*hash);
                assert_eq!(Check::whole(check), whole);
                digest.push(*hash);
            }
            Entry::Digest {
                digest: recorded, ..
            } => {
                assert_eq!(recorded, core::mem::take(&mut digest).digest());
            }
            Entry::Keyframe(keyframe) => {
                assert_eq!(keyframe.world().unwrap().step_number(), keyframe.step);
            }
            Entry::Gap { steps, .. } => assert_eq!(steps, 77),
            Entry::Evidence(_) | Entry::End => {}
        }
    }
    assert!(expected.next().is_none());
}

proptest! {
    #[test]
    fn any_frames_come_back(
        frames in prop::collection::vec((frame(), 0_u8..20), 0..120),
        detail in prop::sample::select(vec![HashDetail::EveryStep, HashDetail::Check]),
    ) {
        check_round_trip(&frames, detail);
    }
}

#[test]
fn a_real_session_comes_back_and_reruns() {
    let mut play = Play {
        players: 5,
        rng: Rng::new(11),
        steps_per_command: 30,
    };
    let session = record(&mut play, 4000, HashDetail::EveryStep, true);
    let recording = Recording::open(&session.bytes).unwrap();
    check_entries(&recording, &session.frames, HashDetail::EveryStep);
    for from in [0, 1, 1799, 1800, 1801, 3999, u64::MAX] {
        let mut world = None::<World>;
        let mut entries = recording.entries_from(Step(from));
        while let Some(entry) = entries.next() {
            match (entry, &mut world) {
                (Entry::Keyframe(keyframe), None) => {
                    assert!(keyframe.step <= Step(from) && keyframe.step.0 + 1800 > from.min(3999));
                    world = Some(keyframe.world().unwrap());
                }
                (Entry::Keyframe(keyframe), Some(world)) => {
                    assert_eq!(keyframe.world().as_ref(), Ok(&*world))
                }
                (Entry::Step { step, frame, check }, Some(world)) => {
                    world.step(frame);
                    assert_eq!(
                        (world.step_number(), Some(world.hash())),
                        (step, check.whole())
                    );
                }
                (_, Some(_)) => {}
                (other, None) => panic!("{other:?} before a keyframe"),
            }
        }
        assert_eq!(world.unwrap().step_number(), Step(4000));
    }
}

#[test]
fn a_restarted_room_goes_on_in_the_same_recording() {
    let header = header(HashDetail::Check);
    let mut world = World::new(header.seed);
    let mut play = Play {
        players: 2,
        rng: Rng::new(5),
        steps_per_command: 50,
    };
    let mut bytes = header.encode();
    let mut expected = Vec::new();
    let mut writer = Writer::new(&header);
    for life in 0..4 {
        writer.push_keyframe(&world);
        for _ in 0..90 {
            let frame = play.frame(&world);
            world.step(&frame);
            writer.push_step(world.step_number(), &frame, world.hash());
            expected.push((world.step_number(), frame, world.hash()));
        }
        bytes.extend(writer.flush());
        // The room dies with steps that were in no flush, and half a block was stored.
        writer.push_step(world.step_number().after(1), &Frame::default(), 0);
        let dying = writer.flush();
        bytes.extend(&dying[..dying.len() * life / 4]);
        let recording = Recording::open(&bytes).unwrap();
        assert_eq!(recording.last_step(), Some(world.step_number()));
        let cut = if life == 0 {
            LostReason::NoEnd
        } else {
            LostReason::Truncated
        };
        assert_eq!(recording.lost().unwrap().reason, cut);
        writer = recording.resume().unwrap();
        let intact = recording.intact_bytes();
        bytes.truncate(intact);
    }
    writer.push_keyframe(&world);
    bytes.extend(writer.finish());
    let recording = Recording::open(&bytes).unwrap();
    assert_eq!(recording.lost(), None);
    check_entries(&recording, &expected, HashDetail::Check);
    assert!(recording.resume().is_none(), "it has ended");
}

#[test]
fn a_doctored_step_differs_and_nothing_else_does() {
    let mut play = Play {
        players: 3,
        rng: Rng::new(8),
        steps_per_command: 30,
    };
    let session = record(&mut play, 300, HashDetail::Check, true);
    let added = (PlayerId(1), Command::Act(Action::Fire { aim: Aim(5) }));
    let doctored = forge::doctor(&session.bytes, |step, frame| {
        if step == Step(123) {
            frame.commands.push(added);
        }
    })
    .unwrap();
    let recording = Recording::open(&doctored).unwrap();
    assert_eq!(recording.lost(), None);
    let mut expected = session.frames;
    expected[122].1.commands.push(added);
    check_entries(&recording, &expected, HashDetail::Check);
}

#[test]
fn the_same_session_writes_the_same_bytes() {
    let bytes = || {
        let mut play = Play {
            players: 4,
            rng: Rng::new(21),
            steps_per_command: 60,
        };
        record(&mut play, 600, HashDetail::Check, true).bytes
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_long_unflushed_stretch_becomes_several_blocks() {
    let mut many = Frame::default();
    for at in 0..4000_u16 {
        many.commands.push((
            PlayerId(at),
            Command::Act(Action::Remove {
                id: StructureId(u32::from(at) * 77_777),
            }),
        ));
    }
    let frames: Vec<(Frame, u8)> = (0..1500)
        .map(|step| {
            (
                if step % 50 == 0 {
                    many.clone()
                } else {
                    Frame::default()
                },
                9,
            )
        })
        .collect();
    check_round_trip(&frames, HashDetail::EveryStep);
}

#[test]
fn behind_whatever_an_open_block_holds_the_largest_row_still_fits() {
    let mut rng = Rng::new(3);
    // What nobody can foresee: each of these ids takes a byte, as a row and coded.
    let mut row_of = |bytes: usize| Frame {
        leaves: (0..bytes)
            .map(|_| PlayerId(rng.below(251) as u16))
            .collect(),
        ..Frame::default()
    };
    let largest = row_of(ROW_BYTES_MAX - 6);
    let header = header(HashDetail::EveryStep);
    let mut writer = Writer::new(&header);
    writer.push_keyframe(&World::new(1));
    let small = PAYLOAD_BYTES_MAX / BLOCK_STEPS_MAX as usize;
    for step in 1..BLOCK_STEPS_MAX {
        writer.push_step(Step(step), &row_of(small), u64::MAX);
        if step > BLOCK_STEPS_MAX / 2 && step.is_multiple_of(4) {
            let mut full = writer.clone();
            full.push_step(Step(step + 1), &largest, u64::MAX);
            assert!(!full.flush().is_empty());
        }
    }
    let bytes = [header.encode(), writer.finish()].concat();
    let recording = Recording::open(&bytes).unwrap();
    assert_eq!(recording.lost(), None);
    let blocks = recording.blocks().iter();
    let frames = blocks.filter(|block| block.kind == Kind::Frames).count();
    assert_eq!(frames, 2, "a block is closed only when it is nearly full");
}

#[test]
#[should_panic(expected = "steps follow each other")]
fn a_hole_is_refused() {
    let mut writer = Writer::new(&header(HashDetail::Check));
    writer.push_keyframe(&World::new(1));
    writer.push_step(Step(2), &Frame::default(), 0);
}

#[test]
#[should_panic(expected = "a keyframe comes before")]
fn a_resumed_writer_wants_a_keyframe() {
    let header = header(HashDetail::Check);
    let mut writer = Writer::new(&header);
    writer.push_keyframe(&World::new(1));
    let mut writer = Writer::resume(HashDetail::Check, writer.chain(), Step(0));
    writer.push_step(Step(1), &Frame::default(), 0);
}
