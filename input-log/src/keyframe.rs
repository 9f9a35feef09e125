//! A whole world in the recording, from which a rerun can begin.
//!
//! The payload names the players and their held buttons in front of the world, so that the frames behind it can be read
//! without knowing the encoding of the world, which differs between versions of the rules.

use alloc::vec::Vec;

use sim_core::{Buttons, DecodeError, PlayerId, Step, World};

use crate::bytes::{Taking, put_varint};
use crate::frames::Frames;
use crate::limits::{KEYFRAME_BYTES_MAX, PLAYERS_MAX};
use crate::records::{self, Records};

/// A world's canonical encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyframe<'a> {
    /// Steps that the world has done.
    pub step: Step,
    /// What `World::encode` gave.
    pub encoded: &'a [u8],
}

impl Keyframe<'_> {
    /// The world.
    ///
    /// # Errors
    /// If the recording is of another `SIM_VERSION`; keyframes of this version were checked when the recording was
    /// opened.
    pub fn world(&self) -> Result<World, DecodeError> {
        World::decode(self.encoded)
    }
}

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
    assert!(
        encoded.len() <= KEYFRAME_BYTES_MAX,
        "the rules allow no world that is larger"
    );
    records::put(&mut out, &encoded, &records_of(world));
    out
}

/// Where the records are in `World::encode`. If that changes without this, keyframes become longer, not wrong.
fn records_of(world: &World) -> [Records; 6] {
    let records = |count, bytes, ascending| Records {
        count,
        bytes,
        ascending,
    };
    let counter = records(1, 4, 0);
    [
        records(1, 32, 0),
        records(world.players().len(), 38, 0),
        counter,
        records(world.structures().len(), 10, 4),
        counter,
        records(world.projectiles().len(), 18, 4),
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
