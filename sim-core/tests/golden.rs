//! The same session gives the same hashes on every target, in every build profile, for ever: a change here is a new
//! `SIM_VERSION`.

use std::path::Path;

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
    golden("session", &hashes.join("\n"));
}

#[test]
fn the_rules_have_their_hash() {
    golden("rules", &format!("{:016x}", rules_hash()));
}

/// Holds hashes against the file of this name.
fn golden(name: &str, hashes: &str) {
    let path = Path::new("tests/golden").join(name).with_extension("txt");
    let hashes = format!("{hashes}\n");
    if std::env::var_os("BITFORT_BLESS").is_some() {
        std::fs::create_dir_all("tests/golden").expect("the folder can be made");
        std::fs::write(&path, &hashes).expect("the hashes can be written");
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        hashes,
        "the rules have changed. If they were to change, raise SIM_VERSION, and run: BITFORT_BLESS=1 cargo test -p sim-core --test \
         golden"
    );
}
