//! A player in the world.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh64::xxh64;

use crate::buttons::Buttons;
use crate::geometry::{Cell, Point, Velocity};
use crate::ids::PlayerId;
use crate::movement::Body;
use crate::rules::{BODIES, COLOURS, PLAYER_HALF_BOX};
use crate::structure::StructureKind;
use crate::units::Steps;

/// How a character looks. The rules only know how many looks there are.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Look {
    /// Which body, below `rules::BODIES`.
    pub body: u8,
    /// Which colour, below `rules::COLOURS`.
    pub colour: u8,
}

impl Look {
    /// Whether there is such a look.
    #[must_use]
    pub const fn exists(self) -> bool {
        self.body < BODIES && self.colour < COLOURS
    }
}

/// What a player is about to build. Shown to the others, never durable, and nothing collides with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Preview {
    /// Where.
    pub cell: Cell,
    /// What.
    pub kind: StructureKind,
}

/// A player. Dead while `respawn_wait` runs: then health is zero, velocity is zero and there is no preview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Player {
    /// Name in the room.
    pub id: PlayerId,
    /// Appearance.
    pub look: Look,
    /// Middle of the box; where it fell while dead.
    pub pos: Point,
    /// Velocity.
    pub vel: Velocity,
    /// Held buttons, kept until they change.
    pub buttons: Buttons,
    /// Health points, 0 only while dead.
    pub health: u8,
    /// Others shot down.
    pub score: u16,
    /// Times shot down.
    pub deaths: u16,
    /// Until the next shot is possible.
    pub fire_wait: Steps,
    /// Until the next structure is possible.
    pub build_wait: Steps,
    /// Until respawn; zero while alive.
    pub respawn_wait: Steps,
    /// How long shots still do not hurt.
    pub protected: Steps,
    /// What the player is about to build.
    pub preview: Option<Preview>,
}

impl Player {
    /// Whether the player is in play.
    #[must_use]
    pub const fn is_alive(&self) -> bool {
        self.respawn_wait.is_zero()
    }

    /// The part that movement changes.
    #[must_use]
    pub const fn body(&self) -> Body {
        Body {
            pos: self.pos,
            vel: self.vel,
        }
    }

    /// Whether the player's box contains the point; its right and lower edges do not belong to it.
    #[must_use]
    pub fn covers(&self, point: Point) -> bool {
        let half = PLAYER_HALF_BOX;
        self.pos.x - half <= point.x
            && point.x < self.pos.x + half
            && self.pos.y - half <= point.y
            && point.y < self.pos.y + half
    }

    /// Hash of what a client predicts of its own player: position, velocity, buttons and being alive.
    #[must_use]
    pub fn predicted_hash(&self) -> u32 {
        let mut bytes = [0; 18];
        bytes[0..4].copy_from_slice(&self.pos.x.to_bits().to_le_bytes());
        bytes[4..8].copy_from_slice(&self.pos.y.to_bits().to_le_bytes());
        bytes[8..12].copy_from_slice(&self.vel.x.to_bits().to_le_bytes());
        bytes[12..16].copy_from_slice(&self.vel.y.to_bits().to_le_bytes());
        bytes[16] = self.buttons.to_bits();
        bytes[17] = u8::from(self.is_alive());
        xxh64(&bytes, 0) as u32
    }
}
