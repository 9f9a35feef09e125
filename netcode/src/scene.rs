//! What there is to draw at one moment.

use alloc::vec::Vec;

use sim_core::{Player, PlayerId, Point, Projectile, ProjectileId, Structures};

use crate::time::Micros;

/// A moment as it is drawn: the own player and shots in the predicted present, everybody else in the past.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// The authority's time at which the others are drawn; `None` before the first snapshot.
    pub time: Option<Micros>,
    /// The own player; `None` before the first snapshot with it.
    pub local: Option<DrawnPlayer>,
    /// The other players, ids ascending.
    pub players: Vec<DrawnPlayer>,
    /// All shots.
    pub shots: Vec<DrawnShot>,
    /// All structures, own predicted placings and removals included. See [`crate::Client::is_provisional`].
    pub structures: &'a Structures,
}

/// A player as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnPlayer {
    /// Its state; `pos` is where it is drawn.
    pub player: Player,
    /// Whether it is frozen because nothing newer is known.
    pub frozen: bool,
}

/// A shot as drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnShot {
    /// What it is called from frame to frame.
    pub key: ShotKey,
    /// Who fired it.
    pub owner: PlayerId,
    /// Where it is drawn.
    pub pos: Point,
    /// Its state.
    pub projectile: Projectile,
}

/// What a drawn shot is called from frame to frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShotKey {
    /// An own shot, by the input that fired it. It keeps the name when the authority confirms it.
    Own(u32),
    /// Anybody's shot that the client did not predict.
    Room(ProjectileId),
}
