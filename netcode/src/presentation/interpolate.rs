//! The others as they are drawn: in the past, between the snapshots before and after that moment.
//!
//! * A gap is extrapolated in a straight line for a moment; after that everybody stands still until the next snapshot.
//! * Everything is integer arithmetic on what the views hold; nothing drawn flows back.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use protocol::View;
use sim_core::rules::{PLAYER_POS_MAX, PLAYER_POS_MIN, SHOT_LIFE};
use sim_core::units::FRACTION_BITS;
use sim_core::{PlayerId, Point, Pos, Projectile, Shift, Structures, Vel, Velocity};

use crate::link::{PHASE_WHOLE, ReceivedView};
use crate::replica;
use crate::scene::{DrawnPlayer, DrawnShot, ShotKey};
use crate::time::{Micros, SNAPSHOT_MICROS, STEP_MICROS};

/// How long a gap is bridged, in microseconds: a snapshot and a half.
const EXTRAPOLATE_MAX: i64 = SNAPSHOT_MICROS * 3 / 2;
/// A move that is longer than this on one axis between two snapshots is no walk and is not interpolated, in 2^-16 of a cell: two
/// cells.
const WALK_BITS_MAX: u32 = 2 << FRACTION_BITS;

/// The two views around a moment, and where between them it is.
struct Between<'a> {
    before: &'a View,
    after: Option<&'a View>,
    /// From `before` to the moment, in microseconds, bounded by [`EXTRAPOLATE_MAX`] without `after`.
    elapsed: i64,
    /// From `before` to `after`, in microseconds; at least 1.
    interval: i64,
    frozen: bool,
}

fn between(held: &VecDeque<ReceivedView>, time: Micros) -> Option<Between<'_>> {
    let next = held
        .iter()
        .position(|held| held.time > time)
        .unwrap_or(held.len());
    let Some(index) = next.checked_sub(1) else {
        // The moment is before everything that is known.
        return held.front().map(|first| Between {
            before: &first.view,
            after: None,
            elapsed: 0,
            interval: 1,
            frozen: true,
        });
    };
    let before = held.get(index)?;
    let elapsed = i64::try_from(time.since(before.time).0).unwrap_or(i64::MAX);
    Some(match held.get(next) {
        Some(after) => Between {
            before: &before.view,
            after: Some(&after.view),
            elapsed,
            interval: i64::try_from(after.time.since(before.time).0)
                .unwrap_or(i64::MAX)
                .max(1),
            frozen: false,
        },
        None => Between {
            before: &before.view,
            after: None,
            elapsed: elapsed.min(EXTRAPOLATE_MAX),
            interval: 1,
            frozen: elapsed > EXTRAPOLATE_MAX,
        },
    })
}

/// Everybody but `me` and all shots but those of `me`, at the authority's time `time`.
pub(crate) fn others(
    held: &VecDeque<ReceivedView>,
    time: Micros,
    me: Option<PlayerId>,
    structures: &Structures,
) -> (Vec<DrawnPlayer>, Vec<DrawnShot>) {
    let Some(between) = between(held, time) else {
        return (Vec::new(), Vec::new());
    };
    let players: Vec<DrawnPlayer> = between
        .before
        .players
        .keys()
        .filter(|id| Some(**id) != me)
        .filter_map(|id| between.player(*id))
        .collect();
    let shots = between.shots(me, structures, &players);
    (players, shots)
}

