//! The same session gives the same hashes on every target, in every build profile, for ever: a change here is a new
//! `SIM_VERSION`.

use sim_core::{
    Action, Aim, Buttons, Cell, Command, Event, Frame, Join, Look, PlayerId, Rng, StructureId,
    StructureKind, World, rules_hash,
};

const PLAYERS: u16 = 12;

/// Players wander, build around themselves, and shoot at whom they see first.
fn frame(world: &World, rng: &mut Rng) -> Frame {
    let mut frame = Frame::default();
    if world.players().is_empty() {
        frame.joins = (0..PLAYERS)
            .map(|id| Join {
                player: PlayerId(id),
                look: Look {
                    body: (id % 8) as u8,
                    colour: id as u8,
                },
                saved: None,
            })
            .collect();
    }
    for player in world.players() {
        if rng.chance(1, 12) {
            frame
                .buttons
                .push((player.id, Buttons::from_bits_truncate(rng.next_u32() as u8)));
        }
        if rng.chance(1, 20) {
            frame.commands.push((
                player.id,
                Command::Act(Action::Fire {
                    aim: Aim(rng.next_u32() as u16),
                }),
            ));
        }
        if rng.chance(1, 25) {
            let at = |axis: i32, rng: &mut Rng| (axis + 3 - rng.below(7) as i32) as u8;
            let cell = Cell {
                x: at(player.pos.x.cell(), rng),
                y: at(player.pos.y.cell(), rng),
            };
            let kind = StructureKind::ALL[rng.below(3) as usize];
            frame
                .commands
                .push((player.id, Command::Act(Action::Place { cell, kind })));
        }
        if rng.chance(1, 200) {
            frame.commands.push((
                player.id,
                Command::Act(Action::Remove {
                    id: StructureId(rng.below(300)),
                }),
            ));
        }
    }
    frame
}

#[test]
fn the_golden_session_has_its_hashes() {
    let (mut world, mut rng) = (World::new(2026), Rng::new(7));
    let mut hashes = Vec::new();
    let (mut deaths, mut ruins, mut respawns) = (0, 0, 0);
    for step in 1..=6000 {
        let frame = frame(&world, &mut rng);
        world.step(&frame);
        for event in world.events() {
            deaths += u32::from(matches!(event, Event::Died { .. }));
            ruins += u32::from(matches!(event, Event::Destroyed { .. }));
            respawns += u32::from(matches!(event, Event::Respawned { .. }));
        }
        if [1, 60, 600, 3000, 6000].contains(&step) {
            hashes.push(format!("{:016x}", world.hash()));
        }
    }
    assert!(
        deaths > 0 && ruins > 0 && respawns > 0,
        "{deaths} deaths, {ruins} ruins, {respawns} respawns"
    );
    let golden = [
        "74a12861de3d2f8a",
        "8e00a105c35fd0a4",
        "ab6022829e321ea3",
        "5a039b4fc42dfea1",
        "0af23ed2009d492a",
    ];
    assert_eq!(hashes, golden);
}

#[test]
fn the_rules_have_their_hash() {
    assert_eq!(format!("{:016x}", rules_hash()), "f5272511c4575c6e");
}
