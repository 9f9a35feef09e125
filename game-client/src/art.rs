//! Every picture of the game, painted at the start from shapes: there are no image files to load.
//!
//! * All pictures are in one image, so that the graphics card draws them in one go.
//! * What has a player's colour is painted in greys and takes the colour when it is drawn.

mod atlas;
mod canvas;
mod paint;
mod palette;
mod shape;

pub use atlas::{Atlas, CELL_PIXELS, Picture, TILE_PIXELS};
pub use palette::{Palette, Rgb};
