//! What is drawn is drawn once, and where the snapshots around that moment say.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use netcode::{Client, DrawnPlayer, Micros, Scene, ShotKey};
use protocol::{PlayerState, View};
use sim_core::{Aim, PlayerId, Point, Pos, ProjectileId, Shift, Vel, Velocity};

use super::Violation;

/// Snapshots from one look at the scene to the next: making one costs more than all other oracles together.
const LOOKS: u64 = 8;
/// What is looked at besides the present, from it on: a moment within the next snapshot, and one in a long silence.
const LATER_MS: [u64; 2] = [50, 1_000];
/// Views that are remembered: what a client may still draw from, and a little more.
const VIEWS: usize = 40;
/// How long somebody of whom nothing newer is known may go on straight, in steps: a snapshot and a half, and one step
/// that is a part of a microsecond shorter.
const COASTING_STEPS: i64 = 10;

/// What one client was told, and what it calls its shots.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    /// Oldest first.
    told: VecDeque<Told>,
    /// With the direction, by which another shot of the same id is known.
    names: BTreeMap<ProjectileId, (ShotKey, Aim)>,
    /// Connections so far: with another one, what was fired over the one before may be forgotten.
    connects: u64,
}

#[derive(Debug)]
struct Told {
    time: Micros,
    players: BTreeMap<PlayerId, Was>,
}

/// Where somebody was in a snapshot.
#[derive(Clone, Copy, Debug)]
struct Was {
    alive: bool,
    pos: Point,
    vel: Velocity,
}

impl Drawn {
    /// The client has merged a snapshot.
    pub(crate) fn merged(
        &mut self,
        seat: usize,
        client: &Client,
        shown: Micros,
    ) -> Option<Violation> {
        let (view, time) = (client.view()?, client.view_time()?);
        let lives_or_dies = self.tell(view, time);
        // The room may count its ids anew, and give one that has just been free to another.
        self.names.retain(|id, (_, aim)| {
            let is = view.projectiles.get(id);
            is.is_some_and(|is| is.aim == *aim)
        });
        let looks = client.stats().snapshots.is_multiple_of(LOOKS);
        if !looks && !lives_or_dies {
            return None;
        }
        let scene = client.scene(shown);
        let found = once(seat, &scene)
            .or_else(|| self.keeps_names(seat, client, view, &scene))
            .or_else(|| self.elsewhere(seat, client, &scene));
        let mut later = LATER_MS.into_iter().filter_map(|ms| {
            let scene = client.scene(shown.after(Micros::from_millis(ms)));
            self.elsewhere(seat, client, &scene)
        });
        found.or_else(|| later.next())
    }

    /// Remembers a view. True if somebody lives who was dead in the one before, or the other way round.
    fn tell(&mut self, view: &View, time: Micros) -> bool {
        // What a room that restarted has not reached again never was.
        while self.told.back().is_some_and(|told| told.time > time) {
            self.told.pop_back();
        }
        let of = |player: &PlayerState| Was {
            alive: player.is_alive(),
            pos: player.pos,
            vel: player.vel,
        };
        let players: BTreeMap<PlayerId, Was> = view
            .players
            .iter()
            .map(|(id, one)| (*id, of(one)))
            .collect();
        let before = self.told.back();
        let changed = before.is_some_and(|before| {
            players.iter().any(|(id, is)| {
                let was = before.players.get(id);
                was.is_some_and(|was| was.alive != is.alive)
            })
        });
        self.told.push_back(Told { time, players });
        if self.told.len() > VIEWS {
            self.told.pop_front();
        }
        changed
    }

    /// Nobody is drawn where nothing leads.
    fn elsewhere(&self, seat: usize, client: &Client, scene: &Scene<'_>) -> Option<Violation> {
        let (time, me) = (scene.time?, client.player_id());
        let after = self.told.iter().position(|told| told.time > time);
        let index = after.unwrap_or(self.told.len()).checked_sub(1)?;
        let (before, after) = (self.told.get(index)?, self.told.get(index + 1));
        let newest = self.told.back()?.time;
        let ago = (newest.0 as i64).wrapping_sub(time.0 as i64) / 1_000;
        let others: Vec<PlayerId> = before
            .players
            .keys()
            .copied()
            .filter(|id| Some(*id) != me)
            .collect();
        let drawn: Vec<PlayerId> = scene.players.iter().map(|one| one.player.id).collect();
        if others != drawn {
            let what = format!("{drawn:?} are drawn, and {others:?} were there");
            return Some(Violation::DrawnElsewhere { seat, ago, what });
        }
        scene.players.iter().find_map(|drawn| {
            let was = before.players.get(&drawn.player.id)?;
            let becomes = after.map(|after| after.players.get(&drawn.player.id));
            (!leads_to(*was, becomes, drawn)).then(|| Violation::DrawnElsewhere {
                seat,
                ago,
                what: format!("{drawn:?} was {was:?}, then {becomes:?}"),
            })
        })
    }

    /// A shot that the client has once taken for its own is not called otherwise later, nor the other way round.
    fn keeps_names(
        &mut self,
        seat: usize,
        client: &Client,
        view: &View,
        scene: &Scene<'_>,
    ) -> Option<Violation> {
        let me = client.player_id()?;
        let connects = client.stats().connects;
        if std::mem::replace(&mut self.connects, connects) != connects {
            self.names.clear();
        }
        for shot in scene.shots.iter().filter(|shot| shot.owner == me) {
            let id = shot.projectile.id;
            // One that is only predicted has a number for an id, which may be another's.
            let named = view.projectiles.get(&id);
            if named.is_none_or(|named| named.aim != shot.projectile.aim) {
                continue;
            }
            let news = (shot.key, shot.projectile.aim);
            let (name, _) = *self.names.entry(id).or_insert(news);
            if name != shot.key {
                let what = format!("{id:?} was called {name:?} and is called {:?}", shot.key);
                return Some(Violation::DrawnTwice { seat, what });
            }
        }
        None
    }
}

/// No two shots have one name.
fn once(seat: usize, scene: &Scene<'_>) -> Option<Violation> {
    let mut names = BTreeSet::new();
    let twice = scene.shots.iter().find(|shot| !names.insert(shot.key))?;
    Some(Violation::DrawnTwice {
        seat,
        what: format!("{:?}", twice.key),
    })
}

/// Whether somebody may be drawn like this who was so in the snapshot before and is so in the one after, if there is one and
/// it shows the player.
fn leads_to(was: Was, becomes: Option<Option<&Was>>, drawn: &DrawnPlayer) -> bool {
    let is = drawn.player.pos;
    if drawn.player.is_alive() != was.alive {
        return false;
    }
    let to = match becomes {
        // Who dies or lives again is at one place or the other, and the player is drawn as it was.
        Some(Some(next)) if next.alive == was.alive => next.pos,
        Some(_) => was.pos,
        None => Point {
            x: was.pos.x + along(was.vel.x),
            y: was.pos.y + along(was.vel.y),
        },
    };
    let lies = |is: Pos, a: Pos, b: Pos| a.min(b) <= is && is <= a.max(b);
    lies(is.x, was.pos.x, to.x) && lies(is.y, was.pos.y, to.y)
}

/// How far one goes straight in the longest time for which that is shown.
fn along(vel: Vel) -> Shift {
    Shift::from_bits((i64::from(vel.to_bits()) * COASTING_STEPS) as i32)
}
