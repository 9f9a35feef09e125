//! What the player does: buttons that are held, actions of the next step, and what is about to be built.

use alloc::vec::Vec;

use protocol::ClientCommand;
use sim_core::{Action, Buttons, Preview};

use crate::limits::ACTIONS_PER_STEP_MAX;
use crate::time::Micros;

/// From one message about the preview to the next: as often as the others hear of it.
const PREVIEW_INTERVAL: Micros = Micros::from_millis(100);

/// The player's hands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Controls {
    held: Buttons,
    actions: Vec<Action>,
    preview: PreviewSync,
}

/// What is about to be built, and what the authority was told of it.
#[derive(Clone, Copy, Debug, Default)]
struct PreviewSync {
    wanted: Option<Preview>,
    sent: Option<Preview>,
    sent_at: Micros,
}

impl Controls {
    pub(crate) fn hold(&mut self, buttons: Buttons) {
        self.held = buttons;
    }

    pub(crate) fn held(&self) -> Buttons {
        self.held
    }

    /// Keeps an action for the next local step; beyond the bound it is dropped.
    pub(crate) fn act(&mut self, action: Action) {
        if self.actions.len() < ACTIONS_PER_STEP_MAX {
            self.actions.push(action);
        }
    }

    pub(crate) fn has_actions(&self) -> bool {
        !self.actions.is_empty()
    }

    pub(crate) fn take_actions(&mut self) -> Vec<Action> {
        core::mem::take(&mut self.actions)
    }

    /// Shows what is about to be built. What is outside of the arena is not shown.
    pub(crate) fn set_preview(&mut self, preview: Option<Preview>) {
        self.preview.wanted = preview.filter(|preview| preview.cell.in_arena());
    }

    /// What is shown.
    pub(crate) fn preview(&self) -> Option<Preview> {
        self.preview.wanted
    }

    /// It was built: nothing is shown any more, here or there.
    pub(crate) fn preview_built(&mut self) {
        self.preview.wanted = None;
        self.preview.sent = None;
    }

    /// Death takes the preview away at the authority; in the next life it is shown again.
    pub(crate) fn preview_lost(&mut self) {
        self.preview.sent = None;
    }

    /// What the authority is to be told of the preview, if it is time.
    pub(crate) fn preview_to_send(&mut self, now: Micros) -> Option<ClientCommand> {
        let PreviewSync {
            wanted,
            sent,
            sent_at,
        } = self.preview;
        if wanted == sent || now.since(sent_at) < PREVIEW_INTERVAL {
            return None;
        }
        self.preview.sent = wanted;
        self.preview.sent_at = now;
        Some(ClientCommand::Preview(wanted))
    }

    /// Whether the player does nothing, and the authority knows all of it.
    pub(crate) fn are_idle(&self) -> bool {
        self.held.is_empty() && self.actions.is_empty() && self.preview.wanted == self.preview.sent
    }

    /// The connection is gone.
    pub(crate) fn disconnected(&mut self) {
        self.actions.clear();
        self.preview.sent = None;
    }
}
