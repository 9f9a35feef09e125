//! The payload of a keyframe.
//!
//! It names the players and their held buttons in front of the world, so that the frames behind it can be read
//! without knowing the encoding of the world, which differs between versions of the rules.

use alloc::vec::Vec;

use sim_core::layout::{
    COUNT_BYTES, FRONT_BYTES, PLAYER_BYTES, PROJECTILE_BYTES, STRUCTURE_BYTES, WORLD_BYTES_MAX,
};
use sim_core::{Buttons, PlayerId, World};

use crate::bytes::{Taking, put_varint};
use crate::limits::{KEYFRAME_BYTES_MAX, PLAYERS_MAX};
use crate::native::frames::Frames;
use crate::native::records::{self, RECORD_BYTES_MAX, Records};

/// Who is in, and holds what.
pub(crate) fn held(world: &World) -> impl Iterator<Item = (PlayerId, Buttons)> {
    let held = |player: &sim_core::Player| (player.id, player.buttons);
    world.players().iter().map(held)
}

pub(crate) fn payload(world: &World) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, world.players().len() as u64);
    for (player, buttons) in held(world) {
        out.extend_from_slice(&player.0.to_le_bytes());
        out.push(buttons.to_bits());
    }
    let encoded = world.encode();
    let records = records_of(world);
    let described: usize = records.iter().map(|kind| kind.count * kind.bytes).sum();
    assert_eq!(
        described,
        encoded.len(),
        "with records of other lengths keyframes are longer"
    );
    records::put(&mut out, &encoded, &records);
    out
}

const _: () = {
    assert!(WORLD_BYTES_MAX <= KEYFRAME_BYTES_MAX);
    assert!(FRONT_BYTES <= RECORD_BYTES_MAX && PLAYER_BYTES <= RECORD_BYTES_MAX);
    assert!(STRUCTURE_BYTES <= RECORD_BYTES_MAX && PROJECTILE_BYTES <= RECORD_BYTES_MAX);
};

/// Where the records are in `World::encode`, and which of their bytes are worth coding as a difference.
fn records_of(world: &World) -> [Records; 6] {
    let records = |count, bytes, ascending| Records {
        count,
        bytes,
        ascending,
    };
    let counter = records(1, COUNT_BYTES, 0);
    [
        records(1, FRONT_BYTES, 0),
        records(world.players().len(), PLAYER_BYTES, 0),
        counter,
        records(world.structures().len(), STRUCTURE_BYTES, 4),
        counter,
        records(world.projectiles().len(), PROJECTILE_BYTES, 4),
    ]
}

/// The world's encoding, and what the frames behind it begin with. None if no writer writes such a payload.
pub(crate) fn read(payload: &[u8]) -> Option<(Vec<u8>, Frames)> {
    let mut taking = Taking::from(payload);
    let players = taking.varint().ok()?;
    if players > PLAYERS_MAX as u64 {
        return None;
    }
    let mut held: Vec<(PlayerId, Buttons)> = Vec::new();
    for _ in 0..players {
        let player = PlayerId(taking.u16().ok()?);
        if held.last().is_some_and(|(before, _)| *before >= player) {
            return None;
        }
        held.push((player, Buttons::from_bits(taking.u8().ok()?)?));
    }
    let encoded = records::read(taking, KEYFRAME_BYTES_MAX)?;
    Some((encoded, Frames::new(held.into_iter())))
}