impl Between<'_> {
    fn player(&self, id: PlayerId) -> Option<DrawnPlayer> {
        let mut player = replica::player(self.before, id)?;
        match self.after.map(|after| after.players.get(&id)) {
            Some(Some(after)) => {
                let walked = player.is_alive() == after.is_alive()
                    && walk_distance(player.pos, after.pos) <= WALK_BITS_MAX;
                if walked {
                    player.pos = self.mix(player.pos, after.pos);
                }
            }
            Some(None) => {}
            None => player.pos = in_arena(coast(player.pos, player.vel, self.elapsed)),
        }
        Some(DrawnPlayer {
            player,
            frozen: self.frozen,
        })
    }

    fn mix(&self, from: Point, to: Point) -> Point {
        let axis = |from: Pos, to: Pos| {
            // The authority's clock is only what it says, so an interval may be anything.
            let way = i128::from((to - from).to_bits());
            let passed = i128::from(self.elapsed.min(self.interval));
            from + Shift::from_bits((way * passed / i128::from(self.interval)) as i32)
        };
        Point {
            x: axis(from.x, to.x),
            y: axis(from.y, to.y),
        }
    }

    fn shots(
        &self,
        me: Option<PlayerId>,
        structures: &Structures,
        players: &[DrawnPlayer],
    ) -> Vec<DrawnShot> {
        let mut drawn = Vec::new();
        for shot in self.before.projectiles.values() {
            let lives_on = self
                .after
                .is_some_and(|after| after.projectiles.contains_key(&shot.id));
            let flown = coast(shot.pos, shot.velocity(), self.elapsed);
            let hit = !lives_on && self.has_hit(shot, structures, players);
            if Some(shot.owner) != me && flown.in_arena() && !hit {
                drawn.push(drawn_shot(shot, flown));
            }
        }
        let Some(after) = self.after else {
            return drawn;
        };
        for shot in after.projectiles.values() {
            let left = self.interval.saturating_sub(self.elapsed);
            let age = i64::from(SHOT_LIFE.0.saturating_sub(shot.life.0)) * STEP_MICROS as i64;
            let new = !self.before.projectiles.contains_key(&shot.id);
            if Some(shot.owner) != me && new && left <= age {
                drawn.push(drawn_shot(shot, coast(shot.pos, shot.velocity(), -left)));
            }
        }
        drawn
    }

    /// Whether a shot that is not known to live on has met what ends it, as far as it can be seen.
    fn has_hit(&self, shot: &Projectile, structures: &Structures, players: &[DrawnPlayer]) -> bool {
        let step = STEP_MICROS as i64;
        let steps = (self.elapsed / step).min(i64::from(shot.life.0));
        let moments = (0..=steps).map(|steps| steps * step);
        moments.chain([self.elapsed]).any(|moment| {
            let at = coast(shot.pos, shot.velocity(), moment);
            let structure = at.cell().and_then(|cell| structures.at(cell));
            structure.is_some_and(|structure| structure.stops_shot(shot.owner))
                || players
                    .iter()
                    .any(|drawn| drawn.player.id != shot.owner && drawn.player.covers(at))
        })
    }
}

fn drawn_shot(shot: &Projectile, pos: Point) -> DrawnShot {
    DrawnShot {
        key: ShotKey::Room(shot.id),
        owner: shot.owner,
        pos,
        projectile: *shot,
    }
}

/// Extrapolates a position in a straight line by so many microseconds, which may be negative.
pub(crate) fn coast(from: Point, vel: Velocity, micros: i64) -> Point {
    let axis = |pos: Pos, vel: Vel| {
        let way = i64::from(vel.to_bits()).saturating_mul(micros) / STEP_MICROS as i64;
        pos + Shift::from_bits(way.clamp(i32::MIN.into(), i32::MAX.into()) as i32)
    };
    Point {
        x: axis(from.x, vel.x),
        y: axis(from.y, vel.y),
    }
}

fn in_arena(point: Point) -> Point {
    Point {
        x: point.x.clamp(PLAYER_POS_MIN, PLAYER_POS_MAX),
        y: point.y.clamp(PLAYER_POS_MIN, PLAYER_POS_MAX),
    }
}

fn walk_distance(from: Point, to: Point) -> u32 {
    let axis = |from: Pos, to: Pos| (to - from).to_bits().unsigned_abs();
    axis(from.x, to.x).max(axis(from.y, to.y))
}

/// The moment between two steps of the own player or shot: `phase` of [`PHASE_WHOLE`] parts of the way.
pub(crate) fn between_steps(before: Point, now: Point, phase: i64) -> Point {
    if walk_distance(before, now) > WALK_BITS_MAX {
        return now;
    }
    let axis = |from: Pos, to: Pos| {
        let way = i64::from((to - from).to_bits());
        from + Shift::from_bits((way * phase / PHASE_WHOLE) as i32)
    };
    Point {
        x: axis(before.x, now.x),
        y: axis(before.y, now.y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_longest_interval_is_half_of_the_way() {
        let view = View::default();
        let between = Between {
            before: &view,
            after: Some(&view),
            elapsed: i64::MAX / 2,
            interval: i64::MAX,
            frozen: false,
        };
        let at = |bits| Point {
            x: Pos::from_bits(bits),
            y: Pos::from_bits(0),
        };
        let half = between.mix(at(1 << 16), at(3 << 16)).x.to_bits();
        assert!((half - (2 << 16)).abs() <= 1, "{half}");
    }
}
