//! A short session without clients, recorded as a room records: players who walk, shoot and build at random.

use input_log::{HashDetail, Header, Writer};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, Frame, Join, Look, PlayerId, Rng, StructureKind, World,
};

const STEPS_PER_FLUSH: u64 = 60;

/// The recording of so many steps, with a keyframe every `keyframe_steps`.
pub(crate) fn recorded(steps: u64, keyframe_steps: u64, detail: HashDetail) -> Vec<u8> {
    let header = Header::of_this_build("tests".into(), "session".into(), 0, 9, detail);
    let mut bytes = header.encode();
    let mut writer = Writer::new(&header);
    let mut world = World::new(9);
    let mut rng = Rng::new(9);
    writer.push_keyframe(&world);
    for step in 1..=steps {
        let frame = frame(&world, &mut rng);
        world.step(&frame);
        writer.push_step(world.step_number(), &frame, world.hash());
        if step % keyframe_steps == 0 {
            writer.push_keyframe(&world);
        }
        if step % STEPS_PER_FLUSH == 0 {
            bytes.extend(writer.flush());
        }
    }
    bytes.extend(writer.finish());
    bytes
}

fn frame(world: &World, rng: &mut Rng) -> Frame {
    let mut frame = Frame::default();
    if world.players().is_empty() {
        let join = |player| Join {
            player: PlayerId(player),
            look: Look::default(),
            saved: None,
        };
        frame.joins.extend((1..=4).map(join));
    }
    for player in world.players() {
        if rng.chance(1, 12) {
            let buttons = Buttons::from_bits_truncate(rng.below(16) as u8);
            if buttons != player.buttons {
                frame.buttons.push((player.id, buttons));
            }
        }
        if player.fire_wait.is_zero() && rng.chance(1, 2) {
            let aim = Aim(rng.next_u32() as u16);
            frame
                .commands
                .push((player.id, Command::Act(Action::Fire { aim })));
        }
        if player.build_wait.is_zero() && rng.chance(1, 30) {
            let cell = player.pos;
            let cell = Cell {
                x: (cell.x.cell() as u8).saturating_add(rng.below(5) as u8),
                y: (cell.y.cell() as u8).saturating_sub(2),
            };
            let kind = StructureKind::Wall;
            frame
                .commands
                .push((player.id, Command::Act(Action::Place { cell, kind })));
        }
    }
    frame
}
