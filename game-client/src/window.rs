//! The window: Bevy draws what is on the stage, and tells of keys and pointer.
//!
//! * Every frame the list of pictures is made anew; the engine's entities are a pool that takes it over, one picture each.
//! * All pictures are in one image, so they are drawn in one go; the floor is another that repeats.

mod frame;
mod input;
#[cfg(feature = "desktop")]
mod written;

use std::cell::RefCell;
use std::rc::Rc;

use bevy::asset::RenderAssetUsages;
use bevy::image::{ImageAddressMode, ImageFilterMode, ImageSampler, ImageSamplerDescriptor};
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use netcode::Micros;
use sim_core::rules::ARENA_CELLS;

use crate::art::{Atlas, CELL_PIXELS, Picture, TILE_PIXELS};
use crate::stage::{Camera as Eye, Place, Sprite as Shown, Viewport};

/// Around the arena.
const BACKGROUND: Color = Color::srgb(0.043, 0.055, 0.078);

/// Something that a window shows. What is not steered by keys or pointer leaves those calls as they are.
pub trait Show {
    /// The pictures of this moment, the lowest first.
    fn frame(&mut self, now: Micros, viewport: Viewport) -> &[Shown];

    /// Where they are seen from.
    fn eye(&self) -> &Eye;

    /// A key, named as `KeyboardEvent.code` does, goes down or up.
    fn key(&mut self, _code: &str, _down: bool) {}

    /// Where the pointer is in the viewport.
    fn point(&mut self, _pointer: Option<Place>) {}

    /// A button of the pointer goes down or up; the second is not the first.
    fn button(&mut self, _second: bool, _down: bool) {}

    /// The pointer's wheel is turned, away from the player if positive.
    fn wheel(&mut self, _by: f32) {}

    /// The window is left: nobody can tell what is held.
    fn leave(&mut self) {}

    /// What is written into the picture, where there is no page around it.
    #[cfg(feature = "desktop")]
    fn written(&mut self, _now: Micros) -> Vec<crate::text::Text> {
        Vec::new()
    }
}

/// What the window shows, shared with whoever else steers it.
pub type Shared = Rc<RefCell<dyn Show>>;

/// What is shown, and what time it is.
struct Screen {
    show: Shared,
    now: Box<dyn Fn() -> Micros>,
}

/// The image with every picture.
#[derive(Resource)]
struct Pictures(Handle<Image>);

/// An engine with a window that shows this. It runs until the window is closed.
pub fn app(window: Window, show: Shared, now: impl Fn() -> Micros + 'static) -> App {
    let mut app = App::new();
    let window = WindowPlugin {
        primary_window: Some(window),
        ..default()
    };
    app.add_plugins(DefaultPlugins.set(window))
        .insert_resource(ClearColor(BACKGROUND))
        .insert_non_send(Screen {
            show,
            now: Box::new(now),
        })
        .init_resource::<frame::Pool>()
        .add_systems(Startup, open)
        .add_systems(Update, (input::tell, frame::draw).chain());
    #[cfg(feature = "desktop")]
    app.init_resource::<written::Texts>()
        .add_systems(Update, written::write.after(frame::draw));
    app
}

fn open(mut commands: Commands<'_, '_>, mut images: ResMut<'_, Assets<Image>>) {
    let atlas = Atlas::painted();
    let floor = floor(&atlas);
    let linear = ImageSamplerDescriptor::linear();
    let pictures = image(atlas.width, atlas.height, atlas.rgba, linear.clone());
    commands.insert_resource(Pictures(images.add(pictures)));

    let repeating = ImageSamplerDescriptor {
        address_mode_u: ImageAddressMode::Repeat,
        address_mode_v: ImageAddressMode::Repeat,
        mag_filter: ImageFilterMode::Linear,
        min_filter: ImageFilterMode::Linear,
        ..linear
    };
    let cells = f32::from(ARENA_CELLS);
    let pixels = cells * CELL_PIXELS as f32;
    let ground = Sprite {
        image: images.add(image(CELL_PIXELS, CELL_PIXELS, floor, repeating)),
        custom_size: Some(Vec2::splat(cells)),
        rect: Some(Rect::new(0.0, 0.0, pixels, pixels)),
        ..default()
    };
    let middle = Vec3::new(cells / 2.0, -cells / 2.0, -1.0);
    commands.spawn((ground, Transform::from_translation(middle), frame::Ground));
    // Pictures have smooth edges of their own.
    commands.spawn((Camera2d, Msaa::Off));
}

/// The cell of floor in the middle of its picture.
fn floor(atlas: &Atlas) -> Vec<u8> {
    let (left, top) = Picture::Floor.corner();
    let rim = (TILE_PIXELS - CELL_PIXELS) / 2;
    let rows = (0..CELL_PIXELS).flat_map(|row| {
        let begin = ((top + rim + row) * atlas.width + left + rim) * 4;
        &atlas.rgba[begin..begin + CELL_PIXELS * 4]
    });
    rows.copied().collect()
}

fn image(width: usize, height: usize, rgba: Vec<u8>, sampler: ImageSamplerDescriptor) -> Image {
    let size = Extent3d {
        width: width as u32,
        height: height as u32,
        depth_or_array_layers: 1,
    };
    let mut image = Image::new(
        size,
        TextureDimension::D2,
        rgba,
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::RENDER_WORLD,
    );
    image.sampler = ImageSampler::Descriptor(sampler);
    image
}
