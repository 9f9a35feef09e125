//! Sessions of a real world, for the tests of this folder.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file is a crate of its own and uses a part of what this one shows"
)]

use input_log::{Entry, Evidence, HashDetail, Header, Recording, Writer};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, Frame, Join, Look, PlayerId, Rng, Step, StructureKind,
    World,
};

pub const STEPS_PER_FLUSH: u64 = 60;
pub const STEPS_PER_KEYFRAME: u64 = 1800;

pub fn header(detail: HashDetail) -> Header {
    Header::of_this_build(
        "build-1".into(),
        "meadow".into(),
        1_700_000_000_000,
        7,
        detail,
    )
}

/// What players do by chance.
pub struct Play {
    pub players: u16,
    pub rng: Rng,
    /// One command a player in this many steps.
    pub steps_per_command: u32,
}

impl Play {
    /// The frame that comes after `world`.
    pub fn frame(&mut self, world: &World) -> Frame {
        let mut frame = Frame::default();
        for id in (0..self.players).map(PlayerId) {
            let Some(player) = world.player(id) else {
                frame.joins.push(Join {
                    player: id,
                    look: Look::default(),
                    saved: None,
                });
                continue;
            };
            if self.rng.chance(1, 12) {
                let change = 1 + self.rng.below(15) as u8;
                let buttons = Buttons::from_bits_truncate(player.buttons.to_bits() ^ change);
                frame.buttons.push((id, buttons));
            }
            if self.rng.chance(1, self.steps_per_command) {
                let near = |pos: sim_core::Pos, by: u32| (pos.cell() + by as i32 - 2) as u8;
                let cell = Cell {
                    x: near(player.pos.x, self.rng.below(5)),
                    y: near(player.pos.y, self.rng.below(5)),
                };
                let kind = StructureKind::ALL[self.rng.below(3) as usize];
                let command = match self.rng.below(3) {
                    0 => Command::Act(Action::Place { cell, kind }),
                    _ => Command::Act(Action::Fire {
                        aim: Aim(self.rng.next_u32() as u16),
                    }),
                };
                frame.commands.push((id, command));
            }
        }
        frame
    }
}

/// What clients look like whose inputs come 2 to 5 steps early, and whose answers to a snapshot come one tick early or
/// late as often as on time.
pub fn watch(evidence: &mut Evidence, rng: &mut Rng, players: u16, step: Step) {
    for id in (0..players).map(PlayerId) {
        if rng.chance(1, 2000) {
            evidence.starved(id, step);
        } else {
            evidence.consumed(id, step, step.0 as u32);
        }
        evidence.arrived(id, 2 + rng.below(4) as i16);
        if step.0.is_multiple_of(6) {
            evidence.sent(id, step);
        }
        let snapshot = (step.0 + 3) / 6;
        // Known from the snapshot alone, so that every one is answered once.
        let late = Rng::new(snapshot * 64 + u64::from(id.0)).below(4);
        let late = [0, 2, 2, 4][late as usize];
        if (step.0 + 3) % 6 == late {
            // What came late to the client finds it further on.
            let newest = snapshot * 6 + 8 + late;
            evidence.acked(id, step, snapshot as u32, newest as u32);
            let hash = rng.next_u32();
            let actual = if rng.chance(1, 400) { !hash } else { hash };
            evidence.predicted(id, step, step.0 as u32, hash, actual);
        }
    }
}

/// A whole recording, and the frames and hashes that went into it.
pub struct Session {
    pub bytes: Vec<u8>,
    pub frames: Vec<(Step, Frame, u64)>,
}

/// Plays and records; ends with a sleep and the end block if the world comes to rest.
pub fn record(play: &mut Play, steps: u64, detail: HashDetail, with_evidence: bool) -> Session {
    let header = header(detail);
    let mut world = World::new(header.seed);
    let mut writer = Writer::new(&header);
    let mut bytes = header.encode();
    let mut frames = Vec::new();
    let mut evidence = Evidence::default();
    let mut luck = Rng::new(99);
    for done in 0..steps {
        if done % STEPS_PER_KEYFRAME == 0 {
            writer.push_keyframe(&world);
        }
        let frame = play.frame(&world);
        world.step(&frame);
        writer.push_step(world.step_number(), &frame, world.hash());
        if with_evidence {
            watch(&mut evidence, &mut luck, play.players, world.step_number());
        }
        frames.push((world.step_number(), frame, world.hash()));
        if (done + 1) % STEPS_PER_FLUSH == 0 {
            writer.push_evidence(core::mem::take(&mut evidence));
            bytes.extend(writer.flush());
        }
    }
    bytes.extend(writer.finish());
    Session { bytes, frames }
}

/// Entries as text, which can be compared and shown.
pub fn listing(recording: &Recording<'_>) -> Vec<String> {
    let mut entries = recording.entries();
    let mut list = Vec::new();
    while let Some(entry) = entries.next() {
        list.push(match entry {
            Entry::Keyframe(keyframe) => format!("{} {:?}", keyframe.step, keyframe.encoded),
            Entry::Step { .. }
            | Entry::Digest { .. }
            | Entry::Gap { .. }
            | Entry::Evidence(_)
            | Entry::End => format!("{entry:?}"),
        });
    }
    list
}
