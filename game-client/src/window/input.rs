//! Keys and pointer of the window.

use bevy::input::keyboard::{KeyboardFocusLost, KeyboardInput};
use bevy::input::mouse::{MouseButtonInput, MouseWheel};
use bevy::prelude::*;

use super::Screen;

/// On a page keys come wherever the focus is, by [`crate::browser::game::key`].
const IS_PAGE: bool = cfg!(target_arch = "wasm32");

#[expect(clippy::needless_pass_by_value, reason = "what the engine hands in")]
pub(super) fn tell(
    screen: NonSend<'_, Screen>,
    window: Single<'_, '_, &Window>,
    mut keys: MessageReader<'_, '_, KeyboardInput>,
    mut buttons: MessageReader<'_, '_, MouseButtonInput>,
    mut wheel: MessageReader<'_, '_, MouseWheel>,
    mut left: MessageReader<'_, '_, KeyboardFocusLost>,
) {
    let mut show = screen.show.borrow_mut();
    for key in keys.read().filter(|key| !key.repeat && !IS_PAGE) {
        // The engine's names are those of the standard.
        show.key(&format!("{:?}", key.key_code), key.state.is_pressed());
    }
    let at = window.cursor_position().map(|at| (at.x, at.y));
    show.point(at);
    for button in buttons.read() {
        let second = match button.button {
            MouseButton::Left => false,
            MouseButton::Right => true,
            MouseButton::Middle
            | MouseButton::Back
            | MouseButton::Forward
            | MouseButton::Other(_) => {
                continue;
            }
        };
        show.button(second, button.state.is_pressed());
    }
    for turn in wheel.read() {
        show.wheel(turn.y);
    }
    if left.read().count() > 0 && !IS_PAGE {
        show.leave();
    }
}
