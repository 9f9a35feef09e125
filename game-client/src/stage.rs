//! What is drawn: pictures at places, made anew for every frame from what the client or the viewer shows.
//!
//! * Nothing here draws. A list of pictures is the result, so it can be looked at without a graphics card.
//! * Places and sizes are in cells of the arena, x to the right and y down, angles in radians clockwise from +x.

mod camera;
mod effects;
mod facing;
mod field;
mod happenings;
mod traces;

use crate::art::{Picture, Rgb};

pub use camera::{Camera, Viewport};
pub use effects::{Effect, Effects};
pub use facing::Facings;
pub use field::{Plan, Shown, ShownPlayer, ShownShot, field};
pub use happenings::Happenings;
pub use traces::{Trace, traces};

/// A place in the arena, in cells.
pub type Place = (f32, f32);

/// A picture at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sprite {
    /// Picture that is drawn.
    pub picture: Picture,
    /// Where its middle is.
    pub at: Place,
    /// How far it is turned.
    pub angle: f32,
    /// Its size over its natural one, along its own x and y.
    pub scale: (f32, f32),
    /// What its greys are multiplied with.
    pub tint: Rgb,
    /// From 0, nothing, to 1.
    pub alpha: f32,
    /// What it lies on.
    pub layer: Layer,
}

/// What lies on what, from below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Flat on the floor.
    Ground,
    /// What stands.
    Structures,
    /// What is about to stand.
    Plans,
    /// Who walks.
    Players,
    /// What flies.
    Shots,
    /// What breaks and flashes.
    Effects,
    /// What tells about the others.
    Marks,
}

/// No tint.
pub const PLAIN: Rgb = Rgb(0xff, 0xff, 0xff);

impl Sprite {
    /// A picture as it is.
    #[must_use]
    pub const fn new(picture: Picture, at: Place, layer: Layer) -> Self {
        Self {
            picture,
            at,
            angle: 0.0,
            scale: (1.0, 1.0),
            tint: PLAIN,
            alpha: 1.0,
            layer,
        }
    }

    /// Turned.
    #[must_use]
    pub const fn turned(self, angle: f32) -> Self {
        Self { angle, ..self }
    }

    /// Larger or smaller.
    #[must_use]
    pub const fn scaled(self, by: f32) -> Self {
        self.stretched(by, by)
    }

    /// Larger or smaller along each of its own axes.
    #[must_use]
    pub const fn stretched(self, x: f32, y: f32) -> Self {
        Self {
            scale: (x, y),
            ..self
        }
    }

    /// In this colour.
    #[must_use]
    pub const fn tinted(self, tint: Rgb) -> Self {
        Self { tint, ..self }
    }

    /// As much of it as this.
    #[must_use]
    pub const fn faded(self, alpha: f32) -> Self {
        Self { alpha, ..self }
    }

    /// A filled rectangle with its middle at `at`, in cells.
    #[must_use]
    pub fn bar(at: Place, (width, height): (f32, f32), tint: Rgb, layer: Layer) -> Self {
        // The white picture is two cells wide.
        Self::new(Picture::Blank, at, layer)
            .stretched(width / 2.0, height / 2.0)
            .tinted(tint)
    }

    /// A line from one place to another, in cells.
    #[must_use]
    pub fn line(from: Place, to: Place, width: f32, tint: Rgb, layer: Layer) -> Self {
        let (x, y) = (to.0 - from.0, to.1 - from.1);
        let middle = (from.0 + x / 2.0, from.1 + y / 2.0);
        Self::bar(middle, (x.hypot(y), width), tint, layer).turned(y.atan2(x))
    }
}

/// The pictures of a frame, in the order in which they are put on each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stage {
    sprites: Vec<Sprite>,
}

impl Stage {
    /// Takes everything away.
    pub fn clear(&mut self) {
        self.sprites.clear();
    }

    /// Puts a picture on.
    pub fn put(&mut self, sprite: Sprite) {
        self.sprites.push(sprite);
    }

    /// How many pictures there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sprites.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sprites.is_empty()
    }

    /// What lies below comes first; within a layer, what was put on first.
    pub fn sorted(&mut self) -> &[Sprite] {
        self.sprites.sort_by_key(|sprite| sprite.layer);
        &self.sprites
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_and_ends_where_it_should() {
        let line = Sprite::line((1.0, 1.0), (4.0, 5.0), 0.1, PLAIN, Layer::Marks);
        assert_eq!(line.at, (2.5, 3.0));
        assert!((line.scale.0 * 2.0 - 5.0).abs() < 1e-6, "{line:?}");
        assert!((line.angle - (4.0_f32 / 3.0).atan()).abs() < 1e-6);
    }

    #[test]
    fn layers_are_in_order_and_stable() {
        let mut stage = Stage::default();
        for (x, layer) in [
            (0.0, Layer::Shots),
            (1.0, Layer::Ground),
            (2.0, Layer::Shots),
        ] {
            stage.put(Sprite::new(Picture::Blank, (x, 0.0), layer));
        }
        let order: Vec<f32> = stage.sorted().iter().map(|sprite| sprite.at.0).collect();
        assert_eq!(order, [1.0, 0.0, 2.0]);
    }
}
