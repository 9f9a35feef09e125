//! Where the picture is taken from: everybody sees as much of the arena, whatever the shape of their screen.

use sim_core::rules::ARENA_CELLS;

use super::Place;

/// Cells that are seen at once: 24 by 13.5 on a wide screen.
const SEEN_CELLS: f32 = 324.0;
/// How far beyond the edge of the arena can be seen, in cells.
const BEYOND: f32 = 2.0;
/// How much of the way to the pointer is looked ahead.
const LOOK_AHEAD: f32 = 0.12;
/// Part of the way that is left after a second.
const LEFT_AFTER_SECOND: f32 = 0.002;
/// Further off than this, in cells, is cut to instead.
const CUT: f32 = 8.0;

/// The area that is drawn into, in the units of the pointer: CSS pixels on a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// From left to right.
    pub width: f32,
    /// From top to bottom.
    pub height: f32,
}

impl Viewport {
    /// Units of the viewport to a cell.
    #[must_use]
    pub fn cell(self) -> f32 {
        let area = (self.width * self.height).max(1.0);
        (area / SEEN_CELLS).sqrt()
    }
}

/// Where the picture is taken from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// The place in the middle of the picture.
    pub centre: Place,
    /// The look ahead, as it is at the moment.
    ahead: Place,
    viewport: Viewport,
}

impl Camera {
    /// In the middle of the arena.
    #[must_use]
    pub fn new(viewport: Viewport) -> Self {
        let middle = f32::from(ARENA_CELLS) / 2.0;
        Self {
            centre: (middle, middle),
            ahead: (0.0, 0.0),
            viewport,
        }
    }

    /// The picture has another size.
    pub fn resize(&mut self, viewport: Viewport) {
        self.viewport = viewport;
    }

    /// The area that is drawn into.
    #[must_use]
    pub fn viewport(&self) -> Viewport {
        self.viewport
    }

    /// Follows a place, `seconds` after the last time. `pointer` is what is looked ahead to, in the viewport.
    pub fn follow(&mut self, what: Place, pointer: Option<Place>, seconds: f32) {
        let wanted = pointer.map_or((0.0, 0.0), |(x, y)| {
            let Viewport { width, height } = self.viewport;
            let off = |at: f32, size: f32| {
                (at - size / 2.0).clamp(-size / 2.0, size / 2.0) * LOOK_AHEAD / self.viewport.cell()
            };
            (off(x, width), off(y, height))
        });
        let left = LEFT_AFTER_SECOND.powf(seconds.clamp(0.0, 1.0));
        self.ahead.0 = wanted.0 + (self.ahead.0 - wanted.0) * left;
        self.ahead.1 = wanted.1 + (self.ahead.1 - wanted.1) * left;
        let Viewport { width, height } = self.viewport;
        self.centre = (
            within(what.0 + self.ahead.0, width / self.viewport.cell()),
            within(what.1 + self.ahead.1, height / self.viewport.cell()),
        );
    }

    /// Goes to a place within a moment.
    pub fn glide(&mut self, to: Place, seconds: f32) {
        let (x, y) = (to.0 - self.centre.0, to.1 - self.centre.1);
        let left = if x.hypot(y) > CUT {
            0.0
        } else {
            LEFT_AFTER_SECOND.powf(seconds.clamp(0.0, 1.0))
        };
        self.centre = (to.0 - x * left, to.1 - y * left);
    }

    /// The place under a point of the viewport.
    #[must_use]
    pub fn place(&self, (x, y): (f32, f32)) -> Place {
        let cell = self.viewport.cell();
        (
            self.centre.0 + (x - self.viewport.width / 2.0) / cell,
            self.centre.1 + (y - self.viewport.height / 2.0) / cell,
        )
    }

    /// The point of the viewport over a place.
    #[must_use]
    pub fn point(&self, (x, y): Place) -> (f32, f32) {
        let cell = self.viewport.cell();
        (
            (x - self.centre.0) * cell + self.viewport.width / 2.0,
            (y - self.centre.1) * cell + self.viewport.height / 2.0,
        )
    }

    /// Whether something at the place, at most two cells large, can be seen.
    #[must_use]
    pub fn sees(&self, place: Place) -> bool {
        let (x, y) = self.point(place);
        let rim = 2.0 * self.viewport.cell();
        (-rim..self.viewport.width + rim).contains(&x)
            && (-rim..self.viewport.height + rim).contains(&y)
    }
}

/// Keeps a picture of so many cells in the arena; one that is larger shows the arena in its middle.
fn within(centre: f32, cells: f32) -> f32 {
    let (least, most) = (
        -BEYOND + cells / 2.0,
        f32::from(ARENA_CELLS) + BEYOND - cells / 2.0,
    );
    if least > most {
        f32::from(ARENA_CELLS) / 2.0
    } else {
        centre.clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Viewport = Viewport {
        width: 1_280.0,
        height: 720.0,
    };

    #[test]
    fn a_place_and_its_point_are_each_others() {
        let mut camera = Camera::new(WIDE);
        camera.follow((20.0, 30.0), Some((1_000.0, 100.0)), 0.5);
        for point in [(0.0, 0.0), (640.0, 360.0), (1_279.0, 3.0)] {
            let (x, y) = camera.point(camera.place(point));
            assert!((x - point.0).abs() < 0.01 && (y - point.1).abs() < 0.01);
        }
    }

    #[test]
    fn every_shape_of_screen_sees_as_much() {
        for (width, height) in [(1_280.0, 720.0), (390.0, 844.0), (3_840.0, 1_600.0)] {
            let viewport = Viewport { width, height };
            let cells = width * height / (viewport.cell() * viewport.cell());
            assert!((cells - SEEN_CELLS).abs() < 0.1, "{cells}");
        }
    }

    #[test]
    fn the_picture_stays_in_the_arena() {
        let mut camera = Camera::new(WIDE);
        camera.follow((0.5, 0.5), None, 1.0);
        let (left, top) = camera.place((0.0, 0.0));
        assert!((left + BEYOND).abs() < 0.01 && (top + BEYOND).abs() < 0.01);
    }
}
