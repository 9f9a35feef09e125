//! The colours of the game. Of players' colours there are two sets: a vivid one, and one that stays apart with any kind of
//! colour blindness.

use serde::{Deserialize, Serialize};

/// A colour as screens have it: sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// From 0 to 1.
    #[must_use]
    pub fn channels(self) -> [f32; 3] {
        [self.0, self.1, self.2].map(|channel| f32::from(channel) / 255.0)
    }
}

/// The floor between the lines.
pub(super) const FLOOR: Rgb = Rgb(0x1b, 0x21, 0x2b);
/// The lines between cells.
pub(super) const LINE: Rgb = Rgb(0x25, 0x2d, 0x3a);
/// What lies in the shade, and the edges of things.
pub(super) const INK: Rgb = Rgb(0x0b, 0x0e, 0x14);
/// What takes a player's colour.
pub(super) const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
pub(super) const STONE: Rgb = Rgb(0x8d, 0x97, 0xa6);
pub(super) const WOOD: Rgb = Rgb(0xb0, 0x83, 0x52);
pub(super) const IRON: Rgb = Rgb(0x5c, 0x66, 0x75);
/// Shots.
pub(super) const HOT: Rgb = Rgb(0xff, 0xe0, 0x8a);
pub(super) const GLOW: Rgb = Rgb(0xff, 0x9d, 0x3c);

/// Players' colours, by the number of their look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Palette {
    /// Sixteen hues.
    #[default]
    Vivid,
    /// Sixteen colours that no kind of colour blindness makes alike.
    Distinct,
}

const VIVID: [Rgb; 16] = [
    Rgb(0xff, 0x5d, 0x5d),
    Rgb(0x4f, 0xa8, 0xff),
    Rgb(0x5f, 0xd3, 0x7a),
    Rgb(0xff, 0xc6, 0x4b),
    Rgb(0xb9, 0x86, 0xff),
    Rgb(0x3f, 0xd9, 0xd0),
    Rgb(0xff, 0x8f, 0x3f),
    Rgb(0xff, 0x7f, 0xc4),
    Rgb(0xa9, 0xd8, 0x3f),
    Rgb(0x7d, 0x8c, 0xff),
    Rgb(0xd9, 0xa0, 0x66),
    Rgb(0xe8, 0xee, 0xf5),
    Rgb(0xc2, 0x3f, 0x6d),
    Rgb(0x2f, 0x8f, 0x63),
    Rgb(0xe6, 0xe6, 0x6a),
    Rgb(0x8f, 0xa3, 0xb8),
];

/// Found by a search for sixteen colours whose smallest distance, seen with any of three kinds of colour blindness or none, is
/// as large as it could make it; the first eight are further apart. A test says how far.
const DISTINCT: [Rgb; 16] = [
    Rgb(0xff, 0x9f, 0x00),
    Rgb(0x3a, 0x6c, 0xa8),
    Rgb(0xff, 0xd5, 0x87),
    Rgb(0xa4, 0xb8, 0xb1),
    Rgb(0xcb, 0x1a, 0x00),
    Rgb(0xb8, 0x48, 0xff),
    Rgb(0x7a, 0xc9, 0xfb),
    Rgb(0x66, 0x63, 0x52),
    Rgb(0xff, 0x18, 0x77),
    Rgb(0xad, 0x8d, 0xba),
    Rgb(0xe6, 0xff, 0x26),
    Rgb(0xc8, 0xff, 0xff),
    Rgb(0xc5, 0x9c, 0x4a),
    Rgb(0x85, 0x02, 0xfa),
    Rgb(0x41, 0xff, 0xbe),
    Rgb(0x86, 0x9d, 0xff),
];

impl Palette {
    /// The colour of a look; numbers beyond the last begin anew.
    #[must_use]
    pub const fn player(self, colour: u8) -> Rgb {
        let colours = match self {
            Self::Vivid => &VIVID,
            Self::Distinct => &DISTINCT,
        };
        colours[colour as usize % colours.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How linear colours look without one of the three kinds of cones: Machado, Oliveira and Fernandes, "A
    /// Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.0.
    const SIGHTS: [[[f32; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];

    fn linear(colour: Rgb) -> [f32; 3] {
        colour.channels().map(|channel| {
            if channel <= 0.040_45 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    fn times(matrix: [[f32; 3]; 3], vector: [f32; 3]) -> [f32; 3] {
        matrix.map(|row| row.iter().zip(vector).map(|(by, part)| by * part).sum())
    }

    /// CIE L*a*b* for the white of sRGB.
    fn lab(colour: Rgb, sight: [[f32; 3]; 3]) -> [f32; 3] {
        let seen = times(sight, linear(colour)).map(|part: f32| part.clamp(0.0, 1.0));
        let to_xyz = [
            [0.412_4, 0.357_6, 0.180_5],
            [0.212_6, 0.715_2, 0.072_2],
            [0.019_3, 0.119_2, 0.950_5],
        ];
        let [x, y, z] = times(to_xyz, seen);
        let curve = |part: f32| {
            if part > 0.008_856 {
                part.cbrt()
            } else {
                7.787 * part + 16.0 / 116.0
            }
        };
        let [x, y, z] = [curve(x / 0.950_47), curve(y), curve(z / 1.088_83)];
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn least_distance(colours: &[Rgb]) -> f32 {
        let mut least = f32::MAX;
        for sight in SIGHTS {
            for (at, one) in colours.iter().enumerate() {
                for other in &colours[at + 1..] {
                    let (one, other) = (lab(*one, sight), lab(*other, sight));
                    let squares = one.iter().zip(other).map(|(a, b)| (a - b) * (a - b));
                    least = least.min(squares.sum::<f32>().sqrt());
                }
            }
        }
        least
    }

    fn luminance(colour: Rgb) -> f32 {
        let [red, green, blue] = linear(colour);
        0.212_6 * red + 0.715_2 * green + 0.072_2 * blue
    }

    #[test]
    fn distinct_colours_stay_apart_for_every_sight() {
        let all = least_distance(&DISTINCT);
        let first = least_distance(&DISTINCT[..8]);
        assert!(all >= 19.0, "{all}");
        assert!(first >= 30.0, "{first}");
        assert!(least_distance(&VIVID) < 3.0, "then one set would do");
    }

    #[test]
    fn every_colour_stands_out_from_the_floor() {
        for colour in VIVID.into_iter().chain(DISTINCT) {
            let contrast = (luminance(colour) + 0.05) / (luminance(FLOOR) + 0.05);
            assert!(contrast >= 2.5, "{colour:?}: {contrast}");
        }
    }
}
