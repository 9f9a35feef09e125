//! A picture while it is painted: layers over each other, with soft edges.

use super::palette::Rgb;

/// A picture of floats, premultiplied by their alpha.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    side: usize,
    pixels: Vec<[f32; 4]>,
}

/// How a layer covers what is below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brush {
    pub(super) colour: Rgb,
    /// Of its inside, 0 to 1.
    pub(super) alpha: f32,
    /// How far its edge is spread, in cells; nothing is as sharp as a pixel allows.
    pub(super) blur: f32,
}

impl Brush {
    pub(super) const fn solid(colour: Rgb) -> Self {
        Self {
            colour,
            alpha: 1.0,
            blur: 0.0,
        }
    }

    pub(super) const fn alpha(self, alpha: f32) -> Self {
        Self { alpha, ..self }
    }

    pub(super) const fn blur(self, blur: f32) -> Self {
        Self { blur, ..self }
    }
}

impl Canvas {
    pub(super) fn new(side: usize) -> Self {
        Self {
            side,
            pixels: vec![[0.0; 4]; side * side],
        }
    }

    /// Paints where `distance` is negative: it says for a point, in cells from the middle, how far it is outside of the
    /// shape. `cell` are the pixels of a cell.
    pub(super) fn fill(&mut self, cell: f32, brush: Brush, distance: impl Fn(f32, f32) -> f32) {
        self.shade(cell, brush, distance, |_, _| 1.0);
    }

    /// The same, with the colour made lighter or darker from point to point.
    pub(super) fn shade(
        &mut self,
        cell: f32,
        brush: Brush,
        distance: impl Fn(f32, f32) -> f32,
        light: impl Fn(f32, f32) -> f32,
    ) {
        let Brush {
            colour,
            alpha,
            blur,
        } = brush;
        // An edge between two pixels is half in each.
        let edge = (blur * cell).max(1.0);
        let middle = self.side as f32 / 2.0;
        for row in 0..self.side {
            for column in 0..self.side {
                let x = (column as f32 + 0.5 - middle) / cell;
                let y = (row as f32 + 0.5 - middle) / cell;
                let outside = distance(x, y) * cell;
                let cover = smooth((0.5 - outside / edge).clamp(0.0, 1.0)) * alpha;
                if cover > 0.0 {
                    let light = light(x, y);
                    let above = colour
                        .channels()
                        .map(|channel| (channel * light).clamp(0.0, 1.0) * cover);
                    let pixel = &mut self.pixels[row * self.side + column];
                    for (below, above) in pixel.iter_mut().zip(above.into_iter().chain([cover])) {
                        *below = above + *below * (1.0 - cover);
                    }
                }
            }
        }
    }

    /// The pixels as the graphics card takes them, row by row from the top: red, green, blue, alpha, not premultiplied.
    pub(super) fn bytes(&self) -> impl Iterator<Item = [u8; 4]> {
        self.pixels.iter().map(|[red, green, blue, alpha]| {
            let byte = |part: f32| (part.clamp(0.0, 1.0) * 255.0).round() as u8;
            let whole = |part: f32| {
                if *alpha > 0.0 { byte(part / alpha) } else { 0 }
            };
            [whole(*red), whole(*green), whole(*blue), byte(*alpha)]
        })
    }
}

fn smooth(part: f32) -> f32 {
    part * part * (3.0 - 2.0 * part)
}
