//! What became of a player's shots.

use std::collections::BTreeMap;

use kernel::Translate;
use sim_core::units::FRACTION_BITS;
use sim_core::{Event, PlayerId, Point, ProjectileId, Step};

use crate::moments::{Moment, What};

/// The shots of one player that are in flight.
pub(crate) struct Shots {
    player: PlayerId,
    flying: BTreeMap<ProjectileId, Flying>,
}

struct Flying {
    fired: Step,
    nearest: Option<(f64, PlayerId)>,
}

impl Shots {
    pub(crate) fn of(player: PlayerId) -> Self {
        Self {
            player,
            flying: BTreeMap::new(),
        }
    }

    /// The world has done a step. Shots that it ended without a hit are told.
    pub(crate) fn stepped<K: Translate>(
        &mut self,
        kernel: &K,
        step: Step,
        world: &K::World,
        events: &[Event],
        moments: &mut Vec<Moment>,
    ) {
        for event in events {
            if let Event::Fired { player, id } = *event
                && player == self.player
            {
                let flying = Flying {
                    fired: step,
                    nearest: None,
                };
                self.flying.insert(id, flying);
            }
        }
        if self.flying.is_empty() {
            return;
        }
        let moment = kernel.moment(world);
        let by_me = |event: &&Event| {
            let (Event::Hit { by, .. } | Event::Destroyed { by, .. }) = event else {
                return false;
            };
            *by == self.player
        };
        let mut ends: Vec<&Event> = events.iter().filter(by_me).collect();
        let mut over = Vec::new();
        for (&id, flying) in &mut self.flying {
            let at = moment.projectiles.binary_search_by_key(&id, |shot| shot.id);
            let Some(shot) = at.ok().and_then(|at| moment.projectiles.get(at)) else {
                over.push(id);
                continue;
            };
            for other in &moment.players {
                if other.id == self.player || !other.is_alive() {
                    continue;
                }
                let apart = apart(shot.pos, other.pos);
                if flying.nearest.is_none_or(|(nearest, _)| apart < nearest) {
                    flying.nearest = Some((apart, other.id));
                }
            }
        }
        for id in over {
            let Some(flying) = self.flying.remove(&id) else {
                continue;
            };
            // Of several that end in one step nobody knows which did what; each end is told once.
            let end = (!ends.is_empty()).then(|| ends.remove(0));
            if matches!(end, Some(Event::Hit { .. })) {
                continue;
            }
            let what = What::Missed {
                fired: flying.fired,
                nearest: flying.nearest,
                destroyed: end.is_some(),
            };
            moments.push(Moment { step, what });
        }
    }
}

/// Cells between two points.
fn apart(one: Point, other: Point) -> f64 {
    let cells =
        |from: i32, to: i32| (f64::from(to) - f64::from(from)) / f64::from(1 << FRACTION_BITS);
    let x = cells(one.x.to_bits(), other.x.to_bits());
    x.hypot(cells(one.y.to_bits(), other.y.to_bits()))
}
