//! A list of pictures becomes the engine's sprites.

use bevy::prelude::*;

use super::{Pictures, Screen};
use crate::art::{Picture, TILE_PIXELS};
use crate::stage::{Sprite as Shown, Viewport};

/// Cells of a picture's side.
const TILE_CELLS: f32 = 2.0;
/// From one picture to the one on it.
const ABOVE: f32 = 0.001;

/// The floor, which is no picture of the list.
#[derive(Component)]
pub(super) struct Ground;

/// Sprites that take pictures over, in the order of the list.
#[derive(Resource, Default)]
pub(super) struct Pool {
    sprites: Vec<Entity>,
    shown: usize,
}

type Drawn<'a> = (&'a mut Sprite, &'a mut Transform, &'a mut Visibility);
type Seen<'a> = (&'a mut Transform, &'a mut Projection);

#[expect(clippy::needless_pass_by_value, reason = "what the engine hands in")]
pub(super) fn draw(
    screen: NonSend<'_, Screen>,
    pictures: Res<'_, Pictures>,
    window: Single<'_, '_, &Window>,
    mut pool: ResMut<'_, Pool>,
    mut commands: Commands<'_, '_>,
    mut sprites: Query<'_, '_, Drawn<'_>, Without<Ground>>,
    mut camera: Single<'_, '_, Seen<'_>, (With<Camera2d>, Without<Sprite>)>,
) {
    let viewport = Viewport {
        width: window.width().max(1.0),
        height: window.height().max(1.0),
    };
    let mut show = screen.show.borrow_mut();
    let list = show.frame((screen.now)(), viewport);
    for (number, picture) in list.iter().enumerate() {
        let (sprite, transform) = placed(number, picture, &pictures.0);
        let known = pool.sprites.get(number).copied();
        match known.and_then(|entity| sprites.get_mut(entity).ok()) {
            Some((mut was, mut at, mut visibility)) => {
                *was = sprite;
                *at = transform;
                *visibility = Visibility::Visible;
            }
            None => pool.sprites.push(commands.spawn((sprite, transform)).id()),
        }
    }
    let (now, before) = (list.len(), pool.shown);
    for entity in pool.sprites.iter().take(before).skip(now) {
        if let Ok((_, _, mut visibility)) = sprites.get_mut(*entity) {
            *visibility = Visibility::Hidden;
        }
    }
    pool.shown = now;

    let (x, y) = show.eye().centre;
    let (transform, projection) = &mut *camera;
    transform.translation = Vec3::new(x, -y, 0.0);
    if let Projection::Orthographic(orthographic) = &mut **projection {
        orthographic.scale = 1.0 / viewport.cell();
    }
}

fn placed(number: usize, picture: &Shown, image: &Handle<Image>) -> (Sprite, Transform) {
    let (left, top) = picture.picture.corner();
    let corner = Vec2::new(left as f32, top as f32);
    let mut rect = Rect::from_corners(corner, corner + Vec2::splat(TILE_PIXELS as f32));
    if picture.picture == Picture::Blank {
        // Its neighbours are not white.
        rect = rect.inflate(-2.0);
    }
    let [red, green, blue] = picture.tint.channels();
    let (width, height) = picture.scale;
    let sprite = Sprite {
        image: image.clone(),
        color: Color::srgba(red, green, blue, picture.alpha),
        custom_size: Some(Vec2::new(width, height) * TILE_CELLS),
        rect: Some(rect),
        ..default()
    };
    let (x, y) = picture.at;
    let transform = Transform::from_xyz(x, -y, number as f32 * ABOVE)
        .with_rotation(Quat::from_rotation_z(-picture.angle));
    (sprite, transform)
}
