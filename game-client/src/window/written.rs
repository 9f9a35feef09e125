//! Texts in the picture, for a window without a page.

use bevy::prelude::*;
use bevy::sprite::Anchor;

use super::Screen;
use crate::text::{Anchor as Of, Text};

/// Height of a letter, in units of the viewport.
const FONT_SIZE: f32 = 16.0;
/// Above every picture.
const ABOVE: f32 = 100.0;

/// Texts that take words over.
#[derive(Resource, Default)]
pub(super) struct Texts(Vec<Entity>);

type Line<'a> = (
    &'a mut Text2d,
    &'a mut Transform,
    &'a mut Anchor,
    &'a mut Visibility,
);

#[expect(clippy::needless_pass_by_value, reason = "what the engine hands in")]
pub(super) fn write(
    screen: NonSend<'_, Screen>,
    mut texts: ResMut<'_, Texts>,
    mut commands: Commands<'_, '_>,
    mut lines: Query<'_, '_, Line<'_>>,
) {
    let mut show = screen.show.borrow_mut();
    let list = show.written((screen.now)());
    let eye = show.eye();
    let scale = 1.0 / eye.viewport().cell();
    for (number, written) in list.iter().enumerate() {
        let Text { text, at, anchor } = written;
        let (x, y) = eye.place(*at);
        let transform = Transform::from_xyz(x, -y, ABOVE).with_scale(Vec3::splat(scale));
        let anchor = match anchor {
            Of::Corner => Anchor::TOP_LEFT,
            Of::Foot => Anchor::BOTTOM_CENTER,
        };
        let known = texts.0.get(number).copied();
        match known.and_then(|entity| lines.get_mut(entity).ok()) {
            Some((mut line, mut place, mut side, mut visibility)) => {
                if line.0 != *text {
                    line.0.clone_from(text);
                }
                *place = transform;
                *side = anchor;
                *visibility = Visibility::Visible;
            }
            None => {
                let font = TextFont::from_font_size(FONT_SIZE);
                let line = (Text2d::new(text.clone()), font, transform, anchor);
                texts.0.push(commands.spawn(line).id());
            }
        }
    }
    for entity in texts.0.iter().skip(list.len()) {
        if let Ok((_, _, _, mut visibility)) = lines.get_mut(*entity) {
            *visibility = Visibility::Hidden;
        }
    }
}
