//! Shots that were fired since the base: guessed to have flown from where their owner was.

use sim_core::rules::SHOT_LIFE;
use sim_core::{Aim, PlayerId, Point, Pos, Projectile, ProjectileId, Steps};

use super::bits::{Reader, Writer};
use super::motion::Tracks;
use crate::error::DecodeError;

/// Order of the code for steps that a shot has flown.
const FLOWN: u32 = 4;

pub(super) fn write(out: &mut Writer, shot: &Projectile, tracks: &Tracks) {
    let seat = tracks.seat(shot.owner);
    out.flag(seat.is_some());
    match seat {
        Some(seat) => out.bits(seat, tracks.seat_bits()),
        None => out.number(shot.owner.0.into(), 4),
    }
    out.bits(shot.aim.0.into(), 16);
    let flown = i64::from(SHOT_LIFE.0) - i64::from(shot.life.0);
    out.signed(flown, FLOWN);
    let guess = guess(shot.owner, shot.aim, flown, tracks);
    let missed = [
        shot.pos.x.to_bits().wrapping_sub(guess.x.to_bits()),
        shot.pos.y.to_bits().wrapping_sub(guess.y.to_bits()),
    ];
    out.flag(missed == [0; 2]);
    if missed != [0; 2] {
        missed.into_iter().for_each(|by| out.sized(by));
    }
}

pub(super) fn read(
    from: &mut Reader<'_>,
    id: ProjectileId,
    tracks: &Tracks,
) -> Result<Projectile, DecodeError> {
    let owner = if from.flag()? {
        let seat = from.bits(tracks.seat_bits())?;
        tracks.player(seat).ok_or_else(|| from.wrong())?
    } else {
        PlayerId(from.small(4)?)
    };
    let aim = Aim(from.bits(16)? as u16);
    let flown = from.signed(FLOWN)?;
    let life = i64::from(SHOT_LIFE.0)
        .checked_sub(flown)
        .and_then(|life| u16::try_from(life).ok());
    let life = Steps(life.ok_or_else(|| from.wrong())?);
    let mut pos = guess(owner, aim, flown, tracks);
    if !from.flag()? {
        pos.x = Pos::from_bits(pos.x.to_bits().wrapping_add(from.sized()?));
        pos.y = Pos::from_bits(pos.y.to_bits().wrapping_add(from.sized()?));
    }
    Ok(Projectile {
        id,
        owner,
        aim,
        pos,
        life,
    })
}

/// A shot flies on the very step that fires it, from where its owner has walked to on that step.
fn guess(owner: PlayerId, aim: Aim, flown: i64, tracks: &Tracks) -> Point {
    let ago = usize::try_from(flown.saturating_sub(1)).unwrap_or(0);
    let start = tracks.ago(owner, ago);
    let shot = Projectile {
        id: ProjectileId(0),
        owner,
        aim,
        pos: start,
        life: SHOT_LIFE,
    };
    let velocity = shot.velocity();
    let along = |pos: Pos, per_step: i32| {
        Pos::from_bits(
            pos.to_bits()
                .wrapping_add(per_step.wrapping_mul(flown as i32)),
        )
    };
    Point {
        x: along(start.x, velocity.x.to_bits()),
        y: along(start.y, velocity.y.to_bits()),
    }
}
