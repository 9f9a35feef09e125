//! Where two worlds differ, and what is in one, in words.
//!
//! Values are exact: fixed-point ones as decimals without rounding, everything else as it is.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::player::Player;
use crate::projectile::Projectile;
use crate::record::Record;
use crate::structure::Structure;
use crate::world::World;

/// The first difference between two worlds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDiff {
    /// Which field, like `players[3].pos.x`; for a thing that only one world has, the thing, like `players[3]`.
    pub path: String,
    /// Its value in the expected world, or whether that has it: `present` or `absent`.
    pub expected: String,
    /// Its value in the actual world, or whether that has it.
    pub actual: String,
}

type Field = (String, String);

/// A thing with an id, in a list of the world.
trait Listed: Record {
    const LIST: &'static str;
    fn id(&self) -> u32;
}

/// The first differing field in canonical order; none if the worlds are equal.
#[must_use]
pub fn diff(expected: &World, actual: &World) -> Option<FieldDiff> {
    first(&own_fields(expected), &own_fields(actual), |name| {
        name.to_string()
    })
    .or_else(|| first_listed(expected.players().iter(), actual.players().iter()))
    .or_else(|| first_listed(expected.structures().iter(), actual.structures().iter()))
    .or_else(|| first_listed(expected.projectiles().iter(), actual.projectiles().iter()))
}

/// Every field of the world in canonical order, as path and value.
#[must_use]
pub fn fields(world: &World) -> Vec<(String, String)> {
    let mut all = own_fields(world);
    list(&mut all, world.players().iter());
    list(&mut all, world.structures().iter());
    list(&mut all, world.projectiles().iter());
    all
}

fn list<'a, T: Listed + 'a>(all: &mut Vec<(String, String)>, things: impl Iterator<Item = &'a T>) {
    for thing in things {
        all.extend(
            thing
                .fields()
                .into_iter()
                .map(|(name, value)| (path(thing, &name), value)),
        );
    }
}

fn path<T: Listed>(thing: &T, name: &str) -> String {
    format!("{}[{}].{name}", T::LIST, thing.id())
}

fn first(expected: &[Field], actual: &[Field], path: impl Fn(&str) -> String) -> Option<FieldDiff> {
    let ((name, expected), (_, actual)) = expected
        .iter()
        .zip(actual)
        .find(|((_, expected), (_, actual))| expected != actual)?;
    Some(FieldDiff {
        path: path(name),
        expected: expected.clone(),
        actual: actual.clone(),
    })
}

fn first_listed<'a, T: Listed + PartialEq + 'a>(
    expected: impl Iterator<Item = &'a T>,
    actual: impl Iterator<Item = &'a T>,
) -> Option<FieldDiff> {
    let (mut expected, mut actual) = (expected.peekable(), actual.peekable());
    let only = |thing: &T, expected: &str, actual: &str| FieldDiff {
        path: format!("{}[{}]", T::LIST, thing.id()),
        expected: expected.to_string(),
        actual: actual.to_string(),
    };
    loop {
        let (left, right) = match (expected.peek(), actual.peek()) {
            (None, None) => return None,
            (Some(left), None) => return Some(only(left, "present", "absent")),
            (None, Some(right)) => return Some(only(right, "absent", "present")),
            (Some(&left), Some(&right)) => (left, right),
        };
        match left.id().cmp(&right.id()) {
            Ordering::Less => return Some(only(left, "present", "absent")),
            Ordering::Greater => return Some(only(right, "absent", "present")),
            Ordering::Equal if left != right => {
                return first(&left.fields(), &right.fields(), |name| path(left, name));
            }
            Ordering::Equal => {
                expected.next();
                actual.next();
            }
        }
    }
}

fn own_fields(world: &World) -> Vec<Field> {
    alloc::vec![
        ("step".to_string(), world.step_number().to_string()),
        ("rng".to_string(), format!("{:#018x}", world.rng().state())),
        (
            "next_structure".to_string(),
            world.next_structure().to_string()
        ),
        (
            "next_projectile".to_string(),
            world.next_projectile().to_string()
        ),
    ]
}

impl Listed for Player {
    const LIST: &'static str = "players";

    fn id(&self) -> u32 {
        u32::from(self.id.0)
    }
}

impl Listed for Structure {
    const LIST: &'static str = "structures";

    fn id(&self) -> u32 {
        self.id.0
    }
}

impl Listed for Projectile {
    const LIST: &'static str = "projectiles";

    fn id(&self) -> u32 {
        self.id.0
    }
}
