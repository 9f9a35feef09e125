//! One scripted session that goes through all of sim-core that players can reach: the same function runs natively and
//! in wasm, and its result is compared. The wasm module that holds it is also what is searched for floats.
//!
//! * No input but a seed and a number of steps; no float, so that a float in the module comes from sim-core.

use sim_core::{
    Action, Aim, Buttons, Cell, Command, DurableWorld, Frame, Join, Look, Player, PlayerId,
    Preview, Rng, SavedPlayer, Step, Structure, StructureId, StructureKind, World, diff, fields,
    rules_hash,
};

/// Players who take turns in the session.
const PLAYERS: u16 = 12;

/// Every so many steps the world is encoded, decoded and goes on as what was decoded.
const STEPS_PER_RESTORE: u64 = 97;

/// Plays the session and folds the hash after every step, and what decoding, comparing and listing gave, into one
/// number.
///
/// # Panics
/// If a world that was encoded cannot be decoded, or differs from what it was.
#[must_use]
pub fn session(seed: u64, steps: u64) -> u64 {
    let mut script = Rng::new(seed ^ rules_hash());
    let mut world =
        World::hydrate(walls(seed)).expect("the script's walls are apart and within the limits");
    let mut frame = Frame::default();
    let mut folded = 0;
    for step in 0..steps {
        fill(&mut frame, &mut script, &world, step);
        world.step(&frame);
        folded = fold(folded, world.hash());
        folded = fold(folded, world.events().len() as u64);
        for player in world.players() {
            folded = fold(folded, u64::from(player.predicted_hash()));
        }
        if step % STEPS_PER_RESTORE == 0 {
            let bytes = world.encode();
            let restored = World::decode(&bytes).expect("what was encoded decodes");
            assert!(
                diff(&world, &restored).is_none(),
                "restoring changed the world"
            );
            for (path, value) in fields(&restored) {
                folded = path
                    .bytes()
                    .chain(value.bytes())
                    .fold(folded, |sum, byte| fold(sum, u64::from(byte)));
            }
            // Bytes cut short or altered are refused or read as another world, on every target alike.
            folded = fold(
                folded,
                u64::from(World::decode(&bytes[..bytes.len() - 1]).is_err()),
            );
            let mut altered = bytes.clone();
            let at = script.below(u32::try_from(altered.len()).unwrap_or(u32::MAX)) as usize;
            altered[at] ^= 1 << script.below(8);
            folded = fold(
                folded,
                World::decode(&altered).map_or(1, |other| other.hash()),
            );
            world = restored;
        }
    }
    quiet_end(world, folded)
}

/// Everybody leaves, the shots run out, and the empty room skips an hour.
fn quiet_end(mut world: World, mut folded: u64) -> u64 {
    let leaves = world.players().iter().map(|player| player.id).collect();
    world.step(&Frame {
        leaves,
        ..Frame::default()
    });
    while !world.is_quiet() {
        world.step(&Frame::default());
        folded = fold(folded, world.hash());
    }
    world.fast_forward(216_000);
    fold(folded, world.hash())
}

const fn fold(sum: u64, value: u64) -> u64 {
    (sum ^ value)
        .wrapping_mul(0x0000_0100_0000_01B3)
        .rotate_left(23)
}

fn walls(seed: u64) -> DurableWorld {
    let structures: Vec<_> = (0..40u8)
        .map(|index| Structure {
            id: StructureId(u32::from(index) + 1),
            owner: PlayerId(u16::from(index) % PLAYERS + 1),
            kind: StructureKind::ALL[usize::from(index) % StructureKind::ALL.len()],
            cell: Cell {
                x: 4 + index,
                y: 8 + (index % 7) * 7,
            },
            hp: 20,
        })
        .collect();
    DurableWorld {
        step: Step(1_000),
        seed,
        structures,
        next_structure: StructureId(41),
        next_projectile: sim_core::ProjectileId(1),
    }
}

/// The happenings of one step: joins and leaves, held buttons, and every command, possible or not.
fn fill(frame: &mut Frame, script: &mut Rng, world: &World, step: u64) {
    frame.clear();
    let saved = |player: &Player| SavedPlayer {
        pos: player.pos,
        vel: player.vel,
        health: player.health,
        score: player.score,
        deaths: player.deaths,
    };
    for id in 1..=PLAYERS {
        let player = PlayerId(id);
        match world.player(player) {
            None if script.chance(1, 30) => {
                let look = Look { body: 0, colour: 0 };
                let saved = world
                    .players()
                    .first()
                    .map(saved)
                    .filter(|_| script.chance(1, 2));
                frame.joins.push(Join {
                    player,
                    look,
                    saved,
                });
            }
            None => {}
            Some(_) if script.chance(1, 900) => frame.leaves.push(player),
            Some(me) => {
                if script.chance(1, 12) {
                    frame
                        .buttons
                        .push((player, Buttons::from_bits_truncate(script.next_u32() as u8)));
                }
                if script.chance(1, 6) {
                    frame.commands.push((player, command(script, world, me)));
                }
            }
        }
    }
    if step % 500 == 7 {
        // Nobody has this id: refused, and part of the hash as such.
        frame.commands.push((
            PlayerId(u16::MAX),
            Command::Act(Action::Fire { aim: Aim(0) }),
        ));
    }
}

fn command(script: &mut Rng, world: &World, me: &Player) -> Command {
    let kind = StructureKind::ALL[script.below(3) as usize];
    let near = |script: &mut Rng, at: i32| {
        u8::try_from(at + script.below(7) as i32 - 3).unwrap_or(u8::MAX)
    };
    let cell = Cell {
        x: near(script, me.pos.x.cell()),
        y: near(script, me.pos.y.cell()),
    };
    match script.below(10) {
        0..4 => Command::Act(Action::Fire {
            aim: Aim(script.next_u32() as u16),
        }),
        4..6 => Command::Act(Action::Place { cell, kind }),
        6 => Command::Act(Action::Remove {
            id: StructureId(script.below(world.next_structure().0 + 2)),
        }),
        7 => Command::Preview(Some(Preview { cell, kind })),
        8 => Command::Preview(None),
        _ => Command::SetLook(Look {
            body: script.next_u32() as u8,
            colour: script.next_u32() as u8,
        }),
    }
}

/// What the module exports.
#[cfg(target_arch = "wasm32")]
mod export {
    #![allow(
        unsafe_code,
        reason = "an exported name is unsafe to choose; this module is never linked with another"
    )]

    #[unsafe(no_mangle)]
    extern "C" fn session(seed: u64, steps: u64) -> u64 {
        super::session(seed, steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_depends_on_seed_and_length_alone() {
        let hash = session(7, 600);
        assert_eq!(session(7, 600), hash);
        assert_ne!(session(8, 600), hash);
        assert_ne!(session(7, 601), hash);
    }
}
