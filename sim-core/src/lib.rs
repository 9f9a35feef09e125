//! The rules of the game: `(World, Frame) -> World`, the same bits on every target.
//!
//! * [`World::step`] is the only way a world changes; everything that happens to it in one step is a [`Frame`].
//! * No float, no clock, no randomness that is not a field of the world, no collection whose order is not that of its
//!   ids, no `usize` in the state.
//! * Every operator of the [`units`] says what it does on overflow, and does it in every build profile.
//! * [`World::decode`] of [`World::encode`] continues exactly as if nothing had happened, at every step.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::float_arithmetic,
    clippy::arithmetic_side_effects,
    clippy::disallowed_types
)]

extern crate alloc;

pub mod action;
pub mod aim;
pub mod build;
pub mod buttons;
mod codec;
mod combat;
mod decode_error;
mod diff;
pub mod event;
pub mod frame;
pub mod geometry;
pub mod ids;
pub mod layout;
pub mod movement;
pub mod player;
pub mod player_step;
pub mod projectile;
mod record;
pub mod rng;
pub mod rules;
mod step;
pub mod structure;
pub mod structures;
mod table;
pub mod units;
pub mod world;

pub use action::{Action, Command, Effect};
pub use aim::Aim;
pub use buttons::Buttons;
pub use decode_error::DecodeError;
pub use diff::{FieldDiff, diff, fields};
pub use event::{Event, Reject};
pub use frame::{Frame, Join, SavedPlayer};
pub use geometry::{Cell, Point, Velocity};
pub use ids::{PlayerId, ProjectileId, StructureId};
pub use movement::Body;
pub use player::{Look, Player, Preview};
pub use projectile::Projectile;
pub use rng::Rng;
pub use rules::{SIM_VERSION, rules_hash};
pub use step::Phase;
pub use structure::{Structure, StructureKind};
pub use structures::Structures;
pub use units::{Pos, Shift, Step, Steps, Vel};
pub use world::{DurableWorld, World};
