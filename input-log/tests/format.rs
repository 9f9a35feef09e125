//! What both sides of the coder do alike no round trip can tell, so the bytes themselves are kept here.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use input_log::kernel::{RecordableKernel as _, Window};
use input_log::{Evidence, Native, StepDigest};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, Frame, Join, Look, PlayerId, Preview, Rng, Step,
    StructureId, StructureKind, World,
};

/// How many there are, and their digest.
fn of(bytes: &[u8]) -> (usize, u64) {
    let mut digest = StepDigest::new();
    bytes.iter().for_each(|&byte| digest.push(byte.into()));
    (bytes.len(), digest.digest())
}

/// Two players who come, hold buttons for shorter and longer, and do everything that there is to do.
fn frames() -> Vec<Frame> {
    let mut rng = Rng::new(5);
    let cell = Cell { x: 3, y: 60 };
    let kind = StructureKind::Gate;
    let id = StructureId(70_000);
    let commands = [
        Command::Act(Action::Fire { aim: Aim(40_000) }),
        Command::Act(Action::Place { cell, kind }),
        Command::Act(Action::Remove { id }),
        Command::Preview(Some(Preview { cell, kind })),
        Command::Preview(None),
        Command::SetLook(Look { body: 3, colour: 9 }),
    ];
    let mut held = [Buttons::NONE; 2];
    let mut frames = vec![Frame::default(); 900];
    frames[0].joins = [1, 2]
        .map(|id| Join {
            player: PlayerId(id),
            look: Look::default(),
            saved: None,
        })
        .into();
    for (at, frame) in frames.iter_mut().enumerate().skip(1) {
        for (held, id) in held.iter_mut().zip(1..) {
            // Now often, now hardly ever.
            let chance = if at < 300 { 3 } else { 90 };
            let other = Buttons::from_bits_truncate(rng.next_u32() as u8);
            if rng.chance(1, chance) && other != *held {
                *held = other;
                frame.buttons.push((PlayerId(id), other));
            }
        }
        if rng.chance(1, 20) {
            let command = commands[rng.below(commands.len() as u32) as usize];
            frame.commands.push((PlayerId(1), command));
        }
    }
    frames
}

#[test]
fn frames_are_coded_to_the_bytes_that_they_always_were() {
    let (_, mut codec) = Native.write_keyframe(&World::new(1));
    let mut written = Default::default();
    for frame in frames() {
        Native.write_frame(&mut codec, &mut written, &frame);
    }
    let bytes = Native.finish_frames(written);
    assert_eq!(of(&bytes), (323, 0x5eb8_d129_d26a_81b0));
}

#[test]
fn evidence_is_coded_to_the_bytes_that_it_always_was() {
    let (_, mut codec) = Native.write_keyframe(&World::new(1));
    let mut bytes = Vec::new();
    let mut rng = Rng::new(6);
    for first in [1, 301, 601] {
        let mut evidence = Evidence::default();
        for id in [2, 9] {
            let player = PlayerId(id);
            for step in first..first + 300 {
                let seq = step as u32 + 40;
                if rng.chance(1, 50) {
                    evidence.starved(player, Step(step));
                    evidence.dropped(player, Step(step), seq, Buttons::LEFT);
                    evidence.connected(player, Step(step), seq);
                    evidence.marked(player, Step(step));
                    evidence.stalled(Step(step), 90);
                } else {
                    evidence.consumed(player, Step(step), seq);
                }
                evidence.arrived(player, rng.below(9) as i16 - 3);
                if step.is_multiple_of(6) {
                    evidence.sent(player, Step(step));
                    evidence.acked(player, Step(step), (step / 6) as u32, seq + 7);
                    let wrong = u32::from(rng.chance(1, 9));
                    evidence.predicted(player, Step(step), seq, 7_000_000, 7_000_000 + wrong);
                }
            }
        }
        let window = Window {
            first: Step(first),
            steps: 300,
        };
        let payload = Native.write_evidence(&mut codec, &evidence, window);
        bytes.extend(payload.unwrap());
    }
    assert_eq!(of(&bytes), (664, 0xf5e9_2370_f21e_5e30));
}
