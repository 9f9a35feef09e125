//! Where each picture is in the one image.

use sim_core::StructureKind;
use sim_core::rules::BODIES;

use super::canvas::Canvas;
use super::paint::paint;

/// Pixels of a cell of the arena.
pub const CELL_PIXELS: usize = 64;
/// Pixels of a picture's side: a cell, and half of one around it for what is larger.
pub const TILE_PIXELS: usize = 128;
/// Pictures side by side.
const COLUMNS: usize = 8;

/// How worn a structure looks, from whole to nearly gone.
const WEARS: u8 = 4;

/// Something to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// A player's body, in greys, facing +x. Below [`BODIES`].
    Body(u8),
    /// What lies under a player.
    Shadow,
    /// Around a player who cannot be hurt yet.
    Shield,
    /// A structure: what it is, and how worn, from 0 to 3.
    Structure(StructureKind, u8),
    /// What its owner is told apart by: a bit of colour on the structure, in greys.
    Banner,
    /// Where a structure is about to be.
    Plan(StructureKind),
    /// Where the pointer is.
    Pointer,
    /// A shot, flying towards +x.
    Shot,
    /// Light around something hot.
    Glow,
    /// A bit of something that broke, in greys.
    Shard,
    /// A wave that spreads, in greys.
    Wave,
    /// The server's idea of a player, in the overlay.
    Ghost,
    /// A cell of the floor.
    Floor,
    /// Nothing but white, for bars and lines.
    Blank,
}

const KINDS: [StructureKind; 3] = [
    StructureKind::Wall,
    StructureKind::Gate,
    StructureKind::Fence,
];

impl Picture {
    /// Every picture, in the order in which they lie in the image.
    pub fn all() -> impl Iterator<Item = Self> {
        let bodies = (0..BODIES).map(Self::Body);
        let structures = KINDS
            .into_iter()
            .flat_map(|kind| (0..WEARS).map(move |wear| Self::Structure(kind, wear)));
        let plans = KINDS.into_iter().map(Self::Plan);
        let others = [
            Self::Shadow,
            Self::Shield,
            Self::Banner,
            Self::Pointer,
            Self::Shot,
            Self::Glow,
            Self::Shard,
            Self::Wave,
            Self::Ghost,
            Self::Floor,
            Self::Blank,
        ];
        bodies.chain(structures).chain(plans).chain(others)
    }

    /// A structure as worn as these hit points of what it had make it.
    #[must_use]
    pub fn structure(kind: StructureKind, hp: u8) -> Self {
        let whole = u16::from(kind.hp_max().max(1));
        let lost = whole.saturating_sub(u16::from(hp));
        let wear = lost * u16::from(WEARS) / whole;
        Self::Structure(kind, (wear as u8).min(WEARS - 1))
    }

    fn number(self) -> usize {
        let kind = |kind: StructureKind| KINDS.iter().position(|one| *one == kind).unwrap_or(0);
        let structures = usize::from(BODIES);
        let plans = structures + KINDS.len() * usize::from(WEARS);
        let others = plans + KINDS.len();
        match self {
            Self::Body(body) => usize::from(body % BODIES),
            Self::Structure(of, wear) => {
                structures + kind(of) * usize::from(WEARS) + usize::from(wear.min(WEARS - 1))
            }
            Self::Plan(of) => plans + kind(of),
            Self::Shadow => others,
            Self::Shield => others + 1,
            Self::Banner => others + 2,
            Self::Pointer => others + 3,
            Self::Shot => others + 4,
            Self::Glow => others + 5,
            Self::Shard => others + 6,
            Self::Wave => others + 7,
            Self::Ghost => others + 8,
            Self::Floor => others + 9,
            Self::Blank => others + 10,
        }
    }

    /// The left and upper corner of the picture in the image, in pixels; its sides are [`TILE_PIXELS`].
    #[must_use]
    pub fn corner(self) -> (usize, usize) {
        let number = self.number();
        (
            number % COLUMNS * TILE_PIXELS,
            number / COLUMNS * TILE_PIXELS,
        )
    }
}

/// The image with every picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atlas {
    /// Pixels from left to right.
    pub width: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Red, green, blue and alpha of each pixel, row by row, sRGB and not premultiplied.
    pub rgba: Vec<u8>,
}

impl Atlas {
    /// Paints everything.
    #[must_use]
    pub fn painted() -> Self {
        let rows = Picture::all().count().div_ceil(COLUMNS);
        let (width, height) = (COLUMNS * TILE_PIXELS, rows * TILE_PIXELS);
        let mut rgba = vec![0; width * height * 4];
        for picture in Picture::all() {
            let mut canvas = Canvas::new(TILE_PIXELS);
            paint(picture, &mut canvas);
            let (left, top) = picture.corner();
            for (number, pixel) in canvas.bytes().enumerate() {
                let (row, column) = (number / TILE_PIXELS, number % TILE_PIXELS);
                let at = ((top + row) * width + left + column) * 4;
                rgba[at..at + 4].copy_from_slice(&pixel);
            }
        }
        Self {
            width,
            height,
            rgba,
        }
    }

    #[cfg(test)]
    fn alpha(&self, picture: Picture, x: usize, y: usize) -> u8 {
        let (left, top) = picture.corner();
        self.rgba[((top + y) * self.width + left + x) * 4 + 3]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_has_a_place_of_its_own() {
        for (number, picture) in Picture::all().enumerate() {
            assert_eq!(picture.number(), number, "{picture:?}");
        }
    }

    #[test]
    fn every_picture_shows_something_and_none_touches_the_next() {
        let atlas = Atlas::painted();
        for picture in Picture::all() {
            let rim = (0..TILE_PIXELS).flat_map(|at| {
                let last = TILE_PIXELS - 1;
                [(at, 0), (at, last), (0, at), (last, at)]
            });
            let bleeds = rim.into_iter().any(|(x, y)| atlas.alpha(picture, x, y) > 0);
            let fills = matches!(picture, Picture::Blank);
            assert_eq!(bleeds, fills, "{picture:?}");
            let all = (0..TILE_PIXELS).flat_map(|y| (0..TILE_PIXELS).map(move |x| (x, y)));
            let shown = all.filter(|(x, y)| atlas.alpha(picture, *x, *y) > 100);
            assert!(shown.count() > 30, "{picture:?} shows next to nothing");
        }
    }

    #[test]
    fn a_structure_wears_as_it_is_shot_at() {
        for kind in KINDS {
            assert_eq!(
                Picture::structure(kind, kind.hp_max()),
                Picture::Structure(kind, 0)
            );
            assert_eq!(Picture::structure(kind, 1), Picture::Structure(kind, 3));
            let wears: Vec<usize> = (0..=kind.hp_max())
                .map(|hp| Picture::structure(kind, hp).number())
                .collect();
            assert!(wears.is_sorted_by(|a, b| a >= b), "{wears:?}");
        }
    }
}
